import { ArgumentError } from "../validation.ts";

/** What kinds of packages there are, each by the argument that lists them. */
export type PackageArgument = "npmPackages" | "pypiPackages";

interface Registry {
  /** A package with its exact version. */
  readonly pinned: RegExp;
  readonly example: string;
  readonly name: string;
}

/**
 * Names and versions as the registries define them (npm, "package.json, name" and SemVer 2.0.0; PEP 508 names and extras, PEP 440 versions). Nothing in
 * them means anything to a shell, but for the brackets of extras, which the Dockerfile does not expand.
 */
const REGISTRIES: Readonly<Record<PackageArgument, Registry>> = {
  npmPackages: {
    pinned:
      /^(?:@[a-z0-9][a-z0-9._~-]*\/)?[a-z0-9][a-z0-9._~-]*@(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/u,
    example: "@modelcontextprotocol/server-everything@2026.1.14",
    name: "npm",
  },
  pypiPackages: {
    pinned:
      /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\[[A-Za-z0-9][A-Za-z0-9._-]*(?:,[A-Za-z0-9][A-Za-z0-9._-]*)*\])?==(?:\d+!)?\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?(?:\.post\d+)?(?:\.dev\d+)?$/u,
    example: "mcp-server-time==2026.1.26",
    name: "PyPI",
  },
};

/** Refuses packages without an exact version: what a replica runs must not depend on the day of its image. */
export function checkPackages(
  component: string,
  argument: PackageArgument,
  packages: readonly string[],
): void {
  const { pinned, example, name } = REGISTRIES[argument];
  if (packages.length === 0) {
    throw new ArgumentError(
      component,
      `\`stdio.${argument}\` is empty; name a package, such as \`${example}\`, or leave it out.`,
    );
  }
  for (const wanted of packages) {
    if (pinned.test(wanted)) continue;
    throw new ArgumentError(
      component,
      `\`stdio.${argument}\` has \`${wanted}\`; give a package of ${name} with its exact version, such as \`${example}\`. A range or \`latest\` would` +
        " make another server of the same program, and what is not on a registry belongs in an image of your own (`build`).",
    );
  }
}
