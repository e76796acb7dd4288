import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { checkIngress, createIngress, Exposure } from "./ingress.ts";
import { createNetwork, NatGateways } from "./network.ts";
import { ArgumentError, check, checkName, oneOf, wholeNumberBetween } from "./validation.ts";

/** What a service needs to know of the platform it runs on; get it from `McpPlatform.handle`. */
export interface McpPlatformHandle {
  /** The VPC of load balancer and tasks. */
  vpcId: string;
  /** Subnets for tasks, one in each zone, with a way out to the internet. */
  privateSubnetIds: string[];
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
  /** The name of the log group that services write to. */
  logGroupName: string;
  /** The ARN of that log group. */
  logGroupArn: string;
}

/** The arguments of an {@link McpPlatform}. */
export interface McpPlatformArgs {
  /**
   * Who can reach the services.
   * Default: `internal`, only callers inside the VPC.
   */
  exposure?: Exposure;
  /** The name under which clients reach the services; point it at the load balancer. Required where `exposure` is `domain`. */
  domainName?: pulumi.Input<string>;
  /** The ARN of an issued ACM certificate for `domainName`, in the same region. Required where `exposure` is `domain`. */
  certificateArn?: pulumi.Input<string>;
  /**
   * The addresses of the VPC, a /16 to /20.
   * Default: `10.0.0.0/16`.
   */
  cidrBlock?: string;
  /**
   * The number of availability zones, 2 to 4. With three, the loss of one takes a third of the capacity.
   * Default: 3.
   */
  zones?: number;
  /**
   * How tasks reach the internet.
   * Default: `one-per-zone`, so that no zone depends on another; about 33 USD a month and zone.
   */
  natGateways?: NatGateways;
  /**
   * How long the load balancer waits on a silent connection, in seconds, 1 to 4000. The bundled container says something on streams and
   * unanswered calls three times as often, at least every 15 seconds and at most every second; a call of another container that is silent for
   * longer fails with 504. Below 3 seconds no stream is sure to last.
   * Default: 60, AWS's own.
   */
  idleTimeoutSeconds?: pulumi.Input<number>;
  /**
   * How long logs are kept, in days; one of the values CloudWatch Logs knows (1, 3, 5, 7, 14, 30, 60, 90, …).
   * Default: 30.
   */
  logRetentionInDays?: pulumi.Input<number>;
  /** Tags for every resource. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

const COMPONENT = "McpPlatform";

/** What CloudWatch Logs accepts (API PutRetentionPolicy; 0, for ever, is the provider's word). */
const RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
  3288, 3653,
];

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
    const cidrBlock = args.cidrBlock ?? "10.0.0.0/16";
    const idleTimeoutSeconds = args.idleTimeoutSeconds ?? 60;

    const network = createNetwork(
      name,
      {
        cidrBlock,
        zones: args.zones ?? 3,
        natGateways: args.natGateways ?? NatGateways.OnePerZone,
        tags,
      },
      child,
    );
    const ingress = createIngress(
      name,
      {
        exposure: args.exposure ?? Exposure.Internal,
        domainName: args.domainName,
        certificateArn: args.certificateArn,
        cidrBlock,
        idleTimeoutSeconds,
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
    const capacity = new aws.ecs.ClusterCapacityProviders(
      name,
      {
        clusterName: cluster.name,
        capacityProviders: ["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1 }],
      },
      child,
    );
    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      { retentionInDays: args.logRetentionInDays ?? 30, tags },
      child,
    );

    this.handle = pulumi.output({
      vpcId: network.vpcId,
      privateSubnetIds: network.privateSubnetIds,
      clusterArn: cluster.arn,
      // Read from the association, so that services come after it and go before it.
      clusterName: capacity.clusterName,
      listenerArn: ingress.listener.arn,
      loadBalancerArnSuffix: ingress.loadBalancer.arnSuffix,
      loadBalancerSecurityGroupId: ingress.securityGroup.id,
      idleTimeoutSeconds,
      origin: ingress.origin,
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

/** Refuses arguments that AWS would refuse, or accept and break on. */
export function checkPlatform(name: string, args: McpPlatformArgs): void {
  checkName(COMPONENT, name);
  check(args.exposure, oneOf(COMPONENT, "exposure", Exposure));
  check(args.natGateways, oneOf(COMPONENT, "natGateways", NatGateways));
  check(args.zones, wholeNumberBetween(COMPONENT, "zones", 2, 4));
  check(
    args.idleTimeoutSeconds,
    wholeNumberBetween(COMPONENT, "idleTimeoutSeconds", 1, 4000, "seconds"),
  );
  check(args.cidrBlock, (cidrBlock) => {
    if (!isCidrBlock(cidrBlock)) {
      throw new ArgumentError(
        COMPONENT,
        `\`cidrBlock\` is \`${cidrBlock}\`; give an IPv4 network such as \`10.0.0.0/16\`, with a prefix from /16 to /20:` +
          " smaller ones leave too few addresses for load balancer and tasks in every zone.",
      );
    }
  });
  check(args.logRetentionInDays, (days) => {
    if (!RETENTION_DAYS.includes(days)) {
      throw new ArgumentError(
        COMPONENT,
        `\`logRetentionInDays\` is ${days}; CloudWatch Logs knows only ${RETENTION_DAYS.join(", ")} (0: for ever).`,
      );
    }
  });
  checkIngress(COMPONENT, {
    exposure: args.exposure ?? Exposure.Internal,
    domainName: args.domainName,
    certificateArn: args.certificateArn,
  });
}

/** Whether a text is a network as AWS writes it: no leading zeros, and no bit set behind the prefix. */
function isCidrBlock(text: string): boolean {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/u.exec(text)?.slice(1);
  if (parts === undefined || parts.some((part) => part !== String(Number(part)))) return false;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = parts.map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix < 16 || prefix > 20) return false;
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  return address % 2 ** (32 - prefix) === 0;
}
