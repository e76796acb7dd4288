import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { SUITE_FOLDER, type Requirements } from "./requirements.ts";

/** One check of a scenario, as the suite writes it. */
export type Check = z.output<typeof check>;

/** What a run of the suite has left. */
export interface SuiteResult {
  /** 0 where the suite itself is content: nothing failed but what was expected to. */
  readonly exitCode: number;
  /** The checks of each scenario that was run. */
  readonly scenarios: ReadonlyMap<string, readonly Check[]>;
  /** What the suite wrote last, for a failure that no check tells of. */
  readonly lastLines: string;
  readonly seconds: number;
}

const check = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  status: z.enum(["SUCCESS", "FAILURE", "WARNING", "SKIPPED", "INFO"]),
  errorMessage: z.string().optional(),
});

/** The suite writes `server-<scenario>-<time of its start>/checks.json`. */
const RESULT_FOLDER = /^server-(?<scenario>.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/u;

/** Enough for the suite's summary of its unexpected failures. */
const LAST_CHARACTERS = 4000;

/**
 * Runs the suite against one endpoint, at one revision.
 *
 * @param folder an own folder for the results.
 * @param watch gets the suite's process, which leads a group of its own.
 */
export async function runSuite(
  url: string,
  requirements: Requirements,
  folder: string,
  watch: (child: ChildProcess) => void,
): Promise<SuiteResult> {
  const { revision } = requirements;
  const expected = [...requirements.expectedFailures, ...requirements.expectedWarnings];
  await mkdir(folder, { recursive: true });
  const baseline = join(folder, "expected-failures.yaml");
  await writeFile(baseline, stringify({ server: expected }));
  const begun = performance.now();
  const child = spawn(
    process.execPath,
    [
      join(SUITE_FOLDER, "dist", "index.js"),
      "server",
      "--url",
      url,
      "--requirements",
      revision,
      "--output-dir",
      folder,
      ...(expected.length === 0 ? [] : ["--expected-failures", baseline]),
    ],
    { detached: true, stdio: ["ignore", "pipe", "pipe"] },
  );
  watch(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-LAST_CHARACTERS);
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return {
    exitCode: code ?? 1,
    scenarios: await readResults(folder),
    lastLines: output,
    seconds: (performance.now() - begun) / 1000,
  };
}

async function readResults(folder: string): Promise<ReadonlyMap<string, readonly Check[]>> {
  const results = new Map<string, readonly Check[]>();
  for (const name of await readdir(folder)) {
    const scenario = RESULT_FOLDER.exec(name)?.groups?.["scenario"];
    if (scenario === undefined) continue;
    const text = await readFile(join(folder, name, "checks.json"), "utf8").catch(() => "[]");
    results.set(scenario, z.array(check).parse(JSON.parse(text)));
  }
  return results;
}
