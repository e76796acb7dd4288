import {
  createMcpHandler,
  type AuthInfo,
  type McpServerFactory,
  type ServerEventBus,
} from "@modelcontextprotocol/server";

/** A replica that leaves keeps its connections as long as the longest call; a stream has to end before that. */
const SHARE_OF_LONGEST_CALL = 0.9;

/** The open `subscriptions/listen` streams of a replica. */
export interface Subscriptions {
  /** Answers one; undefined where there are too many, or no more are taken. */
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
 * Serves subscriptions, each by a handler of its own: the SDK ends streams gracefully only with their handler.
 *
 * Each ends, gracefully, before the longest call would: while a replica is being drained by its load balancer nothing tells it so, and after that
 * time the balancer would cut the stream.
 */
export function createSubscriptions(
  factory: McpServerFactory,
  options: {
    readonly bus: ServerEventBus;
    /** How many may be open at once. */
    readonly most: number;
    readonly keepAliveMilliseconds: number;
    readonly longestCallSeconds: number;
    readonly onerror: (error: Error) => void;
  },
): Subscriptions {
  const open = new Set<() => Promise<void>>();
  let closed = false;
  return {
    open: (request, { onceClosed, ...requestOptions }) => {
      if (closed || open.size >= options.most) return undefined;
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
      const timer = setTimeout(
        () => void end(),
        options.longestCallSeconds * SHARE_OF_LONGEST_CALL * 1000,
      );
      open.add(end);
      onceClosed(() => void end());
      return handler.fetch(request, requestOptions);
    },
    close: async () => {
      closed = true;
      await Promise.all([...open].map((end) => end()));
    },
  };
}
