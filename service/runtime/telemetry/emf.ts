import type { RefusalReason } from "../refusals.ts";

/** The namespace of every metric that the host writes. */
export const NAMESPACE = "McpService";

/** What CloudWatch reads a line by (CloudWatch User Guide, "Specification: Embedded metric format"). */
interface MetricDefinition {
  readonly Name: string;
  readonly Unit: "Count" | "Milliseconds";
  /** Seconds: 1 is kept as it is, 60 by the minute. Default: 60. */
  readonly StorageResolution?: 1;
}

/** What calls of one tool, or of everything that is no tool, came to within a minute. */
export interface CallFigures {
  readonly calls: number;
  readonly errors: number;
  readonly faults: number;
  /** Milliseconds, 1 to 100 of them. */
  readonly durations: readonly number[];
}

/** A line with the in-flight gauge, which CloudWatch keeps at the resolution it comes in: alarms of 10 seconds read it. */
export function gaugeLine(service: string, timestamp: number, ongoingRequests: number): string {
  return line(
    timestamp,
    [["Service"]],
    [{ Name: "OngoingRequests", Unit: "Count", StorageResolution: 1 }],
    { Service: service, OngoingRequests: Math.round(ongoingRequests * 1000) / 1000 },
  );
}

/** A line with a minute of calls; those of a tool count for the service and for the tool. */
export function callsLine(
  service: string,
  tool: string | undefined,
  timestamp: number,
  { calls, errors, faults, durations }: CallFigures,
): string {
  return line(
    timestamp,
    tool === undefined ? [["Service"]] : [["Service"], ["Service", "Tool"]],
    [
      { Name: "Calls", Unit: "Count" },
      { Name: "Errors", Unit: "Count" },
      { Name: "Faults", Unit: "Count" },
      { Name: "CallDuration", Unit: "Milliseconds" },
    ],
    {
      Service: service,
      ...(tool === undefined ? {} : { Tool: tool }),
      Calls: calls,
      Errors: errors,
      Faults: faults,
      CallDuration: durations,
    },
  );
}

/** A line with the requests of a minute that were answered without a call, for one reason; they count for the service and for the reason. */
export function refusalsLine(
  service: string,
  reason: RefusalReason,
  timestamp: number,
  refusals: number,
): string {
  return line(
    timestamp,
    [["Service"], ["Service", "Reason"]],
    [{ Name: "Refusals", Unit: "Count" }],
    { Service: service, Reason: reason, Refusals: refusals },
  );
}

/** A line that says that a replica starts. */
export function startLine(service: string, timestamp: number): string {
  return line(timestamp, [["Service"]], [{ Name: "Starts", Unit: "Count" }], {
    Service: service,
    Starts: 1,
  });
}

function line(
  timestamp: number,
  dimensions: readonly (readonly string[])[],
  metrics: readonly MetricDefinition[],
  members: Readonly<Record<string, string | number | readonly number[]>>,
): string {
  const directive = { Namespace: NAMESPACE, Dimensions: dimensions, Metrics: metrics };
  return `${JSON.stringify({ _aws: { Timestamp: timestamp, CloudWatchMetrics: [directive] }, ...members })}\n`;
}
