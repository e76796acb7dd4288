import type { Graph, GraphResource } from "../../graph/graph.ts";
import { listAt, numberAt, textAt } from "../fields.ts";
import { counted, label } from "../labels.ts";
import { instancesNeeded } from "./instances-needed.ts";
import { costItem, type CostItem, type Unpriced } from "./item.ts";
import {
  FARGATE,
  FARGATE_SPOT,
  FARGATE_STORAGE,
  FARGATE_STORAGE_FREE_GIB,
  GP3,
  HOURS_A_MONTH,
  INSTANCES,
  type Price,
} from "./prices.ts";
import { replicas, shares, type Share } from "./replicas.ts";
import { ofType } from "./usage.ts";

export const COMPUTE_TYPES = [
  "aws:ecs/service:Service",
  "aws:ecs/taskDefinition:TaskDefinition",
  "aws:appautoscaling/target:Target",
  "aws:autoscaling/group:Group",
  "aws:ec2/launchTemplate:LaunchTemplate",
] as const;

/** Tasks on Fargate, and instances. */
export function computeCost(graph: Graph): (CostItem | Unpriced)[] {
  return [
    ...ofType(graph, "aws:ecs/service:Service").flatMap((service) => tasks(graph, service)),
    ...ofType(graph, "aws:autoscaling/group:Group").flatMap((group) => instances(graph, group)),
    ...ofType(graph, "aws:ecs/capacityProvider:CapacityProvider")
      .filter(({ inputs }) => inputs["managedInstancesProvider"] !== undefined)
      .map((provider): Unpriced => ({
        what: "Managed Instances",
        of: [label(provider)],
        why: "AWS chooses instances as tasks need them, and adds a fee for keeping them",
      })),
  ];
}

/** How many of a number of tasks a place gets: its base first, then its share by weight; fractions stay, since rounding is not documented. */
function placed(all: readonly Share[], share: Share, count: number): number {
  const bases = Math.min(
    count,
    all.reduce((sum, { base }) => sum + base, 0),
  );
  const weights = all.reduce((sum, { weight }) => sum + weight, 0);
  const rest = weights === 0 ? 0 : ((count - bases) * share.weight) / weights;
  return Math.min(share.base, count) + rest;
}

function tasks(graph: Graph, service: GraphResource): (CostItem | Unpriced)[] {
  const definition = ofType(graph, "aws:ecs/taskDefinition:TaskDefinition").find(
    ({ id }) => id === service.inputs["taskDefinition"],
  );
  const cpu = numberAt(definition?.inputs, "cpu");
  const memory = numberAt(definition?.inputs, "memory");
  const all = shares(service);
  const range = replicas(graph, service);
  return all.flatMap((share): (CostItem | Unpriced)[] => {
    if (!share.provider.startsWith("FARGATE")) return [];
    if (cpu === undefined || memory === undefined) {
      return [
        {
          what: "Fargate tasks",
          of: [label(service)],
          why: "the size of the tasks is not in the program",
        },
      ];
    }
    const arm = textAt(definition?.inputs, "runtimePlatform", "cpuArchitecture") === "ARM64";
    const isSpot = share.provider === "FARGATE_SPOT";
    const quantity = {
      least: placed(all, share, range.least),
      most: placed(all, share, range.most),
    };
    const size = `${cpu / 1024} vCPU, ${memory / 1024} GB, ${arm ? "ARM" : "x86"}`;
    const storage = numberAt(definition?.inputs, "ephemeralStorage", "sizeInGib") ?? 0;
    const extra = Math.max(0, storage - FARGATE_STORAGE_FREE_GIB);
    return [
      costItem(
        `Fargate${isSpot ? " Spot" : ""}, ${size}`,
        [label(service)],
        quantity,
        taskPrice(cpu / 1024, memory / 1024, arm, isSpot),
      ),
      ...(extra === 0
        ? []
        : [
            costItem(
              `Fargate storage, ${counted(extra, "GiB", "GiB")} above ${FARGATE_STORAGE_FREE_GIB}`,
              [label(service)],
              {
                least: quantity.least * extra * HOURS_A_MONTH,
                most: quantity.most * extra * HOURS_A_MONTH,
              },
              FARGATE_STORAGE,
            ),
          ]),
    ];
  });
}

/** A task's month. */
export function taskPrice(cpu: number, memory: number, arm: boolean, spot: boolean): Price {
  const rates = arm ? FARGATE.ARM64 : FARGATE.X86_64;
  const share = spot ? FARGATE_SPOT.amount : 1;
  return {
    ...rates.cpu,
    amount: HOURS_A_MONTH * (cpu * rates.cpu.amount + memory * rates.memory.amount) * share,
    unit: "task and month",
  };
}

function instances(graph: Graph, group: GraphResource): (CostItem | Unpriced)[] {
  const { inputs } = group;
  const mixed = ["mixedInstancesPolicy", "launchTemplate"] as const;
  const type =
    textAt(listAt(inputs, ...mixed, "overrides")[0], "instanceType") ??
    textAt(inputs, "instanceType");
  const most = numberAt(inputs, "maxSize") ?? 0;
  const needed = type === undefined ? 0 : instancesNeeded(graph, group, type);
  // The group's minimum may be 0: what its services' fewest replicas take is paid for all the same.
  const least = Math.min(most, Math.max(numberAt(inputs, "minSize") ?? 0, needed));
  const range = { least, most };
  const hours = { least: range.least * HOURS_A_MONTH, most: range.most * HOURS_A_MONTH };
  const known = type === undefined ? undefined : INSTANCES[type];
  const onDemand = numberAt(
    inputs,
    "mixedInstancesPolicy",
    "instancesDistribution",
    "onDemandPercentageAboveBaseCapacity",
  );
  const what = `Instances ${type ?? "of an unknown type"}`;
  const template =
    textAt(inputs, ...mixed, "launchTemplateSpecification", "launchTemplateId") ??
    textAt(inputs, "launchTemplate", "id");
  const disk = ofType(graph, "aws:ec2/launchTemplate:LaunchTemplate")
    .filter(({ id }) => id === template)
    .flatMap((found) => listAt(found.inputs, "blockDeviceMappings"))
    .reduce<number>((sum, mapping) => sum + (numberAt(mapping, "ebs", "volumeSize") ?? 0), 0);
  return [
    known === undefined
      ? { what, of: [label(group)], why: "the price of this type is not in the table" }
      : costItem(
          `${what}${onDemand !== undefined && onDemand < 100 ? ", on demand (Spot is less, and moves)" : ""}`,
          [label(group)],
          hours,
          known,
        ),
    ...(disk === 0
      ? []
      : [
          costItem(
            `Disks of ${disk} GB`,
            [label(group)],
            { least: range.least * disk, most: range.most * disk },
            GP3,
          ),
        ]),
  ];
}
