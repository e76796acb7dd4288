import { KidNotFoundInJwksError, WaitPeriodNotYetEndedJwkError } from "aws-jwt-verify/error";
import { assertIsJwks, isJwk, SimpleJwksCache, type Jwk, type Jwks } from "aws-jwt-verify/jwk";
import { safeJsonParse, type Json } from "aws-jwt-verify/safe-json-parse";
import type { Logger } from "../log.ts";
import { KeyRequestPause } from "./key-request-pause.ts";

/** A withdrawn key works for about this long at most, as long as the issuer can be asked. */
const MAX_AGE_MILLISECONDS = 15 * 60_000;

/** How often the age of the keys is looked at; keys that did not come are asked for as often. */
const CHECK_MILLISECONDS = 60_000;

/** Keys are unknown, and the issuer cannot be asked. */
export class KeysUnavailableError extends Error {
  override readonly name = "KeysUnavailableError";
}

/**
 * The keys that the issuer signs with. They are fetched when a token first needs them, when a token names one that is unknown (once a
 * second at most), and every 15 minutes. While the issuer is out of reach, known keys stay.
 */
export class KeySet {
  readonly #issuer: string;
  readonly #log: Logger;
  readonly #pause = new KeyRequestPause();
  readonly #cache: SimpleJwksCache;
  readonly #check: NodeJS.Timeout;
  #keys: ReadonlyMap<string, Jwk> = new Map();
  #reachable = true;
  #refreshAt = Infinity;
  #closed = false;

  /** @param load fetches the key set's JSON. */
  constructor(issuer: string, load: () => Promise<ArrayBuffer>, log: Logger) {
    this.#issuer = issuer;
    this.#log = log;
    this.#cache = new SimpleJwksCache({
      penaltyBox: this.#pause,
      fetcher: { fetch: () => this.#watch(load) },
      jwksParser: (bytes) => this.#adopt(bytes),
    });
    this.#check = setInterval(() => {
      if (Date.now() >= this.#refreshAt) void this.refresh();
    }, CHECK_MILLISECONDS).unref();
  }

  /** The key of that id, as last fetched; the same object for as long as the issuer publishes it unchanged. */
  current(kid: string): Jwk | undefined {
    return this.#keys.get(kid);
  }

  /**
   * The key of that id, asking the issuer if it is unknown.
   *
   * @returns undefined where the issuer publishes no such key.
   * @throws {KeysUnavailableError} where the issuer cannot be asked.
   */
  async find(kid: string): Promise<Jwk | undefined> {
    try {
      // The cache takes any text as the name of a key set: where an issuer's keys are may have to be asked first.
      await this.#cache.getJwk(this.#issuer, { header: { kid }, payload: {} });
      return this.current(kid);
    } catch (error) {
      const isAnswered =
        error instanceof KidNotFoundInJwksError || error instanceof WaitPeriodNotYetEndedJwkError;
      if (isAnswered && this.#reachable) return undefined;
      throw new KeysUnavailableError(`The keys of ${this.#issuer} cannot be fetched.`, {
        cause: error,
      });
    }
  }

  /** Fetches the keys; a failure is logged, and tried again later. */
  async refresh(): Promise<void> {
    await this.#cache.getJwks(this.#issuer).catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#check);
  }

  async #watch(load: () => Promise<ArrayBuffer>): Promise<ArrayBuffer> {
    try {
      return await load();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #adopt(bytes: ArrayBuffer): Jwks {
    try {
      const parsed = safeJsonParse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      dropOthers(parsed);
      assertIsJwks(parsed);
      // The first of an id counts, as in the cache.
      const named = parsed.keys.flatMap((jwk): [string, Jwk][] =>
        jwk.kid === undefined ? [] : [[jwk.kid, this.#unchanged(jwk.kid, jwk)]],
      );
      this.#keys = new Map(named.toReversed());
      this.#succeed();
      return { keys: named.map(([, jwk]) => jwk) };
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #unchanged(kid: string, jwk: Jwk): Jwk {
    const known = this.#keys.get(kid);
    return known !== undefined && JSON.stringify(known) === JSON.stringify(jwk) ? known : jwk;
  }

  #succeed(): void {
    const details = { issuer: this.#issuer, keys: [...this.#keys.keys()] };
    if (this.#reachable) this.#log.debug(details, "issuer keys fetched");
    else this.#log.info(details, "issuer keys fetched again");
    this.#reachable = true;
    this.#refreshAt = Date.now() + MAX_AGE_MILLISECONDS;
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    if (this.#reachable) {
      this.#log.warn(
        { err: error, issuer: this.#issuer, keys: [...this.#keys.keys()] },
        "issuer keys unavailable: known ones stay in use",
      );
    }
    this.#reachable = false;
    this.#pause.registerOutage();
    this.#refreshAt = Date.now();
  }
}

/** RFC 7517 §5: keys that are not understood are to be ignored; those beside them are good. */
function dropOthers(document: unknown): void {
  if (typeof document !== "object" || document === null || !("keys" in document)) return;
  if (Array.isArray(document.keys)) document.keys = document.keys.filter((key: Json) => isJwk(key));
}
