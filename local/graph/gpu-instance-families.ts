/** Size, vCPU, memory in GiB, GPUs, and the network interfaces of the card that ECS attaches tasks to. */
export type InstanceRow = readonly [string, number, number, number, number];

/** From the EC2 guide "Accelerated computing instances" of 2026. */
export const GPU_FAMILIES: ReadonlyMap<string, readonly InstanceRow[]> = new Map<
  string,
  readonly InstanceRow[]
>([
  [
    "g4dn",
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
  [
    "g5",
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
  [
    "g5g",
    [
      ["xlarge", 4, 8, 1, 4],
      ["2xlarge", 8, 16, 1, 4],
      ["4xlarge", 16, 32, 1, 8],
      ["8xlarge", 32, 64, 1, 8],
      ["16xlarge", 64, 128, 2, 15],
      ["metal", 64, 128, 2, 15],
    ],
  ],
  [
    "g6",
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
  [
    "g6e",
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
  [
    "g6f",
    [
      ["large", 2, 8, 0.125, 2],
      ["xlarge", 4, 16, 0.125, 4],
      ["2xlarge", 8, 32, 0.25, 4],
      ["4xlarge", 16, 64, 0.5, 8],
    ],
  ],
  [
    "g7e",
    [
      ["2xlarge", 8, 64, 1, 4],
      ["4xlarge", 16, 128, 1, 8],
      ["8xlarge", 32, 256, 1, 8],
      ["12xlarge", 48, 512, 2, 10],
      ["24xlarge", 96, 1024, 4, 10],
      ["48xlarge", 192, 2048, 8, 10],
    ],
  ],
  [
    "gr6",
    [
      ["4xlarge", 16, 128, 1, 8],
      ["8xlarge", 32, 256, 1, 8],
    ],
  ],
  ["gr6f", [["4xlarge", 16, 128, 0.5, 8]]],
  ["p4d", [["24xlarge", 96, 1152, 8, 15]]],
  ["p4de", [["24xlarge", 96, 1152, 8, 15]]],
  [
    "p5",
    [
      ["4xlarge", 16, 256, 1, 4],
      ["48xlarge", 192, 2048, 8, 2],
    ],
  ],
  ["p5e", [["48xlarge", 192, 2048, 8, 2]]],
  ["p5en", [["48xlarge", 192, 2048, 8, 4]]],
  ["p6-b200", [["48xlarge", 192, 2048, 8, 4]]],
  ["p6-b300", [["48xlarge", 192, 4096, 8, 4]]],
]);
