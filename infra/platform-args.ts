import type * as pulumi from "@pulumi/pulumi";
import { isNetworkOf } from "./network/cidr-block.ts";
import { checkProviderNames } from "./capacity/cluster-capacity.ts";
import { checkUserPool, type ExistingUserPool } from "./identity/existing-user-pool.ts";
import { checkExistingVpc, type ExistingVpc } from "./network/existing-vpc.ts";
import { checkExposure, Exposure } from "./ingress/exposure.ts";
import { checkInstanceCapacities } from "./capacity/instance-capacity-check.ts";
import type { InstanceCapacity } from "./capacity/instance-capacity.ts";
import { NatGateways } from "./network/nat-gateway.ts";
import {
  checkObservability,
  type ObservabilityArguments,
} from "./observability/observability-args.ts";
import { ArgumentError, check, checkName, oneOf, wholeNumberBetween } from "./validation.ts";
import {
  checkInterfaceEndpoints,
  INSTANCE_SERVICES,
  SESSION_MANAGER_SERVICES,
  TASK_SERVICES,
} from "./network/vpc-endpoints.ts";
import { checkWebAcl, type WebAcl } from "./ingress/web-acl.ts";

/** The arguments of an `McpPlatform`. */
export interface McpPlatformArgs extends ObservabilityArguments {
  /**
   * Who can reach the services, and under which address.
   * Default: `assigned`, everybody, over HTTPS at an address that CloudFront gives: it needs no domain. CloudFront is free up to 10 million
   * requests and 1 TB a month; a first deployment waits about 20 minutes for it.
   */
  exposure?: Exposure;
  /** The name under which clients reach the services. Required where `exposure` is `domain`. */
  domainName?: pulumi.Input<string>;
  /**
   * Further names, also with a `*` as their first label, for services that have a `hostName` of their own; nine at most where the certificate
   * is made here.
   * Default: none.
   */
  alternativeDomainNames?: string[];
  /**
   * The id of the public Route 53 hosted zone that holds the names: records that point them at the load balancer are made there, and those
   * that ACM wants for a certificate, which is free.
   * Default: none; make the records yourself, and give `certificateArn`.
   */
  hostedZoneId?: pulumi.Input<string>;
  /**
   * The ARN of an issued ACM certificate for all names, in the same region.
   * Default: one is made, validated in `hostedZoneId` and renewed by itself.
   */
  certificateArn?: pulumi.Input<string>;
  /**
   * A web ACL in front of the services: a rate limit for each address, and AWS's common rules without those that MCP calls break. About 7 USD a
   * month, and 0.60 USD a million requests.
   * Default: none; give `{}` for one with its defaults.
   */
  webAcl?: WebAcl;
  /**
   * Whether the load balancer writes who asked what and when into an S3 bucket of the platform's own. A few cents a month of S3, by traffic.
   * Default: true, since nothing else tells what never reached a replica.
   */
  accessLogs?: boolean;
  /**
   * How long access logs are kept, in days, 1 to 3650.
   * Default: 30, as the services' logs: they hold addresses of people.
   */
  accessLogRetentionInDays?: pulumi.Input<number>;
  /**
   * Whether AWS refuses to delete the load balancer. Turn it off, and deploy, before you destroy the stack or change what replaces the load
   * balancer: `exposure` to or from `domain`, and the network.
   * Default: false, so that one command removes what one command made.
   */
  deletionProtection?: pulumi.Input<boolean>;
  /**
   * A Cognito user pool that exists, to use instead of an own one.
   * Default: an own user pool.
   */
  userPool?: ExistingUserPool;
  /**
   * Whether a Cognito user pool is made, whose access tokens callers bring. Without clients and people it costs nothing.
   * Default: true, but where `natGateways` is `none`: Cognito serves no pool with a domain through VPC endpoints, so that services could not fetch its
   * keys.
   */
  createUserPool?: boolean;
  /**
   * Whether AWS refuses to delete the user pool, and with it the people in it. Turn it off, and deploy, before you destroy the stack.
   * Default: false, so that one command removes what one command made; turn it on before you let people in.
   */
  userPoolDeletionProtection?: pulumi.Input<boolean>;
  /**
   * A VPC that exists, to use instead of an own one; `cidrBlock`, `zones`, `natGateways` and `interfaceEndpoints` are those of an own one.
   * Default: an own VPC.
   */
  vpc?: ExistingVpc;
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
   * Default: `one-per-zone`, so that no zone depends on another; about 37 USD a month and zone, and as many of
   * the five Elastic IP addresses that an account has in a region.
   */
  natGateways?: NatGateways;
  /**
   * AWS services that tasks reach by endpoints in the VPC, by their short names such as `ssm` or `bedrock-runtime`; about 7 USD a month for each
   * endpoint and zone. Where `natGateways` is `none`, those that tasks cannot start without (ECR, CloudWatch Logs, Secrets Manager) are there
   * anyhow, with `instanceCapacity` those of ECS (three), and with `enableSessionManager` those of Session Manager (three); S3, which costs
   * nothing, always is.
   * Default: none.
   */
  interfaceEndpoints?: string[];
  /**
   * Whether services can have private names, by which tasks of the VPC find their replicas without the load balancer: those that set `discoverable`. It makes
   * a private hosted zone in the VPC, for about 0.50 USD a month, and takes DNS support and DNS host names in a VPC that exists,
   * which a preview looks up.
   * Default: false.
   */
  serviceDiscovery?: boolean;
  /**
   * EC2 instances that services can run on beside Fargate, by names of yours such as `gpu`, which services give as `capacity`. Each costs what its
   * instances cost, and nothing while it has none. ECS lets go of no capacity that a service still uses: to rename or remove one, first deploy the
   * services without it.
   * Default: none; services run on Fargate.
   */
  instanceCapacity?: Record<string, InstanceCapacity>;
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

export const COMPONENT = "McpPlatform";

/** AWS's own. */
export const DEFAULT_IDLE_TIMEOUT_SECONDS = 60;

/** What CloudWatch Logs accepts (API PutRetentionPolicy; 0, for ever, is the provider's word). */
const RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
  3288, 3653,
];

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
    if (!isNetworkOf(cidrBlock, 16, 20)) {
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
  const exposure = args.exposure ?? Exposure.Assigned;
  checkExposure(COMPONENT, {
    exposure,
    domainName: args.domainName,
    alternativeDomainNames: args.alternativeDomainNames,
    certificateArn: args.certificateArn,
    hostedZoneId: args.hostedZoneId,
    idleTimeoutSeconds: args.idleTimeoutSeconds ?? DEFAULT_IDLE_TIMEOUT_SECONDS,
  });
  checkInstanceCapacities(COMPONENT, args.instanceCapacity);
  checkProviderNames(COMPONENT, name, args.instanceCapacity);
  checkInterfaceEndpoints(COMPONENT, args.interfaceEndpoints, neededEndpoints(args));
  checkAccessLogs(args);
  checkWebAcl(COMPONENT, args.webAcl);
  checkObservability(COMPONENT, args, exposure);
  checkUserPool(COMPONENT, args);
  checkVpc(args, exposure);
}

/** Short names of the services that have interface endpoints whatever the user gives: those without which nothing would start. */
export function neededEndpoints(args: McpPlatformArgs): string[] {
  if (args.natGateways !== NatGateways.None) return [];
  const capacities = Object.values(args.instanceCapacity ?? {});
  return [
    ...TASK_SERVICES,
    ...(capacities.length > 0 ? INSTANCE_SERVICES : []),
    ...(capacities.some(({ enableSessionManager }) => enableSessionManager === true)
      ? SESSION_MANAGER_SERVICES
      : []),
  ];
}

function checkAccessLogs({ accessLogs, accessLogRetentionInDays }: McpPlatformArgs): void {
  check(
    accessLogRetentionInDays,
    wholeNumberBetween(COMPONENT, "accessLogRetentionInDays", 1, 3650, "days"),
  );
  if (accessLogs !== false || accessLogRetentionInDays === undefined) return;
  throw new ArgumentError(
    COMPONENT,
    "`accessLogRetentionInDays` is given, but `accessLogs` is false: there is nothing to keep. Leave one of them out.",
  );
}

function checkVpc(args: McpPlatformArgs, exposure: Exposure): void {
  if (args.vpc === undefined) return;
  const own = (["cidrBlock", "zones", "natGateways", "interfaceEndpoints"] as const).filter(
    (argument) => args[argument] !== undefined,
  );
  if (own.length > 0) {
    throw new ArgumentError(
      COMPONENT,
      `${own.map((argument) => `\`${argument}\``).join(", ")} ${own.length === 1 ? "is" : "are"} given beside \`vpc\`, whose addresses, zones and` +
        ` gateways are as they are. Leave ${own.length === 1 ? "it" : "them"} out, or leave out \`vpc\` to have one made.`,
    );
  }
  checkExistingVpc(COMPONENT, args.vpc, exposure);
}
