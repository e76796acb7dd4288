import type { CompleteSurroundings } from "../surroundings.ts";
import { openAddress, takesConnections, type Address } from "./address.ts";
import { createResolver, type AddressResolver } from "./resolver.ts";

/** Asks DNS again after so long where it does not tell, or tells less. */
const DEFAULT_TTL_SECONDS = 5;
const MIN_TTL_SECONDS = 1;
/** Nothing of an upstream stays unnoticed for longer, whatever its records say. */
const MAX_TTL_SECONDS = 60;
/** An address that answers with errors alone is as good as one that does not: it would attract calls, since it ends them fastest. */
const ERRORS_IN_A_ROW = 5;
const FIRST_PROBE_MILLISECONDS = 200;
const LAST_PROBE_MILLISECONDS = 2000;

/**
 * A host that is lost without a word, as the tasks of Fargate are, never ends its connections. So one from which nothing has come for so long,
 * although it has work, is asked for another connection, which costs next to nothing.
 */
const SILENCE_MILLISECONDS = 2000;

/** Whether an address answers; it ends by itself and does not throw. */
export type AddressProbe = (address: Address) => Promise<boolean>;

/** The addresses of one upstream: found, balanced, watched. */
export class Addresses {
  readonly #upstream: string;
  readonly #url: URL;
  readonly #surroundings: CompleteSurroundings;
  readonly #probe: AddressProbe;
  readonly #resolve: AddressResolver | undefined;
  readonly #byIp = new Map<string, Address>();
  #all: Address[] = [];
  #next = 0;
  #first: Promise<void> | undefined;
  readonly #timers = new Map<unknown, () => void>();
  readonly #takesConnections: (ip: string | undefined) => Promise<boolean>;
  #watching: (() => void) | undefined;
  #closed = false;

  constructor(
    upstream: string,
    given: { readonly url: URL; readonly discovery: "dns" | "url" },
    surroundings: CompleteSurroundings,
    probe: AddressProbe,
  ) {
    this.#upstream = upstream;
    this.#url = given.url;
    this.#surroundings = surroundings;
    this.#probe = probe;
    this.#takesConnections =
      surroundings.takesConnections ??
      ((ip) => takesConnections(given.url, surroundings.connectMilliseconds, ip));
    if (given.discovery === "url") {
      this.#all = [openAddress(given.url, surroundings.connectMilliseconds)];
    } else {
      this.#resolve = surroundings.resolveAddresses ?? createResolver();
      this.#first = this.#refresh();
    }
  }

  get all(): readonly Address[] {
    return this.#all;
  }

  get healthy(): number {
    return this.#all.reduce((sum, { healthy }) => sum + (healthy ? 1 : 0), 0);
  }

  /** Ends when the first question to DNS is answered, well or badly; undefined when it has been. */
  get pending(): Promise<void> | undefined {
    return this.#first;
  }

  /**
   * The address with the fewest requests under way; one that does not answer only where none does.
   *
   * @param tried where the request was before: only chosen again where `discovery` is `url`, since another replica may be behind it.
   */
  choose(tried: readonly Address[] = []): Address | undefined {
    const all = this.#all;
    let best: Address | undefined;
    // Beginning elsewhere each time spreads requests that come one after the other.
    const start = this.#next++ % Math.max(1, all.length);
    for (let index = 0; index < all.length; index++) {
      const address = all[(start + index) % all.length];
      if (address === undefined || (tried.length > 0 && tried.includes(address))) continue;
      if (
        best === undefined ||
        (address.healthy && !best.healthy) ||
        (address.healthy === best.healthy && address.ongoing < best.ongoing)
      )
        best = address;
    }
    return best ?? (this.#resolve === undefined ? all[0] : undefined);
  }

  /** A request begins. */
  take(address: Address): void {
    address.take(this.#surroundings.clock.now());
    if (this.#watching === undefined) this.#watch();
  }

  /** The address has answered. */
  answered(address: Address): void {
    address.heardAt = this.#surroundings.clock.now();
    if (address.failures > 0) address.failures = 0;
  }

  /** The address has answered with a failure of its own. */
  erred(address: Address): void {
    if (++address.failures >= ERRORS_IN_A_ROW && this.healthy > 1) this.eject(address);
  }

  /** The address does not answer: it is left out until a probe finds it again. */
  eject(address: Address): void {
    if (!address.healthy || address.gone || this.#closed) return;
    address.healthy = false;
    this.#surroundings.log.warn(
      { upstream: this.#upstream, address: address.label },
      "an address of an upstream does not answer",
    );
    this.#tell(address);
    this.#probeLater(address, FIRST_PROBE_MILLISECONDS);
  }

  /** Lets requests end, then closes every connection. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watching?.();
    for (const cancel of this.#timers.values()) cancel();
    await Promise.all(this.#all.map((address) => address.close()));
  }

  #probeLater(address: Address, milliseconds: number): void {
    this.#after(address, milliseconds, async () => {
      const answers = await this.#probe(address);
      if (this.#closed || address.gone) return;
      if (!answers) {
        this.#probeLater(address, Math.min(milliseconds * 2, LAST_PROBE_MILLISECONDS));
        return;
      }
      address.healthy = true;
      address.failures = 0;
      this.#tell(address);
    });
  }

  /** Looks after addresses that are silent, as long as any has work. */
  #watch(): void {
    if (this.#closed) return;
    const { clock } = this.#surroundings;
    this.#watching = clock.after(SILENCE_MILLISECONDS / 2, () => {
      this.#watching = undefined;
      const busy = this.#all.filter(({ ongoing }) => ongoing > 0);
      for (const address of busy) {
        if (clock.now() - address.heardAt < SILENCE_MILLISECONDS) continue;
        address.heardAt = clock.now();
        void this.#examine(address);
      }
      if (busy.length > 0) this.#watch();
    });
  }

  async #examine(address: Address): Promise<void> {
    const [ip] = [...this.#byIp].find(([, each]) => each === address) ?? [];
    if ((await this.#takesConnections(ip)) || this.#closed) return;
    this.eject(address);
    await address.breakOff();
  }

  async #refresh(): Promise<void> {
    let seconds = DEFAULT_TTL_SECONDS;
    try {
      const { addresses, ttlSeconds } = (await this.#resolve?.(this.#url.hostname)) ?? {
        addresses: [],
        ttlSeconds: undefined,
      };
      if (this.#closed) return;
      if (addresses.length > 0) this.#become(addresses);
      seconds = Math.min(MAX_TTL_SECONDS, Math.max(MIN_TTL_SECONDS, ttlSeconds ?? seconds));
    } catch (error) {
      // What was known is kept: an answer that is missing says nothing of the replicas.
      if (this.#all.length === 0) seconds = MIN_TTL_SECONDS;
      this.#surroundings.log.warn(
        { upstream: this.#upstream, host: this.#url.hostname, err: error },
        "the addresses of an upstream could not be found out",
      );
    }
    this.#first = undefined;
    this.#after(this, seconds * 1000, () => this.#refresh());
  }

  #become(ips: readonly string[]): void {
    const now = new Set(ips);
    for (const [ip, address] of this.#byIp) {
      if (now.has(ip)) continue;
      this.#byIp.delete(ip);
      this.#timers.get(address)?.();
      this.#timers.delete(address);
      address.leave();
    }
    for (const ip of now) {
      if (!this.#byIp.has(ip))
        this.#byIp.set(ip, openAddress(this.#url, this.#surroundings.connectMilliseconds, ip));
    }
    this.#all = [...this.#byIp.values()];
  }

  #after(key: unknown, milliseconds: number, work: () => Promise<void>): void {
    if (this.#closed) return;
    const cancel = this.#surroundings.clock.after(milliseconds, () => {
      this.#timers.delete(key);
      void work();
    });
    this.#timers.set(key, cancel);
  }

  #tell(address: Address): void {
    this.#surroundings.events.address?.({
      upstream: this.#upstream,
      address: address.label,
      healthy: address.healthy,
    });
  }
}
