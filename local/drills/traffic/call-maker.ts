import type { Attempt, ClientKind } from "./attempt.ts";
import { HttpClient, type Exchange } from "./client.ts";
import { newTraceRoot, toolCall, type Era } from "./message.ts";
import { repeatAfter } from "./repetition.ts";
import type { TrafficSettings } from "./wire.ts";

/** Makes calls, half of them as a plain client and half as one that repeats, half in the older era and half in the newer. */
export class CallMaker {
  readonly #settings: TrafficSettings;
  readonly #onAttempt: (attempt: Attempt) => void;
  readonly #clients: Readonly<Record<ClientKind, HttpClient>>;
  /** What is under way or waits for its next attempt. */
  readonly #ongoing = new Map<number, Attempt>();
  readonly #waits = new Map<number, NodeJS.Timeout>();
  #calls = 0;
  #onIdle: () => void = () => undefined;

  constructor(settings: TrafficSettings, onAttempt: (attempt: Attempt) => void) {
    const { destination, options } = settings;
    this.#settings = settings;
    this.#onAttempt = onAttempt;
    this.#clients = {
      plain: new HttpClient(destination, options),
      retrying: new HttpClient(destination, options),
    };
  }

  set token(token: string | undefined) {
    for (const client of Object.values(this.#clients)) client.token = token;
  }

  begin(): void {
    const call = this.#calls++;
    // At random: taking turns would fall in step with a balancer that takes turns, too.
    const client = Math.random() < 0.5 ? "plain" : "retrying";
    const era = Math.random() < 0.5 ? "2026-07-28" : "2025-11-25";
    void this.#attempt(call, client, era, 1);
  }

  /** Lets what is under way finish for a while; what has no answer then has failed. */
  async end(graceMilliseconds: number): Promise<void> {
    if (this.#ongoing.size > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
        timer = setTimeout(resolve, graceMilliseconds);
      });
      clearTimeout(timer);
    }
    for (const wait of this.#waits.values()) clearTimeout(wait);
    const unanswered = [...this.#ongoing.values()];
    this.#ongoing.clear();
    for (const attempt of unanswered) this.#onAttempt({ ...attempt, endedAt: now() });
    await Promise.all(Object.values(this.#clients).map((client) => client.close()));
  }

  async #attempt(call: number, kind: ClientKind, era: Era, number: number): Promise<void> {
    const { name, input, repeatable } = this.#settings.tool;
    const startedAt = now();
    const begun: Attempt = {
      call,
      client: kind,
      era,
      number,
      last: true,
      repeatable,
      traceId: newTraceRoot(startedAt / 1000),
      startedAt,
      endedAt: startedAt,
      status: 0,
      sent: true,
      retryAfter: undefined,
      problem: "no answer at the end of the drill",
    };
    this.#ongoing.set(call, begun);
    const exchange = await this.#clients[kind].send(toolCall(era, name, input), begun.traceId);
    // Told as unanswered already.
    if (!this.#ongoing.has(call)) return;
    const delay = kind === "plain" ? undefined : nextAttempt(number, exchange, repeatable);
    const { status, sent, retryAfter, problem } = exchange;
    const last = delay === undefined;
    const ended = { ...begun, endedAt: now(), status, sent, retryAfter, problem, last };
    this.#onAttempt(ended);
    if (delay === undefined) {
      this.#ongoing.delete(call);
      if (this.#ongoing.size === 0) this.#onIdle();
      return;
    }
    // Should the drill end before the next one: not sent, so in no record of the load balancer.
    this.#ongoing.set(call, {
      ...ended,
      number: number + 1,
      traceId: "",
      startedAt: ended.endedAt,
      sent: false,
      last: true,
    });
    this.#waits.set(
      call,
      setTimeout(() => {
        this.#waits.delete(call);
        void this.#attempt(call, kind, era, number + 1);
      }, delay),
    );
  }
}

function nextAttempt(number: number, exchange: Exchange, repeatable: boolean): number | undefined {
  if (exchange.problem === undefined) return undefined;
  return repeatAfter(number, exchange, repeatable, Math.random());
}

/** Milliseconds since 1970 that are comparable between threads and never jump. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
