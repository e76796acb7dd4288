import { connect, isIPv6 } from "node:net";
import { Pool } from "undici";

/** One replica of an upstream, or whatever stands before its replicas. */
export class Address {
  /** Host and port, for logs and metrics. */
  readonly label: string;
  readonly #openPool: () => Pool;
  #pool: Pool;
  /** Requests that are under way. */
  ongoing = 0;
  /** When it last answered, or got work after it had none; in milliseconds of the upstream's clock. */
  heardAt = 0;
  /** Whether it answers, as far as anybody knows. */
  healthy = true;
  /** Failures since its last answer. */
  failures = 0;
  /** It no longer belongs to the upstream: what it has begun it may end. */
  gone = false;
  readonly #leaving = new Set<() => void>();

  constructor(label: string, openPool: () => Pool) {
    this.label = label;
    this.#openPool = openPool;
    this.#pool = openPool();
  }

  get pool(): Pool {
    return this.#pool;
  }

  /** One request more. */
  take(now: number): void {
    if (this.ongoing++ === 0) this.heardAt = now;
  }

  /** One request less; a pool of an address that is gone is closed with the last one. */
  release(): void {
    this.ongoing--;
    if (this.gone && this.ongoing === 0) void this.close();
  }

  /** No new requests from now on. */
  leave(): void {
    this.gone = true;
    for (const listener of [...this.#leaving]) listener();
    if (this.ongoing === 0) void this.close();
  }

  /** Calls back when it no longer belongs to the upstream, for what would never end by itself; returns what forgets that. */
  onLeave(listener: () => void): () => void {
    this.#leaving.add(listener);
    return () => {
      this.#leaving.delete(listener);
    };
  }

  /** Breaks every connection: nothing will come over them any more. */
  async breakOff(): Promise<void> {
    const broken = this.#pool;
    this.#pool = this.#openPool();
    await broken.destroy(new Error("The host is gone."));
  }

  /** Closes the connections when what is under way has ended. */
  async close(): Promise<void> {
    if (!this.#pool.closed && !this.#pool.destroyed) await this.#pool.close();
  }
}

/** Idle connections are closed before the upstream or a balancer on the way might close them under a request: those of AWS keep them for 60 s. */
const KEEP_ALIVE_MILLISECONDS = 50_000;

/**
 * Opens an address.
 *
 * @param ip one of the addresses of the host name in the URL; default: the operating system chooses.
 */
export function openAddress(url: URL, connectMilliseconds: number, ip?: string): Address {
  const host = ip === undefined ? url.hostname : isIPv6(ip) ? `[${ip}]` : ip;
  const port = url.port === "" ? "" : `:${url.port}`;
  const origin = `${url.protocol}//${host}${port}`;
  const options: Pool.Options = {
    allowH2: false,
    pipelining: 1,
    keepAliveMaxTimeout: KEEP_ALIVE_MILLISECONDS,
    // Calls and streams have deadlines of their own.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: connectMilliseconds,
      // Certificates are for the name, not for the address.
      ...(ip !== undefined && url.protocol === "https:" ? { servername: url.hostname } : {}),
    },
  };
  return new Address(`${host}${port}`, () => new Pool(origin, options));
}

/** Whether a host takes a connection. One whose process hangs does, and may answer yet; one that is gone does not. */
export async function takesConnections(
  url: URL,
  milliseconds: number,
  ip?: string,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const socket = connect({ host: ip ?? url.hostname.replace(/^\[|\]$/gu, ""), port });
  socket.setTimeout(milliseconds, () => {
    resolve(false);
  });
  socket.once("connect", () => {
    resolve(true);
  });
  socket.once("error", () => {
    resolve(false);
  });
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
