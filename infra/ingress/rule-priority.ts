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

/** The lowest priorities that rules with a host, and rules without one, may have. */
function firstPriority(hostName: string | undefined): number {
  return hostName === undefined ? LAST_PRIORITY / 2 + 1 : 1;
}

/**
 * The priority of the rule that sends a gateway's calls of one prefix straight to the service: before the gateway's own rules, and after those of services that ask for
 * a host where the gateway does not. Zero, which AWS does not take, where there is no room.
 */
export function directRulePriority(prefix: string, path: string, hostName?: string): number {
  const first = firstPriority(hostName);
  // Down to the gateway's own, wherever its deployments put that.
  const room =
    Math.min(rulePriority(path, hostName), productionRulePriority(path, hostName)) - first;
  if (room <= 0) return 0;
  const host = hostName?.toLowerCase() ?? "";
  const number = createHash("sha256")
    .update(`${host}${path} direct ${prefix}`)
    .digest()
    .readUInt32BE();
  return first + (number % room);
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
  rules: number;
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
  const claimed = claimsOf(platform);
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
  claimed.rules += validatesTokens ? 2 : 1;
  for (const priority of priorities) claimed.holders.set(priority, name);
}

/** The rules that a load balancer takes, unless AWS has raised it (ELB guide, "Quotas"). */
const MOST_RULES = 100;

/**
 * Refuses rules of a gateway's direct routing whose priorities are taken, or that the load balancer has no room for.
 *
 * @param platform as with {@link claimPlace}.
 * @returns the priority of each prefix.
 */
export function claimDirectRules(
  name: string,
  platform: object,
  { path, hostName }: Pick<Place, "path" | "hostName">,
  prefixes: readonly string[],
): ReadonlyMap<string, number> {
  const claimed = claimsOf(platform);
  if (claimed.rules + prefixes.length > MOST_RULES) {
    throw new ArgumentError(
      "McpGateway",
      `\`directRouting\` of \`${name}\` takes ${prefixes.length} rules, one of each service; a load balancer takes ${MOST_RULES}, and there are ${claimed.rules} already. Leave it out,` +
        " or give the gateway and its services another platform.",
    );
  }
  const priorities = new Map<string, number>();
  for (const prefix of prefixes) {
    const priority = directRulePriority(prefix, path, hostName);
    if (priority === 0) {
      throw new ArgumentError(
        "McpGateway",
        `\`directRouting\` is true, but \`path\` \`${path}\` has the first of all rule priorities, and the rules of the services must come before it. Choose another path.`,
      );
    }
    const holder = claimed.holders.get(priority);
    if (holder !== undefined) {
      throw new ArgumentError(
        "McpGateway",
        `\`directRouting\` of \`${name}\`: the rule of the prefix \`${prefix}\` and \`${holder}\` share the rule priority ${priority}. Give the service another prefix.`,
      );
    }
    claimed.holders.set(priority, `${name}, ${prefix}`);
    priorities.set(prefix, priority);
  }
  claimed.rules += prefixes.length;
  return priorities;
}

function claimsOf(platform: object): Claims {
  const claimed = claims.get(platform) ?? {
    holders: new Map<number, string>(),
    targetGroups: 0,
    rules: 0,
  };
  claims.set(platform, claimed);
  return claimed;
}
