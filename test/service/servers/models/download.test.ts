import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fetchModel } from "../../../../service/servers/models/fetch-model.ts";
import { Hub } from "../../../../service/servers/models/hub.ts";
import { readManifest } from "../../../../service/servers/models/manifest.ts";
import { parseWantedModel, USUAL_MODELS } from "../../../../service/servers/models/wanted-model.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const REVISION = "1111111111222222222233333333334444444444";
const WANTED = parseWantedModel(`tiny=owner/tiny@${REVISION}#encoder`);

const FILES: Readonly<Record<string, string>> = {
  ".gitattributes": "*.onnx filter=lfs",
  "README.md": "# Tiny",
  "config.json": "{}",
  "tokenizer.json": '{"model":{}}',
  "onnx/encoder.onnx": "thirty-two bits",
  "onnx/encoder.onnx_data": "weights beside it",
  "onnx/encoder_quantized.onnx": "eight bits",
  "onnx/decoder.onnx": "not asked for",
};

const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A hub that lists the files above on two pages, ONNX in LFS, and gives what `content` makes of them. */
async function hub(
  context: TestContext,
  content: (path: string) => string = (path) => FILES[path] ?? "",
  failuresFirst = 0,
  more: readonly string[] = [],
): Promise<Hub> {
  let failures = failuresFirst;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://hub");
    const prefix = `/owner/tiny/resolve/${REVISION}/`;
    if (failures > 0) {
      failures -= 1;
      response.writeHead(503).end();
    } else if (url.pathname === `/api/models/owner/tiny/tree/${REVISION}`) {
      const second = url.searchParams.has("cursor");
      const { host } = request.headers;
      if (!second)
        response.setHeader(
          "link",
          `<http://${host}${url.pathname}?recursive=true&cursor=2>; rel="next"`,
        );
      const paths = [...Object.keys(FILES), ...more];
      response.end(JSON.stringify((second ? paths.slice(3) : paths.slice(0, 3)).map(listed)));
    } else if (url.pathname.startsWith(prefix))
      response.end(content(url.pathname.slice(prefix.length)));
    else response.writeHead(404).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return new Hub(`http://127.0.0.1:${port}/`, () => Promise.resolve());
}

function listed(path: string): object {
  const text = FILES[path] ?? "";
  const oid = createHash("sha1").update(`blob ${text.length}\0${text}`).digest("hex");
  const lfs = { oid: sha256Of(text), size: text.length };
  return {
    type: "file",
    path,
    size: text.length,
    oid,
    ...(path.startsWith("onnx/") ? { lfs } : {}),
  };
}

async function temporary(context: TestContext): Promise<string> {
  const folder = await temporaryFolder();
  context.after(() => folder.remove());
  return folder.path;
}

test("GIVEN a model at a commit WHEN it is downloaded THEN its settings and the graphs of both precisions are there, described, and nothing else", async (context) => {
  const root = await temporary(context);
  await fetchModel(await hub(context), WANTED, { cpu: "q8", cuda: "fp32" }, root);

  const described = (path: string) => ({
    [path]: { size: FILES[path]?.length, sha256: sha256Of(FILES[path] ?? "") },
  });
  assert.deepEqual(await readdir(root), ["tiny"]);
  assert.deepEqual(await readManifest(join(root, "tiny")), {
    repository: "owner/tiny",
    revision: REVISION,
    precision: { cpu: "q8", cuda: "fp32" },
    files: {
      ...described("config.json"),
      ...described("tokenizer.json"),
      ...described("onnx/encoder_quantized.onnx"),
      ...described("onnx/encoder.onnx"),
      ...described("onnx/encoder.onnx_data"),
    },
  });
  assert.equal(
    await readFile(join(root, "tiny", "onnx", "encoder.onnx"), "utf8"),
    "thirty-two bits",
  );
});

test("GIVEN a hub that is down for a moment WHEN a model is downloaded THEN it is asked again", async (context) => {
  const root = await temporary(context);
  const { files } = await fetchModel(await hub(context, undefined, 3), WANTED, { cpu: "q8" }, root);
  assert.equal(Object.keys(files).length, 3);
});

for (const [what, path] of [
  ["a file in LFS", "onnx/encoder_quantized.onnx"],
  ["a small file", "config.json"],
] as const) {
  test(`GIVEN ${what} with other bytes than listed WHEN it comes THEN there is no model`, async (context) => {
    const root = await temporary(context);
    const changed = (asked: string): string => {
      const text = FILES[asked] ?? "";
      return asked === path ? text.replace(/.$/u, "!") : text;
    };
    await assert.rejects(
      fetchModel(await hub(context, changed), WANTED, { cpu: "q8" }, root),
      (error: Error) => {
        assert.match(
          error.message,
          new RegExp(`^\`${path}\` of \`owner/tiny\` came with .* not what is listed`, "u"),
        );
        return true;
      },
    );
    assert.deepEqual(await readdir(root), []);
  });
}

test("GIVEN a file that goes on for ever WHEN it comes THEN it is cut off", async (context) => {
  const longer = (path: string): string => `${FILES[path] ?? ""}${"x".repeat(100_000)}`;
  await assert.rejects(
    fetchModel(await hub(context, longer), WANTED, { cpu: "q8" }, await temporary(context)),
    { message: "`config.json` is longer than listed." },
  );
});

for (const path of ["onnx/encoder.onnx_data/../../../../evil", "onnx/encoder.onnx_data//evil"]) {
  test(`GIVEN a listing with \`${path}\` WHEN its model is downloaded THEN nothing is written`, async (context) => {
    const root = await temporary(context);
    const leading = await hub(context, undefined, 0, [path]);
    await assert.rejects(fetchModel(leading, WANTED, { cpu: "fp32" }, root), {
      message: `\`${path}\` is no name of a file in a model's folder.`,
    });
    assert.deepEqual(await readdir(root), []);
  });
}

test("GIVEN a precision that the repository lacks WHEN a model is downloaded THEN the error names what it has", async (context) => {
  await assert.rejects(
    fetchModel(await hub(context), WANTED, { cpu: "fp16" }, await temporary(context)),
    {
      name: "ConfigurationError",
      message: `\`owner/tiny\` has no \`onnx/encoder_fp16.onnx\` at ${REVISION}. Ask for another precision than \`fp16\`, or another graph; it has: onnx/encoder.onnx, onnx/encoder_quantized.onnx, onnx/decoder.onnx.`,
    },
  );
});

test("GIVEN a model that does not exist WHEN it is downloaded THEN the error says so at once", async (context) => {
  const wanted = parseWantedModel(`tiny=owner/other@${REVISION}`);
  await assert.rejects(
    fetchModel(await hub(context), wanted, { cpu: "q8" }, await temporary(context)),
    /answers with status 404\. Check the model's name and revision/u,
  );
});

test("GIVEN the usual models THEN each is pinned to a commit", () => {
  assert.deepEqual(
    USUAL_MODELS.map(parseWantedModel).map(({ name, repository, graphs }) => [
      name,
      repository,
      graphs,
    ]),
    [
      ["translator", "Xenova/m2m100_418M", ["encoder_model", "decoder_model_merged"]],
      ["classifier", "Xenova/vit-base-patch16-224", ["model"]],
    ],
  );
});

for (const text of [
  `a=b@${REVISION}`,
  "a=b/c",
  `../a=b/c@${REVISION}`,
  `a=b/c@main`,
  `node_modules=b/c@${REVISION}`,
  "",
]) {
  test(`GIVEN \`${text}\` THEN it is refused as a model to download`, () => {
    assert.throws(() => parseWantedModel(text), { name: "ConfigurationError" });
  });
}
