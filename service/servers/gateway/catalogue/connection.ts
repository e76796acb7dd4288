import type { Logger } from "pino";
import type { Clock } from "../../../runtime/telemetry/clock.ts";
import type { Upstream } from "../upstream.ts";
import type { UpstreamConfiguration } from "../upstream-configuration.ts";
import { keepCallerListings, type CallerListings } from "./caller-listings.ts";
import { keepOwnListing, type OwnListing } from "./own-listing.ts";

/** Callers are told no more often that what an upstream lists to them may have changed, in milliseconds. */
const SHORTEST_PERIOD_MILLISECONDS = 1000;

/** Makes the client of one upstream. */
export type CreateUpstream = (name: string, configuration: UpstreamConfiguration) => Upstream;

/** What everything about upstreams works with. */
export interface CatalogueSurroundings {
  readonly createUpstream: CreateUpstream;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly log: Logger;
  /** For how long an upstream that is gone stays listed. */
  readonly graceMilliseconds: number;
}

/** One upstream that is asked, and what it has listed. */
export interface Connection {
  readonly upstream: Upstream;
  /** What it lists to the gateway; undefined where it knows callers alone (token exchange). */
  readonly own: OwnListing | undefined;
  readonly callers: CallerListings;
  /** Lets calls end, then closes it. Never rejects. */
  close(): Promise<void>;
}

/** What a connection tells. */
export interface ConnectionListener {
  /** The upstream has been asked for its lists. */
  answered(): void;
  /** What it lists to a caller has become something else. */
  callerChanged(): void;
  resourceChanged(uri: string): void;
}

export function connect(
  name: string,
  configuration: UpstreamConfiguration,
  { createUpstream, clock, random, log, graceMilliseconds }: CatalogueSurroundings,
  listener: ConnectionListener,
): Connection {
  const upstream = createUpstream(name, configuration);
  const callers = keepCallerListings({
    upstream,
    clock,
    log,
    graceMilliseconds,
    changed: () => {
      listener.callerChanged();
    },
  });
  const own =
    configuration.auth.mode === "token-exchange"
      ? undefined
      : keepOwnListing({
          upstream,
          clock,
          random,
          log,
          answered: () => {
            listener.answered();
            tellCallers();
          },
        });
  let hasChanged = false;
  let cancelTelling: (() => void) | undefined;
  /**
   * Tells those whose lists are theirs alone. What everybody sees is told where it has become something else, and not before it has: whoever asked
   * at once would get the old list again, and keep it.
   */
  const tellCallers = (): void => {
    if (!hasChanged) return;
    hasChanged = false;
    if (own === undefined || own.kept?.listing.cacheScope === "private") listener.callerChanged();
  };
  /** Without a listing of the gateway's own, whose questions have their pace, there is none for what an upstream tells but this. */
  const tellInTime = (): void => {
    if (cancelTelling !== undefined) return;
    tellCallers();
    cancelTelling = clock.after(SHORTEST_PERIOD_MILLISECONDS, () => {
      cancelTelling = undefined;
      if (hasChanged) tellInTime();
    });
  };
  const endChanges = upstream.onChange((change) => {
    if (change.kind === "resource") {
      listener.resourceChanged(change.uri);
      return;
    }
    callers.outdate();
    hasChanged = true;
    if (own === undefined) tellInTime();
  });
  return {
    upstream,
    own,
    callers,
    close: async () => {
      endChanges();
      cancelTelling?.();
      own?.close();
      callers.close();
      try {
        await upstream.close();
      } catch (error) {
        log.warn({ upstream: name, err: error }, "an upstream could not be closed");
      }
    },
  };
}

/** What of a configuration only another client can take up; the rest applies to the one that is there. */
export function isSameConnection(
  left: UpstreamConfiguration,
  right: UpstreamConfiguration,
): boolean {
  return connectionPart(left) === connectionPart(right);
}

function connectionPart(configuration: UpstreamConfiguration): string {
  const { kind, url, discovery, auth, maxOngoingRequests, tools, documentUrl } = configuration;
  return JSON.stringify([
    kind,
    url,
    discovery,
    sorted(auth),
    maxOngoingRequests,
    tools,
    documentUrl,
  ]);
}

function sorted(object: object): unknown {
  return Object.entries(object).sort(([left], [right]) => (left < right ? -1 : 1));
}
