import type { ImageBuild } from "./container-settings.ts";

/** Packages that the build of an image installs, each with its version. */
export interface ImagePackages {
  readonly npm: readonly string[];
  readonly pypi: readonly string[];
}

/** The build arguments that name packages; a Dockerfile of a user's own may take the same ones. */
const ARGUMENTS = { npm: "STDIO_NPM_PACKAGES", pypi: "STDIO_PYPI_PACKAGES" } as const;

/** The packages that a build installs by its arguments; undefined where it names none. */
export function imagePackages({ args }: Pick<ImageBuild, "args">): ImagePackages | undefined {
  const named = (argument: string): string[] => (args[argument] ?? "").split(" ").filter(Boolean);
  const npm = named(ARGUMENTS.npm);
  const pypi = named(ARGUMENTS.pypi);
  return npm.length === 0 && pypi.length === 0 ? undefined : { npm, pypi };
}
