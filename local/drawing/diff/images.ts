import { dirname, resolve } from "node:path";
import type { Graph } from "../../graph/graph.ts";
import { textAt } from "../fields.ts";
import { changedFiles } from "./git.ts";

const BUILT = new Set(["awsx:ecr:Image", "docker:index/image:Image", "docker-build:index:Image"]);

/** The images that a program builds from files that have changed since a commit, by URN: their digests are known to the build alone. */
export async function rebuiltImages(
  graph: Graph,
  program: string,
  repository: string,
  commit: string,
): Promise<Set<string>> {
  const rebuilt = new Set<string>();
  const known = new Map<string, Promise<boolean>>();
  for (const { urn, inputs } of graph.resources.filter(({ type }) => BUILT.has(type))) {
    const places = [textAt(inputs, "context"), textAt(inputs, "dockerfile")].filter(
      (place) => place !== undefined,
    );
    for (const place of places) {
      const path = resolve(dirname(program), place);
      let changed = known.get(path);
      if (changed === undefined) {
        // A context outside of the repository is not git's to compare.
        changed = changedFiles(repository, commit, path).then(
          (files) => files.length > 0,
          () => false,
        );
        known.set(path, changed);
      }
      if (await changed) rebuilt.add(urn);
    }
  }
  return rebuilt;
}
