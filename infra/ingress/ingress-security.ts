import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Exposure } from "./exposure.ts";
import type { Network } from "../network/network.ts";
import type { Tags } from "../tags.ts";

/** Opens the load balancer to the layer before it alone: CloudFront, everybody, or the VPC. */
export function createIngressSecurity(
  name: string,
  args: {
    readonly exposure: Exposure;
    readonly tls: boolean;
    readonly network: Network;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): aws.ec2.SecurityGroup {
  const { exposure, tls, network, tags } = args;
  const group = new aws.ec2.SecurityGroup(
    `${name}-load-balancer`,
    { vpcId: network.vpcId, description: `Load balancer of ${name}`, tags },
    opts,
  );
  const rule = (
    ruleName: string,
    port: number,
    source: { cidrIpv4: pulumi.Input<string> } | { prefixListId: pulumi.Input<string> },
    description: string,
  ): void => {
    new aws.vpc.SecurityGroupIngressRule(
      ruleName,
      {
        securityGroupId: group.id,
        description,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        ...source,
        tags,
      },
      opts,
    );
  };
  switch (exposure) {
    case Exposure.Assigned: {
      const { id } = aws.ec2.getManagedPrefixListOutput(
        { name: "com.amazonaws.global.cloudfront.origin-facing" },
        opts,
      );
      // One rule, which counts as 55 of the 60 that a group may have. Other customers' distributions get no further than this group:
      // a VPC origin for this load balancer is made in this account alone.
      rule(`${name}-load-balancer`, 80, { prefixListId: id }, "HTTP from CloudFront");
      break;
    }
    case Exposure.Domain:
      rule(`${name}-load-balancer`, 443, { cidrIpv4: "0.0.0.0/0" }, "HTTPS from everywhere");
      rule(`${name}-redirect`, 80, { cidrIpv4: "0.0.0.0/0" }, "HTTP, redirected to HTTPS");
      break;
    case Exposure.Internal:
      for (const [index, cidrIpv4] of network.cidrBlocks.entries()) {
        const suffix = index === 0 ? "" : `-${index + 1}`;
        rule(
          `${name}-load-balancer${suffix}`,
          tls ? 443 : 80,
          { cidrIpv4 },
          "Callers inside the VPC",
        );
      }
  }
  return group;
}
