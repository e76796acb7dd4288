import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pino } from "pino";
import type { StructuredTool } from "../../../../service/runtime/tool.ts";
import { callTool } from "../../../../service/runtime/testing.ts";
import { classifier } from "../../../../service/servers/classifier/index.ts";
import { modelsFolder } from "../models/model-folder.ts";

const LINE_OF_TEXT = join(import.meta.dirname, "fixtures", "line-of-text.png");

/** What the tests need of sharp, which comes with the models' libraries. */
interface Drawing {
  rotate(degrees: number): Drawing;
  toFormat(format: string): Drawing;
  withMetadata(options: object): Drawing;
  ensureAlpha(): Drawing;
  toBuffer(): Promise<Buffer>;
}

type Sharp = (input: Buffer | object, options?: object) => Drawing;

describe("the classifier", () => {
  let models: Awaited<ReturnType<typeof modelsFolder>>;
  let server: Awaited<ReturnType<typeof classifier.start>>;
  let sharp: Sharp;
  let upright: Buffer;
  const progress: string[] = [];

  before(async () => {
    models = await modelsFolder("classifier");
    sharp = createRequire(join(models.path, "node_modules", "x.js"))("sharp") as Sharp;
    upright = await readFile(LINE_OF_TEXT);
    server = await classifier.start({
      environment: { MODELS_PATH: models.path, MODEL_DEVICE: "cpu", IMAGE_MAX_PIXELS: "100000" },
      log: pino({ level: "silent" }),
    });
  });
  after(async () => {
    await server.stop();
    await models.remove();
  });

  /** The likeliest label of a file. */
  async function labelOf(file: Buffer, type = "image/png"): Promise<string | undefined> {
    const [tool] = server.tools;
    const result = await callTool(
      tool as unknown as StructuredTool,
      { image_url: `data:${type};base64,${file.toString("base64")}` },
      {
        progress: (update) => {
          progress.push(String(update.message));
          return Promise.resolve();
        },
      },
    );
    return (result as { labels: { label: string }[] }).labels[0]?.label;
  }

  for (const format of ["png", "jpeg", "webp", "gif", "avif"]) {
    test(`GIVEN a line of text as ${format}, upright and on its head THEN the model tells which`, async () => {
      const turned = sharp(upright).rotate(180);
      assert.equal(await labelOf(await sharp(upright).toFormat(format).toBuffer()), "upright");
      assert.equal(await labelOf(await turned.toFormat(format).toBuffer()), "upside down");
    });
  }

  test("GIVEN a photograph that its camera turned THEN it is looked at upright", async () => {
    const jpeg = await sharp(upright)
      .rotate(180)
      .withMetadata({ orientation: 3 })
      .toFormat("jpeg")
      .toBuffer();
    assert.equal(await labelOf(jpeg, "image/jpeg"), "upright");
  });

  test("GIVEN a picture with transparency THEN it is looked at on white", async () => {
    assert.equal(
      await labelOf(await sharp(upright).ensureAlpha().toFormat("png").toBuffer()),
      "upright",
    );
  });

  test("GIVEN calls at once, one of them with a damaged file THEN each gets its own answer", async () => {
    const turned = await sharp(upright).rotate(180).toFormat("png").toBuffer();
    const outcomes = await Promise.allSettled(
      [upright, turned, upright.subarray(0, 900), upright, turned].map((file) => labelOf(file)),
    );
    assert.deepEqual(
      outcomes.map((outcome) =>
        outcome.status === "fulfilled" ? outcome.value : (outcome.reason as Error).message,
      ),
      [
        "upright",
        "upside down",
        "What `image_url` leads to is no image that can be read, or is damaged. Give a JPEG, PNG, WebP, GIF or AVIF file.",
        "upright",
        "upside down",
      ],
    );
  });

  test("GIVEN a small file with many pixels THEN it is refused before it is decoded", async () => {
    const bomb = await sharp({
      create: { width: 4000, height: 4000, channels: 3, background: "#ffffff" },
    })
      .toFormat("png")
      .toBuffer();
    assert.ok(bomb.length < 100_000);
    await assert.rejects(labelOf(bomb), {
      name: "ToolError",
      message: "The image has more than 100000 pixels. Give a smaller one, such as a thumbnail.",
    });
  });

  for (const [what, file] of [
    [
      "an SVG",
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    ],
    ["a PDF", "%PDF-1.4\n%%EOF"],
    ["a TIFF", "II*\0\b\0\0\0\0\0\0\0\0\0"],
    ["a text", "hello"],
  ] as const) {
    test(`GIVEN ${what} that calls itself a PNG THEN it is refused`, async () => {
      await assert.rejects(labelOf(Buffer.from(file)), {
        name: "ToolError",
        message:
          "What `image_url` leads to is no image that can be read, or is damaged. Give a JPEG, PNG, WebP, GIF or AVIF file.",
      });
    });
  }

  test("GIVEN a call THEN its progress is told", async () => {
    progress.length = 0;
    await labelOf(upright);
    assert.deepEqual(progress, ["Fetching the image.", "Looking at the image."]);
  });
});
