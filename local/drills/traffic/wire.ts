import type { Attempt } from "./attempt.ts";
import type { ClientOptions, Destination } from "./client.ts";
import type { CalledTool } from "./tools.ts";

/** What the thread that makes the traffic begins with. */
export interface TrafficSettings {
  readonly destination: Destination;
  readonly tool: CalledTool;
  readonly options: ClientOptions;
}

/** What that thread is told. */
export type Order =
  | { readonly kind: "rate"; readonly callsPerSecond: number }
  | { readonly kind: "token"; readonly token: string | undefined }
  /** No new calls; those under way get so long. */
  | { readonly kind: "end"; readonly graceMilliseconds: number };

/** What it tells. */
export type Report =
  | { readonly kind: "attempt"; readonly attempt: Attempt }
  /** Orders are followed from now on, and when all calls have ended. */
  | { readonly kind: "ready" | "ended" };
