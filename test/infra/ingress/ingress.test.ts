import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Exposure } from "../../../infra/ingress/exposure.ts";
import { createIngress, type IngressArgs } from "../../../infra/ingress/ingress.ts";
import { answering, arn, deploy, rejectionsOf, valueOf, type Declaration } from "../mocks.ts";

const CERTIFICATE = arn("acm", "certificate/0b5c");
const ZONE = "Z0123456789ABCDEFGHIJ";

function create(args: Partial<IngressArgs>, cidrBlocks: readonly string[] = ["10.0.0.0/16"]) {
  return createIngress(
    "edge",
    {
      exposure: Exposure.Internal,
      domainName: undefined,
      alternativeDomainNames: undefined,
      certificateArn: undefined,
      hostedZoneId: undefined,
      idleTimeoutSeconds: 60,
      accessLogs: false,
      accessLogRetentionInDays: 30,
      deletionProtection: false,
      webAcl: undefined,
      tags: undefined,
      ...args,
    },
    {
      vpcId: pulumi.output("vpc-1"),
      publicSubnetIds: pulumi.output(["subnet-public"]),
      privateSubnetIds: pulumi.output(["subnet-private"]),
      cidrBlocks,
      taskSecurityGroupIds: [],
      hasInternetAccess: true,
      routes: [],
      zoneNames: pulumi.output([]),
      natGatewayIds: undefined,
    },
    {},
  );
}

const ingress = (args: Partial<IngressArgs>, cidrBlocks?: readonly string[]) =>
  deploy(() => create(args, cidrBlocks));

const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const LISTENER = "aws:lb/listener:Listener";
const LOAD_BALANCER_ARN = arn("elasticloadbalancing", "loadbalancer/app/edge/50dc6c495c0c9188");
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
/** What every load balancer has, whoever reaches it. */
const HARDENED = {
  loadBalancerType: "application",
  securityGroups: ["edge-load-balancer-id"],
  idleTimeout: 60,
  clientKeepAlive: 300,
  dropInvalidHeaderFields: true,
  desyncMitigationMode: "defensive",
  enableZonalShift: true,
  enableDeletionProtection: false,
};

/** Ports and sources of every rule that opens the load balancer. */
function opened({ resources }: Declaration<unknown>): string[] {
  return resources
    .filter(({ type }) => type === RULE)
    .map(
      ({ inputs }) =>
        `${String(inputs["fromPort"])}-${String(inputs["toPort"])} ${String(inputs["cidrIpv4"] ?? inputs["prefixListId"])}`,
    );
}

test("GIVEN an assigned address WHEN it is declared THEN CloudFront alone reaches the load balancer, over HTTP, in private subnets", async () => {
  const declaration = await ingress({ exposure: Exposure.Assigned });

  assert.deepEqual(declaration.inventory(), [
    "aws:cloudfront/distribution:Distribution edge",
    "aws:cloudfront/vpcOrigin:VpcOrigin edge",
    `${GROUP} edge-load-balancer`,
    `${LISTENER} edge`,
    `${LOAD_BALANCER} edge`,
    `${RULE} edge-load-balancer`,
  ]);
  assert.deepEqual(declaration.only(RULE).inputs, {
    securityGroupId: "edge-load-balancer-id",
    description: "HTTP from CloudFront",
    ipProtocol: "tcp",
    fromPort: 80,
    toPort: 80,
    prefixListId: "pl-cloudfront",
  });
  assert.deepEqual(declaration.only(LOAD_BALANCER).inputs, {
    ...HARDENED,
    internal: true,
    subnets: ["subnet-private"],
  });
  assert.deepEqual(declaration.only(LISTENER).inputs, {
    loadBalancerArn: LOAD_BALANCER_ARN,
    port: 80,
    protocol: "HTTP",
    defaultActions: NOT_FOUND,
  });
  assert.equal(await valueOf(declaration.result.origin), "https://edge.cloudfront.example");
  assert.deepEqual(declaration.calls.map(({ token }) => token).sort(), [
    "aws:ec2/getManagedPrefixList:getManagedPrefixList",
    "aws:index/getPartition:getPartition",
  ]);
});

test("GIVEN a partition without VPC origins WHEN an assigned address is declared THEN it is refused", async () => {
  const answers = answering("aws:index/getPartition:getPartition", () => ({ partition: "aws-cn" }));
  assert.deepEqual(await rejectionsOf(() => create({ exposure: Exposure.Assigned }), answers), [
    "McpPlatform: `exposure` is `assigned`, but CloudFront reaches no private load balancer in the partition aws-cn. Set it to `domain` or `internal`.",
  ]);
  assert.deepEqual(await rejectionsOf(() => create({}), answers), []);
});

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
    ...HARDENED,
    internal: true,
    subnets: ["subnet-private"],
  });
  assert.equal(await valueOf(declaration.result.origin), "http://edge.elb.example");
});

test("GIVEN callers of several networks WHEN an internal load balancer is declared THEN each has a rule", async () => {
  const declaration = await ingress({}, ["10.0.0.0/16", "192.168.0.0/24"]);

  assert.deepEqual(opened(declaration), ["80-80 10.0.0.0/16", "80-80 192.168.0.0/24"]);
  assert.equal(declaration.only(RULE, "edge-load-balancer-2").inputs["cidrIpv4"], "192.168.0.0/24");
});

test("GIVEN a public load balancer WHEN it is declared THEN everybody reaches it over HTTPS, and HTTP leads there", async () => {
  const tags = { team: "blue" };
  const declaration = await ingress({
    exposure: Exposure.Domain,
    domainName: "mcp.example.com",
    certificateArn: CERTIFICATE,
    idleTimeoutSeconds: 120,
    deletionProtection: true,
    tags,
  });

  assert.deepEqual(declaration.inventory(), [
    `${GROUP} edge-load-balancer`,
    `${LISTENER} edge`,
    `${LISTENER} edge-redirect`,
    `${LOAD_BALANCER} edge`,
    `${RULE} edge-load-balancer`,
    `${RULE} edge-redirect`,
  ]);
  assert.deepEqual(opened(declaration).sort(), ["443-443 0.0.0.0/0", "80-80 0.0.0.0/0"]);
  assert.deepEqual(declaration.only(LOAD_BALANCER).inputs, {
    ...HARDENED,
    internal: false,
    subnets: ["subnet-public"],
    idleTimeout: 120,
    enableDeletionProtection: true,
    tags,
  });
  assert.deepEqual(declaration.only(LISTENER, "edge").inputs, {
    loadBalancerArn: LOAD_BALANCER_ARN,
    port: 443,
    protocol: "HTTPS",
    certificateArn: CERTIFICATE,
    sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    defaultActions: NOT_FOUND,
    tags,
  });
  assert.deepEqual(declaration.only(LISTENER, "edge-redirect").inputs, {
    loadBalancerArn: LOAD_BALANCER_ARN,
    port: 80,
    protocol: "HTTP",
    defaultActions: [
      {
        type: "redirect",
        redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" },
      },
    ],
    tags,
  });
  assert.equal(await valueOf(declaration.result.origin), "https://mcp.example.com");
});

test("GIVEN a hosted zone WHEN a public load balancer is declared THEN a certificate is made, and the names point at the load balancer", async () => {
  const declaration = await ingress({
    exposure: Exposure.Domain,
    domainName: "mcp.example.com",
    alternativeDomainNames: ["*.mcp.example.com"],
    hostedZoneId: ZONE,
  });

  assert.equal(
    declaration.only(LISTENER, "edge").inputs["certificateArn"],
    arn("acm", "certificate/edge"),
  );
  const alias = {
    zoneId: ZONE,
    type: "A",
    aliases: [{ name: "edge.elb.example", zoneId: "Z35SXDOTRQ7X7K", evaluateTargetHealth: true }],
  };
  const record = "aws:route53/record:Record";
  assert.deepEqual(declaration.only(record, "edge-alias").inputs, {
    ...alias,
    name: "mcp.example.com",
  });
  assert.deepEqual(declaration.only(record, "edge-alias-*.mcp.example.com").inputs, {
    ...alias,
    name: "*.mcp.example.com",
  });
});

test("GIVEN a hosted zone and a certificate WHEN a load balancer is declared THEN the certificate is used, and the records are made", async () => {
  const declaration = await ingress({
    domainName: "mcp.corp.example",
    certificateArn: CERTIFICATE,
    hostedZoneId: ZONE,
  });

  assert.deepEqual(
    declaration.inventory().filter((each) => /acm|route53/u.test(each)),
    ["aws:route53/record:Record edge-alias"],
  );
  assert.equal(declaration.only(LISTENER).inputs["certificateArn"], CERTIFICATE);
});

test("GIVEN an internal load balancer with a certificate WHEN it is declared THEN the VPC alone reaches it, over HTTPS alone", async () => {
  const declaration = await ingress({
    domainName: pulumi.output("mcp.corp.example"),
    certificateArn: pulumi.output(CERTIFICATE),
  });

  assert.deepEqual(opened(declaration), ["443-443 10.0.0.0/16"]);
  assert.equal(declaration.only(LOAD_BALANCER).inputs["internal"], true);
  const { port, protocol, certificateArn, sslPolicy } = declaration.only(LISTENER).inputs;
  assert.deepEqual(
    [port, protocol, certificateArn, sslPolicy],
    [443, "HTTPS", CERTIFICATE, "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"],
  );
  assert.equal(await valueOf(declaration.result.origin), "https://mcp.corp.example");
});

test("GIVEN a certificate of another region WHEN a load balancer is declared THEN it is refused: AWS would refuse the listener", async () => {
  const certificateArn = "arn:aws:acm:eu-west-1:123456789012:certificate/0b5c";
  assert.deepEqual(
    await rejectionsOf(() => create({ domainName: "mcp.example.com", certificateArn })),
    [
      "McpPlatform: `certificateArn` is a certificate of eu-west-1, but the load balancer is in us-east-1 and takes certificates of its own region" +
        " alone. Give one of that region, or `hostedZoneId`, and one is made.",
    ],
  );
});

test("GIVEN access logs WHEN a load balancer is declared THEN it writes them, and comes after the policy that lets it", async () => {
  const declaration = await ingress({ accessLogs: true });
  const { inputs, dependsOn } = declaration.only(LOAD_BALANCER);

  assert.deepEqual(inputs["accessLogs"], { enabled: true, bucket: "edge-access-logs" });
  assert.deepEqual(dependsOn, ["aws:s3/bucketPolicy:BucketPolicy edge-access-logs"]);
});

test("GIVEN a web ACL WHEN a load balancer is declared THEN it stands before whatever the internet reaches", async () => {
  const association = "aws:wafv2/webAclAssociation:WebAclAssociation";
  const webAcl = "aws:wafv2/webAcl:WebAcl";
  const assigned = await ingress({ exposure: Exposure.Assigned, webAcl: {} });
  const named = await ingress({
    exposure: Exposure.Domain,
    domainName: "mcp.example.com",
    certificateArn: CERTIFICATE,
    webAcl: {},
  });

  const { scope, region } = assigned.only(webAcl).inputs;
  assert.deepEqual([scope, region], ["CLOUDFRONT", "us-east-1"]);
  assert.equal(
    assigned.only("aws:cloudfront/distribution:Distribution").inputs["webAclId"],
    arn("wafv2", "webacl/edge"),
  );
  assert.ok(!assigned.inventory().includes(`${association} edge`));

  assert.equal(named.only(webAcl).inputs["scope"], "REGIONAL");
  assert.ok(!("region" in named.only(webAcl).inputs));
  assert.deepEqual(named.only(association).inputs, {
    resourceArn: LOAD_BALANCER_ARN,
    webAclArn: arn("wafv2", "webacl/edge"),
  });
});
