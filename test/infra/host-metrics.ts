/** What the host really writes: its emitter is run, and its lines are read as CloudWatch reads them. */
import type { RefusalReason } from "../../service/runtime/refusals.ts";
import { startEmfMetrics } from "../../service/runtime/telemetry/emf-metrics.ts";
import { startUpstreamEmf } from "../../service/servers/gateway/telemetry/emf.ts";
import type { UpstreamGauge } from "../../service/servers/gateway/telemetry/upstream-telemetry.ts";
import { VirtualClock } from "../local/virtual-clock.ts";
import { readEmf } from "../service/telemetry/emf-schema.ts";
import { call, end, listing, observe } from "../service/telemetry/fixtures.ts";

/** A metric under one set of dimensions. */
export interface WrittenMetric {
  readonly namespace: string;
  readonly metricName: string;
  /** Sorted names. */
  readonly dimensions: readonly string[];
  readonly unit: string;
  /** Seconds; below a minute only metrics of resolution 1. */
  readonly resolution: 1 | 60;
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly {
    readonly Name: string;
    readonly Unit: string;
    readonly StorageResolution?: 1 | 60;
  }[];
}

const UPSTREAM: UpstreamGauge = {
  upstream: "weather",
  isListed: true,
  breaker: "closed",
  healthyAddresses: 2,
  listAgeSeconds: 10,
};

/** All metrics of a minute in which a tool was called, its list was read, and a token was refused. */
export async function writtenMetrics(): Promise<WrittenMetric[]> {
  const lines: string[] = [];
  const clock = new VirtualClock();
  const metrics = startEmfMetrics("weather", (line) => lines.push(line), clock);
  observe([metrics.instrument], call(), end({ outcome: "internal_error" }));
  observe([metrics.instrument], listing());
  const reason: RefusalReason = "invalid_token";
  metrics.refused(reason);
  const upstreams = startUpstreamEmf(
    "tools",
    () => ({ upstreams: [UPSTREAM], problems: 0 }),
    (line) => lines.push(line),
    clock,
  );
  await clock.advance(60_000);
  metrics.close();
  upstreams.close();
  return lines.flatMap((line) => {
    const { CloudWatchMetrics } = readEmf(line)["_aws"] as { CloudWatchMetrics: Directive[] };
    return CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
      Metrics.flatMap(({ Name, Unit, StorageResolution }) =>
        Dimensions.map((dimensions) => ({
          namespace: Namespace,
          metricName: Name,
          dimensions: [...dimensions].sort(),
          unit: Unit,
          resolution: StorageResolution ?? 60,
        })),
      ),
    );
  });
}
