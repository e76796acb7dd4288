/** The classifier's model, in a worker thread: decodes images and labels them, a batch at a time. */
import { z } from "zod";
import { ToolError } from "../../runtime/tool.ts";
import type { LoadModel } from "../models/load.ts";
import { decode, restrict, type Pixels, type SharpLibrary } from "./sharp.ts";

/** An image to label. */
export interface ClassificationInput {
  /** A file, as it was fetched. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A label and how sure the model is of it, from 0 to 1. */
export interface Label {
  readonly label: string;
  readonly score: number;
}

/** What the main thread tells the worker. */
export interface ClassificationData {
  readonly maxPixels: number;
}

/** How many labels are given. */
const LABELS = 5;

const outputSchema = z.array(z.array(z.object({ label: z.string(), score: z.number() })));

export const load: LoadModel<
  ClassificationInput,
  readonly Label[],
  { readonly labels: number },
  ClassificationData
> = async ({ transformers, require, model, options, data: { maxPixels } }) => {
  const sharp = require("sharp") as SharpLibrary;
  const threads = options.session_options.intraOpNumThreads;
  // Each decoder works in one thread, and as many at once as the model has.
  restrict(sharp, 1);
  const classify = await transformers.pipeline("image-classification", model, options);
  // The first inference finds out whether a GPU's libraries are whole, and pays for what is only done once.
  await classify([new transformers.RawImage(new Uint8ClampedArray(64 * 64 * 3), 64, 64, 3)]);
  const read = async ({ bytes }: ClassificationInput): Promise<Pixels | ToolError> => {
    try {
      return await decode(sharp, bytes, maxPixels);
    } catch (error) {
      return new ToolError(problemOf(error, maxPixels));
    }
  };
  return {
    about: { labels: Object.keys(classify.model.config["id2label"] ?? {}).length },
    run: async (inputs) => {
      const pictures = await inTurn(inputs, threads, read);
      const good = pictures.filter((picture): picture is Pixels => !(picture instanceof ToolError));
      const images = good.map(
        ({ data, width, height }) => new transformers.RawImage(data, width, height, 3),
      );
      const labels =
        images.length === 0 ? [] : outputSchema.parse(await classify(images, { top_k: LABELS }));
      const remaining = labels.values();
      return pictures.map((picture) =>
        picture instanceof ToolError ? picture : (remaining.next().value ?? []),
      );
    },
  };
};

/**
 * Maps inputs, a few at a time. All at once would take every thread of libuv's pool, which the whole process has for looking up names and
 * reading files, and more processors than the settings give to the model.
 */
async function inTurn<Input, Output>(
  inputs: readonly Input[],
  atOnce: number,
  map: (input: Input) => Promise<Output>,
): Promise<Output[]> {
  const outputs: Output[] = [];
  for (let start = 0; start < inputs.length; start += atOnce)
    outputs.push(...(await Promise.all(inputs.slice(start, start + atOnce).map(map))));
  return outputs;
}

function problemOf(error: unknown, maxPixels: number): string {
  if (error instanceof Error && error.message.includes("pixel limit")) {
    return `The image has more than ${maxPixels} pixels. Give a smaller one, such as a thumbnail.`;
  }
  return "What `image_url` leads to is no image that can be read, or is damaged. Give a JPEG, PNG, WebP, GIF or AVIF file.";
}
