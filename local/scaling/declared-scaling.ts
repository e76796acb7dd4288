import { z } from "zod";
import type { Graph, GraphResource } from "../graph/graph.ts";
import { inputsOf } from "../graph/inputs.ts";
import type { AdjustmentType, StepScaling } from "./step-adjustment.ts";
import { trackingConfiguration, type TrackingConfiguration } from "./tracking-metric.ts";

/** A scalable target, with everything that moves it. */
export interface DeclaredScaling {
  readonly name: string;
  /** Such as `service/cluster/name`. */
  readonly resourceId: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly suspended: {
    readonly in: boolean;
    readonly out: boolean;
    readonly scheduled: boolean;
  };
  readonly policies: readonly DeclaredPolicy[];
  readonly schedules: readonly DeclaredSchedule[];
}

export type DeclaredPolicy = TrackingPolicy | StepPolicy;

export interface TrackingPolicy {
  readonly kind: "tracking";
  readonly name: string;
  readonly arn: string;
  readonly configuration: TrackingConfiguration;
}

export interface StepPolicy extends StepScaling {
  readonly kind: "step";
  readonly name: string;
  readonly arn: string;
  readonly cooldownSeconds: number;
  readonly aggregation: "Average" | "Minimum" | "Maximum";
}

export interface DeclaredSchedule {
  readonly name: string;
  readonly expression: string;
  readonly timezone: string;
  /** Milliseconds since 1970. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
}

const DIMENSION = "ecs:service:DesiredCount";

const target = z.object({
  resourceId: z.string(),
  scalableDimension: z.string(),
  minCapacity: z.number(),
  maxCapacity: z.number(),
  suspendedState: z
    .object({
      dynamicScalingInSuspended: z.boolean().default(false),
      dynamicScalingOutSuspended: z.boolean().default(false),
      scheduledScalingSuspended: z.boolean().default(false),
    })
    .prefault({}),
});

/** Numbers are texts in some inputs of the provider. */
const number = z.coerce.number();

const policy = z.object({
  resourceId: z.string(),
  scalableDimension: z.string(),
  policyType: z.string().default("StepScaling"),
  targetTrackingScalingPolicyConfiguration: trackingConfiguration.optional(),
  stepScalingPolicyConfiguration: z
    .object({
      adjustmentType: z.enum([
        "ChangeInCapacity",
        "ExactCapacity",
        "PercentChangeInCapacity",
      ] satisfies AdjustmentType[]),
      cooldown: z.number().default(300),
      metricAggregationType: z.enum(["Average", "Minimum", "Maximum"]).default("Average"),
      minAdjustmentMagnitude: z.number().default(0),
      stepAdjustments: z.array(
        z.object({
          metricIntervalLowerBound: number.default(Number.NEGATIVE_INFINITY),
          metricIntervalUpperBound: number.default(Number.POSITIVE_INFINITY),
          scalingAdjustment: z.number(),
        }),
      ),
    })
    .optional(),
});

const schedule = z.object({
  resourceId: z.string(),
  scalableDimension: z.string(),
  schedule: z.string(),
  timezone: z.string().default("UTC"),
  startTime: z.string().optional(),
  endTime: z.string().optional(),
  scalableTargetAction: z.object({
    minCapacity: number.optional(),
    maxCapacity: number.optional(),
  }),
});

/** The scalable targets of ECS services in a graph. */
export function readScaling(graph: Graph): DeclaredScaling[] {
  const policies = ofType(graph, "policy:Policy");
  const schedules = ofType(graph, "scheduledAction:ScheduledAction");
  return ofType(graph, "target:Target").flatMap((resource) => {
    const inputs = inputsOf(resource, target);
    if (inputs.scalableDimension !== DIMENSION) return [];
    const { resourceId, suspendedState: suspended } = inputs;
    return [
      {
        name: resource.name,
        resourceId,
        minimum: inputs.minCapacity,
        maximum: inputs.maxCapacity,
        suspended: {
          in: suspended.dynamicScalingInSuspended,
          out: suspended.dynamicScalingOutSuspended,
          scheduled: suspended.scheduledScalingSuspended,
        },
        policies: policies.flatMap((each) => readPolicy(each, resourceId)),
        schedules: schedules.flatMap((each) => readSchedule(each, resourceId)),
      },
    ];
  });
}

function ofType({ resources }: Graph, type: string): GraphResource[] {
  return resources.filter((resource) => resource.type === `aws:appautoscaling/${type}`);
}

function readPolicy(resource: GraphResource, resourceId: string): DeclaredPolicy[] {
  const inputs = inputsOf(resource, policy);
  if (inputs.resourceId !== resourceId || inputs.scalableDimension !== DIMENSION) return [];
  const { name } = resource;
  const arn = arnOf(resource);
  const configuration = inputs.targetTrackingScalingPolicyConfiguration;
  if (configuration !== undefined) return [{ kind: "tracking", name, arn, configuration }];
  const steps = inputs.stepScalingPolicyConfiguration;
  if (steps === undefined) return [];
  return [
    {
      kind: "step",
      name,
      arn,
      adjustmentType: steps.adjustmentType,
      cooldownSeconds: steps.cooldown,
      aggregation: steps.metricAggregationType,
      minAdjustmentMagnitude: steps.minAdjustmentMagnitude,
      steps: steps.stepAdjustments.map((step) => ({
        lower: step.metricIntervalLowerBound,
        upper: step.metricIntervalUpperBound,
        adjustment: step.scalingAdjustment,
      })),
    },
  ];
}

function readSchedule(resource: GraphResource, resourceId: string): DeclaredSchedule[] {
  const inputs = inputsOf(resource, schedule);
  if (inputs.resourceId !== resourceId || inputs.scalableDimension !== DIMENSION) return [];
  return [
    {
      name: resource.name,
      expression: inputs.schedule,
      timezone: inputs.timezone,
      start: inputs.startTime === undefined ? undefined : Date.parse(inputs.startTime),
      end: inputs.endTime === undefined ? undefined : Date.parse(inputs.endTime),
      minimum: inputs.scalableTargetAction.minCapacity,
      maximum: inputs.scalableTargetAction.maxCapacity,
    },
  ];
}

/** What AWS would have answered; the id, where that is all there is. */
function arnOf({ outputs, id }: GraphResource): string {
  const { arn } = outputs;
  return typeof arn === "string" ? arn : id;
}
