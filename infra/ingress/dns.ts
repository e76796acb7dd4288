import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** Points names at a load balancer. It has IPv4 addresses alone, so that there are no AAAA records. */
export function createAliases(
  name: string,
  args: {
    readonly hostedZoneId: pulumi.Input<string>;
    readonly domainName: pulumi.Input<string>;
    readonly alternativeDomainNames: readonly string[];
    readonly loadBalancer: aws.lb.LoadBalancer;
  },
  opts: pulumi.CustomResourceOptions,
): void {
  const { hostedZoneId, loadBalancer } = args;
  const alias = (resourceName: string, domainName: pulumi.Input<string>): void => {
    new aws.route53.Record(
      resourceName,
      {
        zoneId: hostedZoneId,
        name: domainName,
        type: "A",
        aliases: [
          {
            name: loadBalancer.dnsName,
            zoneId: loadBalancer.zoneId,
            // A node of the load balancer that fails leaves DNS within a minute.
            evaluateTargetHealth: true,
          },
        ],
      },
      opts,
    );
  };
  alias(`${name}-alias`, args.domainName);
  for (const other of args.alternativeDomainNames) alias(`${name}-alias-${other}`, other);
}
