import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { checkIngress, createIngress, Exposure, type IngressArgs } from "../../infra/ingress.ts";
import { arn, assertRefused, deploy, valueOf } from "./mocks.ts";

const CERTIFICATE = arn("acm", "certificate/0b5c");

function ingress(args: Partial<IngressArgs>) {
  return deploy(() =>
    createIngress(
      "edge",
      {
        exposure: Exposure.Internal,
        domainName: undefined,
        certificateArn: undefined,
        cidrBlock: "10.0.0.0/16",
        idleTimeoutSeconds: 60,
        tags: undefined,
        ...args,
      },
      {
        vpcId: pulumi.output("vpc-1"),
        publicSubnetIds: pulumi.output(["subnet-public"]),
        privateSubnetIds: pulumi.output(["subnet-private"]),
      },
      {},
    ),
  );
}

const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const LISTENER = "aws:lb/listener:Listener";
const NOT_FOUND = [
  {
    type: "fixed-response",
    fixedResponse: {
      statusCode: "404",
      contentType: "application/json",
      messageBody: '{"error":"not_found"}',
    },
  },
];

test("GIVEN an internal load balancer WHEN it is declared THEN the VPC alone reaches it, over HTTP, in private subnets", async () => {
  const declaration = await ingress({});

  assert.deepEqual(declaration.inventory(), [
    `${GROUP} edge-load-balancer`,
    `${LISTENER} edge`,
    `${LOAD_BALANCER} edge`,
    `${RULE} edge-load-balancer`,
  ]);
  assert.deepEqual(declaration.only(GROUP).inputs, {
    vpcId: "vpc-1",
    description: "Load balancer of edge",
  });
  assert.deepEqual(declaration.only(RULE).inputs, {
    securityGroupId: "edge-load-balancer-id",
    description: "Callers inside the VPC",
    ipProtocol: "tcp",
    fromPort: 80,
    toPort: 80,
    cidrIpv4: "10.0.0.0/16",
  });
  assert.deepEqual(declaration.only(LOAD_BALANCER).inputs, {
    loadBalancerType: "application",
    internal: true,
    subnets: ["subnet-private"],
    securityGroups: ["edge-load-balancer-id"],
    idleTimeout: 60,
    dropInvalidHeaderFields: true,
  });
  assert.deepEqual(declaration.only(LISTENER).inputs, {
    loadBalancerArn: arn("elasticloadbalancing", "loadbalancer/app/edge/50dc6c495c0c9188"),
    port: 80,
    protocol: "HTTP",
    defaultActions: NOT_FOUND,
  });
  assert.equal(await valueOf(declaration.result.origin), "http://edge.elb.example");
});

test("GIVEN a public load balancer WHEN it is declared THEN everybody reaches it, over HTTPS alone", async () => {
  const declaration = await ingress({
    exposure: Exposure.Domain,
    domainName: "mcp.example.com",
    certificateArn: CERTIFICATE,
    idleTimeoutSeconds: 120,
    tags: { team: "blue" },
  });
  const tags = { team: "blue" };

  assert.deepEqual(declaration.only(GROUP).inputs, {
    vpcId: "vpc-1",
    description: "Load balancer of edge",
    tags,
  });
  assert.deepEqual(declaration.only(RULE).inputs, {
    securityGroupId: "edge-load-balancer-id",
    description: "HTTPS from everywhere",
    ipProtocol: "tcp",
    fromPort: 443,
    toPort: 443,
    cidrIpv4: "0.0.0.0/0",
    tags,
  });
  assert.deepEqual(declaration.only(LOAD_BALANCER).inputs, {
    loadBalancerType: "application",
    internal: false,
    subnets: ["subnet-public"],
    securityGroups: ["edge-load-balancer-id"],
    idleTimeout: 120,
    dropInvalidHeaderFields: true,
    tags,
  });
  assert.deepEqual(declaration.only(LISTENER).inputs, {
    loadBalancerArn: arn("elasticloadbalancing", "loadbalancer/app/edge/50dc6c495c0c9188"),
    port: 443,
    protocol: "HTTPS",
    certificateArn: CERTIFICATE,
    sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    defaultActions: NOT_FOUND,
    tags,
  });
  assert.equal(await valueOf(declaration.result.origin), "https://mcp.example.com");
});

test("GIVEN an internal load balancer with a certificate WHEN it is declared THEN the VPC alone reaches it, over HTTPS", async () => {
  const declaration = await ingress({
    domainName: pulumi.output("mcp.corp.example"),
    certificateArn: pulumi.output(CERTIFICATE),
  });

  const { fromPort, toPort, cidrIpv4 } = declaration.only(RULE).inputs;
  assert.deepEqual([fromPort, toPort, cidrIpv4], [443, 443, "10.0.0.0/16"]);
  assert.equal(declaration.only(LOAD_BALANCER).inputs["internal"], true);
  const { port, protocol, certificateArn, sslPolicy } = declaration.only(LISTENER).inputs;
  assert.deepEqual(
    [port, protocol, certificateArn, sslPolicy],
    [443, "HTTPS", CERTIFICATE, "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"],
  );
  assert.equal(await valueOf(declaration.result.origin), "https://mcp.corp.example");
});

test("GIVEN public exposure without name or certificate WHEN it is checked THEN it is refused: no plaintext in public", () => {
  const wayOut =
    " missing: a public listener without TLS would show every token to the network. Give the domain name and the ARN of an" +
    " issued ACM certificate for it in the same region, or set `exposure` to `internal`.";
  const refused = (
    domainName: string | undefined,
    certificateArn: string | undefined,
    missing: string,
  ): void => {
    assertRefused(() => {
      checkIngress("McpPlatform", { exposure: Exposure.Domain, domainName, certificateArn });
    }, `McpPlatform: \`exposure\` is \`domain\`, but ${missing}${wayOut}`);
  };

  refused(undefined, undefined, "`domainName` and `certificateArn` are");
  refused(undefined, CERTIFICATE, "`domainName` is");
  refused("mcp.example.com", undefined, "`certificateArn` is");
});

test("GIVEN a domain name or a certificate alone WHEN it is checked THEN it is refused: neither serves without the other", () => {
  const refused = (
    domainName: string | undefined,
    certificateArn: string | undefined,
    sentence: string,
  ): void => {
    assertRefused(() => {
      checkIngress("McpPlatform", { exposure: Exposure.Internal, domainName, certificateArn });
    }, `McpPlatform: ${sentence}: a certificate is for a name, and HTTPS under a name needs its certificate. Give both, or neither.`);
  };

  refused("mcp.example.com", undefined, "`domainName` is given without `certificateArn`");
  refused(undefined, CERTIFICATE, "`certificateArn` is given without `domainName`");
});

test("GIVEN domain names that are no host names WHEN they are checked THEN each is refused", () => {
  for (const domainName of [
    "https://mcp.example.com",
    "mcp.example.com/mcp",
    "mcp.example.com:8443",
    "",
  ]) {
    for (const exposure of Object.values(Exposure)) {
      assertRefused(() => {
        checkIngress("McpPlatform", { exposure, domainName, certificateArn: CERTIFICATE });
      }, `McpPlatform: \`domainName\` has \`${domainName}\`; give a host name without scheme, port and path, such as \`mcp.example.com\`.`);
    }
  }
});

test("GIVEN both or neither WHEN they are checked THEN they pass", () => {
  const pair = { domainName: "mcp.example.com", certificateArn: CERTIFICATE };
  checkIngress("McpPlatform", { exposure: Exposure.Domain, ...pair });
  checkIngress("McpPlatform", { exposure: Exposure.Internal, ...pair });
  checkIngress("McpPlatform", {
    exposure: Exposure.Internal,
    domainName: undefined,
    certificateArn: undefined,
  });
});
