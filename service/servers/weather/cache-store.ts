import { Writable } from "node:stream";
import type { interceptors } from "undici";

type CacheOptions = NonNullable<Parameters<typeof interceptors.cache>[0]>;
type CacheStore = NonNullable<CacheOptions["store"]>;
type CacheKey = Parameters<CacheStore["get"]>[0];
type CacheValue = Parameters<CacheStore["createWriteStream"]>[1];
type CacheResult = NonNullable<Awaited<ReturnType<CacheStore["get"]>>>;

interface Entry {
  readonly result: CacheResult;
  readonly bytes: number;
}

/** Headers, key and bookkeeping, estimated; without it, bodiless answers would count as nothing. */
const OVERHEAD_BYTES = 2048;

/** No single answer may push out more than this share of the others. */
const LARGEST_SHARE = 1 / 4;

/**
 * A store for undici's cache interceptor that holds at most `maxBytes` and drops what was not used
 * for longest.
 *
 * undici's `MemoryCacheStore` cannot be used up to 7.30.2: its eviction drops half the variants of
 * each address, rounded down, which is none of one, so that it grows with every new address. Here,
 * addresses come from callers. See https://github.com/nodejs/undici/pull/5737; a release that holds
 * it makes this class superfluous.
 */
export class BoundedCacheStore implements CacheStore {
  /** In the order of last use. One variant an address: this client's headers are always the same. */
  readonly #entries = new Map<string, Entry>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What the entries take, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: CacheKey): CacheResult | undefined {
    const id = identify(key);
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    if (entry.result.deleteAt <= Date.now()) {
      this.#remove(id);
      return undefined;
    }
    if (!sameVariant(key, entry.result)) return undefined;
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    return entry.result;
  }

  createWriteStream(key: CacheKey, value: CacheValue): Writable {
    const chunks: Buffer[] = [];
    let bytes = OVERHEAD_BYTES;
    const add = (chunk: Buffer): boolean => {
      bytes += chunk.byteLength;
      if (bytes > this.#maxBytes * LARGEST_SHARE) return false;
      chunks.push(chunk);
      return true;
    };
    const store = (): void => {
      this.#insert(identify(key), {
        result: {
          ...value,
          cacheControlDirectives: value.cacheControlDirectives ?? {},
          body: chunks,
        },
        bytes,
      });
    };
    return new Writable({
      write(chunk: Buffer, _encoding, done) {
        // A destroyed stream is how a store tells the interceptor that it will not keep an answer.
        if (!add(chunk)) this.destroy();
        done();
      },
      final(done) {
        store();
        done();
      },
    });
  }

  delete(key: CacheKey): void {
    this.#remove(identify(key));
  }

  #insert(id: string, entry: Entry): void {
    this.#remove(id);
    this.#entries.set(id, entry);
    this.#bytes += entry.bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#remove(oldest);
    }
  }

  #remove(id: string): void {
    this.#bytes -= this.#entries.get(id)?.bytes ?? 0;
    this.#entries.delete(id);
  }
}

function identify({ origin, method, path }: CacheKey): string {
  return `${method} ${origin}${path}`;
}

/** Whether the request has the header values for which the answer was stored (`Vary`). */
function sameVariant(key: CacheKey, { vary }: CacheResult): boolean {
  return Object.entries(vary ?? {}).every(
    ([name, value]) => String(key.headers?.[name] ?? "") === String(value ?? ""),
  );
}
