import { createServer, type Server } from "node:net";
import { LocalError } from "../graph/graph.ts";

/** Where a task listens, and how a declared port becomes a port of this machine. */
export interface TaskAddress {
  readonly host: string;
  /** A port as declared, where the task is reached here. */
  port(declared: number): number;
  release(): void;
}

/** Gives each task an address of its own, as AWS gives it a network interface. */
export interface AddressPool {
  /** Whether every task has an address to itself, and listens there on the ports that it declares. */
  readonly hasOwnAddresses: boolean;
  take(zone: number): TaskAddress;
  close(): void;
}

/**
 * Ports above 1000 that `fetch` refuses (Fetch standard, "Port blocking"). A health command that is a `fetch` passes on the declared port, and must
 * not fail for being moved to one of these.
 */
const BLOCKED_BY_FETCH: ReadonlySet<number> = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669,
  6679, 6697, 10_080,
]);

/** How many tasks a zone can hold: the last part of an IPv4 address, without 0 and 255. */
const TASKS_PER_ZONE = 254;

/**
 * On Linux all of 127.0.0.0/8 is the machine itself: each task gets an address in it, 127.<run>.<zone>.<task>, and listens on the very port
 * that is declared. Elsewhere there is only 127.0.0.1, and the same holds where another process has one of the ports on all
 * addresses: each task gets a range of ports, a declared one moved by the task's offset, so that a port declared wrongly stays wrong.
 *
 * @param ports what the tasks will listen on.
 */
export async function createAddressPool(
  ports: readonly number[],
  platform: NodeJS.Platform = process.platform,
): Promise<AddressPool> {
  if (platform !== "linux") return offsetPool(ports);
  const { block, release } = await claimBlock();
  for (const port of ports) {
    const probe = await listenAt(port, `127.${block}.1.1`);
    if (probe === undefined) {
      release();
      return offsetPool(ports);
    }
    await new Promise((resolve) => probe.close(resolve));
  }
  return { ...loopbackPool(block), close: release };
}

function loopbackPool(block: number): Omit<AddressPool, "close"> {
  const taken = new Set<string>();
  return {
    hasOwnAddresses: true,
    take: (zone) => {
      for (let task = 1; task <= TASKS_PER_ZONE; task++) {
        const host = `127.${block}.${zone + 1}.${task}`;
        if (taken.has(host)) continue;
        taken.add(host);
        return { host, port: (declared) => declared, release: () => taken.delete(host) };
      }
      throw new LocalError(
        `Zone ${zone + 1} has no address left for a task: ${TASKS_PER_ZONE} run there already.`,
      );
    },
  };
}

/** The first block that no other run here has claimed; the claim is a port that only claims use. */
async function claimBlock(): Promise<{ block: number; release: () => void }> {
  for (let block = 1; block < 255; block++) {
    const claim = await listenAt(CLAIM_PORT, `127.${block}.255.1`);
    if (claim !== undefined) return { block, release: () => claim.close() };
  }
  throw new LocalError(
    "All 254 address blocks for tasks are claimed by other runs on this machine. Stop one of them.",
  );
}

/** Undefined where the port is taken. */
function listenAt(port: number, host: string): Promise<Server | undefined> {
  const server = createServer();
  server.unref();
  return new Promise((resolve) => {
    server.once("listening", () => {
      resolve(server);
    });
    server.once("error", () => {
      resolve(undefined);
    });
    server.listen(port, host);
  });
}

const CLAIM_PORT = 47_808;

/** Each task gets a thousand ports above the last one's. */
const OFFSET = 1000;

function offsetPool(ports: readonly number[]): AddressPool {
  const taken = new Set<number>();
  const isBlocked = (slot: number): boolean =>
    ports.some((declared) => BLOCKED_BY_FETCH.has(declared + slot * OFFSET));
  return {
    hasOwnAddresses: false,
    take: () => {
      let slot = 1;
      while (taken.has(slot) || isBlocked(slot)) slot++;
      taken.add(slot);
      return {
        host: "127.0.0.1",
        port: (declared) => {
          const moved = declared + slot * OFFSET;
          if (moved <= 65_535) return moved;
          throw new LocalError(
            `Port ${declared} of task ${slot} would be port ${moved} here, which does not exist. Run fewer replicas, or declare a lower port.`,
          );
        },
        release: () => taken.delete(slot),
      };
    },
    close: () => undefined,
  };
}
