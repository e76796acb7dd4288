import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { associateCapacity } from "../../infra/capacity/cluster-capacity.ts";
import type { McpPlatformHandle } from "../../infra/index.ts";
import { HANDLE } from "../infra/platform-handle.ts";

/** What a service needs of a platform, for tests in which only the service matters. */
export function smallPlatform(): pulumi.Output<McpPlatformHandle> {
  const cluster = new aws.ecs.Cluster("mcp");
  const loadBalancer = new aws.lb.LoadBalancer("mcp");
  const listener = new aws.lb.Listener("mcp", {
    loadBalancerArn: loadBalancer.arn,
    defaultActions: [{ type: "fixed-response" }],
  });
  const logGroup = new aws.cloudwatch.LogGroup("mcp");
  return pulumi
    .output({
      clusterArn: cluster.arn,
      clusterName: associateCapacity("mcp", cluster, {}).clusterName,
      listenerArn: listener.arn,
      loadBalancerArnSuffix: loadBalancer.arnSuffix,
      logGroupName: logGroup.name,
      logGroupArn: logGroup.arn,
    })
    .apply((made) => ({ ...HANDLE, ...made }));
}
