import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { toNodeHandler } from "@modelcontextprotocol/node";
import {
  createMcpHandler,
  InMemoryServerEventBus,
  type McpServerFactory,
  type ServerNotifier,
} from "@modelcontextprotocol/server";
import type { Request as Incoming, RequestHandler, Response as Outgoing } from "express";
import { callerOf } from "../auth/index.ts";
import type { RuntimeConfiguration } from "../configuration.ts";
import type { Answerer } from "../hot-path/answerer.ts";
import { contentsAnswerers } from "../hot-path/contents-answerer.ts";
import { createFront, type Front, type FrontOptions } from "../hot-path/front.ts";
import { createHotPath } from "../hot-path/index.ts";
import { relayAnswerers } from "../hot-path/relay-answerer.ts";
import { createAdmission } from "../limits/admission.ts";
import { settledBefore } from "../limits/deadline.ts";
import type { Logger } from "../log.ts";
import type { ServerDefinition } from "../server.ts";
import { describeServer } from "../subscriptions/described-server.ts";
import type { Telemetry } from "../telemetry/instruments.ts";
import type { Exchange } from "./exchange.ts";
import {
  internalError,
  isSubscription,
  requestIdOf,
  takesStreams,
  withoutBody,
  type Authenticated,
} from "./incoming.ts";
import { isStream, keepAlive } from "./keep-alive.ts";
import { makeServer, type ServerParts } from "./make-server.ts";
import { messageLimits, readMessage } from "./message.ts";
import { observeCalls } from "./observe.ts";
import { prepareOffers } from "./prepare-offers.ts";
import { refuseParameters } from "./parameters.ts";
import { withoutPrefix, type NamingMethod } from "./tool-prefix.ts";
import { refusal, refuse } from "./refusal.ts";
import { withRefusal } from "./relay-status.ts";
import { createSubscriptions } from "./subscriptions.ts";
import { resourcesIn, watchedResources } from "./watched-resources.ts";

const REQUEST_ID = "x-request-id";

/** Among a response's locals: whether a call was behind it, which has a line of its own in the log. */
export const CALLED = "mcpCalled";

/** Among a response's locals: whether names in its request may have the prefix of a gateway. */
export const DIRECT = "mcpDirect";

/** The endpoint as an Express handler, and its streams. */
export interface McpEndpoint {
  readonly handle: RequestHandler;
  /** Answers the most common requests before a router looks at them. */
  readonly front: Front;
  /** Tells subscribed clients what has changed. */
  readonly changes: ServerNotifier;
  /** Ends open subscriptions gracefully, and takes no more. Calls go on. */
  endSubscriptions(): Promise<void>;
  /** Cuts whatever is still open. */
  close(): Promise<void>;
}

/** What the endpoint works with. */
export interface EndpointOptions extends ServerParts {
  readonly configuration: RuntimeConfiguration;
  readonly log: Logger;
  readonly telemetry: Pick<Telemetry, "instruments" | "traceIdOf">;
  /** Whether common requests are answered in front of the SDK, which tests compare with how it answers them. Default: yes. */
  readonly hotPath?: boolean;
}

/** Serves a definition at one endpoint, statelessly, for clients of every protocol revision that the SDK knows. */
export function createMcpEndpoint(
  definition: ServerDefinition,
  options: EndpointOptions,
): McpEndpoint {
  const { configuration, log, telemetry } = options;
  const { callTimeoutSeconds } = configuration;
  const { announcesChanges = false } = definition;
  const limits = messageLimits(configuration);
  const quietMilliseconds = configuration.streamKeepAliveSeconds * 1000;
  const admission = createAdmission(configuration.maxOngoingRequests);
  const bus = new InMemoryServerEventBus();
  const onerror = (error: Error): void => {
    log.debug({ err: error }, "request not served");
  };

  const responses = new WeakMap<object, Outgoing>();
  const exchanges = new WeakMap<object, Exchange>();
  const factory: McpServerFactory = ({ era, authInfo, requestInfo }) => {
    const headers = requestInfo?.headers ?? new Headers();
    const requestId = headers.get(REQUEST_ID) ?? randomUUID();
    const caller = callerOf(authInfo);
    const response = requestInfo === undefined ? undefined : responses.get(requestInfo);
    const exchange: Exchange = {
      era,
      caller,
      requestId,
      log: log.child({ requestId }),
      calls: new Map(),
      working: new Set(),
      isCongested: () => response?.writableNeedDrain === true,
      called: false,
      ...(options.relay?.() === undefined ? {} : { refusal: Promise.withResolvers() }),
    };
    const made = makeServer(definition, options, { exchange, headers, callTimeoutSeconds });
    if (requestInfo !== undefined) exchanges.set(requestInfo, exchange);
    observeCalls(made.server, {
      exchange,
      header: (name) => headers.get(name) ?? undefined,
      isOffered: made.isOffered,
      telemetry,
    });
    return made.server;
  };
  const handler = createMcpHandler(factory, { bus, keepAliveMs: quietMilliseconds, onerror });
  const watched = watchedResources((uris) => {
    try {
      options.relay?.()?.watchResources?.(uris);
    } catch (error) {
      log.error({ err: error }, "the relay could not be told which resources are watched");
    }
  });
  const subscriptions = createSubscriptions(factory, {
    bus,
    most: configuration.maxSubscriptions,
    keepAliveMilliseconds: quietMilliseconds,
    longestCallSeconds: callTimeoutSeconds,
    watched,
    describe: (caller) =>
      options.hotPath === false ? undefined : describeServer(definition, options, caller),
    onerror,
  });

  const relayAnswerer = relayAnswerers(definition, callTimeoutSeconds);
  const contentsAnswerer = contentsAnswerers(definition, options, callTimeoutSeconds);
  const answerer = (): Answerer | undefined => {
    const relay = options.relay?.();
    return relay === undefined ? contentsAnswerer(options.contents()) : relayAnswerer(relay);
  };
  const hotPath = createHotPath({
    answerer,
    isUsed: options.hotPath !== false,
    callTimeoutSeconds,
    quietMilliseconds,
    log,
    telemetry,
  });
  const prepare: FrontOptions["prepare"] = (message, { headers }, caller) =>
    prepareOffers(options.relay?.(), message, caller, headers);
  const isFull = (): boolean => admission.ongoing >= configuration.maxOngoingRequests;
  const front = createFront({ hotPath, admission, isFull, limits, prepare });

  /** What a client of a gateway asks, in the words of this server's own clients. */
  const asOwn = (body: unknown, { auth, headers }: Incoming & Authenticated): unknown => {
    if (configuration.direct === undefined) return body;
    const names = (method: NamingMethod): readonly string[] => {
      try {
        const offers = options.relay?.()?.offers(callerOf(auth)) ?? options.contents();
        const parts: readonly { readonly name?: unknown }[] =
          method === "tools/call" ? offers.tools : offers.prompts;
        return parts.map(({ name }) => String(name));
      } catch {
        // What answers the call meets the same failure, and knows how to say so.
        return [];
      }
    };
    return withoutPrefix(body, headers, configuration.direct.prefix, names);
  };

  /** Hands a request whose body is known to the SDK, and its response to the client. */
  const serve = async (
    request: Incoming,
    response: Outgoing,
    parsedBody: unknown,
    release: () => void,
  ): Promise<void> => {
    const deadline = performance.now() + callTimeoutSeconds * 1000;
    const head = { isRead: false };
    const bridge = toNodeHandler(
      {
        fetch: async (webRequest, given) => {
          const served = { ...given, parsedBody };
          head.isRead = true;
          responses.set(webRequest, response);
          response.once("close", () => {
            const working = exchanges.get(webRequest)?.working ?? [];
            void settledBefore(deadline, [...working]).then(release);
          });
          const pending = isSubscription(request)
            ? subscriptions.open(webRequest, {
                ...served,
                onceClosed: (listener) => response.once("close", listener),
              })
            : handler.fetch(webRequest, served);
          if (pending === undefined) return refusal("no subscriptions");
          const settled =
            Array.isArray(parsedBody) || isSubscription(request)
              ? pending
              : withRefusal(pending, () => exchanges.get(webRequest)?.refusal?.promise);
          const answered = takesStreams(request)
            ? await keepAlive(settled, quietMilliseconds, () => internalError(parsedBody))
            : await settled;
          if (
            isSubscription(request) &&
            announcesChanges &&
            isStream(answered) &&
            !response.closed
          ) {
            const uris = resourcesIn(parsedBody);
            watched.add(uris);
            response.once("close", () => {
              watched.remove(uris);
            });
          }
          response.locals[CALLED] = exchanges.get(webRequest)?.called === true;
          // The SDK's streams say `keep-alive`, which would outweigh what Node says of a connection that is about to close.
          answered.headers.delete("Connection");
          return answered;
        },
      },
      { onerror },
    );
    await bridge(withoutBody(request), response);
    // The SDK could not even read the head of the request.
    if (!head.isRead) release();
  };

  return {
    handle: async (request, response) => {
      const id = requestIdOf(request);
      request.headers[REQUEST_ID] = id;
      response.set("X-Request-Id", id);

      // Not admitted before its body is here: clients that send slowly must not take the room of those that do not.
      if (isFull()) {
        refuse(response, "busy");
        return;
      }
      const body = await readMessage(request, response, limits);
      // The client left while its token was being checked, or its body read: nothing would tell when to give the room back.
      if (body === undefined || response.closed) return;
      const value = response.locals[DIRECT] === true ? asOwn(body.value, request) : body.value;
      const refused = refuseParameters(value);
      if (refused !== undefined) {
        response.json(refused);
        return;
      }
      const release = admission.admit(body.weight);
      if (release === undefined) {
        refuse(response, "busy");
        return;
      }
      if (isSubscription(request)) {
        // It does no work while it is open.
        release();
        const opened = performance.now();
        response.once("close", () => {
          const durationMilliseconds = Math.round(performance.now() - opened);
          log.info({ requestId: id, durationMilliseconds }, "subscription ended");
        });
      }
      const { auth } = request as Authenticated;
      const caller = callerOf(auth);
      const preparing = prepare(value, request, caller);
      if (preparing !== undefined) {
        await preparing;
        if (hasLeft(response)) {
          release();
          return;
        }
      }
      if (isSubscription(request) && subscriptions.take(request, response, value, caller)) return;
      // What says that it is a subscription has no room of its own, whatever else it is.
      const recognised = isSubscription(request)
        ? undefined
        : hotPath.recognise(request, value, body.argumentsText);
      if (
        recognised !== undefined &&
        hotPath.take({ request, response, recognised, caller, requestId: id, release })
      ) {
        response.locals[CALLED] = true;
        return;
      }
      await serve(request, response, value, release);
    },
    front,
    changes: handler.notify,
    endSubscriptions: () => subscriptions.close(),
    close: async () => {
      hotPath.close();
      await subscriptions.close();
      await handler.close();
    },
  };
}

/** A client may leave at any time, which the compiler does not know of a property that it has read before. */
function hasLeft({ closed }: Outgoing): boolean {
  return closed;
}
