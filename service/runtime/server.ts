import type { Logger } from "pino";
import type { Tool } from "./tool.ts";

/** What `start` may use. */
export interface StartContext {
  readonly log: Logger;
  /** The container's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A server whose resources are open. */
export interface StartedServer {
  readonly tools: readonly Tool[];
  /** Releases what `start` opened; called once, after the last call has been answered. */
  stop?(): Promise<void>;
}

/** One MCP server: who it is, and how its tools come to life. */
export interface ServerDefinition {
  /** The name clients see in `serverInfo`, in kebab case. */
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** What a model should know before it uses the tools. */
  readonly instructions?: string;
  /** Opens what the tools need (pools, models, caches). The replica is not ready before this resolves. */
  start(context: StartContext): Promise<StartedServer> | StartedServer;
}
