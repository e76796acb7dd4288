import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { arn, assertRefused, deploy, PROJECT, valueOf, type Declaration } from "./mocks.ts";

interface ConfigKey {
  readonly description?: string;
  readonly type?: string;
  readonly default?: string | number | boolean;
}

interface Program {
  readonly url: pulumi.Output<string>;
  readonly tokenCommand: pulumi.Output<string>;
  readonly stdioUrl: pulumi.Output<string> | string;
  readonly translatorUrl: pulumi.Output<string> | string;
  readonly classifierUrl: pulumi.Output<string> | string;
  readonly gatewayUrl: pulumi.Output<string> | string;
}

const project = parse(await readFile(new URL("../../Pulumi.yaml", import.meta.url), "utf8")) as {
  readonly main: string;
  readonly config: Readonly<Record<string, ConfigKey>>;
};

const read = new Set<string>();
let evaluations = 0;

/** Evaluates the program with the defaults of `Pulumi.yaml`, and what is given here. */
function evaluate(given: Readonly<Record<string, string>> = {}): Promise<Declaration<Program>> {
  const config = Object.fromEntries(
    Object.entries(project.config).map(([key, { default: value }]) => [
      `${PROJECT}:${key}`,
      given[key] ?? String(value),
    ]),
  );
  // Another query is another module: without one, the second evaluation would get the first one's from the cache.
  evaluations += 1;
  const program = new URL(`../../${project.main}?${evaluations}`, import.meta.url).href;
  return deploy(async () => (await import(program)) as Program, { config });
}

before(() => {
  const { prototype } = pulumi.Config;
  for (const method of Object.getOwnPropertyNames(prototype)) {
    if (!/^(?:get|require)/u.test(method)) continue;
    const original = Reflect.get(prototype, method) as (...args: unknown[]) => unknown;
    Reflect.set(prototype, method, function (this: pulumi.Config, ...args: unknown[]) {
      if (this.name === PROJECT) read.add(String(args[0]));
      return original.apply(this, args);
    });
  }
});

test("GIVEN the defaults of Pulumi.yaml WHEN the program is evaluated THEN it declares a platform with an address of its own and the weather server", async () => {
  const declaration = await evaluate();

  assert.deepEqual(declaration.inventory(), [
    "aws:appautoscaling/policy:Policy weather",
    "aws:appautoscaling/policy:Policy weather-cpu",
    "aws:appautoscaling/target:Target weather",
    "aws:cloudfront/distribution:Distribution mcp",
    "aws:cloudfront/vpcOrigin:VpcOrigin mcp",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm weather-overloaded",
    "aws:cloudwatch/dashboard:Dashboard mcp",
    "aws:cloudwatch/dashboard:Dashboard weather",
    "aws:cloudwatch/eventRule:EventRule mcp-deployment-failed",
    "aws:cloudwatch/eventRule:EventRule mcp-tasks-not-placed",
    "aws:cloudwatch/eventRule:EventRule weather-restarts",
    "aws:cloudwatch/eventTarget:EventTarget mcp-deployment-failed",
    "aws:cloudwatch/eventTarget:EventTarget mcp-tasks-not-placed",
    "aws:cloudwatch/logGroup:LogGroup mcp",
    "aws:cloudwatch/metricAlarm:MetricAlarm mcp-cloudfront-errors",
    "aws:cloudwatch/metricAlarm:MetricAlarm mcp-connections-rejected",
    "aws:cloudwatch/metricAlarm:MetricAlarm mcp-load-balancer-errors",
    "aws:cloudwatch/metricAlarm:MetricAlarm mcp-nat-ports",
    "aws:cloudwatch/metricAlarm:MetricAlarm weather-errors",
    "aws:cloudwatch/metricAlarm:MetricAlarm weather-latency",
    "aws:cloudwatch/metricAlarm:MetricAlarm weather-pinned",
    "aws:cloudwatch/metricAlarm:MetricAlarm weather-replicas-missing",
    "aws:cloudwatch/metricAlarm:MetricAlarm weather-restarts",
    "aws:cloudwatch/metricAlarm:MetricAlarm weather-tokens-refused",
    "aws:cloudwatch/metricAlarm:MetricAlarm weather-unavailable",
    "aws:cloudwatch/metricAlarm:MetricAlarm weather-zone-unavailable",
    "aws:cloudwatch/queryDefinition:QueryDefinition mcp-errors-by-tool",
    "aws:cloudwatch/queryDefinition:QueryDefinition mcp-one-request-across-replicas",
    "aws:cloudwatch/queryDefinition:QueryDefinition mcp-refused-requests",
    "aws:cloudwatch/queryDefinition:QueryDefinition mcp-slowest-calls",
    "aws:cloudwatch/queryDefinition:QueryDefinition mcp-starts-and-ends-of-replicas",
    "aws:cognito/resourceServer:ResourceServer weather",
    "aws:cognito/userPool:UserPool mcp",
    "aws:cognito/userPoolClient:UserPoolClient weather-machine",
    "aws:cognito/userPoolDomain:UserPoolDomain mcp",
    "aws:ec2/securityGroup:SecurityGroup mcp-load-balancer",
    "aws:ec2/securityGroup:SecurityGroup weather-tasks",
    "aws:ec2/vpcEndpoint:VpcEndpoint mcp-s3",
    "aws:ecs/cluster:Cluster mcp",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders mcp",
    "aws:ecs/service:Service weather",
    "aws:ecs/taskDefinition:TaskDefinition weather",
    "aws:iam/role:Role mcp-events",
    "aws:iam/role:Role weather-execution",
    "aws:iam/role:Role weather-task",
    "aws:iam/rolePolicy:RolePolicy mcp-events",
    "aws:iam/rolePolicy:RolePolicy weather-collector",
    "aws:iam/rolePolicy:RolePolicy weather-execution",
    "aws:lb/listener:Listener mcp",
    "aws:lb/listenerRule:ListenerRule weather",
    "aws:lb/loadBalancer:LoadBalancer mcp",
    "aws:lb/targetGroup:TargetGroup weather",
    "aws:s3/bucket:Bucket mcp-access-logs",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration mcp-access-logs",
    "aws:s3/bucketPolicy:BucketPolicy mcp-access-logs",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock mcp-access-logs",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration mcp-access-logs",
    "aws:secretsmanager/secret:Secret weather-state-key",
    "aws:secretsmanager/secretVersion:SecretVersion weather-state-key",
    "aws:sns/topic:Topic mcp-alarms",
    "aws:sns/topic:Topic mcp-cloudfront-alarms",
    "aws:sns/topicPolicy:TopicPolicy mcp-alarms",
    "aws:sns/topicPolicy:TopicPolicy mcp-cloudfront-alarms",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule weather-load-balancer",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule weather-tasks",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule mcp-load-balancer",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule weather-tasks",
    "awsx:ec2:Vpc mcp",
    "awsx:ecr:Image weather",
    "awsx:ecr:Repository weather",
    "pulumi-mcp-service:index:McpPlatform mcp",
    "pulumi-mcp-service:index:McpService weather",
    "random:index/randomPassword:RandomPassword weather-state-key",
    "random:index/randomPassword:RandomPassword weather-state-key-2",
  ]);
  assert.equal(declaration.only("aws:lb/loadBalancer:LoadBalancer").inputs["internal"], true);
  assert.equal(await valueOf(declaration.result.url), "https://mcp.cloudfront.example/mcp");
  assert.match(
    await valueOf(declaration.result.tokenCommand),
    /\$\(aws cognito-idp describe-user-pool-client .* \| curl /u,
  );
  declaration.assertUrnsUnique();
  declaration.assertNothingUndefined();
});

test("GIVEN another value for every key WHEN the program is evaluated THEN each reaches its resource", async () => {
  const declaration = await evaluate({
    exposure: "domain",
    domainName: "mcp.example.com",
    hostedZoneId: "Z0123456789ABCDEFGHIJ",
    certificateArn: arn("acm", "certificate/0b5c"),
    natGateways: "single",
    auth: "static-token",
    cpu: "0.5",
    memory: "2048",
    minReplicas: "4",
    maxReplicas: "40",
    requestCountPerTarget: "500",
  });
  const { inputs: target } = declaration.only("aws:appautoscaling/target:Target");
  const { inputs: policy } = declaration.only("aws:appautoscaling/policy:Policy", "weather");
  const { inputs: task } = declaration.only("aws:ecs/taskDefinition:TaskDefinition");
  const tracking = policy["targetTrackingScalingPolicyConfiguration"] as { targetValue: number };

  assert.equal(declaration.only("aws:lb/loadBalancer:LoadBalancer").inputs["internal"], false);
  assert.equal(
    declaration.only("aws:lb/listener:Listener", "mcp").inputs["certificateArn"],
    arn("acm", "certificate/0b5c"),
  );
  assert.equal(
    declaration.only("aws:route53/record:Record").inputs["zoneId"],
    "Z0123456789ABCDEFGHIJ",
  );
  assert.equal(await valueOf(declaration.result.url), "https://mcp.example.com/mcp");
  assert.deepEqual(declaration.only("awsx:ec2:Vpc").inputs["natGateways"], { strategy: "Single" });
  assert.match(String(task["containerDefinitions"]), /"AUTH_STATIC_TOKENS"/u);
  assert.deepEqual([task["cpu"], task["memory"]], ["512", "2048"]);
  assert.deepEqual([target["minCapacity"], target["maxCapacity"]], [4, 40]);
  assert.equal(tracking.targetValue, 500);
});

test("GIVEN a command and packages of a stdio server WHEN the program is evaluated THEN it is a second service of the platform", async () => {
  const declaration = await evaluate({
    auth: "static-token",
    stdioCommand: "mcp-server-time --local-timezone  Europe/Berlin",
    stdioNpmPackages: "a@1.0.0 b@2.0.0",
    stdioPypiPackages: "mcp-server-time==2026.10.19",
  });
  const { inputs: task } = declaration.only("aws:ecs/taskDefinition:TaskDefinition", "stdio");
  const { inputs: image } = declaration.only("awsx:ecr:Image", "stdio");
  const containers = JSON.parse(String(task["containerDefinitions"])) as { command: string[] }[];

  const command = containers[0]?.command ?? [];
  assert.deepEqual(command.slice(command.indexOf("dist/main.mjs")), [
    "dist/main.mjs",
    "stdio",
    "--",
    "mcp-server-time",
    "--local-timezone",
    "Europe/Berlin",
  ]);
  assert.deepEqual(image["args"], {
    STDIO_NPM_PACKAGES: "a@1.0.0 b@2.0.0",
    STDIO_PYPI_PACKAGES: "mcp-server-time==2026.10.19",
  });
  assert.match(String(task["containerDefinitions"]), /"AUTH_STATIC_TOKENS"/u);
  assert.equal(
    await valueOf(pulumi.output(declaration.result.stdioUrl)),
    "https://mcp.cloudfront.example/stdio/mcp",
  );
  assert.equal(declaration.resources.filter(({ type }) => type.endsWith(":McpPlatform")).length, 1);
});

test("GIVEN a gateway and a stdio server WHEN the program is evaluated THEN the gateway has both services behind it, by their private names", async () => {
  const declaration = await evaluate({
    auth: "static-token",
    gateway: "true",
    stdioCommand: "mcp-server-time",
    stdioPypiPackages: "mcp-server-time==2026.10.19",
  });
  const urls = declaration.resources
    .filter(({ type }) => type === "aws:ssm/parameter:Parameter")
    .map(({ inputs }) => (JSON.parse(String(inputs["insecureValue"])) as { url: string }).url);

  assert.deepEqual(urls.map((url) => url.replace(/mcp-[\da-f]{8}/u, "mcp-digest")).sort(), [
    "http://stdio.mcp-digest.internal:8080/stdio/mcp",
    "http://weather.mcp-digest.internal:8080/mcp",
  ]);
  assert.equal(
    await valueOf(pulumi.output(declaration.result.gatewayUrl)),
    "https://mcp.cloudfront.example/gateway/mcp",
  );
});

test("GIVEN models without an instance type WHEN the program is evaluated THEN translator and classifier run on Fargate, and no instances are declared", async () => {
  const declaration = await evaluate({ auth: "static-token", models: "true" });

  for (const name of ["translator", "classifier"]) {
    const { inputs } = declaration.only("aws:ecs/service:Service", name);
    assert.deepEqual(inputs["capacityProviderStrategies"], [
      { capacityProvider: "FARGATE", weight: 1 },
    ]);
    assert.equal(declaration.only("awsx:ecr:Image", name).inputs["target"], "models");
  }
  assert.equal(
    await valueOf(pulumi.output(declaration.result.translatorUrl)),
    "https://mcp.cloudfront.example/translator/mcp",
  );
  assert.equal(
    await valueOf(pulumi.output(declaration.result.classifierUrl)),
    "https://mcp.cloudfront.example/classifier/mcp",
  );
  assert.ok(declaration.resources.every(({ type }) => type !== "aws:autoscaling/group:Group"));
});

test("GIVEN models, an instance type with a GPU and a gateway WHEN the program is evaluated THEN both share its GPUs, and stand behind the gateway", async () => {
  const declaration = await evaluate({
    auth: "static-token",
    gateway: "true",
    models: "true",
    gpuInstanceType: "g6.xlarge",
  });
  const template = declaration.only("aws:ec2/launchTemplate:LaunchTemplate").inputs;
  const upstreams = declaration.resources
    .filter(({ type }) => type === "aws:ssm/parameter:Parameter")
    .map(({ inputs }) => (JSON.parse(String(inputs["insecureValue"])) as { url: string }).url)
    .map((url) => url.split(".")[0]);

  for (const name of ["translator", "classifier"]) {
    const { inputs: task } = declaration.only("aws:ecs/taskDefinition:TaskDefinition", name);
    assert.deepEqual([task["cpu"], task["memory"]], ["2048", "7372"]);
    assert.match(String(task["containerDefinitions"]), /"MODEL_DEVICE","value":"cuda"/u);
    assert.equal(declaration.only("awsx:ecr:Image", name).inputs["target"], "models-cuda");
  }
  assert.match(
    Buffer.from(String(template["userData"]), "base64").toString(),
    /--default-runtime nvidia/u,
  );
  assert.deepEqual(upstreams.sort(), ["http://classifier", "http://translator", "http://weather"]);
});

test("GIVEN an instance type with a part of a GPU WHEN the program is evaluated THEN ECS counts it, and nothing is shared", async () => {
  const declaration = await evaluate({
    auth: "static-token",
    models: "true",
    gpuInstanceType: "g6f.2xlarge",
    gpu: "0.25",
  });
  const { inputs: task } = declaration.only("aws:ecs/taskDefinition:TaskDefinition", "translator");

  assert.match(String(task["containerDefinitions"]), /\{"type":"GPU","value":"0\.25"\}/u);
  assert.doesNotMatch(String(task["containerDefinitions"]), /NVIDIA_VISIBLE_DEVICES/u);
});

test("GIVEN public exposure and no certificate WHEN the program is evaluated THEN it fails with the sentence", async () => {
  const failure = await evaluate({ exposure: "domain", domainName: "mcp.example.com" }).catch(
    (error: unknown) => error,
  );

  assertRefused(
    () => {
      throw failure;
    },
    "McpPlatform: `exposure` is `domain`, but `hostedZoneId` (or `certificateArn`) is missing: a public listener without TLS would show every token to" +
      " the network. Give the domain name, and its hosted zone in Route 53 or an issued ACM certificate for it in the same region; or set `exposure` to" +
      " `assigned`, which needs neither, or to `internal`.",
  );
});

test("GIVEN the keys of Pulumi.yaml WHEN the program is evaluated THEN it reads exactly those", async () => {
  read.clear();
  await evaluate();

  assert.deepEqual([...read].sort(), Object.keys(project.config).sort());
});

test("GIVEN the keys of Pulumi.yaml THEN each has a description, a type, and a default of that type", () => {
  for (const [key, { description = "", type, default: value }] of Object.entries(project.config)) {
    assert.match(description, /^[A-Z].*[.)]$/u, key);
    if (type === "integer") assert.ok(Number.isInteger(value), key);
    else {
      assert.equal(typeof value, type, key);
      assert.ok(type === "string" || type === "boolean", key);
    }
  }
});
