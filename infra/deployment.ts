import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "./tags.ts";
import { CONTAINER_NAME } from "./task.ts";

/** What the ECS service is made from. */
export interface EcsServiceArgs {
  readonly clusterArn: pulumi.Input<string>;
  readonly taskDefinitionArn: pulumi.Input<string>;
  readonly subnetIds: pulumi.Input<string[]>;
  readonly securityGroupId: pulumi.Input<string>;
  readonly targetGroupArn: pulumi.Input<string>;
  readonly port: pulumi.Input<number>;
  /** The first count; from then on it is the autoscaler's. */
  readonly desiredCount: pulumi.Input<number>;
  readonly healthCheckGracePeriodSeconds: pulumi.Input<number>;
  readonly tags: Tags;
}

/** The ECS service: spread over the zones by Fargate, rolled out without ever having fewer replicas than wanted. */
export function createEcsService(
  name: string,
  args: EcsServiceArgs,
  opts: pulumi.CustomResourceOptions,
): aws.ecs.Service {
  return new aws.ecs.Service(
    name,
    {
      cluster: args.clusterArn,
      taskDefinition: args.taskDefinitionArn,
      desiredCount: args.desiredCount,
      capacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1 }],
      networkConfiguration: {
        subnets: args.subnetIds,
        securityGroups: [args.securityGroupId],
        assignPublicIp: false,
      },
      loadBalancers: [
        {
          targetGroupArn: args.targetGroupArn,
          containerName: CONTAINER_NAME,
          containerPort: args.port,
        },
      ],
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      availabilityZoneRebalancing: "ENABLED",
      healthCheckGracePeriodSeconds: args.healthCheckGracePeriodSeconds,
      enableEcsManagedTags: true,
      propagateTags: "SERVICE",
      enableExecuteCommand: false,
      tags: args.tags,
    },
    // A deployment that set the count back would undo what the autoscaler did (pulumi-aws#6264).
    pulumi.mergeOptions(opts, {
      ignoreChanges: ["desiredCount"],
      // Its tasks keep their calls for up to an hour (`longestCallSeconds`); the provider would give up after 20 minutes.
      customTimeouts: { delete: "90m" },
    }),
  );
}
