import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DeploymentSettings } from "./deployment-args.ts";
import { rollback } from "./deployment-rollback.ts";
import { deploymentConfiguration } from "./deployment-strategy.ts";
import { healthCheckGracePeriod } from "./deployment-times.ts";
import { steadyStateTimeout } from "./deployment-wait.ts";
import type { Tags } from "../tags.ts";
import type { ServicePlacement } from "../capacity/task-capacity.ts";

/** What ECS shifts traffic with, where a deployment does that. */
export interface TrafficShift {
  readonly alternateTargetGroupArn: pulumi.Input<string>;
  readonly productionListenerRuleArn: pulumi.Input<string>;
  readonly roleArn: pulumi.Input<string>;
}

/** What the ECS service is made from. */
export interface EcsServiceArgs {
  readonly clusterArn: pulumi.Input<string>;
  readonly taskDefinitionArn: pulumi.Input<string>;
  readonly placement: ServicePlacement;
  readonly subnetIds: pulumi.Input<string[]>;
  readonly securityGroupIds: pulumi.Input<string[]>;
  readonly targetGroupArn: pulumi.Input<string>;
  readonly trafficShift: TrafficShift | undefined;
  /** The Cloud Map service that replicas are entered into, if any. */
  readonly registryArn: pulumi.Input<string> | undefined;
  /** The container that takes the load balancer's requests, and its port. */
  readonly containerName: string;
  readonly port: pulumi.Input<number>;
  /** Names of the alarms that take a deployment back. */
  readonly alarmNames: pulumi.Input<string[]>;
  readonly tags: Tags;
}

/** The ECS service: spread over the zones, deployed as its settings say. */
export function createEcsService(
  name: string,
  args: EcsServiceArgs & DeploymentSettings,
  opts: pulumi.CustomResourceOptions,
): aws.ecs.Service {
  const { trafficShift, placement } = args;
  const minutes = `${steadyStateTimeout(args)}m`;
  return new aws.ecs.Service(
    name,
    {
      cluster: args.clusterArn,
      taskDefinition: args.taskDefinitionArn,
      // The first count; from then on it is the autoscaler's.
      desiredCount: args.minReplicas,
      capacityProviderStrategies: placement.capacityProviderStrategies,
      // Without it the provider refuses to change the strategy, or replaces the service, by version; with it a change is a deployment, also one from
      // Fargate to instances and back.
      forceNewDeployment: true,
      ...(placement.orderedPlacementStrategies === undefined
        ? {}
        : { orderedPlacementStrategies: placement.orderedPlacementStrategies }),
      networkConfiguration: {
        subnets: args.subnetIds,
        securityGroups: args.securityGroupIds,
        assignPublicIp: false,
      },
      loadBalancers: [
        {
          targetGroupArn: args.targetGroupArn,
          containerName: args.containerName,
          containerPort: args.port,
          ...(trafficShift === undefined
            ? {}
            : {
                advancedConfiguration: {
                  alternateTargetGroupArn: trafficShift.alternateTargetGroupArn,
                  productionListenerRule: trafficShift.productionListenerRuleArn,
                  roleArn: trafficShift.roleArn,
                },
              }),
        },
      ],
      // Replicas have addresses of their own (`awsvpc`), so that an A record says all: neither container nor port are named.
      ...(args.registryArn === undefined
        ? {}
        : { serviceRegistries: { registryArn: args.registryArn } }),
      deploymentConfiguration: deploymentConfiguration(args),
      deploymentMinimumHealthyPercent: args.minimumHealthyPercent,
      deploymentMaximumPercent: args.maximumPercent,
      ...rollback(args.deploymentStrategy, args.alarmNames),
      availabilityZoneRebalancing: pulumi
        .output(args.availabilityZoneRebalancing)
        .apply((rebalancing) => (rebalancing ? "ENABLED" : "DISABLED")),
      healthCheckGracePeriodSeconds: pulumi
        .output(args.startupSeconds)
        .apply(healthCheckGracePeriod),
      enableEcsManagedTags: true,
      propagateTags: "SERVICE",
      enableExecuteCommand: args.enableExecuteCommand,
      waitForSteadyState: args.waitForSteadyState,
      tags: args.tags,
    },
    pulumi.mergeOptions(opts, {
      // A deployment that set the count back would undo what the autoscaler did (pulumi-aws#6264).
      ignoreChanges: ["desiredCount"],
      customTimeouts: {
        create: minutes,
        update: minutes,
        // Its tasks keep their calls for up to an hour (`longestCallSeconds`); the provider would give up after 20 minutes.
        delete: "90m",
      },
    }),
  );
}
