import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../clock.ts";

/** More than either, and no request is forwarded (ELB guide, "Verify JWTs"). */
const MOST_KEYS = 10;
const MOST_BYTES = 150 * 1024;

/** As for the endpoints of an identity provider (ELB guide, "Troubleshoot": 500). */
const FETCH_TIMEOUT_SECONDS = 5;

/** For how long keys are kept; AWS documents neither this nor the next one. */
const KEEP_SECONDS = 300;
/** How soon an unknown key id asks for the keys again. */
const ANEW_SECONDS = 30;

/** The keys of an issuer cannot be had, or are more than a load balancer takes. */
export class KeySetError extends Error {
  override readonly name = "KeySetError";
}

type Keys = ReadonlyMap<string, KeyObject>;

interface Entry {
  readonly fetchedAt: number;
  readonly keys: Promise<Keys>;
}

const keySet = z.object({
  keys: z.array(z.looseObject({ kid: z.string().optional(), kty: z.string() })),
});

/** The public keys of issuers, as a load balancer fetches them. */
export class KeySets {
  readonly #clock: Clock;
  readonly #fetch: typeof fetch;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, fetchKeys: typeof fetch = fetch) {
    this.#clock = clock;
    this.#fetch = fetchKeys;
  }

  /**
   * A key by its id; undefined where the issuer has none.
   *
   * @throws {KeySetError}
   */
  async find(endpoint: string, keyId: string): Promise<KeyObject | undefined> {
    const entry = this.#entry(endpoint, KEEP_SECONDS);
    const key = (await entry.keys).get(keyId);
    if (key !== undefined) return key;
    return (await this.#entry(endpoint, ANEW_SECONDS).keys).get(keyId);
  }

  #entry(endpoint: string, keepSeconds: number): Entry {
    const known = this.#entries.get(endpoint);
    const now = this.#clock.now();
    if (known !== undefined && now - known.fetchedAt < keepSeconds * 1000) return known;
    const entry = { fetchedAt: now, keys: this.#load(endpoint) };
    this.#entries.set(endpoint, entry);
    // A failure is not kept: the next request asks again.
    entry.keys.catch(() => {
      if (this.#entries.get(endpoint) === entry) this.#entries.delete(endpoint);
    });
    return entry;
  }

  async #load(endpoint: string): Promise<Keys> {
    const abort = new AbortController();
    const cancel = this.#clock.after(FETCH_TIMEOUT_SECONDS * 1000, () => {
      abort.abort();
    });
    try {
      const response = await this.#fetch(endpoint, { signal: abort.signal, redirect: "error" });
      const body = await response.arrayBuffer();
      if (!response.ok || body.byteLength > MOST_BYTES)
        throw new KeySetError(`${endpoint} answered ${response.status}, ${body.byteLength} bytes.`);
      const { keys } = keySet.parse(JSON.parse(new TextDecoder().decode(body)));
      if (keys.length > MOST_KEYS)
        throw new KeySetError(
          `${endpoint} has ${keys.length} keys; a load balancer takes ${MOST_KEYS}.`,
        );
      return new Map(keys.flatMap(({ kid, ...key }) => publicKey(kid, key)));
    } catch (error) {
      if (error instanceof KeySetError) throw error;
      throw new KeySetError(`The keys at ${endpoint} cannot be read.`, { cause: error });
    } finally {
      cancel();
    }
  }
}

/** RS256 is all that a load balancer knows: keys of other kinds are not looked at. */
function publicKey(kid: string | undefined, key: JsonWebKey): [string, KeyObject][] {
  if (kid === undefined || key.kty !== "RSA") return [];
  return [[kid, createPublicKey({ key, format: "jwk" })]];
}
