import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createLogGroup } from "./log-group.ts";
import type { Tags } from "../tags.ts";

/** What ECS measures beyond processor and memory. Prices are those of us-east-1 in 2026, a month. */
export const ContainerInsights = {
  /** Nothing: processor and memory of each service are free, and so is what the load balancer counts. */
  Disabled: "disabled",
  /** Wanted, running and pending replicas, processor, memory, network and disk of each service: about 9 USD for each service. */
  Enabled: "enabled",
  /** All that of each task and container, too, and GPUs on Managed Instances: 0.07 USD for each metric, by the number of containers. */
  Enhanced: "enhanced",
} as const;
export type ContainerInsights = (typeof ContainerInsights)[keyof typeof ContainerInsights];

/**
 * The log group that Container Insights writes its events to. ECS makes it when the first task runs, and it would outlive the stack; one that is there
 * already is taken (containers-roadmap#2315), which a cluster that is minutes old, and has no task, makes sure of.
 */
export function createPerformanceLogGroup(
  name: string,
  args: {
    readonly clusterName: pulumi.Input<string>;
    readonly kmsKeyArn: pulumi.Input<string> | undefined;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.LogGroup {
  return createLogGroup(
    `${name}-container-insights`,
    {
      name: pulumi.interpolate`/aws/ecs/containerinsights/${args.clusterName}/performance`,
      // As ECS makes it: the metrics, which are made from these events, stay for 15 months.
      retentionInDays: 1,
      kmsKeyArn: args.kmsKeyArn,
      tags: args.tags,
    },
    opts,
  );
}
