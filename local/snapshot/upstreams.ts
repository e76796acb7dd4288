import type { MetricStore } from "../cloudwatch/metric-store.ts";
import { statisticOf } from "../cloudwatch/statistics.ts";
import type { Run } from "../run.ts";
import type { UpstreamSnapshot } from "./snapshot.ts";

/** What of a run is looked at. */
export interface ObservedRun extends Pick<Run, "clock" | "gateways"> {
  readonly cloudWatch: { readonly store: Pick<MetricStore, "series"> };
  readonly stack: Pick<Run["stack"], "services">;
}

/** A gateway writes once a minute, at its end. */
const RECENT_MILLISECONDS = 180_000;
/** The dimension `Service` of a gateway that has no name of its own (service/servers/gateway). */
const UNNAMED = "gateway";

/** What stands behind a service, as its own metrics have it; nothing behind one that is no gateway. */
export function upstreamSnapshots(run: ObservedRun, service: string): UpstreamSnapshot[] {
  const gateway = run.gateways.find(({ name }) => name === service);
  if (gateway === undefined) return [];
  const { services } = run.stack;
  const containers = services.find(({ name }) => name === service)?.task.containers ?? [];
  const dimension = containers.map(({ environment }) => environment["OTEL_SERVICE_NAME"])[0];
  return gateway.upstreams.map((upstream): UpstreamSnapshot => {
    const latest = (name: string, statistic: "Maximum" | "Minimum" | "Sum"): Point | undefined =>
      latestOf(run, name, statistic, { Service: dimension ?? UNNAMED, Upstream: upstream.name });
    const listed = latest("UpstreamListed", "Minimum");
    const isListed = listed?.[1];
    const isOpen = latest("UpstreamBreakerOpen", "Maximum")?.[1];
    const calls = latest("UpstreamCalls", "Sum");
    return {
      name: upstream.name,
      service: services.find(({ arn }) => arn === upstream.service)?.name,
      state:
        isListed === undefined
          ? "unknown"
          : isOpen === 1
            ? "refused"
            : isListed === 0
              ? "not listed"
              : "answers",
      healthyAddresses: latest("UpstreamHealthyAddresses", "Minimum")?.[1],
      // A minute without calls has no such metric, but the others.
      callsPerMinute: listed && (calls?.[0] === listed[0] ? calls[1] : 0),
    };
  });
}

type Point = readonly [time: number, value: number];

/** What replicas tell of the latest minute: the worst of it, or all together. */
function latestOf(
  { clock, cloudWatch }: ObservedRun,
  name: string,
  statistic: "Maximum" | "Minimum" | "Sum",
  dimensions: Readonly<Record<string, string>>,
): Point | undefined {
  const wanted = statisticOf(statistic);
  if (wanted === undefined) return undefined;
  const now = clock.now();
  const points = cloudWatch.store.series(
    { namespace: "McpService", name, dimensions },
    { from: now - RECENT_MILLISECONDS, to: now, periodSeconds: 60, statistic: wanted },
  );
  return points.at(-1);
}
