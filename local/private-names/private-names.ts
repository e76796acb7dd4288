import type { Graph } from "../graph/graph.ts";
import { readPrivateNames, type PrivateName } from "../graph/private-names.ts";
import { readSecurityGroups, type SecurityGroups } from "../graph/security-groups.ts";
import type { EcsService } from "../graph/services.ts";
import { startForwarder, type Forwarder } from "./forwarder.ts";
import { machineName } from "./machine-names.ts";
import { startNameServer, type NameAnswer, type NameServer } from "./name-server.ts";
import { NameRegistry } from "./registry.ts";

/** Private names at work. */
export interface RunningNames {
  readonly registry: NameRegistry;
  /** The variables by which tasks of a service, given by its ARN, find the name server. */
  variables(service: string): Readonly<Record<string, string>>;
  /** What addresses with private names are for such tasks, where these differ from what is declared. */
  addresses(service: string): readonly (readonly [string, string])[];
  /** Serves what the program declares now. */
  update(graph: Graph, services: readonly EcsService[]): void;
  close(): Promise<void>;
}

export interface PrivateNamesOptions {
  /** Whether each task has an address of its own, where it listens on the ports that it declares. */
  readonly hasOwnAddresses: boolean;
  /** From 0 to less than 1. Default: `Math.random`. */
  readonly random?: () => number;
}

/** On loopback, where no task is, and nobody listens: connections that security groups do not let through end here. On AWS they time out. */
const NOWHERE = "127.255.255.254";
const NO_PORT = 1;

/**
 * Starts what answers for the private names of a program, seen by each service as its security groups let it: nothing, where it declares none.
 *
 * Where tasks share one address, and each has ports of its own, an A record cannot tell where they are: then a forwarder stands for all of a name's tasks.
 */
export async function startPrivateNames(
  graph: Graph,
  services: readonly EcsService[],
  { hasOwnAddresses, random = Math.random }: PrivateNamesOptions,
): Promise<RunningNames> {
  const registry = new NameRegistry(readPrivateNames(graph));
  let groups = readSecurityGroups(graph);
  let declared = services;
  const servers = new Map<string, NameServer>();
  const forwarders = new Map<string, Forwarder>();
  const isNeeded = registry.declared.names.length > 0;

  const lookUp = async (caller: string, hostName: string): Promise<NameAnswer | undefined> => {
    if (!registry.isPrivate(hostName)) return machineName(hostName);
    const name = registry.find(hostName);
    const tasks = name === undefined ? [] : registry.tasks(name);
    // A record is there as long as somebody is in it.
    if (name === undefined || tasks.length === 0) return undefined;
    const { ttlSeconds, maxAnswers } = name;
    if (!hasOwnAddresses) return { addresses: ["127.0.0.1"], ttlSeconds };
    if (!mayReach(caller, name, declared, groups)) return { addresses: [NOWHERE], ttlSeconds };
    const addresses = shuffled(
      tasks.map(({ address }) => address.host),
      random,
    );
    return { addresses: addresses.slice(0, maxAnswers), ttlSeconds };
  };

  if (isNeeded) {
    for (const { arn } of services)
      servers.set(arn, await startNameServer((name) => lookUp(arn, name)));
    for (const { key, name, port } of hasOwnAddresses ? [] : placesOf(registry, services)) {
      forwarders.set(
        key,
        await startForwarder(() => {
          const tasks = registry.tasks(name);
          const task = tasks[Math.floor(random() * tasks.length)];
          return task && { host: task.address.host, port: task.address.port(port) };
        }),
      );
    }
  }

  return {
    registry,
    variables: (service) => {
      const server = servers.get(service);
      return Object.fromEntries(server === undefined ? [] : [["DNS_SERVERS", server.address]]);
    },
    addresses: (service) =>
      placesOf(registry, declared).flatMap(({ key, name, port }) => {
        const forwarder = forwarders.get(key);
        if (forwarder === undefined) return [];
        const here = mayReach(service, name, declared, groups) ? forwarder.port : NO_PORT;
        return [[`http://${name.hostName}:${port}`, `http://${name.hostName}:${here}`] as const];
      }),
    update: (next, nextServices) => {
      registry.update(readPrivateNames(next));
      groups = readSecurityGroups(next);
      declared = nextServices;
    },
    close: async () => {
      await Promise.all([...servers.values(), ...forwarders.values()].map((each) => each.close()));
    },
  };
}

/** Every port that a name's tasks declare. */
function placesOf(
  registry: NameRegistry,
  services: readonly EcsService[],
): { readonly key: string; readonly name: PrivateName; readonly port: number }[] {
  return registry.declared.names.flatMap((name) =>
    portsOf(name, services).map((port) => ({ key: `${name.hostName}:${port}`, name, port })),
  );
}

function portsOf({ arn }: PrivateName, services: readonly EcsService[]): number[] {
  const ports = services
    .filter(({ registryArns }) => registryArns.includes(arn))
    .flatMap(({ task }) => task.containers.flatMap((container) => container.ports));
  return [...new Set(ports)];
}

/** Whether a service's tasks get through to any of the ports behind a name. */
function mayReach(
  caller: string,
  name: PrivateName,
  services: readonly EcsService[],
  groups: SecurityGroups,
): boolean {
  const from = services.find(({ arn }) => arn === caller)?.securityGroups ?? [];
  return services
    .filter(({ registryArns }) => registryArns.includes(name.arn))
    .some((service) =>
      portsOf(name, [service]).some((port) =>
        groups.mayConnect(from, service.securityGroups, port),
      ),
    );
}

/** In an order of chance (Fisher and Yates). */
function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const all = [...items];
  for (let last = all.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const [left, right] = [all[last], all[other]];
    if (left === undefined || right === undefined) continue;
    all[last] = right;
    all[other] = left;
  }
  return all;
}
