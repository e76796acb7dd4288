import type { Clock } from "../../../../runtime/telemetry/clock.ts";
import type { Token } from "./token-endpoint.ts";

/** Keeps tokens by a key until shortly before they expire; whoever comes while one is fetched waits for the same. */
export class TokenCache {
  readonly #clock: Clock;
  readonly #capacity: number;
  /** In the order of last use. */
  readonly #tokens = new Map<string, Token>();
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

  /** Forgets a token that was refused; another that has come meanwhile stays. */
  drop(key: string, value: string): void {
    if (this.#tokens.get(key)?.value === value) this.#tokens.delete(key);
  }

  async #fetch(key: string, fetch: () => Promise<Token>): Promise<string> {
    let fetching = this.#fetching.get(key);
    if (fetching === undefined) {
      fetching = fetch().finally(() => this.#fetching.delete(key));
      this.#fetching.set(key, fetching);
    }
    const token = await fetching;
    this.#tokens.set(key, token);
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size <= this.#capacity) break;
      this.#tokens.delete(oldest);
    }
    return token.value;
  }
}
