import type { ServiceSettings } from "./service-args.ts";
import { ArgumentError } from "./validation.ts";

/** What decides on the parts of a service whose names another service's could be. */
export interface PartFacts extends Pick<
  ServiceSettings,
  "alarms" | "burstScaling" | "cpuTargetPercent" | "requestCountPerTarget" | "targetOngoingRequests"
> {
  readonly shiftsTraffic: boolean;
  readonly validatesTokens: boolean;
  /** Whether it is the service of an `McpGateway`, whose parts have URNs of their own. */
  readonly isGateway: boolean;
}

/** A part, by its kind in words and by its name. */
type Part = readonly [kind: string, name: string];

/** The parts of kinds of which one name can be another with something behind it, such as the policy `NAME` and the policy `NAME-cpu`. */
function partsOf(name: string, facts: PartFacts): Part[] {
  const follows = facts.targetOngoingRequests !== undefined;
  const kinds: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
    "scaling policy": {
      "": facts.requestCountPerTarget !== undefined,
      "-ongoing-requests": follows,
      "-burst": follows && facts.burstScaling,
      "-cpu": facts.cpuTargetPercent !== 0,
    },
    "target group": { "": true, "-alternate": facts.shiftsTraffic },
    "listener rule": {
      "": true,
      "-production": facts.shiftsTraffic,
      "-tokens": facts.validatesTokens,
    },
    alarm: { "-unavailable": facts.alarms, "-zone-unavailable": facts.alarms },
  };
  return Object.entries(kinds).flatMap(([kind, suffixes]) =>
    Object.entries(suffixes)
      .filter(([, isThere]) => isThere)
      .map(([suffix]): Part => [kind, `${name}${suffix}`]),
  );
}

const claims = new WeakMap<object, Map<string, string>>();

/**
 * Refuses two services of a platform of which a part of one would have the URN of a part of the other. The engine would refuse it, too, by a URN of which nobody
 * has heard. Other names of parts would replace those of stacks that exist.
 *
 * @param platform what both services were given as their platform.
 */
export function claimPartNames(name: string, platform: object, facts: PartFacts): void {
  const taken = claims.get(platform) ?? new Map<string, string>();
  claims.set(platform, taken);
  for (const [kind, part] of partsOf(name, facts)) {
    const key = `${facts.isGateway ? "gateway" : "service"} ${kind} ${part}`;
    const holder = taken.get(key);
    taken.set(key, name);
    if (holder === undefined || holder === name) continue;
    throw new ArgumentError(
      facts.isGateway ? "McpGateway" : "McpService",
      `\`${name}\` and \`${holder}\` share a platform, and each would have ${/^[aeiou]/u.test(kind) ? "an" : "a"} ${kind} of the name \`${part}\`. Give one of them a name that does` +
        " not begin with the other's.",
    );
  }
}
