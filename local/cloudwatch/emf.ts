import { z } from "zod";
import type { Metric, StorageResolution } from "./metric.ts";

/** What a log line in the embedded metric format says of one metric with one set of dimensions. */
export interface EmbeddedMetric {
  readonly metric: Metric;
  readonly values: readonly number[];
  readonly resolution: StorageResolution;
  /** Milliseconds since 1970, by the clock of whoever wrote it. */
  readonly timestamp: number;
}

/** The limits are those of the CloudWatch guide, "Specification: Embedded metric format". */
const MOST_VALUES = 100;
const MOST_DIMENSIONS = 30;
const MOST_METRICS = 100;
const LONGEST_DIMENSION_VALUE = 1024;
const LONGEST_LINE = 262_144;

const directive = z.object({
  Namespace: z.string().min(1).max(255),
  Dimensions: z.array(z.array(z.string()).max(MOST_DIMENSIONS)),
  Metrics: z
    .array(
      z.object({
        Name: z.string().min(1),
        Unit: z.string().optional(),
        StorageResolution: z.union([z.literal(1), z.literal(60)]).default(60),
      }),
    )
    .max(MOST_METRICS),
});

const metadata = z.object({
  Timestamp: z.number(),
  CloudWatchMetrics: z.array(directive),
});

const values = z.union([
  z.number().transform((value) => [value]),
  z.array(z.number()).min(1).max(MOST_VALUES),
]);

const dimensionValue = z.string().min(1).max(LONGEST_DIMENSION_VALUE);

/** The metrics of a log line; none where it is no such line, or breaks a rule: CloudWatch tells nobody but a metric of its own. */
export function readEmbeddedMetrics(line: string): EmbeddedMetric[] {
  const text = line.trim();
  if (!text.startsWith("{") || !text.includes('"_aws"') || text.length > LONGEST_LINE) return [];
  const root = parsed(text);
  const read = metadata.safeParse(root?.["_aws"]);
  if (root === undefined || !read.success) return [];
  const { Timestamp: timestamp, CloudWatchMetrics: directives } = read.data;
  return directives.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = dimensionsOf(root, names);
      if (dimensions === undefined) return [];
      return Metrics.flatMap(({ Name: name, StorageResolution: resolution }) => {
        const found = values.safeParse(root[name]);
        if (!found.success) return [];
        const metric = { namespace, name, dimensions };
        return [{ metric, values: found.data, resolution, timestamp }];
      });
    }),
  );
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const root: unknown = JSON.parse(text);
    return typeof root === "object" && root !== null && !Array.isArray(root)
      ? (root as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The dimensions of a set with their values; undefined where one has none. */
function dimensionsOf(
  root: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, string> | undefined {
  const dimensions: Record<string, string> = {};
  for (const name of names) {
    const value = dimensionValue.safeParse(root[name]);
    if (!value.success) return undefined;
    dimensions[name] = value.data;
  }
  return dimensions;
}
