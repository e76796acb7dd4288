import type { JsonObject, RelayContext, RelayRequest } from "../../runtime/relay.ts";

/** What an upstream offers, as it lists it: own names, own order. */
export interface UpstreamListing {
  readonly tools: readonly JsonObject[];
  readonly resources: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
  readonly prompts: readonly JsonObject[];
  readonly completions: boolean;
  readonly instructions?: string;
  /** The least of what its lists say. */
  readonly ttlMilliseconds: number;
  /** `private` if one of its lists is: then it belongs to the caller that asked. */
  readonly cacheScope: "public" | "private";
}

/** What of an upstream has changed. */
export type UpstreamChange =
  { readonly kind: "listing" } | { readonly kind: "resource"; readonly uri: string };

/** How an upstream is, for `/readyz`, metrics and the page. */
export interface UpstreamState {
  readonly breaker: "closed" | "open" | "half-open";
  readonly era: "modern" | "legacy" | "http" | undefined;
  /** Addresses that answer now, and all that are known. */
  readonly healthyAddresses: number;
  readonly addresses: number;
}

/** What an upstream gets to know of a call. */
export type UpstreamContext = Omit<RelayContext, "log" | "signal">;

/** One server behind the gateway. */
export interface Upstream {
  readonly name: string;
  readonly state: UpstreamState;
  /**
   * Asks for everything that it offers. @param context undefined for the gateway's own question; else that of the caller, whose own list it is.
   * @throws {RelayError} where it does not answer.
   */
  list(
    signal: AbortSignal,
    context: Pick<RelayContext, "caller" | "callerToken" | "carrier"> | undefined,
  ): Promise<UpstreamListing>;
  /**
   * Passes a request on: names are the upstream's own. It is tried again, elsewhere, only where nothing can have run yet or `repeatable` says so.
   *
   * @throws {RelayError}
   */
  send(
    request: RelayRequest,
    context: UpstreamContext,
    limits: { readonly timeoutMilliseconds: number; readonly repeatable: boolean },
  ): Promise<JsonObject>;
  /** Hears of changes as far as the upstream tells them; returns what ends it. */
  onChange(listener: (change: UpstreamChange) => void): () => void;
  /** The resources whose changes are wanted from now on. */
  watchResources(uris: ReadonlySet<string>): void;
  /** Lets calls end, then closes what is open. */
  close(): Promise<void>;
}
