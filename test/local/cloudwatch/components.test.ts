import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startCloudWatch } from "../../../local/cloudwatch/cloudwatch.ts";
import { startScaling } from "../../../local/scaling/scaling.ts";
import { evaluatedFile } from "../evaluated.ts";
import { VirtualClock } from "../virtual-clock.ts";

const PROGRAM = join(import.meta.dirname, "..", "..", "engine", "programs", "everything.ts");
const MINUTE = 60_000;

test("GIVEN every alarm, dashboard and policy of the components WHEN an hour passes THEN each is evaluated", async () => {
  const graph = await evaluatedFile(PROGRAM);
  const clock = new VirtualClock();
  const told: string[] = [];
  const cloudWatch = startCloudWatch(graph, {
    clock,
    wall: () => clock.now(),
    tell: (alarm, text) => told.push(`${alarm}: ${text}`),
  });
  const service = (name: string) => ({
    name,
    desiredCount: 2,
    runningCount: 2,
    isDeploying: false,
    setDesiredCount: () => undefined,
  });
  const scaling = startScaling(graph, { clock, ...cloudWatch, service });
  const line = (calls: number): string =>
    JSON.stringify({
      _aws: {
        Timestamp: clock.now(),
        CloudWatchMetrics: [
          {
            Namespace: "McpService",
            Dimensions: [["Service"], ["Service", "Tool"]],
            Metrics: [{ Name: "Calls" }],
          },
        ],
      },
      Service: "test-dev-main",
      Tool: "forecast",
      Calls: calls,
    });
  for (let minute = 0; minute < 60; minute++) {
    cloudWatch.takeLine(line(minute));
    cloudWatch.takeLine("not a metric");
    await clock.advance(MINUTE);
  }

  const { snapshots } = cloudWatch.alarms;
  const failed = snapshots.filter(({ reason }) => !/ must be |^its rule is /u.test(reason));
  assert.deepEqual(
    failed.map(({ name, reason }) => [name, reason]),
    [],
  );
  assert.ok(snapshots.some(({ ofScaling }) => ofScaling));
  assert.ok(
    told.some((text) =>
      /-unavailable-\w+: alarm ALARM: no data, treated as breaching; .*; the topic \S+ would be told$/u.test(
        text,
      ),
    ),
  );

  const dashboards = cloudWatch.dashboards({ from: 0, to: clock.now() });
  const widgets = dashboards.flatMap((dashboard) => dashboard.widgets);
  assert.ok(dashboards.length >= 10);
  assert.deepEqual(
    widgets.flatMap((widget) =>
      widget.type === "unmodelled"
        ? [widget.reason]
        : widget.type === "metric"
          ? widget.problems
          : [],
    ),
    [],
  );
  const series = widgets.flatMap((widget) => (widget.type === "metric" ? widget.series : []));
  assert.deepEqual(series.find(({ label }) => label === "forecast")?.points.slice(-2), [
    [58 * MINUTE, 58],
    [59 * MINUTE, 59],
  ]);

  const policies = scaling.policies(
    graph.resources.find(
      ({ type, name }) => type === "aws:appautoscaling/target:Target" && name === "main",
    )?.id ?? "",
  );
  assert.deepEqual(
    policies.map(({ type, text }) => `${type}: ${text.replace(/burst-\w+/u, "burst")}`),
    [
      "TargetTrackingScaling: keeps the sum of RequestCountPerTarget at 600",
      "TargetTrackingScaling: keeps the average of OngoingRequests at 20",
      "StepScaling: on the alarm main-burst: by 50 %, 100 %",
      "TargetTrackingScaling: keeps the average of CPUUtilization at 60",
      "Scheduled: cron(0 22 * * ? *) Europe/Berlin: minimum 3, maximum 4",
    ],
  );
  cloudWatch.close();
  scaling.close();
});
