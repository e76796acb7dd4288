import { z } from "zod";

/**
 * Lines that CloudWatch takes: the JSON schema and the limits of "Specification: Embedded metric format" in the CloudWatch User Guide, and,
 * for the values of dimensions and resolutions, of `PutMetricData` in the CloudWatch API Reference.
 */
const metric = z.strictObject({
  Name: z.string().min(1).max(255),
  Unit: z.enum(["Count", "Milliseconds", "Seconds"]),
  StorageResolution: z.literal([1, 60]).optional(),
});

const directive = z.strictObject({
  Namespace: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[\w./#:-]+$/u),
  Dimensions: z.array(z.array(z.string().min(1).max(250)).max(30)).min(1),
  Metrics: z.array(metric).min(1).max(100),
});

const line = z.looseObject({
  _aws: z.strictObject({
    Timestamp: z.int().nonnegative(),
    CloudWatchMetrics: z.array(directive).min(1),
  }),
});

const dimensionValue = z
  .string()
  .min(1)
  .max(1024)
  // ASCII, at least one character that is no space, and no colon in front.
  .regex(/^(?!:)[\x20-\x7e]*[\x21-\x7e][\x20-\x7e]*$/u);
const metricValue = z.union([z.number(), z.array(z.number()).min(1).max(100)]);

/** A megabyte is the most that an event of CloudWatch Logs holds. */
const MOST_BYTES = 1024 * 1024;

/** Reads a line as CloudWatch does, and throws where CloudWatch would drop it. */
export function readEmf(text: string): Record<string, unknown> {
  if (!text.endsWith("\n") || text.slice(0, -1).includes("\n"))
    throw new Error("It is not one line.");
  if (Buffer.byteLength(text) > MOST_BYTES) throw new Error("It is longer than a log event.");
  const document = line.parse(JSON.parse(text));
  for (const { Dimensions, Metrics } of document._aws.CloudWatchMetrics) {
    // What a directive refers to must stand at the root.
    for (const name of Dimensions.flat()) dimensionValue.parse(document[name]);
    for (const { Name } of Metrics) metricValue.parse(document[Name]);
  }
  return document;
}
