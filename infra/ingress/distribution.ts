import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";

/** AWS's own policies have the same ids in every account (CloudFront guide, "Use managed policies"). */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
/** Everything that the client sent: `Authorization` reaches the origin in no other way, and `Host` keeps the name that clients use. */
const ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3";

/** CloudFront knows three sets of methods; the one with POST is this. */
const METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/** What CloudFront would keep for ten seconds although nothing is cached: a service that just starts would stay away for everybody. */
const ERROR_CODES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** The longest that CloudFront waits on a silent origin, in seconds (API Origin). */
const LONGEST_READ = 120;
/** The longest that CloudFront keeps an idle connection for without a raised quota, in seconds. */
const LONGEST_KEEP_ALIVE = 60;

/**
 * How long CloudFront waits on the load balancer, in seconds: less than the load balancer waits itself, or CloudFront would send a request
 * over a connection that is being closed, which is a 502.
 */
export function originTimeouts(idleTimeoutSeconds: number): {
  originReadTimeout: number;
  originKeepaliveTimeout: number;
} {
  const below = idleTimeoutSeconds - 1;
  return {
    originReadTimeout: Math.min(LONGEST_READ, below),
    originKeepaliveTimeout: Math.min(LONGEST_KEEP_ALIVE, below),
  };
}

/** AWS finishes most in 15 minutes, and not all; the provider would give up then (terraform-aws-cloudfront#163). */
const PATIENCE = "45m";

/** An HTTPS address of CloudFront's for a private load balancer, which CloudFront reaches inside the VPC, without caching anything. */
export function createDistribution(
  name: string,
  args: {
    readonly loadBalancer: aws.lb.LoadBalancer;
    readonly listener: aws.lb.Listener;
    readonly idleTimeoutSeconds: pulumi.Input<number>;
    readonly webAclArn: pulumi.Input<string> | undefined;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): aws.cloudfront.Distribution {
  const { tags } = args;
  const vpcOrigin = new aws.cloudfront.VpcOrigin(
    name,
    {
      vpcOriginEndpointConfig: args.loadBalancer.arn.apply((arn) => endpointConfig(name, arn)),
      timeouts: { create: PATIENCE, update: PATIENCE, delete: PATIENCE },
      tags,
    },
    pulumi.mergeOptions(opts, {
      // CloudFront calls nobody who does not listen yet.
      dependsOn: [args.listener],
      // One that is in use can be neither changed nor deleted (terraform-provider-aws#40905): another takes its place first.
      replaceOnChanges: ["vpcOriginEndpointConfig"],
    }),
  );
  return new aws.cloudfront.Distribution(
    name,
    {
      enabled: true,
      comment: `MCP services of ${name}`,
      httpVersion: "http2and3",
      isIpv6Enabled: true,
      origins: [
        {
          originId: "load-balancer",
          domainName: args.loadBalancer.dnsName,
          vpcOriginConfig: pulumi
            .all([vpcOrigin.id, args.idleTimeoutSeconds])
            .apply(([vpcOriginId, seconds]) => ({ vpcOriginId, ...originTimeouts(seconds) })),
          // A connection that fails is tried anew, a request that may have been heard is not.
          connectionAttempts: 3,
          connectionTimeout: 5,
          // No `responseCompletionTimeout`: a stream may last.
        },
      ],
      defaultCacheBehavior: {
        targetOriginId: "load-balancer",
        // No redirect: clients would repeat a POST as a GET, after the token has been sent in plain text.
        viewerProtocolPolicy: "https-only",
        allowedMethods: METHODS,
        cachedMethods: ["GET", "HEAD"],
        cachePolicyId: CACHING_DISABLED,
        originRequestPolicyId: ALL_VIEWER,
        // Compressing waits for more bytes than an event of a stream has.
        compress: false,
      },
      customErrorResponses: ERROR_CODES.map((errorCode) => ({
        errorCode,
        errorCachingMinTtl: 0,
      })),
      restrictions: { geoRestriction: { restrictionType: "none" } },
      // CloudFront's own certificate sets the TLS policy, too: it cannot be asked to refuse old versions.
      viewerCertificate: { cloudfrontDefaultCertificate: true },
      ...(args.webAclArn === undefined ? {} : { webAclId: args.webAclArn }),
      tags,
    },
    opts,
  );
}

/** The provider's `vpcOriginEndpointConfig`, all of it known. */
interface EndpointConfig {
  readonly name: string;
  readonly arn: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly originProtocolPolicy: string;
  readonly originSslProtocols: { items: string[]; quantity: number };
}

/**
 * Where CloudFront finds the load balancer. HTTP, inside the VPC: nobody issues a certificate for the load balancer's own name. The name ends
 * with a hash of the rest, since the next origin comes before this one goes, and two of one name are an error.
 */
export function endpointConfig(name: string, arn: string): EndpointConfig {
  const rest = {
    arn,
    httpPort: 80,
    // Both ports and the list of protocols must be given although none but HTTP's port is used.
    httpsPort: 443,
    originProtocolPolicy: "http-only",
    originSslProtocols: { items: ["TLSv1.2"], quantity: 1 },
  };
  const hash = createHash("sha256").update(JSON.stringify(rest)).digest("hex").slice(0, 8);
  return { name: `${name}-${hash}`, ...rest };
}
