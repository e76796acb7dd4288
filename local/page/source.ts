import type { Cancel } from "../clock.ts";
import type { DashboardData } from "../cloudwatch/widget-data.ts";
import type { EventLine, Snapshot } from "../snapshot/snapshot.ts";
import type { Trace, TraceSummary } from "./traces.ts";

/**
 * What the page shows, and what may be done from it. Methods that act throw a `LocalError` where the run refuses: its sentence is shown;
 * of any other error the page says only that the terminal has it.
 */
export interface PageSource {
  snapshot(): Snapshot;
  /** The latest events, oldest first. */
  recentEvents(): readonly EventLine[];
  /** Tells every event from now on. */
  events(listener: (event: EventLine) => void): Cancel;

  /** The names of the declared dashboards. */
  dashboards(): readonly string[];
  /** A dashboard's widgets over the latest minutes; undefined where none has the name. */
  widgets(dashboard: string, minutes: number): DashboardData | undefined;

  /** The latest traces, newest first. */
  traces(): readonly TraceSummary[];
  trace(id: string): Trace | undefined;

  readonly drills: readonly DrillDescription[];
  /** Resolves when the drill has begun; what becomes of it is in the snapshot. */
  startDrill(name: string): Promise<void>;
  fault(fault: Fault): Promise<void>;

  /** The tools of a service, as it lists them to the run's own client. */
  tools(service: string): Promise<readonly ToolDescription[]>;
  /** Calls a tool by the service's public address; the token stays with the run. */
  callTool(
    service: string,
    tool: string,
    toolArguments: Readonly<Record<string, unknown>>,
  ): Promise<ToolAnswer>;
}

export interface DrillDescription {
  readonly name: string;
  /** One sentence. */
  readonly description: string;
}

/** What can be broken, or mended, from the page. */
export type Fault =
  | { readonly kind: "kill-replica"; readonly service: string; readonly task: string }
  | { readonly kind: "lose-zone"; readonly zone: string }
  | { readonly kind: "restore-zone"; readonly zone: string };

/** A tool, as MCP's `tools/list` describes it. */
export interface ToolDescription {
  readonly name: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** A JSON schema of type `object`. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

/** What MCP's `tools/call` answered. */
export interface ToolAnswer {
  readonly isError: boolean;
  /** The content blocks, such as `{ type: "text", text }`. */
  readonly content: readonly Readonly<Record<string, unknown>>[];
  readonly structuredContent: unknown;
  readonly durationMilliseconds: number;
}
