import { realpath, stat } from "node:fs/promises";
import { relative, resolve } from "node:path";
import type { ProcessWatch } from "../../graph/evaluate.ts";
import { LocalError, type Graph } from "../../graph/graph.ts";
import { readProject, type Project } from "../../graph/project.ts";
import { evaluatedProject, randomValues } from "../evaluated-program.ts";
import { rebuiltImages } from "./images.ts";
import { planned, type Plan } from "./plan.ts";
import { withRevision, type Revision } from "./revision.ts";

/** What a change does, and from what to what. */
export interface Comparison {
  readonly plan: Plan;
  readonly reference: string;
  readonly commit: string;
  /** The program, below its repository. */
  readonly program: string;
  readonly stack: string;
  readonly before: Graph;
  readonly after: Graph;
}

/**
 * Compares a program as it is at a commit with the one in the working tree.
 *
 * @param path what was given as the program.
 * @param given configuration for both sides; each reads its own `Pulumi.yaml` and `Pulumi.<stack>.yaml`.
 */
export async function compare(
  project: Project,
  { path, reference, given }: { path: string; reference: string; given: Project["config"] },
  watch: ProcessWatch,
  signal: AbortSignal,
): Promise<Comparison> {
  return withRevision(project.program, reference, async (revision) => {
    const wanted = { project, reference, given };
    const before = await formerGraph(path, revision, wanted, watch, signal);
    signal.throwIfAborted();
    const after = await evaluatedProject(project, watch, signal, randomValues(before));
    const rebuilt = await rebuiltImages(
      after,
      project.program,
      revision.repository,
      revision.commit,
    );
    return {
      plan: planned(before, after, rebuilt),
      reference,
      commit: revision.commit,
      program: relative(revision.repository, await realpath(project.program)),
      stack: project.stack,
      before,
      after,
    };
  });
}

/** What the program declared; nothing where it was not there yet. */
async function formerGraph(
  path: string,
  revision: Revision,
  { project, reference, given }: Wanted,
  watch: ProcessWatch,
  signal: AbortSignal,
): Promise<Graph> {
  const former = revision.at(await realpath(resolve(path)));
  if ((await stat(former).catch(() => undefined)) === undefined) {
    const region = project.config["aws:region"] ?? process.env["AWS_REGION"] ?? "us-east-1";
    return { project: project.name, stack: project.stack, region, resources: [], outputs: {} };
  }
  try {
    return await evaluatedProject(await readProject(former, project.stack, given), watch, signal);
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
    throw new LocalError(
      `At \`${reference}\`: ${error.message}\nThe packages are those of the working tree: where that commit needs other ones, install them in a checkout of it and compare there.`,
    );
  }
}

interface Wanted {
  readonly project: Project;
  readonly reference: string;
  readonly given: Project["config"];
}
