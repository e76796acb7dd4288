import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import {
  createDistribution,
  endpointConfig,
  originTimeouts,
} from "../../../infra/ingress/distribution.ts";
import { arn, deploy } from "../mocks.ts";

const LOAD_BALANCER_ARN = arn("elasticloadbalancing", "loadbalancer/app/edge/50dc6c495c0c9188");

const distribution = (webAclArn?: string) =>
  deploy(() => {
    const loadBalancer = new aws.lb.LoadBalancer("edge", {});
    return createDistribution(
      "edge",
      {
        loadBalancer,
        listener: new aws.lb.Listener("edge", {
          loadBalancerArn: loadBalancer.arn,
          defaultActions: [],
        }),
        idleTimeoutSeconds: 60,
        webAclArn,
        tags: { team: "blue" },
      },
      {},
    );
  });

test("GIVEN a private load balancer WHEN its VPC origin is declared THEN it speaks HTTP, comes after the listener, and is never changed in place", async () => {
  const { inputs, dependsOn, replaceOnChanges } = (await distribution()).only(
    "aws:cloudfront/vpcOrigin:VpcOrigin",
  );

  assert.deepEqual(inputs, {
    vpcOriginEndpointConfig: {
      name: "edge-8bf50552",
      arn: LOAD_BALANCER_ARN,
      httpPort: 80,
      httpsPort: 443,
      originProtocolPolicy: "http-only",
      originSslProtocols: { items: ["TLSv1.2"], quantity: 1 },
    },
    timeouts: { create: "45m", update: "45m", delete: "45m" },
    tags: { team: "blue" },
  });
  assert.deepEqual(dependsOn, ["aws:lb/listener:Listener edge"]);
  assert.deepEqual(replaceOnChanges, ["vpcOriginEndpointConfig"]);
});

test("GIVEN a private load balancer WHEN its distribution is declared THEN it passes everything, caches nothing, errors included, and refuses HTTP", async () => {
  assert.deepEqual((await distribution()).only("aws:cloudfront/distribution:Distribution").inputs, {
    enabled: true,
    comment: "MCP services of edge",
    httpVersion: "http2and3",
    isIpv6Enabled: true,
    origins: [
      {
        originId: "load-balancer",
        domainName: "edge.elb.example",
        vpcOriginConfig: {
          vpcOriginId: "edge-id",
          originReadTimeout: 59,
          originKeepaliveTimeout: 59,
        },
        connectionAttempts: 3,
        connectionTimeout: 5,
      },
    ],
    defaultCacheBehavior: {
      targetOriginId: "load-balancer",
      viewerProtocolPolicy: "https-only",
      allowedMethods: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
      cachedMethods: ["GET", "HEAD"],
      cachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
      originRequestPolicyId: "216adef6-5c7f-47e4-b989-5492eafa07d3",
      compress: false,
    },
    customErrorResponses: [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504].map(
      (errorCode) => ({ errorCode, errorCachingMinTtl: 0 }),
    ),
    restrictions: { geoRestriction: { restrictionType: "none" } },
    viewerCertificate: { cloudfrontDefaultCertificate: true },
    tags: { team: "blue" },
  });
});

test("GIVEN a web ACL WHEN the distribution is declared THEN it stands before it", async () => {
  const declaration = await distribution("arn:web-acl");

  assert.equal(
    declaration.only("aws:cloudfront/distribution:Distribution").inputs["webAclId"],
    "arn:web-acl",
  );
});

test("GIVEN any idle timeout WHEN CloudFront's waits are reckoned THEN they are shorter, and ones that CloudFront knows", () => {
  const waits = (seconds: number): number[] => {
    const { originReadTimeout, originKeepaliveTimeout } = originTimeouts(seconds);
    return [originReadTimeout, originKeepaliveTimeout];
  };
  assert.deepEqual(waits(2), [1, 1]);
  assert.deepEqual(waits(60), [59, 59]);
  assert.deepEqual(waits(90), [89, 60]);
  assert.deepEqual(waits(4000), [120, 60]);
});

test("GIVEN another load balancer WHEN its VPC origin is named THEN the name is another: the new origin comes before the old one goes", () => {
  const one = endpointConfig("edge", "arn:one");

  assert.deepEqual(one, endpointConfig("edge", "arn:one"));
  assert.notEqual(one.name, endpointConfig("edge", "arn:two").name);
  // AWS takes 64 characters; a platform's name has 24 at most.
  assert.match(one.name, /^edge-[0-9a-f]{8}$/u);
});
