import { GPU_FAMILIES, type InstanceRow } from "./gpu-instance-families.ts";

/** What an EC2 instance type has. */
export interface InstanceType {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryGib: number;
  readonly gpus: number;
  readonly networkInterfaces: number;
}

/** GiB for each vCPU of the families that compute, memory and what lies between are bought in (EC2 guide, "Instance types"). */
const GIB_PER_VCPU: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8 };

/** The network interfaces of those families by size, from the fifth generation on (EC2 guide, "Maximum network interfaces"). */
const NETWORK_INTERFACES: Readonly<Record<string, number>> = {
  medium: 2,
  large: 3,
  xlarge: 4,
  "2xlarge": 4,
  "4xlarge": 8,
  "8xlarge": 8,
  "9xlarge": 8,
  "12xlarge": 8,
  "16xlarge": 15,
  "18xlarge": 15,
  "24xlarge": 15,
  "48xlarge": 15,
};

const BURSTABLE: readonly InstanceRow[] = [
  ["micro", 2, 1, 0, 2],
  ["small", 2, 2, 0, 3],
  ["medium", 2, 4, 0, 3],
  ["large", 2, 8, 0, 3],
  ["xlarge", 4, 16, 0, 4],
  ["2xlarge", 8, 32, 0, 4],
];

/** Undefined for types that are not known here. */
export function instanceTypeOf(name: string): InstanceType | undefined {
  const [family = "", size = ""] = name.split(".");
  const rows =
    GPU_FAMILIES.get(family) ?? (/^t[34]/u.test(family) ? BURSTABLE : generalRows(family));
  const row = rows.find(([rowSize]) => rowSize === size);
  if (row === undefined) return undefined;
  const [, vcpus, memoryGib, gpus, networkInterfaces] = row;
  return { name, vcpus, memoryGib, gpus, networkInterfaces };
}

/** c, m and r from the fifth generation on, such as `m7g` or `c7i-flex`. */
function generalRows(family: string): InstanceRow[] {
  const [, letter = ""] = /^([cmr])[5-9][a-z]*(?:-flex)?$/u.exec(family) ?? [];
  const gibPerVcpu = GIB_PER_VCPU[letter];
  if (gibPerVcpu === undefined) return [];
  return Object.entries(NETWORK_INTERFACES).map(([size, networkInterfaces]) => {
    const vcpus = vcpusOf(size);
    return [size, vcpus, vcpus * gibPerVcpu, 0, networkInterfaces];
  });
}

function vcpusOf(size: string): number {
  if (size === "medium") return 1;
  if (size === "large") return 2;
  return 4 * Number(/^(\d*)xlarge$/u.exec(size)?.[1] || 1);
}
