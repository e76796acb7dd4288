import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createAccessLogs } from "./access-logs.ts";
import { createCertificate } from "./certificate.ts";
import { createDistribution } from "./distribution.ts";
import { createAliases } from "./dns.ts";
import { Exposure, type ExposureArgs } from "./exposure.ts";
import { createIngressSecurity } from "./ingress-security.ts";
import { createListeners } from "./listeners.ts";
import { createLoadBalancer } from "./load-balancer.ts";
import type { Network } from "../network/network.ts";
import type { Tags } from "../tags.ts";
import { ArgumentError } from "../validation.ts";
import { createWebAcl, WebAclScope, type WebAcl } from "./web-acl.ts";

/** What decides how the load balancer is reached, and what it tells. */
export interface IngressArgs extends ExposureArgs {
  readonly accessLogs: boolean;
  readonly accessLogRetentionInDays: pulumi.Input<number>;
  readonly deletionProtection: pulumi.Input<boolean>;
  readonly webAcl: WebAcl | undefined;
  readonly tags: Tags;
}

/** The load balancer, the listener that services add their rules to, and where clients find it. */
export interface Ingress {
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly listener: aws.lb.Listener;
  readonly securityGroup: aws.ec2.SecurityGroup;
  /** What stands before the load balancer where `exposure` is `assigned`. */
  readonly distribution: aws.cloudfront.Distribution | undefined;
  readonly webAcl: aws.wafv2.WebAcl | undefined;
  /** Scheme and host that clients use, without a path. */
  readonly origin: pulumi.Output<string>;
}

/** A load balancer that answers 404 to everything until services add their rules, and what stands before it. */
export function createIngress(
  name: string,
  args: IngressArgs,
  network: Network,
  opts: pulumi.CustomResourceOptions,
): Ingress {
  const { exposure, tags } = args;
  const isPublic = exposure === Exposure.Domain;
  const tls = args.domainName !== undefined;

  const securityGroup = createIngressSecurity(name, { exposure, tls, network, tags }, opts);
  const loadBalancer = createLoadBalancer(
    name,
    {
      internal: !isPublic,
      subnetIds: isPublic ? network.publicSubnetIds : network.privateSubnetIds,
      securityGroupId: securityGroup.id,
      idleTimeoutSeconds: args.idleTimeoutSeconds,
      deletionProtection: args.deletionProtection,
      accessLogs: args.accessLogs
        ? createAccessLogs(name, { retentionInDays: args.accessLogRetentionInDays, tags }, opts)
        : undefined,
      tags,
    },
    opts,
  );
  const listener = createListeners(
    name,
    {
      loadBalancerArn: loadBalancer.arn,
      certificateArn: tls ? certificateOf(name, args, opts) : undefined,
      redirect: isPublic,
      tags,
    },
    opts,
  );
  const webAcl =
    args.webAcl === undefined
      ? undefined
      : createWebAcl(
          name,
          {
            scope: exposure === Exposure.Assigned ? WebAclScope.CloudFront : WebAclScope.Regional,
            webAcl: args.webAcl,
            tags,
          },
          opts,
        );
  if (exposure === Exposure.Assigned) {
    aws.getPartitionOutput({}, opts).partition.apply(checkPartition);
    const distribution = createDistribution(
      name,
      {
        loadBalancer,
        listener,
        idleTimeoutSeconds: args.idleTimeoutSeconds,
        webAclArn: webAcl?.arn,
        tags,
      },
      opts,
    );
    return {
      loadBalancer,
      listener,
      securityGroup,
      distribution,
      webAcl,
      origin: pulumi.interpolate`https://${distribution.domainName}`,
    };
  }
  if (webAcl !== undefined) {
    new aws.wafv2.WebAclAssociation(
      name,
      { resourceArn: loadBalancer.arn, webAclArn: webAcl.arn },
      opts,
    );
  }
  if (args.domainName !== undefined && args.hostedZoneId !== undefined) {
    createAliases(
      name,
      {
        hostedZoneId: args.hostedZoneId,
        domainName: args.domainName,
        alternativeDomainNames: args.alternativeDomainNames ?? [],
        loadBalancer,
      },
      opts,
    );
  }
  const host = args.domainName ?? loadBalancer.dnsName;
  return {
    loadBalancer,
    listener,
    securityGroup,
    distribution: undefined,
    webAcl,
    origin: pulumi.interpolate`${tls ? "https" : "http"}://${host}`,
  };
}

/** The user's certificate, which must be in the load balancer's region, or a new one. */
function certificateOf(
  name: string,
  args: IngressArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Input<string> | undefined {
  const { certificateArn, domainName, hostedZoneId } = args;
  if (certificateArn !== undefined) {
    pulumi.all([certificateArn, aws.getRegionOutput({}, opts).region]).apply(([arn, region]) => {
      checkCertificateRegion(arn, region);
    });
    return certificateArn;
  }
  if (domainName === undefined || hostedZoneId === undefined) return undefined;
  return createCertificate(
    name,
    {
      domainName,
      alternativeDomainNames: args.alternativeDomainNames ?? [],
      hostedZoneId,
      tags: args.tags,
    },
    opts,
  );
}

/** China and the government clouds have CloudFronts of their own, which know no VPC origins. */
function checkPartition(partition: string): void {
  if (partition === "aws") return;
  throw new ArgumentError(
    "McpPlatform",
    `\`exposure\` is \`assigned\`, but CloudFront reaches no private load balancer in the partition ${partition}. Set it to \`domain\` or \`internal\`.`,
  );
}

function checkCertificateRegion(arn: string, region: string): void {
  const [, , service, certificateRegion] = arn.split(":");
  if (service !== "acm" || certificateRegion === region) return;
  throw new ArgumentError(
    "McpPlatform",
    `\`certificateArn\` is a certificate of ${certificateRegion ?? ""}, but the load balancer is in ${region} and takes certificates of its own` +
      " region alone. Give one of that region, or `hostedZoneId`, and one is made.",
  );
}
