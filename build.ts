/** Bundles the container's program: what the image holds is what `npm start` runs here. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build, type BuildOptions } from "esbuild";

const service = join(import.meta.dirname, "service");

await rm(join(service, "dist"), { recursive: true, force: true });
const common: BuildOptions = {
  outdir: join(service, "dist"),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node22.18",
  format: "esm",
  // Named exports of CommonJS are lost where it is loaded lazily, as the AWS SDK is.
  mainFields: ["module", "main"],
  // Express and its dependencies are CommonJS: they `require` Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  keepNames: true,
  legalComments: "eof",
  logLevel: "warning",
};

await build({
  ...common,
  entryPoints: {
    main: join(service, "main.ts"),
    // Threads of the model servers: their addresses are made at run time (servers/models/beside.ts), so they need names that stay.
    "inference-worker": join(service, "servers/models/inference-worker.ts"),
    translation: join(service, "servers/translator/translation.ts"),
    classification: join(service, "servers/classifier/classification.ts"),
  },
  // What a container may never need, such as OpenTelemetry, stays in files beside main.mjs that it does not load.
  splitting: true,
});
// Runs while an image is built: one file, which changes only when it does, so that models are not fetched again for nothing.
await build({
  ...common,
  entryPoints: [join(service, "servers", "models", "download-models.ts")],
});
