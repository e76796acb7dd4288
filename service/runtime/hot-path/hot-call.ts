import { performance } from "node:perf_hooks";
import type { Request as Incoming, Response as Outgoing } from "express";
import type { Caller } from "../caller.ts";
import { settledBefore } from "../limits/deadline.ts";
import type { Logger } from "../log.ts";
import { UNWRITABLE, type Answer } from "../protocol/answer.ts";
import type { Exchange, OpenCall } from "../protocol/exchange.ts";
import { openCall, runInside } from "../protocol/open-call.ts";
import { RETRY_AFTER_SECONDS } from "../protocol/refusal.ts";
import type { Telemetry } from "../telemetry/instruments.ts";
import type { HotCall, Plan } from "./answerer.ts";
import type { Recognised } from "./recognise.ts";
import { Reply } from "./reply.ts";

/** The code with which 2026-07-28 says that a client lacks a capability; it comes with HTTP 400. */
const MISSING_CAPABILITY = -32_021;

/** What answering a call on the hot path takes. */
export interface HotServing {
  readonly request: Incoming;
  readonly response: Outgoing;
  readonly recognised: Recognised;
  readonly plan: Plan;
  readonly caller: Caller | undefined;
  readonly requestId: string;
  /** Gives the room back that the call takes. */
  readonly release: () => void;
  readonly log: Logger;
  readonly telemetry: Pick<Telemetry, "instruments" | "traceIdOf">;
  readonly callTimeoutSeconds: number;
  readonly quietMilliseconds: number;
}

/** Answers one call. It rejects where an instrument or the plan throws, which they must not. */
export async function serveHotCall(serving: HotServing): Promise<void> {
  const { request, response, recognised, plan, quietMilliseconds } = serving;
  const { headers } = request;
  const deadline = performance.now() + serving.callTimeoutSeconds * 1000;
  const exchange = new HotExchange(serving);
  const open = openCall(recognised, {
    exchange,
    header: (name) => {
      const value = headers[name];
      return typeof value === "string" ? value : undefined;
    },
    isOffered: () => plan.isOffered,
    telemetry: serving.telemetry,
  });
  const leaving = new AbortController();
  const reply = new Reply(response, quietMilliseconds);
  response.once("close", () => {
    reply.stop();
    open.end({ outcome: "cancelled" });
    if (!response.writableFinished) leaving.abort();
    if (exchange.working.size === 0) serving.release();
    else void settledBefore(deadline, [...exchange.working]).then(serving.release);
  });
  const call: HotCall = {
    open,
    exchange,
    headers,
    signal: leaving.signal,
    notify: (method, params) => {
      reply.tell(JSON.stringify({ jsonrpc: "2.0", method, params }));
    },
  };
  const answering = runInside(open.active, () => plan.answer(call));
  const answer = answering instanceof Promise ? await answering : answering;
  const { message, end } = written(answer, recognised.id);
  open.end(end);
  reply.end(message, statusOf(answer, recognised), retryAfter(answer));
}

type End = Parameters<OpenCall["end"]>[0];

/** The answer as the client gets it, and what the instruments are told. */
function written(
  answer: Answer,
  id: string | number,
): { readonly message: string; readonly end: End } {
  if (answer.kind === "text")
    return { message: rpc(id, "result", answer.result), end: { outcome: "ok" } };
  const { outcome } = answer;
  try {
    if (answer.kind === "result")
      return { message: rpc(id, "result", JSON.stringify(answer.result)), end: { outcome } };
    const { error, cause } = answer;
    return {
      message: rpc(id, "error", JSON.stringify(error)),
      end: { outcome, errorCode: error.code, ...(cause === undefined ? {} : { error: cause }) },
    };
  } catch (error) {
    // Only what is no JSON cannot be written down.
    return {
      message: rpc(id, "error", JSON.stringify(UNWRITABLE)),
      end: { outcome: "internal_error", errorCode: UNWRITABLE.code, error },
    };
  }
}

function rpc(id: string | number, name: "result" | "error", text: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"${name}":${text}}`;
}

function statusOf(answer: Answer, { era }: Recognised): number {
  if (answer.kind !== "error") return 200;
  return era === "modern" && answer.error.code === MISSING_CAPABILITY ? 400 : answer.status;
}

const NO_HEADERS = {};
const RETRY_AFTER = { "Retry-After": RETRY_AFTER_SECONDS };

function retryAfter(answer: Answer): Readonly<Record<string, string>> {
  return answer.kind === "error" && answer.status === 503 ? RETRY_AFTER : NO_HEADERS;
}

/** A class for the reason that an {@link OpenCall} is one. */
class HotExchange implements Exchange {
  readonly era: Exchange["era"];
  readonly caller: Caller | undefined;
  readonly requestId: string;
  readonly calls: Exchange["calls"] = new Map();
  readonly working: Exchange["working"] = new Set();
  called = false;
  readonly #response: Outgoing;
  readonly #replicaLog: Logger;
  #log: Logger | undefined;

  constructor({ caller, recognised, requestId, log, response }: HotServing) {
    this.era = recognised.era;
    this.caller = caller;
    this.requestId = requestId;
    this.#response = response;
    this.#replicaLog = log;
  }

  isCongested(): boolean {
    return this.#response.writableNeedDrain;
  }

  get log(): Logger {
    return (this.#log ??= this.#replicaLog.child({ requestId: this.requestId }));
  }
}
