import { InstanceManagement, type InstanceCapacity } from "./instance-capacity.ts";
import {
  architectureOf,
  familyOf,
  gpuAlternatives,
  gpuTypeOf,
  isFractional,
  isGpuFamily,
  sizeOf,
  type GpuInstanceType,
} from "./instance-types.ts";
import { CpuArchitecture } from "../task/task.ts";
import { ArgumentError } from "../validation.ts";

/** A type of a capacity, with the facts of its GPUs if it has some. */
interface KnownType {
  readonly name: string;
  readonly gpu: GpuInstanceType | undefined;
}

/** Refuses instance types that AWS would refuse, or between which the placement of a replica would be a matter of luck. */
export function checkInstanceTypes(
  component: string,
  argument: string,
  capacity: InstanceCapacity,
): void {
  const { instanceTypes, management = InstanceManagement.AutoScalingGroup } = capacity;
  const refuse = (message: string): never => {
    throw new ArgumentError(component, `\`${argument}.instanceTypes\` ${message}`);
  };
  const types = instanceTypes.map((name) => knownType(name, refuse));
  const [first] = types;
  if (first === undefined)
    return refuse("is empty; give a type, such as `m7g.large`, or `g6.xlarge` with a GPU.");
  const twice = instanceTypes.find((name, index) => instanceTypes.indexOf(name) !== index);
  if (twice !== undefined) refuse(`has \`${twice}\` twice; give each type once.`);

  for (const other of types.slice(1)) checkAlike(first, other, refuse);
  if (management === InstanceManagement.ManagedInstances) {
    for (const { name } of types) checkManagedType(name, refuse);
    return;
  }
  for (const other of types.slice(1)) checkSize(first, other, refuse);
  if (
    first.gpu !== undefined &&
    architectureOf(first.name) === CpuArchitecture.Arm64 &&
    capacity.imageId === undefined
  ) {
    refuse(
      `has \`${first.name}\`, but there is no ECS AMI with GPU drivers for ARM64. Give an \`imageId\` of your own, take \`g4dn\` or \`g6\`, or set` +
        ` \`management: "${InstanceManagement.ManagedInstances}"\`.`,
    );
  }
  if (capacity.shareGpu === true) for (const type of types) checkShared(type, refuse);
}

type Refuse = (message: string) => never;

function knownType(name: string, refuse: Refuse): KnownType {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*$/u.test(name))
    return refuse(`has \`${name}\`; give a family and a size, such as \`m7g.large\`.`);
  const gpu = gpuTypeOf(name);
  if (gpu === undefined && isGpuFamily(name)) {
    const known = gpuAlternatives(name).map((alternative) => `\`${alternative}\``);
    return refuse(
      `has \`${name}\`, which no driver is known for, nor how many GPUs it has; known are ${known.join(", ")}. Take one of these.`,
    );
  }
  return { name, gpu };
}

const APART = "and the others to a capacity of their own";

/** ECS must be able to place any replica of a service on any instance of its capacity. */
function checkAlike(first: KnownType, other: KnownType, refuse: Refuse): void {
  const [left, right] = [architectureOf(first.name), architectureOf(other.name)];
  if (left !== right) {
    refuse(
      `mixes processors, and an image is built for one: \`${first.name}\` is ${left}, \`${other.name}\` is ${right}. Give types of one, ${APART}.`,
    );
  }
  if (first.gpu === undefined && other.gpu === undefined) return;
  if (first.gpu === undefined || other.gpu === undefined) {
    const [withGpu, without] = first.gpu === undefined ? [other, first] : [first, other];
    return refuse(
      `mixes types with and without GPUs, \`${withGpu.name}\` and \`${without.name}\`. Give the ones, ${APART}.`,
    );
  }
  if (first.gpu.model !== other.gpu.model) {
    refuse(
      `mixes GPUs, which ECS does not tell apart: \`${first.name}\` has ${first.gpu.model}, \`${other.name}\` has ${other.gpu.model}. Give types of one` +
        ` model, ${APART}.`,
    );
  }
  if (first.gpu.gpus !== other.gpu.gpus && (isFractional(first.gpu) || isFractional(other.gpu))) {
    refuse(
      `mixes parts of a GPU, and a replica asks for one certain part: \`${first.name}\` has ${first.gpu.gpus}, \`${other.name}\` has ${other.gpu.gpus}. Give` +
        ` types with equal parts, ${APART}.`,
    );
  }
}

function checkSize(first: KnownType, other: KnownType, refuse: Refuse): void {
  const alike =
    first.gpu === undefined || other.gpu === undefined
      ? sizeOf(first.name) === sizeOf(other.name)
      : first.gpu.vcpu === other.gpu.vcpu && first.gpu.gpus === other.gpu.gpus;
  if (alike) return;
  refuse(
    `has types of different sizes, \`${first.name}\` and \`${other.name}\`: ECS counts the instances that it needs of an Auto Scaling group by the smallest.` +
      ` Give types of one size, ${APART}, or set \`management: "${InstanceManagement.ManagedInstances}"\`.`,
  );
}

function checkShared({ name, gpu }: KnownType, refuse: Refuse): void {
  if (gpu?.gpus === 1) return;
  refuse(
    `has \`${name}\` beside \`shareGpu\`, which takes types with exactly one GPU: ` +
      (gpu === undefined
        ? "it has none. Take one such as `g6.xlarge`, or leave `shareGpu` out."
        : isFractional(gpu)
          ? `it has ${gpu.gpus} of one, which AWS has parted already. Leave \`shareGpu\` out, and give the service \`gpu: ${gpu.gpus}\`.`
          : `it has ${gpu.gpus}, and every replica would see all of them. Take one such as \`g6.xlarge\`, or leave \`shareGpu\` out.`),
  );
}

/** Families that AWS sells, but Managed Instances do not offer: former generations, and GPUs for whole clusters. */
const NOT_MANAGED = /^(?:a1|[cmr][1-4]|cr1|d2|h1|hs1|i[23]|mac\d.*|p5e|t[12]|x1e?)$/u;

/** ECS guide, "Managed Instances instance types". */
function checkManagedType(name: string, refuse: Refuse): void {
  const size = sizeOf(name);
  if (NOT_MANAGED.test(familyOf(name))) {
    refuse(
      `has \`${name}\`, a family that ECS Managed Instances do not offer. Take a newer one, or set \`management: "${InstanceManagement.AutoScalingGroup}"\`.`,
    );
  }
  // Burstable types have two vCPUs in every size.
  if (["nano", "micro"].includes(size) || (size === "medium" && !name.startsWith("t"))) {
    refuse(
      `has \`${name}\`, but ECS Managed Instances start none that is \`nano\` or \`micro\` or has one vCPU. Take \`${familyOf(name)}.large\`, or set` +
        ` \`management: "${InstanceManagement.AutoScalingGroup}"\`.`,
    );
  }
}
