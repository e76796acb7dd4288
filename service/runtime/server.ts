import type { CacheHint, ServerNotifier } from "@modelcontextprotocol/server";
import type { Logger } from "pino";
import type { Environment } from "./environment.ts";
import type { Prompt } from "./prompt.ts";
import type { Relay } from "./relay.ts";
import type { Resource, ResourceTemplate } from "./resource.ts";
import type { Tool } from "./tool.ts";

/** What `start` may use. */
export interface StartContext {
  readonly log: Logger;
  /** The container's environment. */
  readonly environment: Environment;
  /**
   * Tells clients that subscribed at this replica what has changed. It reaches no other replica: what changes for all of them, each must
   * notice by itself. Works only with `announcesChanges`.
   */
  readonly changes: ServerNotifier;
}

/** What a server offers. A list may give way to another one while the server runs (see `announcesChanges`); none changes in place. */
export interface ServerContents {
  readonly tools?: readonly Tool[];
  readonly resources?: readonly Resource[];
  readonly resourceTemplates?: readonly ResourceTemplate[];
  readonly prompts?: readonly Prompt[];
}

/** A server whose resources are open. */
export interface StartedServer extends ServerContents {
  /** Answers by asking another server, instead of by the lists: with a relay there are none. */
  readonly relay?: Relay;
  /** Whether traffic may come now: `/readyz`. Asked at every check, so it must be quick. Default: always, once started. */
  ready?(): boolean;
  /** Whether the process is of use: `/healthz`. ECS replaces the task where it says no a few times. Default: always. */
  healthy?(): boolean;
  /** Releases what `start` opened; called once, after the last call has been answered. */
  stop?(): Promise<void>;
}

/** One MCP server: who it is, what it offers, and how that comes to life. */
export interface ServerDefinition extends ServerContents {
  /** The name clients see in `serverInfo`, in kebab case. */
  readonly name: string;
  /** Default: the name. */
  readonly title?: string;
  readonly version: string;
  /** What a model should know before it uses the server. */
  readonly instructions?: string;
  /**
   * For how long, and by whom, lists and the description of the server may be kept. Default: a minute, by each client for itself. `public`
   * lets gateways share them among callers.
   */
  readonly cache?: CacheHint;
  /** Whether lists or resources change while the server runs, so that clients may subscribe. Default: no, they change with a deployment. */
  readonly announcesChanges?: boolean;
  /**
   * Opens what the server needs (pools, models, caches), and gives what it offers beside the lists above. The replica is not ready before
   * this resolves. Default: nothing to open.
   */
  start?(context: StartContext): Promise<StartedServer> | StartedServer;
}
