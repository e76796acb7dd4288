import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build, type BuildOptions } from "esbuild";

const here = import.meta.dirname;
/** Inside the package, so that what stays outside of a bundle is found. */
const output = join(here, "dist");

/** As in ../../build.ts. */
const CONTAINER: BuildOptions = {
  bundle: true,
  splitting: true,
  platform: "node",
  target: "node22.18",
  format: "esm",
  outExtension: { ".js": ".mjs" },
  mainFields: ["module", "main"],
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  keepNames: true,
  legalComments: "none",
  logLevel: "warning",
};

/** The programs that are started. */
export const PROGRAMS = {
  /** The container's own, which is given the name of a server. */
  container: join(output, "container", "main.mjs"),
  /** Made with this package's runtime, and bundled as the container's. */
  runtime: join(output, "container", "runtime.mjs"),
  bare: join(output, "plain", "bare.mjs"),
  sdkExpress: join(output, "plain", "sdk-express.mjs"),
  sdkExpressBundled: join(output, "bundled", "sdk-express.mjs"),
  v1Express: join(output, "plain", "v1-express.mjs"),
} as const;

/** Ours are bundled as they are in a container. Others are run from their packages, as they are by their users, but nobody pays for types at its start. */
export async function bundleServers(): Promise<void> {
  await rm(output, { recursive: true, force: true });
  const program = (name: string): string => join(here, `${name}.ts`);
  await build({
    ...CONTAINER,
    entryPoints: {
      main: join(here, "..", "..", "service", "main.ts"),
      runtime: program("runtime"),
    },
    outdir: join(output, "container"),
  });
  await build({
    ...CONTAINER,
    entryPoints: [program("sdk-express")],
    outdir: join(output, "bundled"),
  });
  await build({
    ...CONTAINER,
    entryPoints: ["bare", "sdk-express", "v1-express"].map(program),
    outdir: join(output, "plain"),
    packages: "external",
    splitting: false,
    banner: {},
  });
}
