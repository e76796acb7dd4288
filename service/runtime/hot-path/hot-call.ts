import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import type { Caller } from "../caller.ts";
import { LightAbortController } from "../cancellation.ts";
import { settledBefore } from "../limits/deadline.ts";
import type { Logger } from "../log.ts";
import type { Answer } from "../protocol/answer.ts";
import type { Exchange, OpenCall } from "../protocol/exchange.ts";
import { openCall, runInside, type CallScene } from "../protocol/open-call.ts";
import type { JsonObject } from "../relay.ts";
import type { Telemetry } from "../telemetry/instruments.ts";
import type { HotCall, Plan } from "./answerer.ts";
import { headersOf, statusOf, writeAnswer, type WrittenAnswer } from "./written-answer.ts";
import type { Recognised } from "./recognise.ts";
import { Reply } from "./reply.ts";

/** What answering a call on the hot path takes. */
export interface HotServing {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly recognised: Recognised;
  readonly plan: Plan;
  readonly caller: Caller | undefined;
  readonly requestId: string;
  /** Gives the room back that the call takes. */
  readonly release: () => void;
}

/** What all calls of a replica share. */
export interface HotSurroundings {
  readonly log: Logger;
  readonly telemetry: Pick<Telemetry, "instruments" | "traceIdOf">;
  readonly callTimeoutSeconds: number;
  readonly quietMilliseconds: number;
  /** Called when the connection is done with a call. */
  readonly closed: (call: ServingCall) => void;
}

/** One call that is being answered. A class for the reason that an {@link OpenCall} is one. */
export class ServingCall implements HotCall, CallScene {
  readonly open: OpenCall;
  readonly exchange: HotExchange;
  readonly telemetry: CallScene["telemetry"];
  readonly headers: IncomingHttpHeaders;
  readonly leaving = new LightAbortController();
  readonly #serving: HotServing;
  readonly #surroundings: HotSurroundings;
  readonly #reply: Reply;
  readonly #deadline: number;

  constructor(serving: HotServing, surroundings: HotSurroundings) {
    const { response, recognised, requestId } = serving;
    this.#serving = serving;
    this.#surroundings = surroundings;
    this.#deadline = performance.now() + surroundings.callTimeoutSeconds * 1000;
    this.headers = serving.request.headers;
    this.exchange = new HotExchange(serving, surroundings.log);
    this.telemetry = surroundings.telemetry;
    this.open = openCall(recognised, this);
    this.#reply = new Reply(response, requestId);
  }

  /** Answers it. It rejects where an instrument or the plan throws, which they must not. */
  async serve(): Promise<void> {
    const { response, plan } = this.#serving;
    // `once` would make another function.
    response.on("close", () => {
      this.#closed();
    });
    const answering = runInside(this.open.active, () => plan.answer(this));
    if (!(answering instanceof Promise)) {
      this.#end(answering);
      return;
    }
    this.#reply.wait(this.#surroundings.quietMilliseconds);
    this.#end(await answering);
  }

  header(name: string): string | undefined {
    const value = this.headers[name];
    return typeof value === "string" ? value : undefined;
  }

  isOffered(): boolean {
    return this.#serving.plan.isOffered;
  }

  notify(method: string, params: JsonObject): void {
    this.#reply.tell(JSON.stringify({ jsonrpc: "2.0", method, params }));
  }

  /** Ends its connection. */
  cut(): void {
    this.#serving.response.destroy();
  }

  #end(answer: Answer): void {
    const { recognised } = this.#serving;
    const { message, end } = writeAnswer(answer, recognised.id);
    this.open.end(end);
    this.#reply.end(
      message satisfies WrittenAnswer,
      statusOf(answer, recognised),
      headersOf(answer),
    );
  }

  #closed(): void {
    const { response, release } = this.#serving;
    this.#surroundings.closed(this);
    this.#reply.stop();
    this.open.end({ outcome: "cancelled" });
    if (!response.writableFinished) this.leaving.abort(new Error("The client has gone."));
    const { working } = this.exchange;
    if (working.size === 0) release();
    else void settledBefore(this.#deadline, [...working]).then(release);
  }
}

/** A class for the reason that an {@link OpenCall} is one. */
class HotExchange implements Exchange {
  readonly era: Exchange["era"];
  readonly caller: Caller | undefined;
  readonly requestId: string;
  readonly calls: Exchange["calls"] = new Map();
  readonly working: Exchange["working"] = new Set();
  called = false;
  readonly #response: ServerResponse;
  readonly #replicaLog: Logger;
  #log: Logger | undefined;

  constructor({ caller, recognised, requestId, response }: HotServing, log: Logger) {
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
