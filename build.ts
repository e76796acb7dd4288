/** Bundles the container's program: what the image holds is what `npm start` runs here. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const service = join(import.meta.dirname, "service");

await rm(join(service, "dist"), { recursive: true, force: true });
await build({
  entryPoints: [join(service, "main.ts")],
  outdir: join(service, "dist"),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  // What a container may never need, such as OpenTelemetry, stays in files beside main.mjs that it does not load.
  splitting: true,
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
});
