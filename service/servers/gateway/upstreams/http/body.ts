import { AttemptFailure } from "../failure.ts";

/** Collects a body as text, up to a length. */
export class BodyText {
  readonly #maxBytes: number;
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @throws {AttemptFailure} if it becomes too long. */
  add(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) {
      throw new AttemptFailure(`gave an answer that is longer than ${this.#maxBytes} bytes`, {
        reason: "invalid_answer",
        mayHaveRun: true,
      });
    }
    if (this.#first === undefined) this.#first = chunk;
    else (this.#more ??= [this.#first]).push(chunk);
  }

  /** All of it, as UTF-8. */
  text(): string {
    if (this.#more !== undefined) return Buffer.concat(this.#more, this.#bytes).toString("utf8");
    return this.#first?.toString("utf8") ?? "";
  }
}
