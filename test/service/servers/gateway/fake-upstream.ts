import { pino } from "pino";
import { cancellationOf } from "../../../../service/runtime/cancellation.ts";
import type { Caller } from "../../../../service/runtime/caller.ts";
import type { JsonObject, RelayContext, RelayRequest } from "../../../../service/runtime/relay.ts";
import type {
  Upstream,
  UpstreamChange,
  UpstreamListing,
} from "../../../../service/servers/gateway/upstream.ts";
import {
  upstreamConfiguration,
  type UpstreamConfiguration,
} from "../../../../service/servers/gateway/upstream-configuration.ts";

type ListContext = Parameters<Upstream["list"]>[1];

/** A request that an upstream was sent. */
export interface Sent {
  readonly request: RelayRequest;
  readonly context: RelayContext;
  readonly limits: { readonly timeoutMilliseconds: number; readonly repeatable: boolean };
}

/** An upstream that says what a test wants. */
export class FakeUpstream implements Upstream {
  readonly name: string;
  readonly configuration: UpstreamConfiguration;
  readonly state = {
    breaker: "closed",
    era: "modern",
    healthyAddresses: 1,
    addresses: 1,
  } as const;
  readonly sent: Sent[] = [];
  readonly watched: string[][] = [];
  readonly listedFor: ListContext[] = [];
  isClosed = false;
  /** What `list` answers. */
  answerList: (context: ListContext, signal: AbortSignal) => Promise<UpstreamListing> = () =>
    Promise.resolve(listing());
  /** What `send` answers. */
  answer: (sent: Sent) => Promise<JsonObject> = ({ request }) =>
    Promise.resolve({
      content: [{ type: "text", text: `${this.name}:${String(request.params["name"])}` }],
    });
  readonly #listeners = new Set<(change: UpstreamChange) => void>();

  constructor(name: string, configuration: UpstreamConfiguration) {
    this.name = name;
    this.configuration = configuration;
  }

  get lists(): number {
    return this.listedFor.length;
  }

  async list(signal: AbortSignal, context: ListContext): Promise<UpstreamListing> {
    this.listedFor.push(context);
    return this.answerList(context, signal);
  }

  async send(
    request: RelayRequest,
    context: RelayContext,
    limits: Sent["limits"],
  ): Promise<JsonObject> {
    const sent = { request, context, limits };
    this.sent.push(sent);
    return this.answer(sent);
  }

  onChange(listener: (change: UpstreamChange) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  change(change: UpstreamChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  watchResources(uris: ReadonlySet<string>): void {
    this.watched.push([...uris]);
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

/** A list, public and good for a minute unless it says otherwise. */
export function listing(given: Partial<UpstreamListing> = {}): UpstreamListing {
  return {
    tools: [],
    resources: [],
    resourceTemplates: [],
    prompts: [],
    completions: false,
    ttlMilliseconds: 60_000,
    cacheScope: "public",
    ...given,
  };
}

export function tool(name: string, description = `The tool ${name}.`): JsonObject {
  return { name, description, inputSchema: { type: "object" } };
}

export function configuration(
  given: Readonly<Record<string, unknown>> = {},
): UpstreamConfiguration {
  return upstreamConfiguration.parse({ url: "http://upstream.test/mcp", ...given });
}

export function caller(id: string, given: Partial<Caller> = {}): Caller {
  return { id, scopes: [], claims: {}, ...given };
}

export const silent = pino({ level: "silent" });

export function relayContext(given: Partial<RelayContext> = {}): RelayContext {
  const { signal = new AbortController().signal } = given;
  return {
    log: silent,
    signal,
    cancellation: cancellationOf(signal),
    caller: undefined,
    callerToken: undefined,
    era: "modern",
    protocolVersion: "2026-07-28",
    clientCapabilities: {},
    carrier: {},
    progress: undefined,
    message: undefined,
    ...given,
  };
}

export function call(name: unknown, given: JsonObject = {}): RelayRequest {
  return { method: "tools/call", params: { name, ...given }, parameterHeaders: {} };
}
