import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { readProject } from "../../../local/graph/project.ts";
import type { Graph } from "../../../local/graph/graph.ts";
import { runDrill } from "../../../local/drills/run-drill.ts";
import type { DrillReport } from "../../../local/drills/report/report.ts";
import { run, type Run } from "../../../local/run.ts";
import type { DrillSnapshot } from "../../../local/snapshot/snapshot.ts";
import { change, hurry } from "../../e2e/in-process.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..", "..");

/** Without the minutes for which a deployment's alarms must be quiet. */
function withoutAlarms(graph: Graph): Graph {
  return change(hurry(graph), "aws:ecs/service:Service", () => ({ alarms: undefined }));
}

const broken = ({ promises }: DrillReport): string[] =>
  promises.filter(({ held }) => !held).map(({ text, seen }) => `${text}: ${seen ?? ""}`);

describe("GIVEN the repository's program with two replicas", () => {
  let running: Run;

  before(async () => {
    running = await run({
      project: await readProject(REPOSITORY, "test", { auth: "static-token" }),
      port: 0,
      sampleData: true,
      sampleDelayMilliseconds: 100,
      transform: withoutAlarms,
      events: {
        declared: () => undefined,
        happened: () => undefined,
        line: () => undefined,
        forwarded: () => undefined,
        refused: () => undefined,
      },
    });
    await running.ready;
  });
  after(() => running.close());

  test("WHEN a replica is killed THEN only calls at the dead one fail, a client that repeats loses none, and those who watch hear of it", async () => {
    const heard: DrillSnapshot[] = [];
    const report = await runDrill("kill-replica", running, {}, (snapshot) => heard.push(snapshot));
    assert.deepEqual(broken(report), []);
    const { plain, retrying } = report.clients;
    assert.equal(retrying.failed, 0);
    assert.equal(
      plain.failed,
      plain.causes["lost in flight"] + plain.causes["sent to a dead target"],
    );
    assert.ok(report.causes["sent to a dead target"] > 0, "The dead one got its share.");
    assert.ok(report.detectionMilliseconds !== undefined);
    assert.ok(report.recoveryMilliseconds !== undefined);
    assert.equal(report.faults.length, 1);
    assert.equal(heard.at(-1)?.state, "held");
    assert.deepEqual(heard.at(-1)?.steps, report.steps);
  });

  test("WHEN a new revision replaces every replica THEN no request of any client fails", async () => {
    const report = await runDrill("rolling-deploy", running);
    assert.deepEqual(broken(report), []);
    assert.equal(report.clients.plain.causes.answered, report.clients.plain.calls);
    assert.ok(report.clients.plain.calls > 0);
  });

  test("WHEN bad revisions are deployed THEN they are rolled back while the old replicas serve", async () => {
    const report = await runDrill("bad-deploy", running);
    assert.deepEqual(broken(report), []);
    assert.equal(
      report.steps.filter(({ text }) => text.startsWith("rolled back by itself")).length,
      2,
    );
  });

  test("WHEN there is nothing to drill THEN a sentence says so", async () => {
    await assert.rejects(runDrill("no-such-drill", running), {
      message:
        "There is no drill `no-such-drill`. Give one of `kill-replica`, `zone-loss`, `rolling-deploy`, `bad-deploy`, `overload`, `scale-out`, `key-rotation`, `issuer-outage`, `scopes`, `upstream-loss`.",
    });
    await assert.rejects(runDrill("kill-replica", running, { service: "other" }), {
      message: "`--service` is `other`, which has no endpoint. Give one of `weather`.",
    });
    await assert.rejects(runDrill("upstream-loss", running), {
      message:
        "`weather` is no gateway. Declare an `McpGateway` in the program, and name it with `--service` where there are several.",
    });
    await assert.rejects(runDrill("scopes", running), {
      message:
        "The service `weather` asks for no tokens of a user pool, so that there is nothing to drill. Give it the mode `cognito`.",
    });
  });
});
