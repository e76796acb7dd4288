import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Network } from "./network.ts";
import type { Tags } from "./tags.ts";
import { ArgumentError, check, hostName } from "./validation.ts";

/** Who can reach the load balancer. */
export const Exposure = {
  /** Only callers inside the VPC. HTTP, or HTTPS where `domainName` and `certificateArn` are given. */
  Internal: "internal",
  /** Everybody, over HTTPS at `domainName`. */
  Domain: "domain",
} as const;
export type Exposure = (typeof Exposure)[keyof typeof Exposure];

/** What decides how the load balancer is reached. */
export interface IngressArgs {
  readonly exposure: Exposure;
  readonly domainName: pulumi.Input<string> | undefined;
  readonly certificateArn: pulumi.Input<string> | undefined;
  readonly cidrBlock: string;
  readonly idleTimeoutSeconds: pulumi.Input<number>;
  readonly tags: Tags;
}

/** The load balancer and its one listener. */
export interface Ingress {
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly listener: aws.lb.Listener;
  readonly securityGroup: aws.ec2.SecurityGroup;
  /** Scheme and host that clients use, without a path. */
  readonly origin: pulumi.Output<string>;
}

/** Omitting a policy would mean TLS 1.0; this one is what AWS's console proposes (ELB guide, "Security policies"). */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09";

/** Refuses a public listener without TLS. */
export function checkIngress(
  component: string,
  args: Pick<IngressArgs, "exposure" | "domainName" | "certificateArn">,
): void {
  const missing = (["domainName", "certificateArn"] as const).filter(
    (argument) => args[argument] === undefined,
  );
  if (args.exposure === Exposure.Domain && missing.length > 0) {
    throw new ArgumentError(
      component,
      `\`exposure\` is \`domain\`, but ${missing.map((argument) => `\`${argument}\``).join(" and ")} ${missing.length === 1 ? "is" : "are"} missing:` +
        " a public listener without TLS would show every token to the network. Give the domain name and the ARN of an" +
        " issued ACM certificate for it in the same region, or set `exposure` to `internal`.",
    );
  }
  const [only] = missing;
  if (missing.length === 1 && only !== undefined) {
    throw new ArgumentError(
      component,
      `\`${only === "domainName" ? "certificateArn" : "domainName"}\` is given without \`${only}\`: a certificate is for a name, and HTTPS under a name needs` +
        " its certificate. Give both, or neither.",
    );
  }
  check(args.domainName, hostName(component, "domainName"));
}

/** An Application Load Balancer that answers 404 to everything until services add their rules. */
export function createIngress(
  name: string,
  args: IngressArgs,
  network: Network,
  opts: pulumi.CustomResourceOptions,
): Ingress {
  const isPublic = args.exposure === Exposure.Domain;
  const tls = args.certificateArn !== undefined;
  const port = tls ? 443 : 80;

  const securityGroup = new aws.ec2.SecurityGroup(
    `${name}-load-balancer`,
    { vpcId: network.vpcId, description: `Load balancer of ${name}`, tags: args.tags },
    opts,
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-load-balancer`,
    {
      securityGroupId: securityGroup.id,
      description: isPublic ? "HTTPS from everywhere" : "Callers inside the VPC",
      ipProtocol: "tcp",
      fromPort: port,
      toPort: port,
      cidrIpv4: isPublic ? "0.0.0.0/0" : args.cidrBlock,
      tags: args.tags,
    },
    opts,
  );
  const loadBalancer = new aws.lb.LoadBalancer(
    name,
    {
      loadBalancerType: "application",
      internal: !isPublic,
      subnets: isPublic ? network.publicSubnetIds : network.privateSubnetIds,
      securityGroups: [securityGroup.id],
      idleTimeout: args.idleTimeoutSeconds,
      dropInvalidHeaderFields: true,
      tags: args.tags,
    },
    opts,
  );
  const listener = new aws.lb.Listener(
    name,
    {
      loadBalancerArn: loadBalancer.arn,
      port,
      protocol: tls ? "HTTPS" : "HTTP",
      ...(tls ? { certificateArn: args.certificateArn, sslPolicy: TLS_POLICY } : {}),
      defaultActions: [
        {
          type: "fixed-response",
          fixedResponse: {
            statusCode: "404",
            contentType: "application/json",
            messageBody: '{"error":"not_found"}',
          },
        },
      ],
      tags: args.tags,
    },
    opts,
  );
  const host = args.domainName ?? loadBalancer.dnsName;
  return {
    loadBalancer,
    listener,
    securityGroup,
    origin: pulumi.interpolate`${tls ? "https" : "http"}://${host}`,
  };
}
