import type { Cause } from "../evidence/classification.ts";
import type { ClientCounts } from "../evidence/counts.ts";
import type { Fault } from "../evidence/faults.ts";
import type { ClientKind } from "../traffic/attempt.ts";
import type { CalledTool } from "../traffic/tools.ts";

/** The parts of a drill that are compared. */
export const PHASES = ["before", "during", "after"] as const;
export type Phase = (typeof PHASES)[number];

/** A moment of a drill. */
export interface Step {
  /** Milliseconds of the run's clock. */
  readonly at: number;
  readonly text: string;
}

/** Something that was said would hold, and whether it did. */
export interface Promised {
  readonly text: string;
  readonly held: boolean;
  /** What was seen instead, where it did not hold. */
  readonly seen?: string | undefined;
}

/** How long answered calls of one phase took, in real milliseconds. */
export interface Latency {
  readonly calls: number;
  readonly p50Milliseconds: number | undefined;
  readonly p99Milliseconds: number | undefined;
}

/** A request that failed though it could have been served: what somebody needs who looks for the mistake. */
export interface Unexplained {
  readonly at: number;
  readonly traceId: string;
  readonly status: number;
  readonly problem: string | undefined;
  readonly outcome: string | undefined;
  readonly target: string | undefined;
  readonly nodeZone: string | undefined;
}

/** What a drill has found out; plain JSON. Times and durations are milliseconds of the run's clock, which are those of AWS. */
export interface DrillReport {
  readonly name: string;
  readonly state: "held" | "broken";
  /** How much faster than real time the clock went. */
  readonly speed: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly url: string;
  readonly tool: CalledTool;
  readonly callsPerSecond: number;
  readonly steps: readonly Step[];
  readonly faults: readonly Fault[];
  readonly clients: Readonly<Record<ClientKind, ClientCounts>>;
  /** Attempts of both kinds of clients. */
  readonly causes: Readonly<Record<Cause, number>>;
  /** From the first fault until the last request was sent to what it had broken. */
  readonly detectionMilliseconds: number | undefined;
  /** From the first fault until as many tasks as wanted were healthy again. */
  readonly recoveryMilliseconds: number | undefined;
  readonly latency: Readonly<Record<Phase, Latency>>;
  readonly unexplained: readonly Unexplained[];
  readonly promises: readonly Promised[];
  /** What AWS adds. */
  readonly notModelled: readonly string[];
}
