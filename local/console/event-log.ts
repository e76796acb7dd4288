import type { Cancel } from "../clock.ts";
import type { EventLine } from "../snapshot/snapshot.ts";

/** How many events are remembered. */
const MOST_EVENTS = 1000;

/** What has happened in a run, the latest of it. */
export class EventLog {
  readonly #events: EventLine[] = [];
  readonly #listeners = new Set<(event: EventLine) => void>();

  add(event: EventLine): void {
    this.#events.push(event);
    if (this.#events.length > MOST_EVENTS) this.#events.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /** Oldest first. */
  get recent(): readonly EventLine[] {
    return [...this.#events];
  }

  onEvent(listener: (event: EventLine) => void): Cancel {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
