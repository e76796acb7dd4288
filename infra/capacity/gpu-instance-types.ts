/** Size, vCPU, memory in GiB, GPUs, and the network interfaces of the first network card, which is the one that ECS attaches tasks to. */
export type GpuRow = readonly [string, number, number, number, number];

/** A family of GPU instance types: the GPU's model, the memory of a whole one in MiB, and the sizes. */
export type GpuFamily = readonly [string, number, readonly GpuRow[]];

const A10G = ["NVIDIA A10G", 22_888] as const;
const L4 = ["NVIDIA L4", 22_888] as const;
const L40S = ["NVIDIA L40S", 45_776] as const;
const T4 = ["NVIDIA T4", 16_384] as const;

/**
 * From the EC2 guide "Accelerated computing instances" of 2026, the GPU memory as `DescribeInstanceTypes` has it in MiB. It holds what the ECS GPU AMI
 * (aws/amazon-ecs-ami) or Managed Instances have a driver for; P3 is left out, as a former generation.
 */
export const GPU_FAMILIES: ReadonlyMap<string, GpuFamily> = new Map<string, GpuFamily>([
  [
    "g4dn",
    [
      ...T4,
      [
        ["xlarge", 4, 16, 1, 3],
        ["2xlarge", 8, 32, 1, 3],
        ["4xlarge", 16, 64, 1, 3],
        ["8xlarge", 32, 128, 1, 4],
        ["12xlarge", 48, 192, 4, 8],
        ["16xlarge", 64, 256, 1, 4],
        ["metal", 96, 384, 8, 15],
      ],
    ],
  ],
  [
    "g5",
    [
      ...A10G,
      [
        ["xlarge", 4, 16, 1, 4],
        ["2xlarge", 8, 32, 1, 4],
        ["4xlarge", 16, 64, 1, 8],
        ["8xlarge", 32, 128, 1, 8],
        ["12xlarge", 48, 192, 4, 15],
        ["16xlarge", 64, 256, 1, 8],
        ["24xlarge", 96, 384, 4, 15],
        ["48xlarge", 192, 768, 8, 7],
      ],
    ],
  ],
  [
    "g5g",
    [
      "NVIDIA T4G",
      16_384,
      [
        ["xlarge", 4, 8, 1, 4],
        ["2xlarge", 8, 16, 1, 4],
        ["4xlarge", 16, 32, 1, 8],
        ["8xlarge", 32, 64, 1, 8],
        ["16xlarge", 64, 128, 2, 15],
        ["metal", 64, 128, 2, 15],
      ],
    ],
  ],
  [
    "g6",
    [
      ...L4,
      [
        ["xlarge", 4, 16, 1, 4],
        ["2xlarge", 8, 32, 1, 4],
        ["4xlarge", 16, 64, 1, 8],
        ["8xlarge", 32, 128, 1, 8],
        ["12xlarge", 48, 192, 4, 8],
        ["16xlarge", 64, 256, 1, 15],
        ["24xlarge", 96, 384, 4, 15],
        ["48xlarge", 192, 768, 8, 15],
      ],
    ],
  ],
  [
    "g6e",
    [
      ...L40S,
      [
        ["xlarge", 4, 32, 1, 4],
        ["2xlarge", 8, 64, 1, 4],
        ["4xlarge", 16, 128, 1, 8],
        ["8xlarge", 32, 256, 1, 8],
        ["12xlarge", 48, 384, 4, 10],
        ["16xlarge", 64, 512, 1, 15],
        ["24xlarge", 96, 768, 4, 10],
        ["48xlarge", 192, 1536, 8, 10],
      ],
    ],
  ],
  [
    "g6f",
    [
      ...L4,
      [
        ["large", 2, 8, 0.125, 2],
        ["xlarge", 4, 16, 0.125, 4],
        ["2xlarge", 8, 32, 0.25, 4],
        ["4xlarge", 16, 64, 0.5, 8],
      ],
    ],
  ],
  [
    "g7e",
    [
      "NVIDIA RTX PRO Server 6000",
      98_304,
      [
        ["2xlarge", 8, 64, 1, 4],
        ["4xlarge", 16, 128, 1, 8],
        ["8xlarge", 32, 256, 1, 8],
        ["12xlarge", 48, 512, 2, 10],
        ["24xlarge", 96, 1024, 4, 10],
        ["48xlarge", 192, 2048, 8, 10],
      ],
    ],
  ],
  [
    "gr6",
    [
      ...L4,
      [
        ["4xlarge", 16, 128, 1, 8],
        ["8xlarge", 32, 256, 1, 8],
      ],
    ],
  ],
  ["gr6f", [...L4, [["4xlarge", 16, 128, 0.5, 8]]]],
  ["p4d", ["NVIDIA A100 40 GB", 40_960, [["24xlarge", 96, 1152, 8, 15]]]],
  ["p4de", ["NVIDIA A100 80 GB", 81_920, [["24xlarge", 96, 1152, 8, 15]]]],
  [
    "p5",
    [
      "NVIDIA H100",
      81_920,
      [
        ["4xlarge", 16, 256, 1, 4],
        ["48xlarge", 192, 2048, 8, 2],
      ],
    ],
  ],
  ["p5e", ["NVIDIA H200", 144_384, [["48xlarge", 192, 2048, 8, 2]]]],
  ["p5en", ["NVIDIA H200", 144_384, [["48xlarge", 192, 2048, 8, 4]]]],
  ["p6-b200", ["NVIDIA B200", 183_296, [["48xlarge", 192, 2048, 8, 4]]]],
  ["p6-b300", ["NVIDIA B300", 274_432, [["48xlarge", 192, 4096, 8, 4]]]],
]);
