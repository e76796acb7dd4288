import { LightAbortController } from "../../cancellation.ts";
import type { CallContext } from "../../context.ts";
import type { InputRequired } from "../../input-required.ts";
import { DeadlineExceeded } from "../../limits/deadline.ts";
import type { Logger } from "../../log.ts";
import type { Answer } from "../../protocol/answer.ts";
import { isPending } from "../../protocol/eventually.ts";
import type { Exchange } from "../../protocol/exchange.ts";
import { failed, succeeded, type Ended, type Ending, type Failure } from "../../protocol/run.ts";
import type { HotCall } from "../answerer.ts";
import type { Recognised } from "../recognise.ts";
import { asked } from "./asked.ts";
import { hotContext, type ContextSource } from "./context.ts";
import { INVALID_STATE, stateOf } from "./rounds.ts";
import type { Served } from "./served.ts";

/** An author's function, and what comes of how it ends. */
export interface Work<R> {
  /** What failed, at the beginning of a sentence. */
  readonly subject: string;
  /** What is answered in the place of questions, where the protocol has no place for any. */
  readonly unasked?: R;
  start(context: CallContext, call: HotCall): R | InputRequired | PromiseLike<R | InputRequired>;
  succeed(result: R): Answer;
  fail(failure: Failure, ending: Ending): Answer;
}

/**
 * Runs an author's function under the deadline, at once where it needs no time: then there is no promise, no timer and no signal. It never
 * throws or rejects.
 */
export function perform<R>(
  served: Served,
  request: Recognised,
  call: HotCall,
  work: Work<R>,
): Answer | Promise<Answer> {
  let state: unknown;
  try {
    state = stateOf(request, call, served);
  } catch {
    return INVALID_STATE;
  }
  const running = new Running(served, request, call, work);
  try {
    const result = work.start(hotContext(running, state), call);
    return isPending(result) ? running.wait(result) : running.succeeded(result);
  } catch (error) {
    return running.failed(error);
  }
}

/** One run of a function. A class for the reason that an `OpenCall` is one. */
class Running<R> implements ContextSource, Ending {
  readonly request: Recognised;
  readonly call: HotCall;
  readonly exchange: Exchange;
  readonly #served: Served;
  readonly #work: Work<R>;
  #resolve: ((answer: Answer) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #forgetClient: (() => void) | undefined;
  /** Why it ends before its work does: its time is up, or its client has gone. */
  readonly #ending = new LightAbortController();

  constructor(served: Served, request: Recognised, call: HotCall, work: Work<R>) {
    this.request = request;
    this.call = call;
    this.exchange = call.exchange;
    this.#served = served;
    this.#work = work;
  }

  get seal(): Ending["seal"] {
    return this.#served.seal;
  }

  get callTimeoutSeconds(): number {
    return this.#served.callTimeoutSeconds;
  }

  get log(): Logger {
    return this.call.open.log;
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  isDeaf(): boolean {
    return this.#ending.aborted || this.exchange.isCongested();
  }

  succeeded(result: R | InputRequired): Answer {
    let ended: Ended<R>;
    try {
      ended = succeeded(this, this.request, this.#work.subject, result);
    } catch (error) {
      return this.failed(error);
    }
    switch (ended.kind) {
      case "result":
        return this.#work.succeed(ended.result);
      case "input required":
        return this.#work.unasked === undefined
          ? asked(this.request, ended.result, this.#served)
          : this.#work.succeed(this.#work.unasked);
      case "failure":
        return this.#work.fail(ended, this);
    }
  }

  failed(error: unknown, isCancelled = false): Answer {
    const failure = failed(this, this.request, this.#work.subject, { error, isCancelled });
    return this.#work.fail(failure, this);
  }

  /** Waits for what the function gives, until its time is up or its client has gone. */
  wait(pending: PromiseLike<R | InputRequired>): Promise<Answer> {
    const { working } = this.exchange;
    const result = Promise.resolve(pending);
    working.add(result);
    return new Promise((resolve) => {
      this.#resolve = resolve;
      result.then(
        (value) => {
          working.delete(result);
          if (this.#release()) resolve(this.succeeded(value));
        },
        (error: unknown) => {
          working.delete(result);
          if (this.#release()) resolve(this.failed(error));
        },
      );
      // What only waits for what is there already is done by then.
      process.nextTick(watch, this);
    });
  }

  /** Called where it is not done at once. */
  watch(): void {
    if (this.#resolve === undefined) return;
    const { leaving } = this.call;
    const onLeft = (): void => {
      this.#end(leaving.reason, true);
    };
    if (leaving.aborted) {
      onLeft();
      return;
    }
    this.#forgetClient = leaving.onAbort(onLeft);
    this.#timer = setTimeout(overdue, this.callTimeoutSeconds * 1000, this);
  }

  overdue(): void {
    this.#end(new DeadlineExceeded(this.callTimeoutSeconds), false);
  }

  /** Whoever waits gets this, not what the function makes of its signal. */
  #end(reason: unknown, isCancelled: boolean): void {
    const resolve = this.#resolve;
    if (resolve === undefined) return;
    this.#release();
    resolve(this.failed(reason, isCancelled));
    this.#ending.abort(reason);
  }

  /** @returns whether somebody still waited. */
  #release(): boolean {
    if (this.#resolve === undefined) return false;
    this.#resolve = undefined;
    clearTimeout(this.#timer);
    this.#forgetClient?.();
    return true;
  }
}

function watch(running: { watch(): void }): void {
  running.watch();
}

function overdue(running: { overdue(): void }): void {
  running.overdue();
}
