import type { ServerResponse } from "node:http";
import type { Cancel, Clock } from "../clock.ts";
import { SAMPLE_MILLISECONDS, sampled, type History } from "./client/history.ts";
import type { PageSource } from "./source.ts";

/** How often, at most, a page hears of a change. */
const PUSH_MILLISECONDS = 500;

/** How many recent events a page that opens gets. */
const RECENT_EVENTS = 200;

/** Tells open pages what happens, by server-sent events: `history`, `snapshot` when it has changed, and `events` as they come. */
export class Live {
  readonly #source: PageSource;
  readonly #clock: Clock;
  readonly #pages = new Set<ServerResponse>();
  readonly #stopEvents: Cancel;
  #stopPush: Cancel;
  #stopSamples: Cancel;
  #history: History = {};
  /** The last snapshot that was told, without its time. */
  #told = "";

  /** @param clock the machine's: how often a page hears is no modelled time. */
  constructor(source: PageSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
    this.#stopEvents = source.events((event) => {
      for (const page of this.#pages) send(page, "events", [event]);
    });
    this.#stopPush = clock.after(PUSH_MILLISECONDS, this.#push);
    this.#stopSamples = clock.after(0, this.#sample);
  }

  get pages(): number {
    return this.#pages.size;
  }

  /** Keeps an answer open and tells it everything, from what is known now on. */
  open(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream" });
    send(response, "history", this.#history);
    send(response, "events", this.#source.recentEvents().slice(-RECENT_EVENTS));
    send(response, "snapshot", this.#source.snapshot());
    this.#pages.add(response);
    response.once("close", () => {
      this.#pages.delete(response);
    });
  }

  close(): void {
    this.#stopEvents();
    this.#stopPush();
    this.#stopSamples();
    for (const page of this.#pages) page.end();
  }

  readonly #push = (): void => {
    this.#stopPush = this.#clock.after(PUSH_MILLISECONDS, this.#push);
    if (this.#pages.size === 0) return;
    const snapshot = this.#source.snapshot();
    const content = JSON.stringify({ ...snapshot, now: 0 });
    if (content === this.#told) return;
    this.#told = content;
    for (const page of this.#pages) {
      // A page that does not keep up needs the latest state, not all of them.
      if (!page.writableNeedDrain) send(page, "snapshot", snapshot);
    }
  };

  readonly #sample = (): void => {
    this.#stopSamples = this.#clock.after(SAMPLE_MILLISECONDS, this.#sample);
    this.#history = sampled(this.#history, this.#source.snapshot());
  };
}

function send(page: ServerResponse, event: string, data: unknown): void {
  page.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
