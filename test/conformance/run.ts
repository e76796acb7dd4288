/**
 * `npm run conformance`: the official suite against the fixture, at both revisions, served by one replica, by a load balancer over two,
 * and by a gateway in front of it. Ends with 0 where every count is as `requirements.ts` has it.
 */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startReaper } from "../../local/ecs/reaper.ts";
import { ARRANGEMENTS, type Arrangement } from "./arrangements.ts";
import { problems, table, type Row } from "./report.ts";
import { REQUIREMENTS, scoredScenarios } from "./requirements.ts";
import { runSuite } from "./suite.ts";
import { judge } from "./verdict.ts";

type Watch = (child: ChildProcess) => void;

async function runArrangement(
  arrangement: Arrangement,
  folder: string,
  watch: Watch,
): Promise<Row[]> {
  const { name, possibleWarnings } = arrangement;
  const served = await arrangement.start(watch);
  try {
    return await Promise.all(
      REQUIREMENTS.map(async (requirements): Promise<Row> => {
        const { revision } = requirements;
        const result = await runSuite(
          served.url,
          requirements,
          join(folder, name, revision),
          watch,
        );
        const verdict = judge(
          requirements,
          await scoredScenarios(revision),
          possibleWarnings,
          result,
        );
        return { arrangement: name, revision, verdict, seconds: result.seconds };
      }),
    );
  } finally {
    await served.close();
  }
}

async function main(folder: string, watch: Watch): Promise<boolean> {
  // Settled, so that one arrangement's failure leaves the other time to end what it has started.
  const ends = await Promise.allSettled(
    ARRANGEMENTS.map((arrangement) => runArrangement(arrangement, folder, watch)),
  );
  const rows = ends.flatMap((end) => (end.status === "fulfilled" ? end.value : []));
  const errors = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
  console.log(table(rows));
  const wrong = problems(rows);
  if (wrong !== "") console.error(`\n${wrong}`);
  for (const error of errors) console.error(error);
  return wrong === "" && errors.length === 0;
}

const reaper = startReaper();
const folder = mkdtempSync(join(tmpdir(), "pulumi-mcp-service-conformance-"));
process.once("exit", () => {
  rmSync(folder, { recursive: true, force: true });
});
// What the reapers watch, here and in the local target, ends with this process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => process.exit(1));
}
const succeeded = await main(folder, (child) => {
  const { pid } = child;
  if (pid === undefined) return;
  reaper.watch(pid);
  child.once("exit", () => {
    reaper.forget(pid);
  });
});
process.exit(succeeded ? 0 : 1);
