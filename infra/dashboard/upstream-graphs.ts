import type { Graph } from "./dashboard.ts";
import { upstreamMetric } from "../observability/metrics.ts";

/** What a gateway tells of its upstreams. */
export function upstreamGraphs(service: string, upstreams: readonly string[]): readonly Graph[] {
  if (upstreams.length === 0) return [];
  return [
    {
      title: "Upstreams whose tools are listed (1: by all replicas)",
      unit: "Share of replicas",
      lines: upstreams.map((upstream) => ({
        metric: upstreamMetric("UpstreamListed", { service, upstream }),
        statistic: "Average",
        label: upstream,
      })),
    },
    {
      title: "Open breakers (calls fail at once)",
      unit: "Share of replicas",
      lines: upstreams.map((upstream) => ({
        metric: upstreamMetric("UpstreamBreakerOpen", { service, upstream }),
        statistic: "Average",
        label: upstream,
      })),
    },
    {
      title: "Addresses that answer",
      unit: "Addresses",
      lines: upstreams.map((upstream) => ({
        metric: upstreamMetric("UpstreamHealthyAddresses", { service, upstream }),
        statistic: "Average",
        label: upstream,
      })),
    },
  ];
}
