import { createHash } from "node:crypto";
import { ArgumentError } from "./validation.ts";

/** The highest priority that a listener rule may have. */
const LAST_PRIORITY = 50_000;

/**
 * A rule's priority, from host name and path alone: adding or removing a service never renumbers another one's rule, which would collide
 * half-way (pulumi-aws#175). Rules that ask for a host are tried before those that take any; among themselves, their order means nothing,
 * since they match exactly.
 */
export function rulePriority(path: string, hostName?: string): number {
  const half = LAST_PRIORITY / 2;
  const host = hostName?.toLowerCase() ?? "";
  const number = createHash("sha256").update(`${host}${path}`).digest().readUInt32BE();
  return (number % half) + 1 + (hostName === undefined ? half : 0);
}

/**
 * The priority of the rule in which ECS shifts traffic: another one than that of the plain rule, so that the two can stand side by side, and
 * lead to the same replicas, while a service changes from one to the other.
 */
export function productionRulePriority(path: string, hostName?: string): number {
  return rulePriority(`${path} production`, hostName);
}

/** Where a service is found among those of its platform. */
export interface Place {
  readonly path: string;
  readonly hostName?: string | undefined;
  /** Whether the service's deployments shift traffic, by a rule of their own. */
  readonly shiftsTraffic?: boolean;
}

const claims = new WeakMap<object, Map<number, string>>();

/**
 * Refuses two services at one place of a platform, or whose places happen to share a priority: AWS would say `PriorityInUse`
 * half-way through an update.
 *
 * @param platform what both services were given as their platform.
 */
export function claimPlace(name: string, platform: object, place: Place): void {
  const { path, hostName, shiftsTraffic = false } = place;
  const taken = claims.get(platform) ?? new Map<number, string>();
  claims.set(platform, taken);
  const priorities = [
    rulePriority(path, hostName),
    ...(shiftsTraffic ? [productionRulePriority(path, hostName)] : []),
  ];
  for (const priority of priorities) {
    const holder = taken.get(priority);
    if (holder === undefined) continue;
    const where = hostName === undefined ? "" : ` of \`${hostName}\``;
    throw new ArgumentError(
      "McpService",
      `\`${name}\` and \`${holder}\` share a platform, and the rule priority ${priority} of the path \`${path}\`${where}. Give one of them` +
        ` another \`path\`, such as \`/${name}/mcp\`.`,
    );
  }
  for (const priority of priorities) taken.set(priority, name);
}
