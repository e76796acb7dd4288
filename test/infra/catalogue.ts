/** Whether metrics that are read are ones that somebody publishes. */
import { DOCUMENTED_METRICS } from "./documented-metrics.ts";
import { writtenMetrics, type WrittenMetric } from "./host-metrics.ts";
import type { ReadMetric } from "./read-metrics.ts";

/** What is published under one name and one set of dimensions. */
interface Published {
  readonly unit: string;
  /** Undefined: any. */
  readonly statistics: readonly string[] | undefined;
  /** The shortest period that it can be read in, in seconds. */
  readonly resolution: 1 | 60;
}

export type Catalogue = ReadonlyMap<string, Published>;

function keyOf(metric: Pick<ReadMetric, "namespace" | "metricName" | "dimensions">): string {
  return `${metric.namespace} ${metric.metricName} {${metric.dimensions.join(", ")}}`;
}

/** What AWS documents, and what the host writes when it is run. */
export async function readCatalogue(): Promise<Catalogue> {
  const written: readonly WrittenMetric[] = await writtenMetrics();
  return new Map<string, Published>([
    ...DOCUMENTED_METRICS.flatMap(({ namespace, names, dimensions, unit, statistics }) =>
      names.flatMap((metricName) =>
        dimensions.map((set): [string, Published] => [
          keyOf({ namespace, metricName, dimensions: set }),
          { unit, statistics, resolution: 60 },
        ]),
      ),
    ),
    ...written.map(({ unit, resolution, ...metric }): [string, Published] => [
      keyOf(metric),
      { unit, statistics: undefined, resolution },
    ]),
  ]);
}

/** Units that an axis must name, because numbers without them would be misread. */
const NAMED_UNITS = ["Bytes", "Milliseconds", "Percent", "Seconds"];

/** What is wrong with the metrics that are read, a sentence each. */
export function faultsOf(catalogue: Catalogue, metrics: readonly ReadMetric[]): string[] {
  return metrics.flatMap((metric) => {
    const published = catalogue.get(keyOf(metric));
    const said = (what: string): string => `${metric.reader}: ${keyOf(metric)} ${what}`;
    if (published === undefined) return [said("is published by nobody.")];
    const { statistics, unit, resolution } = published;
    const { axis, period, region, statistic } = metric;
    const kind = statistic.startsWith("p") ? "p" : statistic;
    return [
      ...(statistics === undefined || statistics.includes(kind)
        ? []
        : [said(`means nothing as ${statistic}.`)]),
      ...(period >= resolution && (period % 60 === 0 || resolution === 1)
        ? []
        : [said(`cannot be read every ${period} seconds.`)]),
      ...(axis === undefined || unitOf(axis) === (NAMED_UNITS.includes(unit) ? unit : undefined)
        ? []
        : [said(`is in ${unit}, not in ${axis}.`)]),
      ...(isGlobal(metric) && region !== "us-east-1" ? [said("is in us-east-1 alone.")] : []),
    ];
  });
}

/** The unit that an axis names, if it must name one. */
function unitOf(axis: string): string | undefined {
  return NAMED_UNITS.find((unit) => axis.startsWith(unit));
}

/** CloudFront, and web ACLs before it, which are those whose metrics name no region. */
function isGlobal({ namespace, dimensions }: ReadMetric): boolean {
  return (
    namespace === "AWS/CloudFront" || (namespace === "AWS/WAFV2" && !dimensions.includes("Region"))
  );
}
