import type { Clock } from "../../../../runtime/telemetry/clock.ts";
import type { Token } from "./token-endpoint.ts";

/** A token that is refused although it is new is no better when it is fetched again; and every call would fetch one. */
const PAUSE_MILLISECONDS = 10_000;

/** Keeps tokens by a key until shortly before they expire; whoever comes while one is fetched waits for the same. */
export class TokenCache {
  readonly #clock: Clock;
  readonly #capacity: number;
  /** In the order of last use. */
  readonly #tokens = new Map<string, Token & { readonly fetchedAt: number }>();
  readonly #fetching = new Map<string, Promise<Token>>();

  constructor(clock: Clock, capacity: number) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  get(key: string, fetch: () => Promise<Token>): string | Promise<string> {
    const token = this.#tokens.get(key);
    if (token !== undefined && token.usedUntil > this.#clock.now()) {
      if (this.#capacity > 1) {
        this.#tokens.delete(key);
        this.#tokens.set(key, token);
      }
      return token.value;
    }
    return this.#fetch(key, fetch);
  }

  /**
   * Forgets a token that was refused, unless it was fetched in the last ten seconds; another that has come meanwhile stays.
   *
   * @returns whether there is, or may be, another one.
   */
  refused(key: string, value: string): boolean {
    const token = this.#tokens.get(key);
    if (token?.value !== value) return true;
    if (this.#clock.now() - token.fetchedAt < PAUSE_MILLISECONDS) return false;
    this.#tokens.delete(key);
    return true;
  }

  async #fetch(key: string, fetch: () => Promise<Token>): Promise<string> {
    let fetching = this.#fetching.get(key);
    if (fetching === undefined) {
      fetching = fetch().finally(() => this.#fetching.delete(key));
      this.#fetching.set(key, fetching);
    }
    const token = await fetching;
    this.#tokens.set(key, { ...token, fetchedAt: this.#clock.now() });
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size <= this.#capacity) break;
      this.#tokens.delete(oldest);
    }
    return token.value;
  }
}
