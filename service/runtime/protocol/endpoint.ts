import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { toNodeHandler, type NodeIncomingMessageLike } from "@modelcontextprotocol/node";
import {
  createMcpHandler,
  InMemoryServerEventBus,
  INTERNAL_ERROR,
  type AuthInfo,
  type McpServer,
  type McpServerFactory,
  type ServerNotifier,
} from "@modelcontextprotocol/server";
import type { Request as Incoming, RequestHandler, Response as Outgoing } from "express";
import { callerOf } from "../auth/index.ts";
import type { Caller } from "../caller.ts";
import type { RuntimeConfiguration } from "../configuration.ts";
import { createAdmission } from "../limits/admission.ts";
import { settledBefore } from "../limits/deadline.ts";
import type { Logger } from "../log.ts";
import type { ServerDefinition } from "../server.ts";
import type { Telemetry } from "../telemetry/instruments.ts";
import type { Contents } from "./contents.ts";
import type { Exchange } from "./exchange.ts";
import { keepAlive } from "./keep-alive.ts";
import { messageLimits, readMessage } from "./message.ts";
import { observeCalls } from "./observe.ts";
import { refuseParameters } from "./parameters.ts";
import { refusal, refuse } from "./refusal.ts";
import type { Runner } from "./run.ts";
import type { StateSeal } from "./sealed-state.ts";
import { createServer, type Challenge } from "./server.ts";
import { createSubscriptions } from "./subscriptions.ts";

const REQUEST_ID = "x-request-id";

/** Among a response's locals: whether a call was behind it, which has a line of its own in the log. */
export const CALLED = "mcpCalled";

/** The endpoint as an Express handler, and its streams. */
export interface McpEndpoint {
  readonly handle: RequestHandler;
  /** Tells subscribed clients what has changed. */
  readonly changes: ServerNotifier;
  /** Ends open subscriptions gracefully, and takes no more. Calls go on. */
  endSubscriptions(): Promise<void>;
  /** Cuts whatever is still open. */
  close(): Promise<void>;
}

/** What the guard in front of the endpoint puts on a request. */
type Authenticated = Incoming & { readonly auth?: AuthInfo };

/** What the endpoint works with. */
export interface EndpointOptions {
  readonly configuration: RuntimeConfiguration;
  readonly log: Logger;
  readonly seal: StateSeal;
  readonly challenge: Challenge;
  /** Whether a caller has these scopes. */
  readonly permits: (caller: Caller | undefined, scopes: readonly string[] | undefined) => boolean;
  readonly telemetry: Pick<Telemetry, "instruments" | "traceIdOf">;
  /** What the server offers now. */
  readonly contents: () => Contents;
}

/** Serves a definition at one endpoint, statelessly, for clients of every protocol revision that the SDK knows. */
export function createMcpEndpoint(
  definition: ServerDefinition,
  options: EndpointOptions,
): McpEndpoint {
  const { configuration, log, telemetry } = options;
  const { callTimeoutSeconds } = configuration;
  const limits = messageLimits(configuration);
  const quietMilliseconds = configuration.streamKeepAliveSeconds * 1000;
  const admission = createAdmission(configuration.maxOngoingRequests);
  const bus = new InMemoryServerEventBus();
  const onerror = (error: Error): void => {
    log.debug({ err: error }, "request not served");
  };

  /** What fails here is no client's fault, though the SDK reports it like one. */
  const created = (create: () => McpServer): McpServer => {
    try {
      return create();
    } catch (error) {
      log.error({ err: error }, "the server could not be made");
      throw error;
    }
  };
  const responses = new WeakMap<object, Outgoing>();
  const exchanges = new WeakMap<object, Exchange>();
  const factory: McpServerFactory = ({ era, authInfo, requestInfo }) => {
    const contents = options.contents();
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
    };
    const runner: Runner = {
      exchange,
      seal: options.seal,
      callTimeoutSeconds,
      permits: (scopes) => options.permits(caller, scopes),
    };
    const server = created(() => createServer(definition, contents, runner, options.challenge));
    if (requestInfo !== undefined) exchanges.set(requestInfo, exchange);
    observeCalls(server, { exchange, headers, contents, telemetry });
    return server;
  };
  const handler = createMcpHandler(factory, { bus, keepAliveMs: quietMilliseconds, onerror });
  const subscriptions = createSubscriptions(factory, {
    bus,
    keepAliveMilliseconds: quietMilliseconds,
    longestCallSeconds: callTimeoutSeconds,
    onerror,
  });

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
          const answered = takesStreams(request)
            ? await keepAlive(pending, quietMilliseconds, () => internalError(parsedBody))
            : await pending;
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
      // Behind an ALB the trace id is the id under which its access log knows the request.
      const id = traceRoot(request.headers["x-amzn-trace-id"]) ?? randomUUID();
      request.headers[REQUEST_ID] = id;
      response.set("X-Request-Id", id);

      // Not admitted before its body is here: clients that send slowly must not take the room of those that do not.
      if (admission.ongoing >= configuration.maxOngoingRequests) {
        refuse(response, "busy");
        return;
      }
      const body = await readMessage(request, response, limits);
      // The client left while its token was being checked, or its body read: nothing would tell when to give the room back.
      if (body === undefined || response.closed) return;
      const refused = refuseParameters(body.value);
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
      await serve(request, response, body.value, release);
    },
    changes: handler.notify,
    endSubscriptions: () => subscriptions.close(),
    close: async () => {
      await subscriptions.close();
      await handler.close();
    },
  };
}

/** The SDK gets the body parsed: reading and parsing it again would cost what the call costs. */
function withoutBody({ method, url, headers, auth }: Authenticated): NodeIncomingMessageLike {
  return {
    method,
    url,
    headers,
    ...(auth === undefined ? {} : { auth }),
    [Symbol.asyncIterator]: async function* () {},
  };
}

/** The header is enough: the SDK refuses requests whose body says otherwise. */
function isSubscription({ headers }: Incoming): boolean {
  return headers["mcp-method"] === "subscriptions/listen";
}

function takesStreams({ headers }: Incoming): boolean {
  return headers.accept?.includes("text/event-stream") === true;
}

function traceRoot(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? /(?:^|;)Root=([\w-]{1,64})/u.exec(header)?.[1] : undefined;
}

/** What the client is told where serving broke after its stream had begun. */
function internalError(parsedBody: unknown): unknown {
  const id =
    typeof parsedBody === "object" && parsedBody !== null && "id" in parsedBody
      ? parsedBody.id
      : null;
  return { jsonrpc: "2.0", error: { code: INTERNAL_ERROR, message: "Internal server error" }, id };
}
