import type { Clock } from "../clock.ts";
import type { LostZones } from "../lost-zones.ts";

/** For how long resolvers go on handing an address out (ELB user guide, "How Elastic Load Balancing works"). */
const DNS_TTL_SECONDS = 60;

/** A node of a load balancer: the one in its zone. AWS may have more in a zone. */
export interface BalancerNode {
  readonly zone: string;
  /** Clients' connections that it has now. */
  connections: number;
  /** Requests that it has had. */
  requests: number;
}

interface Entry {
  readonly node: BalancerNode;
  isShifted: boolean;
  /** When its address left DNS; undefined where it is in. */
  outSince: number | undefined;
}

/** What decides on where new connections of clients go. */
export interface NodeSurroundings {
  readonly clock: Clock;
  readonly lostZones: LostZones;
  /** Whether target groups have enough healthy targets for the node's address to be in DNS. */
  readonly hasHealthyTargets: (zone: string) => boolean;
}

/** The nodes of a load balancer, and which of their addresses DNS hands out. */
export class BalancerNodes {
  readonly #entries: readonly Entry[];
  readonly #surroundings: NodeSurroundings;
  #turn = 0;

  constructor(zones: readonly string[], surroundings: NodeSurroundings) {
    this.#surroundings = surroundings;
    this.#entries = zones.map((zone) => ({
      node: { zone, connections: 0, requests: 0 },
      isShifted: false,
      outSince: undefined,
    }));
    surroundings.lostZones.onChange(() => {
      this.#update();
    });
  }

  get nodes(): readonly BalancerNode[] {
    return this.#entries.map(({ node }) => node);
  }

  /**
   * The node of a new connection: clients take the addresses in turn. One that has left DNS is handed out until the copies of resolvers have
   * expired, and where none is left, all are.
   */
  next(): BalancerNode | undefined {
    this.#update();
    const now = this.#surroundings.clock.now();
    const handedOut = this.#entries.filter(
      ({ outSince }) => outSince === undefined || now - outSince < DNS_TTL_SECONDS * 1000,
    );
    const among = handedOut.length === 0 ? this.#entries : handedOut;
    return among[this.#turn++ % among.length]?.node;
  }

  state(zone: string): "in service" | "shifted" | "lost" {
    if (this.#surroundings.lostZones.isLost(zone)) return "lost";
    this.#update();
    const entry = this.#entries.find(({ node }) => node.zone === zone);
    return entry?.outSince === undefined ? "in service" : "shifted";
  }

  get shiftedZone(): string | undefined {
    return this.#entries.find(({ isShifted }) => isShifted)?.node.zone;
  }

  setShifted(zone: string, isShifted: boolean): void {
    const entry = this.#entries.find(({ node }) => node.zone === zone);
    if (entry !== undefined) entry.isShifted = isShifted;
    this.#update();
  }

  /** How soon AWS notices is not documented: at once here, so that the TTL alone counts. */
  #update(): void {
    const { clock, lostZones, hasHealthyTargets } = this.#surroundings;
    for (const entry of this.#entries) {
      const { zone } = entry.node;
      const isIn = !entry.isShifted && !lostZones.isLost(zone) && hasHealthyTargets(zone);
      entry.outSince = isIn ? undefined : (entry.outSince ?? clock.now());
    }
  }
}
