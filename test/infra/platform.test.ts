import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  ContainerInsights,
  Exposure,
  InstanceManagement,
  McpPlatform,
  NatGateways,
  type McpPlatformArgs,
  type McpPlatformHandle,
} from "../../infra/index.ts";
import { LOG_QUERIES } from "../../infra/observability/log-queries.ts";
import { checkPlatform } from "../../infra/platform-args.ts";
import { arn, assertRefused, deploy, isTaggable, rejectionsOf, valueOf } from "./mocks.ts";

const COMPONENT = "pulumi-mcp-service:index:McpPlatform";
const CERTIFICATE = arn("acm", "certificate/0b5c");
const KEY = arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab");
/** All but `vpc` and `userPool`, which exclude what is about own ones, and instances, which are much. */
const EVERYTHING: Required<
  Omit<
    McpPlatformArgs,
    "alarmEmail" | "cloudFrontAlarmTopicArn" | "instanceCapacity" | "userPool" | "vpc"
  >
> = {
  exposure: Exposure.Domain,
  domainName: "mcp.example.com",
  alternativeDomainNames: ["*.mcp.example.com"],
  certificateArn: CERTIFICATE,
  hostedZoneId: "Z0123456789ABCDEFGHIJ",
  webAcl: { rateLimit: 500, rateLimitWindowSeconds: 60 },
  accessLogs: true,
  accessLogRetentionInDays: 14,
  deletionProtection: true,
  createUserPool: true,
  userPoolDeletionProtection: true,
  cidrBlock: "10.8.0.0/18",
  zones: 4,
  natGateways: NatGateways.Single,
  interfaceEndpoints: ["ssm"],
  serviceDiscovery: true,
  idleTimeoutSeconds: 300,
  logRetentionInDays: 7,
  alarms: true,
  alarmTopicArn: arn("sns", "theirs"),
  containerInsights: ContainerInsights.Disabled,
  kmsKeyArn: KEY,
  dashboard: true,
  tags: { team: "blue", stage: pulumi.output("live") },
};

const LOGS = [
  "aws:s3/bucket:Bucket mcp-access-logs",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration mcp-access-logs",
  "aws:s3/bucketPolicy:BucketPolicy mcp-access-logs",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock mcp-access-logs",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration mcp-access-logs",
];
/** What only an own topic has. */
const TOPICS = [
  "aws:sns/topic:Topic mcp-alarms",
  "aws:sns/topic:Topic mcp-cloudfront-alarms",
  "aws:sns/topicPolicy:TopicPolicy mcp-alarms",
  "aws:sns/topicPolicy:TopicPolicy mcp-cloudfront-alarms",
];
/** Exactly asserted in observability.test.ts and log-queries.test.ts. */
const WATCHING = [
  // Exactly asserted in platform-dashboard.test.ts.
  "aws:cloudwatch/dashboard:Dashboard mcp",
  "aws:cloudwatch/eventRule:EventRule mcp-deployment-failed",
  "aws:cloudwatch/eventRule:EventRule mcp-tasks-not-placed",
  "aws:cloudwatch/eventTarget:EventTarget mcp-deployment-failed",
  "aws:cloudwatch/eventTarget:EventTarget mcp-tasks-not-placed",
  "aws:cloudwatch/logGroup:LogGroup mcp",
  "aws:cloudwatch/metricAlarm:MetricAlarm mcp-cloudfront-errors",
  "aws:cloudwatch/metricAlarm:MetricAlarm mcp-connections-rejected",
  "aws:cloudwatch/metricAlarm:MetricAlarm mcp-load-balancer-errors",
  "aws:cloudwatch/metricAlarm:MetricAlarm mcp-nat-ports",
  ...LOG_QUERIES.map(
    ({ title }) =>
      `aws:cloudwatch/queryDefinition:QueryDefinition mcp-${title.toLowerCase().replaceAll(" ", "-")}`,
  ).sort(),
];
const CHILDREN = [
  "aws:cloudfront/distribution:Distribution mcp",
  "aws:cloudfront/vpcOrigin:VpcOrigin mcp",
  ...WATCHING,
  "aws:cognito/userPool:UserPool mcp",
  "aws:cognito/userPoolDomain:UserPoolDomain mcp",
  "aws:ec2/securityGroup:SecurityGroup mcp-load-balancer",
  "aws:ec2/vpcEndpoint:VpcEndpoint mcp-s3",
  "aws:ecs/cluster:Cluster mcp",
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders mcp",
  "aws:iam/role:Role mcp-events",
  "aws:iam/rolePolicy:RolePolicy mcp-events",
  "aws:lb/listener:Listener mcp",
  "aws:lb/loadBalancer:LoadBalancer mcp",
  ...LOGS,
  ...TOPICS,
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
    availabilityZoneNames: ["us-east-1a", "us-east-1b", "us-east-1c"],
    subnetStrategy: "Auto",
    subnetSpecs: [{ type: "Public" }, { type: "Private" }],
    natGateways: { strategy: "OnePerAz" },
    enableDnsHostnames: true,
    enableDnsSupport: true,
  });
  assert.deepEqual(declaration.only("aws:lb/loadBalancer:LoadBalancer").inputs, {
    loadBalancerType: "application",
    internal: true,
    subnets: ["subnet-mcp-private-a", "subnet-mcp-private-b", "subnet-mcp-private-c"],
    securityGroups: ["mcp-load-balancer-id"],
    idleTimeout: 60,
    clientKeepAlive: 300,
    dropInvalidHeaderFields: true,
    desyncMitigationMode: "defensive",
    enableZonalShift: true,
    enableDeletionProtection: false,
    accessLogs: { enabled: true, bucket: "mcp-access-logs" },
  });
  const rule = declaration.only("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
  assert.equal(rule.inputs["prefixListId"], "pl-cloudfront");
  assert.deepEqual(declaration.only("aws:ecs/cluster:Cluster").inputs, {
    settings: [{ name: "containerInsights", value: "disabled" }],
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

  assert.deepEqual(
    declaration.childrenOf(COMPONENT),
    [
      ...CHILDREN.filter((child) => !child.includes("cloudfront") && !child.startsWith("aws:sns/")),
      "aws:ec2/securityGroup:SecurityGroup mcp-endpoint-clients",
      "aws:ec2/securityGroup:SecurityGroup mcp-endpoints",
      "aws:ec2/vpcEndpoint:VpcEndpoint mcp-ssm",
      "aws:lb/listener:Listener mcp-redirect",
      "aws:route53/record:Record mcp-alias",
      "aws:route53/record:Record mcp-alias-*.mcp.example.com",
      "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace mcp",
      "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule mcp-endpoint-clients",
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule mcp-endpoints",
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule mcp-redirect",
      "aws:wafv2/webAcl:WebAcl mcp",
      "aws:wafv2/webAclAssociation:WebAclAssociation mcp",
    ].sort(),
  );
  assert.deepEqual(declaration.only("awsx:ec2:Vpc").inputs, {
    cidrBlock: "10.8.0.0/18",
    availabilityZoneNames: ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"],
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
    subnets: ["a", "b", "c", "d"].map((zone) => `subnet-mcp-public-${zone}`),
    securityGroups: ["mcp-load-balancer-id"],
    idleTimeout: 300,
    clientKeepAlive: 300,
    dropInvalidHeaderFields: true,
    desyncMitigationMode: "defensive",
    enableZonalShift: true,
    enableDeletionProtection: true,
    accessLogs: { enabled: true, bucket: "mcp-access-logs" },
    tags,
  });
  const { certificateArn, protocol } = declaration.only("aws:lb/listener:Listener", "mcp").inputs;
  assert.deepEqual([certificateArn, protocol], [CERTIFICATE, "HTTPS"]);
  assert.deepEqual(declaration.only("aws:ecs/cluster:Cluster").inputs, {
    settings: [{ name: "containerInsights", value: "disabled" }],
    tags,
  });
  assert.deepEqual(declaration.only("aws:cloudwatch/logGroup:LogGroup").inputs, {
    retentionInDays: 7,
    kmsKeyId: KEY,
    tags,
  });
  const { rules: expiry } = declaration.only(
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  ).inputs;
  assert.deepEqual((expiry as { expiration: unknown }[])[0]?.expiration, { days: 14 });
  const { rules: limits } = declaration.only("aws:wafv2/webAcl:WebAcl").inputs;
  assert.deepEqual((limits as { statement: unknown }[])[0]?.statement, {
    rateBasedStatement: { aggregateKeyType: "IP", limit: 500, evaluationWindowSec: 60 },
  });
  const handle = await valueOf(declaration.result.handle);
  assert.deepEqual(handle.domainNames, ["mcp.example.com", "*.mcp.example.com"]);
  assert.deepEqual(handle.taskSecurityGroupIds, ["mcp-endpoint-clients-id"]);
  declaration.assertNothingUndefined();
});

test("GIVEN an existing VPC WHEN a platform is deployed THEN it stands in it, and makes no network", async () => {
  const declaration = await deploy(
    () =>
      new McpPlatform("mcp", {
        vpc: {
          vpcId: "vpc-0123456789abcdef0",
          privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        },
      }),
  );

  assert.deepEqual(
    declaration.childrenOf(COMPONENT),
    CHILDREN.filter((child) => !/^awsx:|VpcEndpoint|mcp-nat-ports/u.test(child)),
  );
  const { vpcId, privateSubnetIds } = await valueOf(declaration.result.handle);
  assert.equal(vpcId, "vpc-0123456789abcdef0");
  assert.deepEqual(privateSubnetIds, ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]);
  assert.deepEqual(
    declaration.only("aws:lb/loadBalancer:LoadBalancer").inputs["subnets"],
    privateSubnetIds,
  );
});

test("GIVEN no access logs WHEN a platform is deployed THEN there is no bucket for them", async () => {
  const declaration = await deploy(() => new McpPlatform("mcp", { accessLogs: false }));

  assert.deepEqual(
    declaration.childrenOf(COMPONENT),
    CHILDREN.filter((child) => !LOGS.includes(child)),
  );
  assert.ok(!("accessLogs" in declaration.only("aws:lb/loadBalancer:LoadBalancer").inputs));
});

test("GIVEN no NAT gateways WHEN a platform is deployed THEN its handle says that tasks reach AWS alone, and by which group", async () => {
  const { result } = await deploy(() => new McpPlatform("mcp", { natGateways: NatGateways.None }));
  const { hasInternetAccess, taskSecurityGroupIds } = await valueOf(result.handle);

  assert.deepEqual([hasInternetAccess, taskSecurityGroupIds], [false, ["mcp-endpoint-clients-id"]]);
});

const GPU = { instanceTypes: ["g6.xlarge"] };
/** What a group of instances is made of. */
const groupOf = (name: string): string[] => [
  `aws:autoscaling/group:Group ${name}`,
  `aws:ec2/launchTemplate:LaunchTemplate ${name}`,
  `aws:ec2/securityGroup:SecurityGroup ${name}-instances`,
  `aws:ecs/capacityProvider:CapacityProvider ${name}`,
  `aws:iam/instanceProfile:InstanceProfile ${name}`,
  `aws:iam/role:Role ${name}`,
  `aws:iam/rolePolicyAttachment:RolePolicyAttachment ${name}-ecs`,
  `aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule ${name}-instances`,
];

test("GIVEN instances WHEN a platform is deployed THEN they are its children, and its handle tells services of them", async () => {
  const declaration = await deploy(
    () => new McpPlatform("mcp", { instanceCapacity: { gpu: { ...GPU, spot: true } } }),
  );

  assert.deepEqual(
    declaration.childrenOf(COMPONENT),
    [
      ...CHILDREN,
      "aws:cloudwatch/metricAlarm:MetricAlarm mcp-gpu-capacity-missing",
      ...groupOf("mcp-gpu"),
    ].sort(),
  );
  const { instanceCapacity, capacityProviders, clusterName } = await valueOf(
    declaration.result.handle,
  );
  assert.deepEqual(instanceCapacity, {
    gpu: {
      management: InstanceManagement.AutoScalingGroup,
      instanceTypes: ["g6.xlarge"],
      spot: true,
      shareGpu: false,
      networkInterfaceTrunking: false,
    },
  });
  assert.deepEqual(capacityProviders, { gpu: "mcp-gpu" });
  assert.equal(clusterName, "mcp");
  assert.deepEqual(
    declaration.only("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders").inputs[
      "capacityProviders"
    ],
    ["FARGATE", "FARGATE_SPOT", "mcp-gpu"],
  );
  const group = declaration.only("aws:autoscaling/group:Group");
  assert.ok(group.dependencies.includes("awsx:ec2:Vpc mcp"));
  declaration.assertUrnsUnique();
  declaration.assertNothingUndefined();
});

test("GIVEN instances, tags and a provider WHEN a platform is deployed THEN their resources have both", async () => {
  const declaration = await deploy(
    () =>
      new McpPlatform(
        "mcp",
        { tags: { team: "blue" }, instanceCapacity: { gpu: GPU } },
        { provider: new aws.Provider("west", { region: "us-west-2" }) },
      ),
  );
  for (const child of groupOf("mcp-gpu")) {
    const [type = "", name] = child.split(" ");
    const { inputs, provider } = declaration.only(type, name);
    assert.match(provider, /pulumi:providers:aws::west::west-id$/u, type);
    if (type === "aws:autoscaling/group:Group") {
      assert.deepEqual((inputs["tags"] as unknown[])[0], {
        key: "team",
        value: "blue",
        propagateAtLaunch: true,
      });
    } else if (await isTaggable(type)) {
      assert.deepEqual(inputs["tags"], { team: "blue" }, type);
    }
  }
});

test("GIVEN instances and no NAT gateways WHEN a platform is deployed THEN they reach ECS by endpoints, and Session Manager where it is wanted", async () => {
  const endpoints = async (enableSessionManager: boolean) =>
    (
      await deploy(
        () =>
          new McpPlatform("mcp", {
            natGateways: NatGateways.None,
            instanceCapacity: { gpu: { ...GPU, enableSessionManager } },
          }),
      )
    )
      .inventory()
      .filter((each) => each.startsWith("aws:ec2/vpcEndpoint:"))
      .map((each) => each.split(" mcp-")[1]);
  const plain = ["ecr.api", "ecr.dkr", "ecs", "ecs-agent", "ecs-telemetry", "logs", "s3"];

  assert.deepEqual(await endpoints(false), [...plain, "secretsmanager"]);
  assert.deepEqual(
    await endpoints(true),
    [...plain, "secretsmanager", "ssm", "ssmmessages", "ec2messages"].sort(),
  );
});

test("GIVEN no NAT gateways WHEN a group of instances is declared THEN its endpoints let it in", async () => {
  const declaration = await deploy(
    () =>
      new McpPlatform("mcp", {
        natGateways: NatGateways.None,
        instanceCapacity: { gpu: GPU },
      }),
  );

  assert.deepEqual(
    declaration.only("aws:ec2/launchTemplate:LaunchTemplate").inputs["vpcSecurityGroupIds"],
    ["mcp-gpu-instances-id", "mcp-endpoint-clients-id"],
  );
});

test("GIVEN an existing VPC WHEN a platform with instances is deployed THEN they stand in its private subnets", async () => {
  const privateSubnetIds = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"];
  const declaration = await deploy(
    () =>
      new McpPlatform("mcp", {
        vpc: { vpcId: "vpc-0123456789abcdef0", privateSubnetIds },
        instanceCapacity: { gpu: GPU },
      }),
  );

  assert.deepEqual(
    declaration.only("aws:autoscaling/group:Group").inputs["vpcZoneIdentifiers"],
    privateSubnetIds,
  );
});

test("GIVEN instances whose cluster is still unknown WHEN a platform is previewed THEN what services must know of them is known", async () => {
  const declaration = await deploy(
    () => new McpPlatform("mcp", { instanceCapacity: { gpu: GPU } }),
    { preview: true },
  );
  const { handle } = declaration.result;

  assert.deepEqual(await valueOf(handle.instanceCapacity), {
    gpu: {
      management: InstanceManagement.AutoScalingGroup,
      instanceTypes: ["g6.xlarge"],
      spot: false,
      shareGpu: false,
      networkInterfaceTrunking: false,
    },
  });
});

test("GIVEN tags WHEN a platform is deployed THEN every resource that takes tags has them", async () => {
  const declaration = await deploy(() => new McpPlatform("mcp", { tags: { team: "blue" } }));
  const tagged: string[] = [];
  for (const { type, inputs } of declaration.resources) {
    if (!(await isTaggable(type))) continue;
    assert.deepEqual(inputs["tags"], { team: "blue" }, type);
    tagged.push(type);
  }

  assert.deepEqual(
    [
      ...new Set(
        CHILDREN.map((child) => child.split(" ")[0] ?? "").filter((type) => !tagged.includes(type)),
      ),
    ].sort(),
    [
      "aws:cloudwatch/dashboard:Dashboard",
      "aws:cloudwatch/eventTarget:EventTarget",
      "aws:cloudwatch/queryDefinition:QueryDefinition",
      "aws:sns/topicPolicy:TopicPolicy",
      "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
      "aws:iam/rolePolicy:RolePolicy",
      // Parts of a user pool and of a bucket, which have them.
      "aws:cognito/userPoolDomain:UserPoolDomain",
      ...LOGS.slice(1).map((part) => part.split(" ")[0]),
    ].sort(),
  );
});

test("GIVEN a platform WHEN it is deployed THEN its handle tells services all they need", async () => {
  const { result } = await deploy(
    () => new McpPlatform("mcp", { exposure: Exposure.Internal, idleTimeoutSeconds: 90 }),
  );

  const handle: McpPlatformHandle = await valueOf(result.handle);
  assert.deepEqual(handle, {
    vpcId: "vpc-mcp",
    privateSubnetIds: ["subnet-mcp-private-a", "subnet-mcp-private-b", "subnet-mcp-private-c"],
    zoneNames: ["us-east-1a", "us-east-1b", "us-east-1c"],
    taskSecurityGroupIds: [],
    hasInternetAccess: true,
    interfaceEndpoints: [],
    clusterArn: arn("ecs", "cluster/mcp"),
    clusterName: "mcp",
    listenerArn: arn("elasticloadbalancing", "listener/app/mcp/50dc6c495c0c9188/f2f7dc8efc522ab2"),
    loadBalancerArnSuffix: "app/mcp/50dc6c495c0c9188",
    loadBalancerSecurityGroupId: "mcp-load-balancer-id",
    namespace: { id: "", domainName: "" },
    idleTimeoutSeconds: 90,
    listenerProtocol: "HTTP",
    // Exactly asserted in user-pool.test.ts.
    userPool: handle.userPool,
    origin: "http://mcp.elb.example",
    domainNames: [],
    logGroupName: "mcp",
    logGroupArn: arn("logs", "log-group:mcp"),
    kmsKeyArn: "",
    alarmTopicArn: arn("sns", "mcp-alarms"),
    containerInsights: "disabled",
    instanceCapacity: {},
    capacityProviders: {},
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
  for (const { token, provider } of declaration.calls) {
    assert.match(provider, /pulumi:providers:aws::west::west-id$/u, token);
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
    "`exposure` is `public`; give one of `assigned`, `domain`, `internal`.",
  );
  refused(
    { natGateways: "two" as string as NatGateways },
    "`natGateways` is `two`; give one of `one-per-zone`, `single`, `regional`, `none`.",
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
    { exposure: Exposure.Domain, domainName: "mcp.example.com" },
    "`exposure` is `domain`, but `hostedZoneId` (or `certificateArn`) is missing: a public listener without TLS would show every token to the" +
      " network. Give the domain name, and its hosted zone in Route 53 or an issued ACM certificate for it in the same region; or set `exposure` to" +
      " `assigned`, which needs neither, or to `internal`.",
  );
  refused(
    { domainName: "mcp.example.com" },
    "`domainName` is given, but `exposure` is `assigned`, where CloudFront gives the address. Set `exposure` to `domain`, or to `internal` for callers" +
      " inside the VPC alone, or leave it out.",
  );
});

test("GIVEN a retention of logs that are not written, or out of range WHEN a platform is constructed THEN it is refused", () => {
  refused(
    { accessLogs: false, accessLogRetentionInDays: 7 },
    "`accessLogRetentionInDays` is given, but `accessLogs` is false: there is nothing to keep. Leave one of them out.",
  );
  for (const accessLogRetentionInDays of [0, 3651, 1.5]) {
    refused(
      { accessLogRetentionInDays },
      `\`accessLogRetentionInDays\` is ${accessLogRetentionInDays}; give a whole number of days from 1 to 3650.`,
    );
  }
});

test("GIVEN an existing VPC and words about an own one WHEN a platform is constructed THEN they are refused", () => {
  const vpc = {
    vpcId: "vpc-0123456789abcdef0",
    privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
  };
  refused(
    { vpc, natGateways: NatGateways.Single },
    "`natGateways` is given beside `vpc`, whose addresses, zones and gateways are as they are. Leave it out, or leave out `vpc` to have one made.",
  );
  refused(
    { vpc, zones: 2, cidrBlock: "10.0.0.0/16", interfaceEndpoints: [] },
    "`cidrBlock`, `zones`, `interfaceEndpoints` are given beside `vpc`, whose addresses, zones and gateways are as they are. Leave them out, or leave" +
      " out `vpc` to have one made.",
  );
  refused(
    { vpc, exposure: Exposure.Domain, domainName: "mcp.example.com", hostedZoneId: "Z1" },
    "`exposure` is `domain`, but `vpc.publicSubnetIds` is missing: a load balancer that everybody reaches stands in public subnets. Give two or more," +
      " each in another zone, or set `exposure` to `assigned`, which needs none.",
  );
});

test("GIVEN endpoints and limits that AWS does not know WHEN a platform is constructed THEN they are refused", () => {
  refused(
    { natGateways: NatGateways.None, interfaceEndpoints: ["logs"] },
    "`interfaceEndpoints` has `logs`, which has an endpoint already. Leave it out.",
  );
  refused(
    { webAcl: { rateLimit: 1 } },
    "`webAcl.rateLimit` is 1; give a whole number of requests from 10 to 2000000000.",
  );
});

test("GIVEN instances that no replica could run on WHEN a platform is constructed THEN they are refused", () => {
  refused(
    { instanceCapacity: { gpu: { ...GPU, targetCapacityPercent: 0 } } },
    "`instanceCapacity.gpu.targetCapacityPercent` is 0; give a whole number of percent from 1 to 100.",
  );
  assertRefused(
    () => new McpPlatform("ecs-tools", { instanceCapacity: { gpu: GPU } }),
    "McpPlatform: the name `ecs-tools` does not fit beside `instanceCapacity`, whose capacity providers are named after it: ECS keeps names that begin" +
      " with `aws`, `ecs` or `fargate` to itself. Choose another beginning.",
  );
});

test("GIVEN endpoints that instances have anyhow WHEN a platform is constructed THEN they are refused", () => {
  for (const [service, capacity] of [
    ["ecs-agent", GPU],
    ["ssm", { ...GPU, enableSessionManager: true }],
  ] as const) {
    refused(
      {
        natGateways: NatGateways.None,
        interfaceEndpoints: [service],
        instanceCapacity: { gpu: capacity },
      },
      `\`interfaceEndpoints\` has \`${service}\`, which has an endpoint already. Leave it out.`,
    );
  }
  checkPlatform("mcp", { natGateways: NatGateways.None, interfaceEndpoints: ["ecs-agent"] });
  checkPlatform("mcp", { interfaceEndpoints: ["ssm"], instanceCapacity: { gpu: GPU } });
});

test("GIVEN bad values that are outputs WHEN a platform is deployed THEN the program fails with the same sentences", async () => {
  assert.deepEqual(
    await rejectionsOf(
      () =>
        new McpPlatform("mcp", {
          idleTimeoutSeconds: pulumi.output(0),
          logRetentionInDays: pulumi.output(2),
          exposure: Exposure.Domain,
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
