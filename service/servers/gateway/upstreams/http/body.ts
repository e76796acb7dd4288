import { AttemptFailure } from "../failure.ts";

/** The least room for an answer that comes in several pieces, in bytes. */
const LEAST_ROOM_BYTES = 16 * 1024;

/**
 * Collects a body as text, up to a length. Pieces are copied together as they come: kept one by one, those of a single byte, of which a server may
 * send millions, would take a hundred times their length.
 */
export class BodyText {
  readonly #maxBytes: number;
  #held: Buffer | undefined;
  #isOwn = false;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @throws {AttemptFailure} if it becomes too long. */
  add(chunk: Buffer): void {
    const before = this.#bytes;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) {
      throw new AttemptFailure(`gave an answer that is longer than ${this.#maxBytes} bytes`, {
        reason: "invalid_answer",
        mayHaveRun: true,
      });
    }
    if (this.#held === undefined) this.#held = chunk;
    else chunk.copy(this.#withRoom(this.#held, before), before);
  }

  /** All of it, as UTF-8. */
  text(): string {
    return this.#held?.toString("utf8", 0, this.#bytes) ?? "";
  }

  /** The same as it came; undefined where there is nothing. */
  get bytes(): Buffer | undefined {
    return this.#held?.subarray(0, this.#bytes);
  }

  /** What is held, with room for all bytes; the first piece belongs to the connection. */
  #withRoom(held: Buffer, used: number): Buffer {
    if (this.#isOwn && held.length >= this.#bytes) return held;
    const roomier = Buffer.allocUnsafe(Math.max(LEAST_ROOM_BYTES, 2 * this.#bytes));
    held.copy(roomier, 0, 0, used);
    this.#isOwn = true;
    this.#held = roomier;
    return roomier;
  }
}
