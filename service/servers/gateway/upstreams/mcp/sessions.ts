import type { JsonObject } from "../../../../runtime/relay.ts";
import type { Address } from "../addresses/address.ts";

/** What a legacy upstream said when it was greeted. */
export interface Session {
  /** Undefined where it keeps none. */
  readonly id: string | undefined;
  readonly protocolVersion: string;
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
}

/** So many callers with credentials of their own at one address; one more, and the session that began first is ended. */
const MAX_SESSIONS = 1000;

/** Sessions with legacy upstreams: one for each address and each identity, begun once however many wait for it. */
export class Sessions {
  readonly #byAddress = new WeakMap<Address, Map<string, Session>>();
  readonly #beginning = new WeakMap<Address, Map<string, Promise<Session>>>();
  readonly #end: (address: Address, session: Session) => void;

  /** @param end tells the upstream that a session is no longer needed. */
  constructor(end: (address: Address, session: Session) => void) {
    this.#end = end;
  }

  get(address: Address, identity: string): Session | undefined {
    return this.#byAddress.get(address)?.get(identity);
  }

  /** Begins one, or waits for the one that is being begun. */
  begin(address: Address, identity: string, start: () => Promise<Session>): Promise<Session> {
    const beginning = ensure(this.#beginning, address);
    let session = beginning.get(identity);
    if (session === undefined) {
      session = start()
        .then((started) => {
          this.#keep(address, identity, started);
          return started;
        })
        .finally(() => beginning.delete(identity));
      beginning.set(identity, session);
    }
    return session;
  }

  /** Forgets a session that is gone; another that has begun meanwhile stays. */
  forget(address: Address, identity: string, session: Session): void {
    const sessions = this.#byAddress.get(address);
    if (sessions?.get(identity) === session) sessions.delete(identity);
  }

  /** Ends all sessions of an address. */
  endAll(address: Address): void {
    for (const session of this.#byAddress.get(address)?.values() ?? []) this.#end(address, session);
    this.#byAddress.delete(address);
  }

  #keep(address: Address, identity: string, session: Session): void {
    const sessions = ensure(this.#byAddress, address);
    sessions.delete(identity);
    sessions.set(identity, session);
    for (const [oldest, old] of sessions) {
      if (sessions.size <= MAX_SESSIONS) return;
      sessions.delete(oldest);
      this.#end(address, old);
    }
  }
}

function ensure<T>(maps: WeakMap<Address, Map<string, T>>, address: Address): Map<string, T> {
  let map = maps.get(address);
  if (map === undefined) {
    map = new Map();
    maps.set(address, map);
  }
  return map;
}
