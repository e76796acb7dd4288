import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { McpServiceEndpoint } from "./endpoint.ts";
import type { Tags } from "../tags.ts";
import type { EgressRule } from "./upstream-args.ts";

/** Lets a gateway's tasks out to the replicas of a service, and in there, on their port alone. */
export function allowService(
  name: string,
  args: {
    /** The name of the service behind this gateway. */
    readonly service: string;
    readonly endpoint: pulumi.Output<McpServiceEndpoint>;
    /** That of the gateway's tasks. */
    readonly securityGroupId: pulumi.Input<string>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { endpoint, securityGroupId, service, tags } = args;
  const port = { ipProtocol: "tcp", fromPort: endpoint.port, toPort: endpoint.port, tags };
  return [
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-${service}`,
      {
        ...port,
        securityGroupId,
        referencedSecurityGroupId: endpoint.securityGroupId,
        description: `To the replicas of ${service}`,
      },
      opts,
    ),
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-${service}`,
      {
        ...port,
        securityGroupId: endpoint.securityGroupId,
        referencedSecurityGroupId: securityGroupId,
        description: `From the gateway ${name}`,
      },
      opts,
    ),
  ];
}

/** Lets a gateway's tasks out to what the program names. */
export function allowEgress(
  name: string,
  args: {
    readonly egress: readonly EgressRule[];
    readonly securityGroupId: pulumi.Input<string>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  return args.egress.map(
    ({ cidrBlock, port, securityGroupId }, index) =>
      new aws.vpc.SecurityGroupEgressRule(
        `${name}-egress-${index}`,
        {
          securityGroupId: args.securityGroupId,
          ipProtocol: "tcp",
          fromPort: port,
          toPort: port,
          ...(cidrBlock === undefined ? {} : { cidrIpv4: cidrBlock }),
          ...(securityGroupId === undefined ? {} : { referencedSecurityGroupId: securityGroupId }),
          description: "To upstreams",
          tags: args.tags,
        },
        opts,
      ),
  );
}
