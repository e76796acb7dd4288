import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  Exposure,
  McpPlatform,
  NatGateways,
  type McpPlatformArgs,
  type McpPlatformHandle,
} from "../../infra/index.ts";
import { checkPlatform } from "../../infra/platform.ts";
import { arn, assertRefused, deploy, isTaggable, rejectionsOf, valueOf } from "./mocks.ts";

const COMPONENT = "pulumi-mcp-service:index:McpPlatform";
const CERTIFICATE = arn("acm", "certificate/0b5c");
const EVERYTHING: Required<McpPlatformArgs> = {
  exposure: Exposure.Domain,
  domainName: "mcp.example.com",
  certificateArn: CERTIFICATE,
  cidrBlock: "10.8.0.0/18",
  zones: 4,
  natGateways: NatGateways.Single,
  idleTimeoutSeconds: 300,
  logRetentionInDays: 7,
  tags: { team: "blue", stage: pulumi.output("live") },
};

const CHILDREN = [
  "aws:cloudwatch/logGroup:LogGroup mcp",
  "aws:ec2/securityGroup:SecurityGroup mcp-load-balancer",
  "aws:ecs/cluster:Cluster mcp",
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders mcp",
  "aws:lb/listener:Listener mcp",
  "aws:lb/loadBalancer:LoadBalancer mcp",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule mcp-load-balancer",
  "awsx:ec2:Vpc mcp",
];

test("GIVEN no arguments WHEN a platform is deployed THEN it declares network, ingress, cluster and logs as its children", async () => {
  const declaration = await deploy(() => new McpPlatform("mcp"));

  assert.deepEqual(declaration.inventory(), [...CHILDREN, `${COMPONENT} mcp`].sort());
  assert.deepEqual(declaration.childrenOf(COMPONENT), CHILDREN);
  assert.deepEqual(declaration.only(COMPONENT).inputs, {});
  declaration.assertUrnsUnique();
  declaration.assertNothingUndefined();
});

test("GIVEN no arguments WHEN a platform is deployed THEN every child has the documented defaults", async () => {
  const declaration = await deploy(() => new McpPlatform("mcp"));

  assert.deepEqual(declaration.only("awsx:ec2:Vpc").inputs, {
    cidrBlock: "10.0.0.0/16",
    numberOfAvailabilityZones: 3,
    subnetStrategy: "Auto",
    subnetSpecs: [{ type: "Public" }, { type: "Private" }],
    natGateways: { strategy: "OnePerAz" },
    enableDnsHostnames: true,
    enableDnsSupport: true,
  });
  assert.deepEqual(declaration.only("aws:lb/loadBalancer:LoadBalancer").inputs, {
    loadBalancerType: "application",
    internal: true,
    subnets: ["subnet-mcp-private-a", "subnet-mcp-private-b"],
    securityGroups: ["mcp-load-balancer-id"],
    idleTimeout: 60,
    dropInvalidHeaderFields: true,
  });
  const rule = declaration.only("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
  assert.equal(rule.inputs["cidrIpv4"], "10.0.0.0/16");
  assert.deepEqual(declaration.only("aws:ecs/cluster:Cluster").inputs, {
    settings: [{ name: "containerInsights", value: "enabled" }],
  });
  assert.deepEqual(
    declaration.only("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders").inputs,
    {
      clusterName: "mcp",
      capacityProviders: ["FARGATE", "FARGATE_SPOT"],
      defaultCapacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1 }],
    },
  );
  assert.deepEqual(declaration.only("aws:cloudwatch/logGroup:LogGroup").inputs, {
    retentionInDays: 30,
  });
});

test("GIVEN every argument WHEN a platform is deployed THEN each reaches the resource it is about", async () => {
  const declaration = await deploy(() => new McpPlatform("mcp", EVERYTHING));
  const tags = { team: "blue", stage: "live" };

  assert.deepEqual(declaration.childrenOf(COMPONENT), CHILDREN);
  assert.deepEqual(declaration.only("awsx:ec2:Vpc").inputs, {
    cidrBlock: "10.8.0.0/18",
    numberOfAvailabilityZones: 4,
    subnetStrategy: "Auto",
    subnetSpecs: [{ type: "Public" }, { type: "Private" }],
    natGateways: { strategy: "Single" },
    enableDnsHostnames: true,
    enableDnsSupport: true,
    tags,
  });
  assert.deepEqual(declaration.only("aws:lb/loadBalancer:LoadBalancer").inputs, {
    loadBalancerType: "application",
    internal: false,
    subnets: ["subnet-mcp-public-a", "subnet-mcp-public-b"],
    securityGroups: ["mcp-load-balancer-id"],
    idleTimeout: 300,
    dropInvalidHeaderFields: true,
    tags,
  });
  const { certificateArn, protocol } = declaration.only("aws:lb/listener:Listener").inputs;
  assert.deepEqual([certificateArn, protocol], [CERTIFICATE, "HTTPS"]);
  assert.deepEqual(declaration.only("aws:ecs/cluster:Cluster").inputs, {
    settings: [{ name: "containerInsights", value: "enabled" }],
    tags,
  });
  assert.deepEqual(declaration.only("aws:cloudwatch/logGroup:LogGroup").inputs, {
    retentionInDays: 7,
    tags,
  });
  declaration.assertNothingUndefined();
});

test("GIVEN tags WHEN a platform is deployed THEN every resource that takes tags has them", async () => {
  const declaration = await deploy(() => new McpPlatform("mcp", { tags: { team: "blue" } }));
  const tagged = [];
  for (const { type, inputs } of declaration.resources) {
    if (!(await isTaggable(type))) continue;
    assert.deepEqual(inputs["tags"], { team: "blue" }, type);
    tagged.push(type);
  }

  assert.equal(tagged.length, CHILDREN.length - 1);
});

test("GIVEN a platform WHEN it is deployed THEN its handle tells services all they need", async () => {
  const { result } = await deploy(
    () => new McpPlatform("mcp", { exposure: Exposure.Internal, idleTimeoutSeconds: 90 }),
  );

  const handle: McpPlatformHandle = await valueOf(result.handle);
  assert.deepEqual(handle, {
    vpcId: "vpc-mcp",
    privateSubnetIds: ["subnet-mcp-private-a", "subnet-mcp-private-b"],
    clusterArn: arn("ecs", "cluster/mcp"),
    clusterName: "mcp",
    listenerArn: arn("elasticloadbalancing", "listener/app/mcp/50dc6c495c0c9188/f2f7dc8efc522ab2"),
    loadBalancerArnSuffix: "app/mcp/50dc6c495c0c9188",
    loadBalancerSecurityGroupId: "mcp-load-balancer-id",
    idleTimeoutSeconds: 90,
    origin: "http://mcp.elb.example",
    logGroupName: "mcp",
    logGroupArn: arn("logs", "log-group:mcp"),
  });
  assert.equal(await valueOf(result.loadBalancerDnsName), "mcp.elb.example");
  assert.equal(await valueOf(result.loadBalancerZoneId), "Z35SXDOTRQ7X7K");
});

test("GIVEN a platform WHEN it is deployed THEN its outputs are registered", async () => {
  const declaration = await deploy(() => new McpPlatform("mcp"));
  const { handle, loadBalancerDnsName, loadBalancerZoneId } = declaration.result;

  assert.deepEqual(declaration.outputsOf(COMPONENT), {
    handle: await valueOf(handle),
    loadBalancerDnsName: await valueOf(loadBalancerDnsName),
    loadBalancerZoneId: await valueOf(loadBalancerZoneId),
  });
});

test("GIVEN a platform whose load balancer is still unknown WHEN it is previewed THEN what is known stays known", async () => {
  const declaration = await deploy(() => new McpPlatform("mcp", { idleTimeoutSeconds: 90 }), {
    preview: true,
  });

  assert.deepEqual(declaration.childrenOf(COMPONENT), CHILDREN);
  assert.equal(await valueOf(declaration.result.handle.idleTimeoutSeconds), 90);
});

test("GIVEN a provider WHEN a platform is deployed with it THEN every AWS resource is made by that provider", async () => {
  const declaration = await deploy(
    () =>
      new McpPlatform("mcp", {}, { provider: new aws.Provider("west", { region: "us-west-2" }) }),
  );
  const made = declaration.resources.filter(({ type }) => type.startsWith("aws:"));

  assert.equal(made.length, CHILDREN.length - 1);
  for (const { type, provider } of made) {
    assert.match(provider, /pulumi:providers:aws::west::west-id$/u, type);
  }
});

const refused = (args: McpPlatformArgs, message: string): void => {
  assertRefused(() => new McpPlatform("mcp", args), `McpPlatform: ${message}`);
};

test("GIVEN a bad name WHEN a platform is constructed THEN it is refused", () => {
  assertRefused(
    () => new McpPlatform("Production"),
    "McpPlatform: the name `Production` does not fit; give one of at most 24 lower-case letters, digits and single hyphens," +
      " beginning with a letter, since load balancer, target group and repository are named after it.",
  );
});

test("GIVEN words that are no enum values WHEN a platform is constructed THEN they are refused with those that are", () => {
  refused(
    { exposure: "public" as string as Exposure },
    "`exposure` is `public`; give one of `internal`, `domain`.",
  );
  refused(
    { natGateways: "none" as string as NatGateways },
    "`natGateways` is `none`; give one of `one-per-zone`, `single`.",
  );
});

test("GIVEN numbers out of range WHEN a platform is constructed THEN they are refused with the range", () => {
  for (const zones of [1, 5, 2.5]) {
    refused({ zones }, `\`zones\` is ${zones}; give a whole number from 2 to 4.`);
  }
  for (const idleTimeoutSeconds of [0, 4001]) {
    refused(
      { idleTimeoutSeconds },
      `\`idleTimeoutSeconds\` is ${idleTimeoutSeconds}; give a whole number of seconds from 1 to 4000.`,
    );
  }
  refused(
    { logRetentionInDays: 31 },
    "`logRetentionInDays` is 31; CloudWatch Logs knows only 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545," +
      " 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 (0: for ever).",
  );
});

test("GIVEN text that is no network of a fitting size WHEN a platform is constructed THEN it is refused", () => {
  const unfit = [
    "",
    "10.0.0.0",
    "10.0.0.0/15",
    "10.0.0.0/21",
    "10.0.0.256/16",
    "10.0.0/16",
    "::/16",
    // The provider would refuse bits below the prefix, and zeros in front.
    "10.0.5.7/16",
    "10.0.0.1/16",
    "10.8.32.0/18",
    "010.0.0.0/16",
    "10.0.00.0/16",
    "10.0.0.0/016",
  ];
  for (const cidrBlock of unfit) {
    refused(
      { cidrBlock },
      `\`cidrBlock\` is \`${cidrBlock}\`; give an IPv4 network such as \`10.0.0.0/16\`, with a prefix from /16 to /20:` +
        " smaller ones leave too few addresses for load balancer and tasks in every zone.",
    );
  }
});

test("GIVEN networks of every fitting size WHEN they are checked THEN they pass", () => {
  for (const cidrBlock of ["10.0.0.0/16", "172.16.128.0/17", "192.168.64.0/18", "10.9.240.0/20"]) {
    checkPlatform("mcp", { cidrBlock });
  }
});

test("GIVEN public exposure without TLS WHEN a platform is constructed THEN it is refused", () => {
  refused(
    { exposure: Exposure.Domain },
    "`exposure` is `domain`, but `domainName` and `certificateArn` are missing: a public listener without TLS would show every" +
      " token to the network. Give the domain name and the ARN of an issued ACM certificate for it in the same region, or set" +
      " `exposure` to `internal`.",
  );
  refused(
    { domainName: "mcp.example.com" },
    "`domainName` is given without `certificateArn`: a certificate is for a name, and HTTPS under a name needs its certificate." +
      " Give both, or neither.",
  );
  refused(
    { domainName: "https://mcp.example.com", certificateArn: CERTIFICATE },
    "`domainName` has `https://mcp.example.com`; give a host name without scheme, port and path, such as `mcp.example.com`.",
  );
});

test("GIVEN bad values that are outputs WHEN a platform is deployed THEN the program fails with the same sentences", async () => {
  assert.deepEqual(
    await rejectionsOf(
      () =>
        new McpPlatform("mcp", {
          idleTimeoutSeconds: pulumi.output(0),
          logRetentionInDays: pulumi.output(2),
          domainName: pulumi.output("mcp.example.com:443"),
          certificateArn: pulumi.output(CERTIFICATE),
        }),
    ),
    [
      "McpPlatform: `domainName` has `mcp.example.com:443`; give a host name without scheme, port and path, such as `mcp.example.com`.",
      "McpPlatform: `idleTimeoutSeconds` is 0; give a whole number of seconds from 1 to 4000.",
      "McpPlatform: `logRetentionInDays` is 2; CloudWatch Logs knows only 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365," +
        " 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 (0: for ever).",
    ],
  );
});
