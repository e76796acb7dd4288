import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { associateCapacity } from "./capacity.ts";
import { useExistingVpc } from "./existing-vpc.ts";
import { Exposure } from "./exposure.ts";
import { createIngress } from "./ingress.ts";
import { NatGateways } from "./nat-gateway.ts";
import { createNetwork } from "./network.ts";
import {
  checkPlatform,
  COMPONENT,
  DEFAULT_IDLE_TIMEOUT_SECONDS,
  type McpPlatformArgs,
} from "./platform-args.ts";

/** What a service needs to know of the platform it runs on; get it from `McpPlatform.handle`. */
export interface McpPlatformHandle {
  /** The VPC of load balancer and tasks. */
  vpcId: string;
  /** Subnets for tasks, one in each zone. */
  privateSubnetIds: string[];
  /** Security groups that tasks join beside their own: those that endpoints of AWS services let in. */
  taskSecurityGroupIds: string[];
  /** Whether tasks reach the internet, and not AWS services alone. */
  hasInternetAccess: boolean;
  /** The ARN of the ECS cluster. */
  clusterArn: string;
  /** The name of the ECS cluster. */
  clusterName: string;
  /** The listener that services add their rules to. */
  listenerArn: string;
  /** The part of the load balancer's ARN that names it in metrics. */
  loadBalancerArnSuffix: string;
  /** The security group of the load balancer. */
  loadBalancerSecurityGroupId: string;
  /** How long the load balancer keeps an idle connection, in seconds. */
  idleTimeoutSeconds: number;
  /** Scheme and host that clients use, without a path. */
  origin: string;
  /** The names that the platform answers to, those with a `*` included; empty where it has none of its own. */
  domainNames: string[];
  /** The name of the log group that services write to. */
  logGroupName: string;
  /** The ARN of that log group. */
  logGroupArn: string;
}

/** What services share: a VPC over several zones, an ECS cluster, a load balancer with its listener, a log group. */
export class McpPlatform extends pulumi.ComponentResource {
  /** What services need of this platform; pass it as `platform`. */
  public readonly handle: pulumi.Output<McpPlatformHandle>;
  /** The DNS name of the load balancer: where `domainName` must point. */
  public readonly loadBalancerDnsName: pulumi.Output<string>;
  /** The hosted zone of that DNS name, for an alias record. */
  public readonly loadBalancerZoneId: pulumi.Output<string>;

  constructor(name: string, args: McpPlatformArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    checkPlatform(name, args);
    super("pulumi-mcp-service:index:McpPlatform", name, {}, opts);
    const child = { parent: this };
    const tags = args.tags;
    const exposure = args.exposure ?? Exposure.Assigned;
    const idleTimeoutSeconds = args.idleTimeoutSeconds ?? DEFAULT_IDLE_TIMEOUT_SECONDS;

    const network =
      args.vpc === undefined
        ? createNetwork(
            name,
            {
              cidrBlock: args.cidrBlock ?? "10.0.0.0/16",
              zones: args.zones ?? 3,
              natGateways: args.natGateways ?? NatGateways.OnePerZone,
              interfaceEndpoints: args.interfaceEndpoints ?? [],
              tags,
            },
            child,
          )
        : useExistingVpc(COMPONENT, args.vpc, exposure, child);
    const ingress = createIngress(
      name,
      {
        exposure,
        domainName: args.domainName,
        alternativeDomainNames: args.alternativeDomainNames,
        certificateArn: args.certificateArn,
        hostedZoneId: args.hostedZoneId,
        idleTimeoutSeconds,
        accessLogs: args.accessLogs ?? true,
        accessLogRetentionInDays: args.accessLogRetentionInDays ?? 30,
        deletionProtection: args.deletionProtection ?? false,
        webAcl: args.webAcl,
        tags,
      },
      network,
      child,
    );
    const cluster = new aws.ecs.Cluster(
      name,
      { settings: [{ name: "containerInsights", value: "enabled" }], tags },
      child,
    );
    const capacity = associateCapacity(name, cluster, child);
    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      { retentionInDays: args.logRetentionInDays ?? 30, tags },
      child,
    );

    this.handle = pulumi.output({
      vpcId: network.vpcId,
      privateSubnetIds: network.privateSubnetIds,
      taskSecurityGroupIds: [...network.taskSecurityGroupIds],
      hasInternetAccess: network.hasInternetAccess,
      clusterArn: cluster.arn,
      // Read from the association, so that services come after it and go before it.
      clusterName: capacity.clusterName,
      listenerArn: ingress.listener.arn,
      loadBalancerArnSuffix: ingress.loadBalancer.arnSuffix,
      loadBalancerSecurityGroupId: ingress.securityGroup.id,
      idleTimeoutSeconds,
      origin: ingress.origin,
      domainNames: [
        ...(args.domainName === undefined ? [] : [args.domainName]),
        ...(args.alternativeDomainNames ?? []),
      ],
      logGroupName: logGroup.name,
      logGroupArn: logGroup.arn,
    });
    this.loadBalancerDnsName = ingress.loadBalancer.dnsName;
    this.loadBalancerZoneId = ingress.loadBalancer.zoneId;
    this.registerOutputs({
      handle: this.handle,
      loadBalancerDnsName: this.loadBalancerDnsName,
      loadBalancerZoneId: this.loadBalancerZoneId,
    });
  }
}
