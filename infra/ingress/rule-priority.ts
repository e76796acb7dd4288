import { createHash } from "node:crypto";
import { ArgumentError } from "../validation.ts";

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

/**
 * The priority of the rule that takes requests with tokens first: right before the plain rule, which takes the others. Zero, which AWS does not
 * take, where that one is the first of all.
 */
export function tokenRulePriority(path: string, hostName?: string): number {
  return rulePriority(path, hostName) - 1;
}

/** Where a service is found among those of its platform. */
export interface Place {
  readonly path: string;
  readonly hostName?: string | undefined;
  /** Whether the service's deployments shift traffic, by a rule of their own. */
  readonly shiftsTraffic?: boolean;
  /** Whether requests with tokens have a rule of their own. */
  readonly validatesTokens?: boolean;
}

/** What the services of a platform have claimed. */
interface Claims {
  /** By priorities of rules. */
  readonly holders: Map<number, string>;
  targetGroups: number;
}

const claims = new WeakMap<object, Claims>();

/** The target groups that a load balancer takes, a quota that AWS does not raise (ELB guide, "Quotas"). Its rules are 100 too, unless raised. */
const MOST_TARGET_GROUPS = 100;

/**
 * Refuses two services at one place of a platform, or whose places happen to share a priority: AWS would say `PriorityInUse`
 * half-way through an update. And refuses more services than a load balancer has room for.
 *
 * @param platform what both services were given as their platform.
 */
export function claimPlace(name: string, platform: object, place: Place): void {
  const { path, hostName, shiftsTraffic = false, validatesTokens = false } = place;
  const claimed = claims.get(platform) ?? { holders: new Map<number, string>(), targetGroups: 0 };
  claims.set(platform, claimed);
  const priorities = [
    rulePriority(path, hostName),
    ...(shiftsTraffic ? [productionRulePriority(path, hostName)] : []),
    ...(validatesTokens ? [tokenRulePriority(path, hostName)] : []),
  ];
  for (const priority of priorities) {
    const holder = claimed.holders.get(priority);
    if (holder === undefined) continue;
    const where = hostName === undefined ? "" : ` of \`${hostName}\``;
    throw new ArgumentError(
      "McpService",
      `\`${name}\` and \`${holder}\` share a platform, and the rule priority ${priority} of the path \`${path}\`${where}. Give one of them` +
        ` another \`path\`, such as \`/${name}/mcp\`.`,
    );
  }
  const targetGroups = shiftsTraffic ? 2 : 1;
  if (claimed.targetGroups + targetGroups > MOST_TARGET_GROUPS) {
    throw new ArgumentError(
      "McpService",
      `\`${name}\` is one too many for its platform: a load balancer takes ${MOST_TARGET_GROUPS} target groups, and there are ${claimed.targetGroups} already, one of each` +
        " service and two of each that shifts traffic. Give it another platform.",
    );
  }
  claimed.targetGroups += targetGroups;
  for (const priority of priorities) claimed.holders.set(priority, name);
}
