import type { UpstreamConfiguration } from "../upstream-configuration.ts";
import {
  connect,
  isSameConnection,
  type CatalogueSurroundings,
  type Connection,
  type ConnectionListener,
} from "./connection.ts";
import type { KeptListing } from "./kept-listing.ts";
import { nameListing, type NamedListing } from "./named-listing.ts";

/** A listing under the names of a configuration, as clients see it. */
export interface Accepted {
  readonly configuration: UpstreamConfiguration;
  readonly digest: string;
  readonly named: NamedListing;
}

/** What a member tells the catalogue. */
export type MemberListener = ConnectionListener;

/** One upstream of the gateway, through all changes of its configuration. */
export class Member {
  readonly name: string;
  /** When it was configured. */
  readonly since: number;
  /** What clients see of it; undefined where it has not answered yet or is gone. */
  accepted: Accepted | undefined;
  /** Tells a listing that was refused, which is said once. */
  refused: string | undefined;
  readonly #surroundings: CatalogueSurroundings;
  readonly #listener: MemberListener;
  #wanted: UpstreamConfiguration;
  #connection: Connection;
  /** The configuration that the connection was made by. */
  #connected: UpstreamConfiguration;
  /** Takes over when it has answered. */
  #successor:
    | {
        readonly connection: Connection;
        readonly connected: UpstreamConfiguration;
        readonly cancel: () => void;
      }
    | undefined;
  #namedForCallers = new WeakMap<object, NamedListing>();
  #namedBy: UpstreamConfiguration | undefined;

  constructor(
    name: string,
    configuration: UpstreamConfiguration,
    surroundings: CatalogueSurroundings,
    listener: MemberListener,
  ) {
    this.name = name;
    this.since = surroundings.clock.now();
    this.#surroundings = surroundings;
    this.#listener = listener;
    this.#wanted = configuration;
    this.#connected = configuration;
    this.#connection = connect(name, configuration, surroundings, listener);
  }

  /** What is configured now; what clients see may still follow the configuration before. */
  get wanted(): UpstreamConfiguration {
    return this.#wanted;
  }

  /** Who is asked. */
  get connection(): Connection {
    return this.#connection;
  }

  /** What is in force for calls. */
  get configuration(): UpstreamConfiguration {
    return this.accepted?.configuration ?? this.#wanted;
  }

  /** Whether its lists belong to the callers that they were asked for. */
  get isPrivate(): boolean {
    const { own } = this.#connection;
    return own === undefined || own.kept?.listing.cacheScope === "private";
  }

  /** Until when an upstream that is gone stays listed; undefined: it is not gone. */
  get graceUntil(): number | undefined {
    const goneSince = this.#connection.own?.goneSince;
    return goneSince === undefined ? undefined : goneSince + this.#surroundings.graceMilliseconds;
  }

  /** What the upstream lists to the gateway, unless it has been gone for too long. */
  get listed(): KeptListing | undefined {
    const { graceUntil } = this;
    const isGone = graceUntil !== undefined && this.#surroundings.clock.now() >= graceUntil;
    return isGone ? undefined : this.#connection.own?.kept;
  }

  /** What the upstream lists to a caller alone, under the names that clients see. */
  listedTo(
    authorization: string,
  ): { readonly kept: KeptListing; readonly named: NamedListing } | undefined {
    if (this.#connection.own !== undefined && this.listed === undefined) return undefined;
    const kept = this.#connection.callers.of(authorization);
    if (kept === undefined) return undefined;
    const { configuration } = this;
    if (this.#namedBy !== configuration) {
      this.#namedBy = configuration;
      this.#namedForCallers = new WeakMap();
    }
    const { tools } = kept.listing;
    const named =
      this.#namedForCallers.get(tools) ?? nameListing(this.name, configuration, kept.listing);
    this.#namedForCallers.set(tools, named);
    return { kept, named };
  }

  /** Takes another configuration. One that leads elsewhere takes over when it answers, or when the grace is over. @throws where it cannot be used; everything is as it was then. */
  configure(configuration: UpstreamConfiguration): void {
    const next = this.#successor?.connected;
    if (next !== undefined && isSameConnection(next, configuration)) {
      this.#wanted = configuration;
      return;
    }
    if (isSameConnection(this.#connected, configuration)) {
      this.#wanted = configuration;
      this.#abandonSuccessor();
      return;
    }
    const { clock, graceMilliseconds } = this.#surroundings;
    // Where it throws, everything is as it was.
    const connection = connect(this.name, configuration, this.#surroundings, {
      answered: () => {
        if (this.#successor?.connection === connection && connection.own?.kept !== undefined)
          this.#succeed();
        this.#listener.answered();
      },
      callerChanged: () => {
        this.#listener.callerChanged();
      },
      resourceChanged: (uri) => {
        this.#listener.resourceChanged(uri);
      },
    });
    this.#wanted = configuration;
    this.#abandonSuccessor();
    const cancel = clock.after(graceMilliseconds, () => {
      this.#succeed();
      this.#listener.answered();
    });
    this.#successor = { connection, connected: configuration, cancel };
    // It knows callers alone, so there is nothing to wait for.
    if (connection.own === undefined || this.#connection.own?.kept === undefined) this.#succeed();
  }

  #succeed(): void {
    if (this.#successor === undefined) return;
    const { connection, connected, cancel } = this.#successor;
    this.#successor = undefined;
    cancel();
    void this.#connection.close();
    this.#connection = connection;
    this.#connected = connected;
    const { log } = this.#surroundings;
    log.info(
      { upstream: this.name, url: connected.url },
      "an upstream is asked elsewhere from now on",
    );
  }

  #abandonSuccessor(): void {
    this.#successor?.cancel();
    void this.#successor?.connection.close();
    this.#successor = undefined;
  }

  /** Lets calls end, then closes everything. */
  async close(): Promise<void> {
    this.#abandonSuccessor();
    await this.#connection.close();
  }
}
