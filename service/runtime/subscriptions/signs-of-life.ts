import type { ListenStream } from "./listen-stream.ts";

/** Streams are commented on in so many groups, one after the other, so that thousands are not written to at once. */
const GROUPS = 16;

/** Says something on each stream in regular intervals, with one timer for all of them. */
export class SignsOfLife {
  readonly #interval: number;
  readonly #gone: (stream: ListenStream) => void;
  readonly #groups = Array.from({ length: GROUPS }, () => new Set<ListenStream>());
  readonly #groupOf = new Map<ListenStream, Set<ListenStream>>();
  #next = 0;
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param milliseconds the longest that a stream says nothing.
   * @param gone called with a stream whose client has left without a word about it.
   */
  constructor(milliseconds: number, gone: (stream: ListenStream) => void) {
    this.#interval = milliseconds / GROUPS;
    this.#gone = gone;
  }

  add(stream: ListenStream): void {
    const group = this.#groups[this.#next++ % GROUPS];
    if (group === undefined) return;
    group.add(stream);
    this.#groupOf.set(stream, group);
    this.#timer ??= setInterval(this.#visit, this.#interval).unref();
  }

  delete(stream: ListenStream): void {
    this.#groupOf.get(stream)?.delete(stream);
    this.#groupOf.delete(stream);
    if (this.#groupOf.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  readonly #visit = (): void => {
    for (const stream of this.#groups[this.#turn++ % GROUPS] ?? []) {
      if (stream.hasLeft) this.#gone(stream);
      else stream.comment();
    }
  };
}
