import type { IncomingMessage, ServerResponse } from "node:http";
import type { Identity } from "../auth/index.ts";
import type { Admission } from "../limits/admission.ts";
import { collectBody, type Body } from "../limits/body.ts";
import { parseJson } from "../limits/json.ts";
import { isSubscription, requestIdOf } from "../protocol/incoming.ts";
import { handOn, type MessageLimits } from "../protocol/message.ts";
import type { HotPath } from "./index.ts";

/** One way to the endpoint. */
export interface FrontDoor {
  /** Whether a `Host` header names this server; asked for each request. */
  isHostAllowed(host: string): boolean;
  /** Who sends a request; undefined where that takes time, or an answer. */
  identify(request: IncomingMessage): Identity | undefined;
}

/** What the front works with. */
export interface FrontOptions {
  readonly hotPath: HotPath;
  readonly admission: Admission;
  /** Whether no call would be admitted, so that no body needs to be waited for. */
  readonly isFull: () => boolean;
  readonly limits: MessageLimits;
  /** Has what a request depends on found out; undefined where nothing has to be. */
  readonly prepare: (
    message: unknown,
    request: IncomingMessage,
    caller: Identity["caller"],
  ) => Promise<void> | undefined;
}

/** Takes whatever is not answered here, perhaps with what was read of it. */
export type Onward = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers what is right in every respect before a router and its handlers look at it, and leaves everything else to them. */
export interface Front {
  handle(door: FrontDoor, request: IncomingMessage, response: ServerResponse, next: Onward): void;
}

export function createFront({ hotPath, admission, isFull, limits, prepare }: FrontOptions): Front {
  /** @returns whether it is, or will be, answered here. */
  const answer = (
    { request, response, caller }: Received,
    bytes: Buffer,
  ): boolean | Promise<boolean> => {
    const parsed = parseJson(bytes, limits.json);
    if (parsed.kind !== "message") return false;
    const recognised = hotPath.recognise(request, parsed.message, parsed.argumentsText);
    if (recognised === undefined) return false;
    const release = admission.admit();
    if (release === undefined) return false;
    const take = (): boolean => {
      const requestId = requestIdOf(request);
      const isTaken =
        response.closed ||
        hotPath.take({ request, response, recognised, caller, requestId, release });
      if (!isTaken || response.closed) release();
      return isTaken;
    };
    const preparing = prepare(recognised, request, caller);
    return preparing === undefined ? take() : preparing.then(take);
  };

  return {
    handle: (door, request, response, next) => {
      const identity =
        isPlain(request, limits.bodyBytes) && !isFull() && isForHere(door, request)
          ? door.identify(request)
          : undefined;
      if (identity === undefined) {
        next(request, response);
        return;
      }
      const received = { request, response, caller: identity.caller };
      collectBody(request, limits.bodyBytes, limits.bodyRoom, (body: Body) => {
        if (body.kind === "left") return;
        const settle = (isAnswered: boolean): void => {
          if (isAnswered) return;
          handOn(request, body);
          next(request, response);
        };
        const answered = body.kind === "read" && answer(received, body.bytes);
        if (typeof answered === "boolean") settle(answered);
        else void answered.then(settle);
      });
    },
  };
}

function isForHere(door: FrontDoor, { headers: { host } }: IncomingMessage): boolean {
  return host !== undefined && door.isHostAllowed(host);
}

interface Received {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Identity["caller"];
}

/** Whether nothing about a request asks for more than reading it: it comes from no browser, says how long it is, and is that long at most. */
function isPlain(request: IncomingMessage, mostBytes: number): boolean {
  const { method, headers } = request;
  const length = headers["content-length"];
  return (
    method === "POST" &&
    headers.origin === undefined &&
    headers.expect === undefined &&
    headers["transfer-encoding"] === undefined &&
    length !== undefined &&
    Number(length) <= mostBytes &&
    !isSubscription(request)
  );
}
