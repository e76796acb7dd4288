import assert from "node:assert/strict";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { estimate } from "../../../local/drawing/cost/estimate.ts";
import { mermaid } from "../../../local/drawing/diagram/mermaid.ts";
import { planned } from "../../../local/drawing/diff/plan.ts";
import { evaluatedProject, randomValues } from "../../../local/drawing/evaluated-program.ts";
import { graphJson } from "../../../local/drawing/json.ts";
import { treeText } from "../../../local/drawing/tree.ts";
import type { Graph } from "../../../local/graph/graph.ts";
import { readProject } from "../../../local/graph/project.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

async function evaluated(config: Record<string, string>, former?: Graph): Promise<Graph> {
  return evaluatedProject(
    await readProject(ROOT, "dev", config),
    { watch: () => undefined, forget: () => undefined },
    new AbortController().signal,
    former === undefined ? {} : randomValues(former),
  );
}

describe("GIVEN the repository's own program", () => {
  let graph: Graph;
  before(async () => {
    graph = await evaluated({});
  });

  it("WHEN its tree is printed THEN it fits a terminal, and what serves has its facts", () => {
    const lines = treeText(graph, false).split("\n");

    assert.deepEqual(
      lines.filter((line) => line.length > 80),
      [],
    );
    for (const line of [
      "   ├─ aws.lb.TargetGroup weather: asks /readyz every 5 s, drains 65 s",
      "   ├─ aws.ecs.Service weather: 2 to 20 replicas on FARGATE",
      "   ├─ aws.ecs.TaskDefinition weather: 0.25 vCPU, 0.5 GB, server, collector",
    ])
      assert.ok(lines.includes(line), line);
  });

  it("WHEN all of it is printed THEN each resource has a line", () => {
    const text = treeText(graph, true);

    for (const { type, name } of graph.resources.slice(1)) {
      const last = type.split(":").at(-1) ?? "";
      assert.ok(text.includes(`${last} ${name}`), `${last} ${name}`);
    }
  });

  it("WHEN it is drawn THEN a request's way leads from the clients to the zones", () => {
    const text = mermaid(graph);

    assert.match(text, /^flowchart LR$/mu);
    for (const part of [
      "CloudFront<br>mcp",
      "VPC origin",
      "/mcp",
      "us-east-1c",
      "api.weather.gov",
      "Cognito user pool",
    ])
      assert.ok(text.includes(part), part);
  });

  it("WHEN it is printed as JSON THEN no secret is in it, and the rest is", () => {
    const text = graphJson(graph);
    const secrets = graph.resources.flatMap(({ outputs, options }) =>
      (options?.secretOutputs ?? []).flatMap((key) => {
        const value = outputs[key];
        return typeof value === "string" ? [value] : [];
      }),
    );

    assert.equal(secrets.length, 3);
    for (const secret of secrets) assert.ok(!text.includes(secret));
    const { resources } = JSON.parse(text) as Graph;
    assert.equal(resources.length, graph.resources.length);
  });

  it("WHEN it is priced THEN everything is free, priced, or listed as without a price", () => {
    const { unpriced, fixed } = estimate(graph);

    assert.deepEqual(
      unpriced.map(({ what }) => what),
      ["1 composite alarm", "Further custom metrics", "2 aws.sns.Topics", "1 aws.s3.Bucket"],
    );
    assert.ok(fixed.least > 100 && fixed.most > fixed.least);
  });

  it("WHEN `minReplicas` changes THEN the plan is what the real engine does (test/engine/programs.ts)", async () => {
    const after = await evaluated({ minReplicas: "3" }, graph);

    assert.deepEqual(
      planned(graph, after)
        .steps.map(({ action, resource }) => `${action} ${resource.type} ${resource.name}`)
        .sort(),
      [
        "update aws:appautoscaling/target:Target weather",
        "update aws:cloudwatch/dashboard:Dashboard weather",
        "update aws:cloudwatch/metricAlarm:MetricAlarm weather-replicas-missing",
      ],
    );
  });
});
