import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AccessLogs } from "./access-logs.ts";
import type { Tags } from "../tags.ts";

/**
 * How long a client's connection may live, in seconds, idle or not; a request that runs is not cut. A shift away from a failing zone moves
 * clients only as they connect anew: AWS recommends five minutes (ARC guide, "Best practices for zonal shifts"), the default is an hour.
 */
const CLIENT_KEEP_ALIVE_SECONDS = 300;

/** An Application Load Balancer that refuses what is malformed, tells what it did, and can leave a zone. */
export function createLoadBalancer(
  name: string,
  args: {
    readonly internal: boolean;
    readonly subnetIds: pulumi.Input<string[]>;
    readonly securityGroupId: pulumi.Input<string>;
    readonly idleTimeoutSeconds: pulumi.Input<number>;
    readonly deletionProtection: pulumi.Input<boolean>;
    readonly accessLogs: AccessLogs | undefined;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): aws.lb.LoadBalancer {
  const { accessLogs } = args;
  return new aws.lb.LoadBalancer(
    name,
    {
      loadBalancerType: "application",
      internal: args.internal,
      subnets: args.subnetIds,
      securityGroups: [args.securityGroupId],
      idleTimeout: args.idleTimeoutSeconds,
      clientKeepAlive: CLIENT_KEEP_ALIVE_SECONDS,
      dropInvalidHeaderFields: true,
      // `strictest` would also refuse what is odd but harmless, such as a GET with `Content-Length: 0`, which real clients send.
      desyncMitigationMode: "defensive",
      enableZonalShift: true,
      enableDeletionProtection: args.deletionProtection,
      ...(accessLogs === undefined
        ? {}
        : { accessLogs: { enabled: true, bucket: accessLogs.bucket } }),
      tags: args.tags,
    },
    pulumi.mergeOptions(opts, {
      dependsOn: accessLogs === undefined ? [] : [accessLogs.policy],
    }),
  );
}
