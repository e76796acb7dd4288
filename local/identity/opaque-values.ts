import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";

/** The oldest go where a program asks for more than anybody redeems. */
const CAPACITY = 10_000;

/** Authorization codes, refresh tokens and the like: texts that mean something to the issuer alone, each for some time. */
export class OpaqueValues<T> {
  readonly #clock: Pick<Clock, "now">;
  readonly #entries = new Map<string, { readonly meaning: T; readonly expiresAt: number }>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** A new text that stands for something, good until a moment of the clock. */
  issue(meaning: T, expiresAt: number): string {
    const text = randomBytes(32).toString("base64url");
    this.#entries.set(text, { meaning, expiresAt });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > CAPACITY && oldest !== undefined) this.#entries.delete(oldest);
    return text;
  }

  /** What a text stands for, and until when; undefined where it was never issued, or is no longer good. */
  find(text: string): { readonly meaning: T; readonly expiresAt: number } | undefined {
    const entry = this.#entries.get(text);
    if (entry === undefined || entry.expiresAt > this.#clock.now()) return entry;
    this.#entries.delete(text);
    return undefined;
  }

  /** What a text stands for; it is good no longer. */
  redeem(text: string): T | undefined {
    const entry = this.find(text);
    this.#entries.delete(text);
    return entry?.meaning;
  }

  /** Makes a text good until an earlier moment. */
  shorten(text: string, expiresAt: number): void {
    const entry = this.#entries.get(text);
    if (entry === undefined || entry.expiresAt <= expiresAt) return;
    this.#entries.set(text, { ...entry, expiresAt });
  }
}
