import type { ServerEvent } from "@modelcontextprotocol/server";
import { isWanted } from "./filter.ts";
import type { ListenStream } from "./listen-stream.ts";
import { notificationOf, type Notification } from "./messages.ts";

/**
 * So many streams are written to in one turn of the event loop: a few milliseconds, so that a change that thousands are told of does not hold
 * up the calls that are open at the same time.
 */
export const WRITES_PER_TURN = 64;

/** So many are looked at, which takes as long. */
const LOOKS_PER_TURN = 64 * WRITES_PER_TURN;

/** A change that not all streams have been told of. */
interface Change {
  readonly event: ServerEvent;
  /** Counts up; streams that have seen it are not told again. */
  readonly number: number;
  /** Written down for the first stream that wants it. */
  notification: Notification | undefined;
}

/** A change that streams are being told of. */
interface Telling {
  readonly change: Change;
  readonly rest: Iterator<ListenStream>;
}

/** The changes that open streams are still to be told of, in their order, some streams in each turn. */
export class ChangeQueue {
  readonly #streams: ReadonlySet<ListenStream>;
  /** What has not begun, by what it says: saying it twice before anyone has heard it once says no more. */
  readonly #waiting = new Map<string, Change>();
  #current: Telling | undefined;
  #number = 0;
  #isScheduled = false;

  constructor(streams: ReadonlySet<ListenStream>) {
    this.#streams = streams;
  }

  /** The number of the last change. */
  get last(): number {
    return this.#number;
  }

  add(event: ServerEvent): void {
    if (this.#streams.size === 0) return;
    const key = JSON.stringify(event);
    // At the end, where it is the newest: a stream may have been opened since it was first said.
    this.#waiting.delete(key);
    this.#waiting.set(key, { event, number: ++this.#number, notification: undefined });
    this.#schedule();
  }

  /** Tells a stream of all that it has not been told of yet. */
  catchUp(stream: ListenStream): void {
    if (this.#current !== undefined) tell(stream, this.#current.change);
    for (const change of this.#waiting.values()) tell(stream, change);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#isScheduled = false;
    let writes = 0;
    for (let looks = 0; looks < LOOKS_PER_TURN && writes < WRITES_PER_TURN; looks++) {
      const current = (this.#current ??= this.#next());
      if (current === undefined) return;
      const next = current.rest.next();
      if (next.done === true) this.#current = undefined;
      else if (tell(next.value, current.change)) writes++;
    }
    this.#schedule();
  };

  #next(): Telling | undefined {
    for (const [key, change] of this.#waiting) {
      this.#waiting.delete(key);
      return { change, rest: this.#streams.values() };
    }
    return undefined;
  }
}

/** @returns whether the stream wanted to know. */
function tell(stream: ListenStream, change: Change): boolean {
  if (stream.seen >= change.number) return false;
  stream.seen = change.number;
  if (!isWanted(stream.wanted, change.event)) return false;
  stream.tell((change.notification ??= notificationOf(change.event)));
  return true;
}
