import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Network } from "./network.ts";
import { ArgumentError, check } from "../validation.ts";
import { isNetwork } from "./cidr-block.ts";
import { Exposure } from "../ingress/exposure.ts";
import { checkLoadBalancerSubnets, type SubnetFacts } from "./load-balancer-subnets.ts";
import { ZONES_WITHOUT_VPC_ORIGINS } from "./zones.ts";

/**
 * A VPC that exists. Its private subnets need a way out: a NAT gateway, or endpoints for ECR, S3, CloudWatch Logs and Secrets Manager, and with
 * `instanceCapacity` those of ECS (`ecs`, `ecs-agent`, `ecs-telemetry`).
 */
export interface ExistingVpc {
  /** The id of the VPC. */
  vpcId: pulumi.Input<string>;
  /** The ids of private subnets for tasks, and for a load balancer that is not public: two or more, each in another zone. */
  privateSubnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /** The ids of public subnets for a public load balancer: two or more, each in another zone. Required where `exposure` is `domain`. */
  publicSubnetIds?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The addresses of callers where `exposure` is `internal`, such as those of the VPC and of networks that are connected to it; at most 60.
   * Default: the primary block of the VPC.
   */
  cidrBlocks?: string[];
}

/** Refuses ids that are none, and too few subnets. */
export function checkExistingVpc(component: string, vpc: ExistingVpc, exposure: Exposure): void {
  check(vpc.vpcId, (id) => {
    if (/^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})$/u.test(id)) return;
    throw new ArgumentError(
      component,
      `\`vpc.vpcId\` is \`${id}\`; give the id of a VPC, such as \`vpc-0123456789abcdef0\`.`,
    );
  });
  checkSubnets(component, "vpc.privateSubnetIds", vpc.privateSubnetIds);
  checkSubnets(component, "vpc.publicSubnetIds", vpc.publicSubnetIds);
  if (exposure === Exposure.Domain && vpc.publicSubnetIds === undefined) {
    throw new ArgumentError(
      component,
      "`exposure` is `domain`, but `vpc.publicSubnetIds` is missing: a load balancer that everybody reaches stands in public subnets. Give two or" +
        " more, each in another zone, or set `exposure` to `assigned`, which needs none.",
    );
  }
  checkCallers(component, vpc.cidrBlocks, exposure);
}

function checkCallers(
  component: string,
  cidrBlocks: readonly string[] | undefined,
  exposure: Exposure,
): void {
  if (cidrBlocks === undefined) return;
  if (exposure !== Exposure.Internal) {
    throw new ArgumentError(
      component,
      `\`vpc.cidrBlocks\` says who may call where \`exposure\` is \`internal\`, but it is \`${exposure}\`. Leave it out.`,
    );
  }
  if (cidrBlocks.length === 0 || cidrBlocks.length > 60) {
    throw new ArgumentError(
      component,
      `\`vpc.cidrBlocks\` has ${cidrBlocks.length} networks; give 1 to 60, as many as a security group has rules, or leave it out to let the VPC call.`,
    );
  }
  for (const [index, block] of cidrBlocks.entries()) {
    if (isNetwork(block) && cidrBlocks.indexOf(block) === index) continue;
    throw new ArgumentError(
      component,
      `\`vpc.cidrBlocks\` has \`${block}\`${isNetwork(block) ? " twice" : ""}; give IPv4 networks such as \`10.0.0.0/16\`, each once.`,
    );
  }
}

function checkSubnets(
  component: string,
  argument: string,
  ids: pulumi.Input<pulumi.Input<string>[]> | undefined,
): void {
  check(ids, (list) => {
    if (list.length < 2) {
      throw new ArgumentError(
        component,
        `\`${argument}\` has ${list.length === 0 ? "no subnets" : "one subnet"}; a load balancer needs two or more, each in another zone.`,
      );
    }
    for (const [index, id] of list.entries()) {
      check(id, (known) => {
        if (!/^subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})$/u.test(known)) {
          throw new ArgumentError(
            component,
            `\`${argument}\` has \`${known}\`; give ids of subnets, such as \`subnet-0123456789abcdef0\`.`,
          );
        }
        if (list.indexOf(id) === index) return;
        throw new ArgumentError(
          component,
          `\`${argument}\` has \`${known}\` twice; give each once.`,
        );
      });
    }
  });
}

/** The network of an existing VPC, after a look at whether a load balancer could stand in it, and CloudFront reach it there. */
export function useExistingVpc(
  component: string,
  vpc: ExistingVpc,
  exposure: Exposure,
  opts: pulumi.CustomResourceOptions,
): Network {
  const privateSubnetIds = pulumi.output(vpc.privateSubnetIds);
  const publicSubnetIds = pulumi.output(vpc.publicSubnetIds ?? []);
  const [argument, subnetIds] =
    exposure === Exposure.Domain
      ? (["vpc.publicSubnetIds", publicSubnetIds] as const)
      : (["vpc.privateSubnetIds", privateSubnetIds] as const);
  pulumi.all([vpc.vpcId, subnetIds]).apply(async ([vpcId, ids]) => {
    if (exposure === Exposure.Assigned) await checkInternetGateway(component, vpcId, opts);
    const subnets = await Promise.all(ids.map((id) => aws.ec2.getSubnet({ id }, opts)));
    checkLoadBalancerSubnets(component, argument, subnets);
    if (exposure === Exposure.Assigned) checkZones(component, subnets);
  });
  return {
    vpcId: pulumi.output(vpc.vpcId),
    privateSubnetIds,
    publicSubnetIds,
    cidrBlocks: vpc.cidrBlocks ?? [aws.ec2.getVpcOutput({ id: vpc.vpcId }, opts).cidrBlock],
    taskSecurityGroupIds: [],
    hasInternetAccess: true,
    routes: [],
    zoneNames: privateSubnetIds.apply(async (ids) => {
      const subnets = await Promise.all(ids.map((id) => aws.ec2.getSubnet({ id }, opts)));
      return [...new Set(subnets.map(({ availabilityZone }) => availabilityZone))].sort();
    }),
    natGatewayIds: undefined,
  };
}

/** CloudFront takes it for a sign that the VPC may be reached from outside; no route has to lead there. */
async function checkInternetGateway(
  component: string,
  vpcId: string,
  opts: pulumi.CustomResourceOptions,
): Promise<void> {
  try {
    await aws.ec2.getInternetGateway(
      { filters: [{ name: "attachment.vpc-id", values: [vpcId] }] },
      opts,
    );
  } catch (error) {
    // In the words of the provider; anything else, such as a missing permission, speaks for itself.
    if (!/no matching/iu.test(String(error))) throw error;
    throw new ArgumentError(
      component,
      `\`vpc.vpcId\` is \`${vpcId}\`, which has no internet gateway: CloudFront does not reach a VPC without one. Attach one, to which no route has to` +
        " lead, or set `exposure` to `internal`.",
    );
  }
}

function checkZones(component: string, subnets: readonly SubnetFacts[]): void {
  for (const { id, availabilityZoneId } of subnets) {
    if (!ZONES_WITHOUT_VPC_ORIGINS.includes(availabilityZoneId)) continue;
    throw new ArgumentError(
      component,
      `\`vpc.privateSubnetIds\` has \`${id}\` in the zone ${availabilityZoneId}, where CloudFront cannot reach a load balancer. Leave it out, or set` +
        " `exposure` to `domain` or `internal`.",
    );
  }
}
