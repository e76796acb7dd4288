import { z } from "zod";
import { createAdmission } from "../../runtime/limits/admission.ts";
import { defineTool, ToolError } from "../../runtime/tool.ts";
import { BUSY, type Model } from "../models/model.ts";
import type { ClassificationInput, Label } from "./classification.ts";
import type { ImageFetcher } from "./fetch-image.ts";

const input = z.object({
  image_url: z
    .string()
    .min(1)
    .describe(
      "The https address of a JPEG, PNG, WebP, GIF or AVIF file that anybody can fetch, or the image itself as a `data:` URL in base64.",
    )
    .meta({ examples: ["https://example.com/cat.jpg"] }),
});

const output = z.object({
  labels: z
    .array(
      z.object({
        label: z.string().describe("What the model sees, in the words of its training."),
        score: z.number().min(0).max(1).describe("How sure it is, from 0 to 1."),
      }),
    )
    .describe("The likeliest labels, likeliest first."),
  model: z.string().describe("The model's name and revision."),
  device: z.enum(["cpu", "cuda"]).describe("Where the model ran."),
});

/** What the tool needs. */
export interface ClassifyOptions {
  readonly model: Model<ClassificationInput, readonly Label[]>;
  readonly images: ImageFetcher;
}

/** The tool that says what is in an image. */
export function classify({ model, images }: ClassifyOptions) {
  const { manifest, device, settings } = model;
  // Images are held in memory while they wait: no more are fetched than may wait or run.
  const room = createAdmission(settings.queueSize + settings.workers * settings.batchSize);
  const name = `${manifest.repository}@${manifest.revision}`;
  return defineTool({
    name: "classify",
    title: "Classify an image",
    description:
      "Says what an image shows: the likeliest labels of an image classifier, with scores.",
    input,
    output,
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: true },
    run: async ({ image_url: address }, { signal, progress, log }) => {
      const leave = room.admit();
      if (leave === undefined) throw new ToolError(BUSY);
      try {
        await progress({ progress: 0, total: 2, message: "Fetching the image." });
        const bytes = await fetchLogged(images, address, { signal, log });
        await progress({ progress: 1, total: 2, message: "Looking at the image." });
        const [labels = []] = await model.run([{ bytes }], { signal });
        return { labels: labels.map((label) => ({ ...label })), model: name, device };
      } finally {
        leave();
      }
    },
    describe: ({ labels }) =>
      labels.map(({ label, score }) => `${label} (${(score * 100).toFixed(1)} %)`).join("\n"),
  });
}

async function fetchLogged(
  images: ImageFetcher,
  address: string,
  {
    signal,
    log,
  }: { readonly signal: AbortSignal; readonly log: { debug(data: object, message: string): void } },
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await images.fetch(address, signal);
  } catch (error) {
    if (error instanceof ToolError) log.debug({ err: error }, "image not fetched");
    throw error;
  }
}
