import { InstanceManagement, type InstanceCapacity } from "./instance-capacity.ts";
import { checkInstanceTypes } from "./instance-types-check.ts";
import { ArgumentError, check, checkTogether, oneOf, wholeNumberBetween } from "../validation.ts";

/** What an Auto Scaling group grows to where the program says nothing. */
export const DEFAULT_MAX_INSTANCES = 10;

/** IAM allows a role 64 characters: those of a platform's name (24), of this one, of `-infrastructure` and of Pulumi's random suffix (8), and a hyphen. */
const LONGEST_NAME = 16;

/** Refuses capacities that AWS would refuse, or that no replica could run on. */
export function checkInstanceCapacities(
  component: string,
  capacities: Readonly<Record<string, InstanceCapacity>> | undefined,
): void {
  for (const [name, capacity] of Object.entries(capacities ?? {})) {
    if (name.length > LONGEST_NAME || !/^[a-z](?:-?[a-z0-9])*$/u.test(name)) {
      throw new ArgumentError(
        component,
        `\`instanceCapacity\` has the name \`${name}\`; give names of at most ${LONGEST_NAME} lower-case letters, digits and single hyphens, beginning with a` +
          " letter, since roles and instances are named after it.",
      );
    }
    if (name.startsWith("fargate")) {
      throw new ArgumentError(
        component,
        `\`instanceCapacity\` has the name \`${name}\`, but Fargate has no instances, and a service runs on it without being told. Choose another name.`,
      );
    }
    checkInstanceCapacity(component, `instanceCapacity.${name}`, capacity);
  }
}

/**
 * Refuses one capacity that AWS would refuse, or that no replica could run on.
 *
 * @param argument where the capacity is given.
 */
export function checkInstanceCapacity(
  component: string,
  argument: string,
  capacity: InstanceCapacity,
): void {
  const { management = InstanceManagement.AutoScalingGroup, minInstances = 0 } = capacity;
  oneOf(component, `${argument}.management`, InstanceManagement)(management);
  checkInstanceTypes(component, argument, capacity);
  if (management === InstanceManagement.ManagedInstances)
    checkManaged(component, argument, capacity);

  for (const [name, least] of [
    ["minInstances", 0],
    ["maxInstances", 1],
  ] as const)
    check(capacity[name], wholeNumberBetween(component, `${argument}.${name}`, least, 5000));
  check(
    capacity.targetCapacityPercent,
    wholeNumberBetween(component, `${argument}.targetCapacityPercent`, 1, 100, "percent"),
  );
  check(
    capacity.volumeSizeGib,
    wholeNumberBetween(component, `${argument}.volumeSizeGib`, 30, 16_384, "GiB"),
  );
  checkTogether(
    [minInstances, capacity.maxInstances ?? DEFAULT_MAX_INSTANCES],
    ([least = 0, most = 0]) => {
      if (least <= most) return;
      throw new ArgumentError(
        component,
        `\`${argument}.minInstances\` is ${least}, more than \`maxInstances\`, which is ${most}. Lower the one or raise the other.`,
      );
    },
  );
  check(capacity.imageId, (imageId) => {
    if (/^(?:ami-(?:[0-9a-f]{8}|[0-9a-f]{17})|resolve:ssm:.+)$/u.test(imageId)) return;
    throw new ArgumentError(
      component,
      `\`${argument}.imageId\` is \`${imageId}\`; give the id of an AMI, such as \`ami-0123456789abcdef0\`, or \`resolve:ssm:\` and the name of a parameter` +
        " that holds one.",
    );
  });
}

/** What only an Auto Scaling group has, and why Managed Instances have it not. */
const ONLY_IN_GROUPS = {
  minInstances: "ECS starts an instance for replicas, and for nothing else",
  maxInstances: "ECS starts as many instances as the replicas need, and `maxReplicas` bounds these",
  targetCapacityPercent: "ECS starts an instance for replicas, and holds none free",
  shareGpu: "they give each GPU to one replica",
  networkInterfaceTrunking: "they have it whatever the account's setting is",
  imageId: "ECS chooses and renews the AMI",
  enableSessionManager: "nobody can open a shell on them",
} as const;

function checkManaged(component: string, argument: string, capacity: InstanceCapacity): void {
  for (const [name, reason] of Object.entries(ONLY_IN_GROUPS)) {
    const value = capacity[name as keyof typeof ONLY_IN_GROUPS];
    if (value === undefined || value === false) continue;
    throw new ArgumentError(
      component,
      `\`${argument}.${name}\` is given beside \`management: "${InstanceManagement.ManagedInstances}"\`, but ${reason}. Leave it out, or set` +
        ` \`management: "${InstanceManagement.AutoScalingGroup}"\`.`,
    );
  }
}
