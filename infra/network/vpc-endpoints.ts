import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";
import { ArgumentError } from "../validation.ts";

/** What ECS needs to start a task: its image, its secrets, its logs. The layers of the image come from S3. */
export const TASK_SERVICES = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"] as const;

/** What the ECS agent on an instance needs beside them (ECS guide, "Interface VPC endpoints"). */
export const INSTANCE_SERVICES = ["ecs", "ecs-agent", "ecs-telemetry"] as const;

/** What Session Manager needs on an instance. */
export const SESSION_MANAGER_SERVICES = ["ssm", "ssmmessages", "ec2messages"] as const;

/** What has gateway endpoints, which cost nothing. */
const GATEWAY_SERVICES = ["s3", "dynamodb"];

/** Refuses what is not the short name of a service, or is there anyhow. */
export function checkInterfaceEndpoints(
  component: string,
  services: readonly string[] | undefined,
  /** Short names of the services that have endpoints anyhow. */
  present: readonly string[],
): void {
  const seen = new Set<string>(present);
  for (const service of services ?? []) {
    if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/u.test(service) || service.startsWith("com.amazonaws.")) {
      throw new ArgumentError(
        component,
        `\`interfaceEndpoints\` has \`${service}\`; give the short name of a service, such as \`ssm\` or \`bedrock-runtime\`: what follows` +
          " `com.amazonaws.<region>.` in the name of its endpoint.",
      );
    }
    if (GATEWAY_SERVICES.includes(service)) {
      throw new ArgumentError(
        component,
        service === "s3"
          ? "`interfaceEndpoints` has `s3`, which tasks reach by the gateway endpoint that every platform's own VPC has, free of charge. Leave it out."
          : `\`interfaceEndpoints\` has \`${service}\`, for which there are gateway endpoints, free of charge. Declare an \`aws.ec2.VpcEndpoint\` for it` +
              " beside the platform.",
      );
    }
    if (seen.has(service)) {
      throw new ArgumentError(
        component,
        `\`interfaceEndpoints\` has \`${service}\`, which has an endpoint already. Leave it out.`,
      );
    }
    seen.add(service);
  }
}

/** What S3's endpoint needs of the network. */
interface GatewayArgs {
  readonly vpcId: pulumi.Input<string>;
  readonly routeTableIds: pulumi.Input<string[]>;
  readonly region: pulumi.Input<string>;
  readonly tags: Tags;
}

/** The way to S3 that costs nothing: the layers of images come from there, and through a NAT gateway each GB would be paid for. */
export function createS3Endpoint(
  name: string,
  args: GatewayArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  new aws.ec2.VpcEndpoint(
    `${name}-s3`,
    {
      vpcId: args.vpcId,
      serviceName: pulumi.interpolate`com.amazonaws.${args.region}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: args.routeTableIds,
      tags: args.tags,
    },
    opts,
  );
}

/**
 * Endpoints in every private subnet, under the services' own names.
 *
 * @returns the security group that tasks join to be let in.
 */
export function createInterfaceEndpoints(
  name: string,
  args: {
    readonly vpcId: pulumi.Input<string>;
    readonly subnetIds: pulumi.Input<string[]>;
    readonly services: readonly string[];
    readonly region: pulumi.Input<string>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { vpcId, tags } = args;
  const clients = new aws.ec2.SecurityGroup(
    `${name}-endpoint-clients`,
    { vpcId, description: `Tasks of ${name} that call AWS services`, tags },
    opts,
  );
  const endpoints = new aws.ec2.SecurityGroup(
    `${name}-endpoints`,
    { vpcId, description: `Endpoints of AWS services for ${name}`, tags },
    opts,
  );
  const https = { ipProtocol: "tcp", fromPort: 443, toPort: 443, tags };
  const inward = new aws.vpc.SecurityGroupIngressRule(
    `${name}-endpoints`,
    {
      ...https,
      securityGroupId: endpoints.id,
      referencedSecurityGroupId: clients.id,
      description: "HTTPS from tasks",
    },
    opts,
  );
  const outward = new aws.vpc.SecurityGroupEgressRule(
    `${name}-endpoint-clients`,
    {
      ...https,
      securityGroupId: clients.id,
      referencedSecurityGroupId: endpoints.id,
      description: "HTTPS to AWS services",
    },
    opts,
  );
  const made = args.services.map(
    (service) =>
      new aws.ec2.VpcEndpoint(
        `${name}-${service}`,
        {
          vpcId,
          serviceName: pulumi.interpolate`com.amazonaws.${args.region}.${service}`,
          vpcEndpointType: "Interface",
          privateDnsEnabled: true,
          subnetIds: args.subnetIds,
          securityGroupIds: [endpoints.id],
          tags,
        },
        opts,
      ),
  );
  // Through them, so that no task starts before it can fetch its image, and none outlives them.
  return pulumi
    .all([clients.id, pulumi.all([inward.id, outward.id, ...made.map(({ id }) => id)])])
    .apply(([group]) => group);
}
