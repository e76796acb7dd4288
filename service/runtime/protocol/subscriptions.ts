import {
  createMcpHandler,
  type AuthInfo,
  type McpServerFactory,
  type ServerEventBus,
} from "@modelcontextprotocol/server";
import type { Request as Incoming, Response as Outgoing } from "express";
import type { Caller } from "../caller.ts";
import type { DescribedServer } from "../subscriptions/described-server.ts";
import { ListenStreams } from "../subscriptions/listen-streams.ts";
import { recogniseListen } from "../subscriptions/recognise-listen.ts";
import { refuse } from "./refusal.ts";
import type { WatchedResources } from "./watched-resources.ts";

/** A replica that leaves keeps its connections as long as the longest call; a stream has to end before that. */
const SHARE_OF_LONGEST_CALL = 0.9;

/** What subscriptions are served with. */
export interface SubscriptionsOptions {
  readonly bus: ServerEventBus;
  /** How many may be open at once. */
  readonly most: number;
  readonly keepAliveMilliseconds: number;
  readonly longestCallSeconds: number;
  readonly watched: WatchedResources;
  /** What the server says of itself to a caller; undefined where all subscriptions go to the SDK. */
  readonly describe: (caller: Caller | undefined) => DescribedServer | undefined;
  readonly onerror: (error: Error) => void;
}

/** The open `subscriptions/listen` streams of a replica. */
export interface Subscriptions {
  /** Answers a request that it knows in every field. @returns false where it does not: nothing has happened then. */
  take(request: Incoming, response: Outgoing, body: unknown, caller: Caller | undefined): boolean;
  /** Has the SDK answer one; undefined where there are too many, or no more are taken. */
  open(
    request: Request,
    options: {
      readonly authInfo?: AuthInfo;
      readonly parsedBody: unknown;
      /** Calls back when the connection of the request is done with it. */
      readonly onceClosed: (listener: () => void) => void;
    },
  ): Promise<Response> | undefined;
  /** Ends all of them gracefully, and takes no more: clients subscribe again, elsewhere. */
  close(): Promise<void>;
}

/**
 * Serves subscriptions: those that are known in every field by itself, since a stream of the SDK costs several times the memory of its
 * connection, and all others each by an SDK handler of its own, since the SDK ends streams gracefully only with their handler.
 *
 * Each ends, gracefully, before the longest call would: while a replica is being drained by its load balancer nothing tells it so, and after that
 * time the balancer would cut the stream.
 */
export function createSubscriptions(
  factory: McpServerFactory,
  options: SubscriptionsOptions,
): Subscriptions {
  const lifetimeMilliseconds = options.longestCallSeconds * SHARE_OF_LONGEST_CALL * 1000;
  const streams = new ListenStreams({
    quietMilliseconds: options.keepAliveMilliseconds,
    lifetimeMilliseconds,
    watched: options.watched,
  });
  options.bus.subscribe((event) => {
    streams.publish(event);
  });
  const open = new Set<() => Promise<void>>();
  let closed = false;
  const isFull = (): boolean => closed || open.size + streams.size >= options.most;
  return {
    take: (request, response, body, caller) => {
      const listen = recogniseListen(request.headers, body);
      if (listen === undefined) return false;
      const server = described(options, caller);
      if (server === undefined) return false;
      if (isFull()) {
        refuse(response, "no subscriptions");
        return true;
      }
      // What Express keeps to go on with is more than all that is kept here of a stream. (`delete` would cost more than it gives back.)
      Object.assign(request, { next: undefined });
      streams.open(response, listen, server);
      return true;
    },
    open: (request, { onceClosed, ...requestOptions }) => {
      if (isFull()) return undefined;
      const handler = createMcpHandler(factory, {
        legacy: "reject",
        bus: options.bus,
        keepAliveMs: options.keepAliveMilliseconds,
        onerror: options.onerror,
      });
      const end = async (): Promise<void> => {
        clearTimeout(timer);
        open.delete(end);
        await handler.close();
      };
      const timer = setTimeout(() => void end(), lifetimeMilliseconds);
      open.add(end);
      onceClosed(() => void end());
      return handler.fetch(request, requestOptions);
    },
    close: async () => {
      closed = true;
      await Promise.all([streams.close(), ...[...open].map((end) => end())]);
    },
  };
}

function described(
  { describe }: SubscriptionsOptions,
  caller: Caller | undefined,
): DescribedServer | undefined {
  try {
    return describe(caller);
  } catch {
    // The SDK's way meets the same failure, and knows how to say so.
    return undefined;
  }
}
