import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createClusterCapacity, factsOf } from "./capacity/cluster-capacity.ts";
import { ContainerInsights } from "./observability/container-insights.ts";
import { makesUserPool, useExistingUserPool } from "./identity/existing-user-pool.ts";
import { useExistingVpc } from "./network/existing-vpc.ts";
import { Exposure } from "./ingress/exposure.ts";
import { GpuAllocation, gpuAllocation } from "./capacity/gpu.ts";
import { createIngress } from "./ingress/ingress.ts";
import { InstanceManagement, type InstanceCapacityFacts } from "./capacity/instance-capacity.ts";
import { NatGateways } from "./network/nat-gateway.ts";
import { createNetwork } from "./network/network.ts";
import { createNamespace, NO_NAMESPACE, type NamespaceFacts } from "./network/service-discovery.ts";
import { checkPrivateNames } from "./network/vpc-names-check.ts";
import { createObservability } from "./observability/observability.ts";
import {
  checkPlatform,
  COMPONENT,
  DEFAULT_IDLE_TIMEOUT_SECONDS,
  neededEndpoints,
  type McpPlatformArgs,
} from "./platform-args.ts";
import { createPlatformDashboard, webAclFacts } from "./dashboard/platform-dashboard.ts";
import { createUserPool, NO_USER_POOL, type UserPoolFacts } from "./identity/user-pool.ts";

/** What a service needs to know of the platform it runs on; get it from `McpPlatform.handle`. */
export interface McpPlatformHandle {
  /** The VPC of load balancer and tasks. */
  vpcId: string;
  /** Subnets for tasks, one in each zone. */
  privateSubnetIds: string[];
  /** The names of these zones. */
  zoneNames: string[];
  /** Security groups that tasks join beside their own: those that endpoints of AWS services let in. */
  taskSecurityGroupIds: string[];
  /** Whether tasks reach the internet, and not AWS services alone. */
  hasInternetAccess: boolean;
  /** The AWS services that have endpoints in a VPC of the platform's own, by their short names such as `ssm`. */
  interfaceEndpoints: string[];
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
  /** The private names of services; its texts are empty where there are none. */
  namespace: NamespaceFacts;
  /** How long the load balancer keeps an idle connection, in seconds. */
  idleTimeoutSeconds: number;
  /** Scheme and host that clients use, without a path. */
  origin: string;
  /** The names that the platform answers to, those with a `*` included; empty where it has none of its own. */
  domainNames: string[];
  /** What that listener speaks: `HTTP` or `HTTPS`. */
  listenerProtocol: string;
  /** The user pool whose tokens callers bring; its texts are empty where there is none. */
  userPool: UserPoolFacts;
  /** The name of the log group that services write to. */
  logGroupName: string;
  /** The ARN of that log group. */
  logGroupArn: string;
  /** The ARN of the key that encrypts logs and generated secrets; empty where AWS has keys of its own for them. */
  kmsKeyArn: string;
  /** The ARN of the SNS topic that alarms and events tell. */
  alarmTopicArn: string;
  /** What ECS measures beyond processor and memory. */
  containerInsights: ContainerInsights;
  /** What is known of the platform's instances, by the names of the capacities. */
  instanceCapacity: Record<string, InstanceCapacityFacts>;
  /** The names of the ECS capacity providers of these instances, by the names of the capacities. */
  capacityProviders: Record<string, string>;
}

/** What services share: a VPC over several zones, an ECS cluster, a load balancer with its listener, a user pool, a log group. */
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

    const interfaceEndpoints = [...neededEndpoints(args), ...(args.interfaceEndpoints ?? [])];
    const network =
      args.vpc === undefined
        ? createNetwork(
            name,
            {
              cidrBlock: args.cidrBlock ?? "10.0.0.0/16",
              zones: args.zones ?? 3,
              natGateways: args.natGateways ?? NatGateways.OnePerZone,
              interfaceEndpoints,
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
    const containerInsights = args.containerInsights ?? ContainerInsights.Disabled;
    const cluster = new aws.ecs.Cluster(
      name,
      { settings: [{ name: "containerInsights", value: containerInsights }], tags },
      child,
    );
    const capacities = args.instanceCapacity ?? {};
    const capacity = createClusterCapacity(name, { cluster, capacities, network, tags }, child);
    const instanceCapacity = Object.fromEntries(
      Object.entries(capacities).map(([key, given]) => [key, factsOf(given)]),
    );
    const autoScalingProviders = Object.fromEntries(
      Object.entries(capacity.capacityProviders).filter(
        ([key]) => instanceCapacity[key]?.management === InstanceManagement.AutoScalingGroup,
      ),
    );
    const region = aws.getRegionOutput({}, child).region;
    const { logGroup, alarmTopicArn } = createObservability(
      name,
      {
        settings: args,
        logRetentionInDays: args.logRetentionInDays ?? 30,
        cluster,
        loadBalancerArnSuffix: ingress.loadBalancer.arnSuffix,
        distribution: ingress.distribution,
        natGateways:
          network.natGatewayIds &&
          pulumi
            .all([network.natGatewayIds, network.zoneNames])
            .apply(([ids, zones]) =>
              ids.flatMap((natGatewayId) =>
                args.natGateways === NatGateways.Regional
                  ? zones.map((zone) => ({ natGatewayId, zone }))
                  : [{ natGatewayId }],
              ),
            ),
        capacityProviders: autoScalingProviders,
        deployment: {
          partition: aws.getPartitionOutput({}, child).partition,
          region,
          accountId: aws.getCallerIdentityOutput({}, child).accountId,
        },
        tags,
      },
      child,
    );

    if (args.dashboard ?? true) {
      createPlatformDashboard(
        name,
        {
          region,
          origin: ingress.origin,
          clusterName: cluster.name,
          loadBalancerArnSuffix: ingress.loadBalancer.arnSuffix,
          distributionId: ingress.distribution?.id,
          webAcl: ingress.webAcl === undefined ? undefined : webAclFacts(ingress.webAcl),
          natGatewayIds: network.natGatewayIds ?? [],
          regionalNatGateway: args.natGateways === NatGateways.Regional,
          containerInsights,
          hasInstances: Object.keys(capacities).length > 0,
          hasGpus: Object.values(instanceCapacity).some(
            (facts) => gpuAllocation(facts) !== GpuAllocation.None,
          ),
          autoScalingProviders,
        },
        child,
      );
    }

    const userPool =
      args.userPool !== undefined
        ? useExistingUserPool(COMPONENT, args.userPool, child)
        : makesUserPool(args)
          ? createUserPool(
              name,
              { deletionProtection: args.userPoolDeletionProtection ?? false, tags },
              child,
            )
          : NO_USER_POOL;

    if (args.serviceDiscovery === true && args.vpc !== undefined)
      checkPrivateNames(COMPONENT, args.vpc.vpcId, child);
    const namespace =
      args.serviceDiscovery === true
        ? createNamespace(name, { vpcId: network.vpcId, tags }, child)
        : NO_NAMESPACE;

    this.handle = pulumi.output({
      vpcId: network.vpcId,
      privateSubnetIds: network.privateSubnetIds,
      zoneNames: network.zoneNames,
      taskSecurityGroupIds: [...network.taskSecurityGroupIds],
      hasInternetAccess: network.hasInternetAccess,
      interfaceEndpoints,
      clusterArn: cluster.arn,
      // Read from the association, so that services come after it and go before it.
      clusterName: capacity.clusterName,
      listenerArn: ingress.listener.arn,
      loadBalancerArnSuffix: ingress.loadBalancer.arnSuffix,
      loadBalancerSecurityGroupId: ingress.securityGroup.id,
      namespace,
      idleTimeoutSeconds,
      origin: ingress.origin,
      domainNames: [
        ...(args.domainName === undefined ? [] : [args.domainName]),
        ...(args.alternativeDomainNames ?? []),
      ],
      listenerProtocol: args.domainName === undefined ? "HTTP" : "HTTPS",
      userPool,
      logGroupName: logGroup.name,
      logGroupArn: logGroup.arn,
      kmsKeyArn: args.kmsKeyArn ?? "",
      alarmTopicArn,
      containerInsights,
      instanceCapacity,
      capacityProviders: capacity.capacityProviders,
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
