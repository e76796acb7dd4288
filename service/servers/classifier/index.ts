import type { ServerDefinition, StartContext } from "../../runtime/server.ts";
import { moduleBeside } from "../models/beside.ts";
import { startModel } from "../models/model.ts";
import type { ClassificationData, ClassificationInput, Label } from "./classification.ts";
import { classify } from "./classify.ts";
import { createImageFetcher } from "./fetch-image.ts";
import { readImageSettings } from "./settings.ts";

/**
 * An image classifier, by default the Vision Transformer of Google (`google/vit-base-patch16-224`, Apache-2.0) with ImageNet's 1000 labels.
 *
 * Reads the `MODEL_…` and `IMAGE_…` variables, and the folder `classifier` in `MODELS_PATH`; see docs/models.md.
 */
export const classifier = {
  name: "classifier",
  title: "Image classifier",
  version: "0.1.0",
  instructions:
    "Says what images show. `classify` takes the https address of an image file, or a `data:` URL.",
  start: async ({ environment, log }: Pick<StartContext, "environment" | "log">) => {
    const settings = readImageSettings(environment);
    const data: ClassificationData = { maxPixels: settings.maxPixels };
    const model = await startModel<ClassificationInput, readonly Label[]>({
      name: "classifier",
      module: moduleBeside("classification", import.meta.url),
      environment,
      log,
      data,
      transferOf: ({ bytes }) => [bytes.buffer],
    });
    const images = createImageFetcher(settings);
    return {
      tools: [classify({ model, images })],
      ready: () => model.ready(),
      healthy: () => model.healthy(),
      stop: async () => {
        await Promise.all([model.stop(), images.close()]);
      },
    };
  },
} satisfies ServerDefinition;
