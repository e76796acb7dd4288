import { z } from "zod";
import { LocalError, type Graph, type GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";
import { instanceTypeOf } from "./instance-types.ts";
import type { TaskResources } from "./task-resources.ts";
import { zoneOf } from "./zones.ts";

/** What an instance has to give to tasks. */
export interface InstanceSize extends TaskResources {
  /** How many tasks with a network interface of their own it holds beside itself. */
  readonly tasks: number;
}

/** Instances by which a capacity provider runs tasks. */
export interface InstanceCapacity {
  readonly name: string;
  readonly management: "AUTO_SCALING_GROUP" | "MANAGED_INSTANCES";
  /** The first type declared, or the smallest that holds a task. */
  readonly types: readonly { readonly name: string; readonly size: InstanceSize | undefined }[];
  readonly zones: readonly string[];
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number | undefined;
  /** Undefined where it is not turned on. */
  readonly managedScaling: ManagedScaling | undefined;
}

/** What managed scaling is told (API ManagedScaling, and its defaults). */
export type ManagedScaling = z.output<typeof managedScaling>;

const managedScaling = z.object({
  status: z.enum(["ENABLED", "DISABLED"]).default("DISABLED"),
  targetCapacity: z.number().min(1).max(100).default(100),
  minimumScalingStepSize: z.number().default(1),
  maximumScalingStepSize: z.number().default(10_000),
  instanceWarmupPeriod: z.number().default(300),
});

const providerInputs = z.object({
  autoScalingGroupProvider: z
    .object({ autoScalingGroupArn: z.string(), managedScaling: managedScaling.optional() })
    .optional(),
  managedInstancesProvider: z
    .object({
      instanceLaunchTemplate: z.object({
        networkConfiguration: z.object({ subnets: z.array(z.string()) }),
        instanceRequirements: z
          .object({ allowedInstanceTypes: z.array(z.string()).default([]) })
          .optional(),
      }),
    })
    .optional(),
});

/** A strategy names a provider so. */
const nameOutput = z.object({ name: z.string() });

const launchTemplateReference = z.object({
  launchTemplateSpecification: z.object({ launchTemplateId: z.string().optional() }).optional(),
  overrides: z.array(z.object({ instanceType: z.string().optional() })).default([]),
});

const groupInputs = z.object({
  minSize: z.number(),
  maxSize: z.number(),
  desiredCapacity: z.number().optional(),
  vpcZoneIdentifiers: z.array(z.string()).default([]),
  availabilityZones: z.array(z.string()).default([]),
  launchTemplate: z.object({ id: z.string().optional() }).optional(),
  mixedInstancesPolicy: z.object({ launchTemplate: launchTemplateReference }).optional(),
});

const templateInputs = z.object({ instanceType: z.string().optional() });

/**
 * ECS registers less memory than an instance has: the rest is the kernel's and the agent's. How much is not published by type; nine tenths is less than
 * is usually left.
 */
const REGISTERED_MEMORY = 0.9;

/** The capacity providers of a graph that run tasks on instances. */
export function readInstanceCapacity(graph: Graph): InstanceCapacity[] {
  const isTrunking = hasTrunking(graph);
  return graph.resources
    .filter(({ type }) => type === "aws:ecs/capacityProvider:CapacityProvider")
    .map((resource) => readProvider(graph, resource, isTrunking));
}

/** Whether an instance holds more tasks than it has network interfaces. */
function hasTrunking(graph: Graph): boolean {
  return graph.resources.some(
    ({ type, inputs }) =>
      type === "aws:ecs/accountSettingDefault:AccountSettingDefault" &&
      inputs["name"] === "awsvpcTrunking" &&
      inputs["value"] === "enabled",
  );
}

/** What tasks find on an instance of a type; undefined for types that are not known here. */
export function instanceSizeOf(graph: Graph, typeName: string): InstanceSize | undefined {
  return typesOf([typeName], hasTrunking(graph))[0]?.size;
}

function readProvider(
  graph: Graph,
  resource: GraphResource,
  isTrunking: boolean,
): InstanceCapacity {
  const { name } = nameOutput.parse(resource.outputs);
  const { autoScalingGroupProvider, managedInstancesProvider } = inputsOf(resource, providerInputs);
  if (managedInstancesProvider !== undefined) {
    const { networkConfiguration, instanceRequirements } =
      managedInstancesProvider.instanceLaunchTemplate;
    return {
      name,
      management: "MANAGED_INSTANCES",
      // They have trunking whatever the account's setting is.
      types: typesOf(instanceRequirements?.allowedInstanceTypes ?? [], true),
      zones: networkConfiguration.subnets.map((subnet, index) => zoneOf(graph, subnet, index)),
      minSize: 0,
      maxSize: Number.POSITIVE_INFINITY,
      desiredCapacity: undefined,
      managedScaling: undefined,
    };
  }
  const arn = autoScalingGroupProvider?.autoScalingGroupArn;
  const group = graph.resources.find(
    ({ type, outputs }) => type === "aws:autoscaling/group:Group" && outputs["arn"] === arn,
  );
  if (group === undefined) {
    throw new LocalError(
      `The capacity provider \`${resource.name}\` runs the Auto Scaling group \`${arn ?? ""}\`, which the program does not declare. Declare it in the` +
        " program, so that its instances can be counted here.",
    );
  }
  const inputs = inputsOf(group, groupInputs);
  const scaling = autoScalingGroupProvider?.managedScaling;
  return {
    name,
    management: "AUTO_SCALING_GROUP",
    types: typesOf(typeNames(graph, inputs), isTrunking),
    zones: [
      ...inputs.availabilityZones,
      ...inputs.vpcZoneIdentifiers.map((subnet, index) => zoneOf(graph, subnet, index)),
    ],
    minSize: inputs.minSize,
    maxSize: inputs.maxSize,
    desiredCapacity: inputs.desiredCapacity,
    managedScaling: scaling?.status === "ENABLED" ? scaling : undefined,
  };
}

function typeNames(graph: Graph, inputs: z.output<typeof groupInputs>): string[] {
  const policy = inputs.mixedInstancesPolicy?.launchTemplate;
  const named = (policy?.overrides ?? []).flatMap(({ instanceType }) => instanceType ?? []);
  if (named.length > 0) return named;
  const id = policy?.launchTemplateSpecification?.launchTemplateId ?? inputs.launchTemplate?.id;
  const template = graph.resources.find(
    (resource) => resource.type === "aws:ec2/launchTemplate:LaunchTemplate" && resource.id === id,
  );
  const type = template && inputsOf(template, templateInputs).instanceType;
  return type === undefined ? [] : [type];
}

function typesOf(names: readonly string[], isTrunking: boolean): InstanceCapacity["types"] {
  return names.map((name) => {
    const type = instanceTypeOf(name);
    return {
      name,
      size: type && {
        cpuUnits: type.vcpus * 1024,
        memoryMib: Math.floor(type.memoryGib * 1024 * REGISTERED_MEMORY),
        gpus: type.gpus,
        tasks: isTrunking ? Number.POSITIVE_INFINITY : type.networkInterfaces - 1,
      },
    };
  });
}
