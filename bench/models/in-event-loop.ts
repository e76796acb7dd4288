/** What `bench/models.ts` compares with: the same model, loaded and called in the thread that answers requests. */
import { createServer } from "node:http";
import { loadLibraries } from "../../service/servers/models/transformers.ts";
import { decode, restrict, type SharpLibrary } from "../../service/servers/classifier/sharp.ts";

const modelsPath = process.env["MODELS_PATH"] ?? "";
const { transformers, require } = loadLibraries(modelsPath);
const sharp = require("sharp") as SharpLibrary;
restrict(sharp, 2);
const classify = await transformers.pipeline("image-classification", "classifier", {
  device: "cpu",
  dtype: "fp32",
});

createServer((request, response) => {
  if (request.method === "GET") {
    response.end("ok");
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    void answer(Buffer.concat(chunks).toString()).then((text) => response.end(text));
  });
}).listen(Number(process.env["PORT"]), "127.0.0.1");

interface Call {
  readonly params: { readonly arguments: { readonly image_url: string } };
}

async function answer(body: string): Promise<string> {
  const { params } = JSON.parse(body) as Call;
  const bytes = Buffer.from(params.arguments.image_url.split(",")[1] ?? "", "base64");
  const { data, width, height } = await decode(sharp, bytes, 25_000_000);
  return JSON.stringify(await classify([new transformers.RawImage(data, width, height, 3)]));
}
