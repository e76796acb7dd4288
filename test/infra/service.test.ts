import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { CapacityArguments } from "../../infra/capacity/capacity.ts";
import { COLLECTOR_IMAGE } from "../../infra/observability/collector.ts";
import type { DeploymentArguments } from "../../infra/deployment/deployment-args.ts";
import {
  AuthMode,
  CpuArchitecture,
  DeploymentStrategy,
  McpPlatform,
  McpServer,
  McpService,
  type McpServiceArgs,
} from "../../infra/index.ts";
import { keyStatements } from "../../infra/task/roles.ts";
import { rulePriority } from "../../infra/ingress/rule-priority.ts";
import type { TaskArguments } from "../../infra/task/task-args.ts";
import {
  ACCOUNT,
  arn,
  assertRefused,
  deploy,
  isTaggable,
  REGION,
  rejectionsOf,
  valueOf,
  type Declaration,
} from "./mocks.ts";
import { HANDLE } from "./platform-handle.ts";

const SERVICE = "pulumi-mcp-service:index:McpService";
const PLATFORM = "pulumi-mcp-service:index:McpPlatform";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const ECS = "aws:ecs/service:Service";
const RULE = "aws:lb/listenerRule:ListenerRule";
const GROUP = "aws:lb/targetGroup:TargetGroup";
const POLICY = "aws:iam/rolePolicy:RolePolicy";
const VERSION = "aws:secretsmanager/secretVersion:SecretVersion";

const IMAGE = "ghcr.io/acme/tools@sha256:ab";
const TOKEN_ARN = arn("secretsmanager", "secret:weather-token-AbCdEf");
const STATE_KEY_ARN = arn("secretsmanager", "secret:weather-state-key-AbCdEf");

/** A service on a platform of its own object: paths are claimed by the platform's identity. */
function deployService(args: McpServiceArgs): Promise<Declaration<McpService>> {
  return deploy(
    () =>
      new McpService("weather", {
        platform: { ...HANDLE },
        // The shortest of all modes but none; the others are in service-identity.test.ts.
        auth: { mode: AuthMode.StaticToken },
        ...args,
      }),
  );
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets: readonly { readonly name: string; readonly valueFrom: string }[];
  readonly portMappings: unknown;
  readonly healthCheck?: { readonly command: readonly string[] };
  readonly stopTimeout: number;
}

function containerOf(declaration: Declaration<unknown>): Container {
  const text = declaration.only(TASK).inputs["containerDefinitions"];
  const containers = JSON.parse(String(text)) as Container[];
  const [container] = containers;
  assert.ok(container?.name === "server");
  return container;
}

function environmentOf(declaration: Declaration<unknown>): Record<string, string> {
  return Object.fromEntries(
    containerOf(declaration).environment.map(({ name, value }) => [name, value]),
  );
}

function statementsOf(declaration: Declaration<unknown>): Record<string, unknown>[] {
  const { policy } = declaration.only(POLICY, "weather-execution").inputs;
  return (JSON.parse(String(policy)) as { Statement: Record<string, unknown>[] }).Statement;
}

/** What opens the tasks' security group, and the load balancer's to them. */
const SECURITY_RULES = [
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule weather-load-balancer",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule weather-tasks",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule weather-tasks",
];

/** Exactly asserted in alarms-requests.test.ts and alarms-replicas.test.ts. */
const ALARMS = [
  "aws:cloudwatch/compositeAlarm:CompositeAlarm weather-overloaded",
  // Exactly asserted in service-dashboard.test.ts.
  "aws:cloudwatch/dashboard:Dashboard weather",
  "aws:cloudwatch/eventRule:EventRule weather-restarts",
  ...[
    "errors",
    "latency",
    "pinned",
    "replicas-missing",
    "restarts",
    "tokens-refused",
    "unavailable",
    "zone-unavailable",
  ].map((suffix) => `aws:cloudwatch/metricAlarm:MetricAlarm weather-${suffix}`),
];

const CHILDREN = [
  "aws:appautoscaling/policy:Policy weather",
  "aws:appautoscaling/policy:Policy weather-cpu",
  "aws:appautoscaling/target:Target weather",
  ...ALARMS,
  "aws:ec2/securityGroup:SecurityGroup weather-tasks",
  "aws:ecs/service:Service weather",
  "aws:ecs/taskDefinition:TaskDefinition weather",
  "aws:iam/role:Role weather-execution",
  "aws:iam/role:Role weather-task",
  "aws:iam/rolePolicy:RolePolicy weather-collector",
  "aws:iam/rolePolicy:RolePolicy weather-execution",
  "aws:lb/listenerRule:ListenerRule weather",
  "aws:lb/targetGroup:TargetGroup weather",
  "aws:secretsmanager/secret:Secret weather-state-key",
  "aws:secretsmanager/secret:Secret weather-token",
  "aws:secretsmanager/secretVersion:SecretVersion weather-state-key",
  "aws:secretsmanager/secretVersion:SecretVersion weather-token",
  ...SECURITY_RULES,
  "awsx:ecr:Image weather",
  "awsx:ecr:Repository weather",
  "random:index/randomPassword:RandomPassword weather-state-key",
  "random:index/randomPassword:RandomPassword weather-state-key-2",
  "random:index/randomPassword:RandomPassword weather-token",
  "random:index/randomPassword:RandomPassword weather-token-2",
];

test("GIVEN a bundled server on a platform WHEN it is deployed THEN all it needs are its children", async () => {
  const declaration = await deployService({ server: McpServer.Weather });

  assert.deepEqual(declaration.childrenOf(SERVICE), CHILDREN);
  assert.deepEqual(declaration.inventory(), [...CHILDREN, `${SERVICE} weather`].sort());
  assert.deepEqual(declaration.only(SERVICE).inputs, {});
  declaration.assertUrnsUnique();
  declaration.assertNothingUndefined();
});

test("GIVEN a bundled server alone WHEN it is deployed THEN it has a platform of its own, and the same children beside", async () => {
  const declaration = await deploy(
    () =>
      new McpService("weather", {
        server: McpServer.Weather,
        auth: { mode: AuthMode.StaticToken },
        tags: { team: "blue" },
      }),
  );

  assert.deepEqual(declaration.childrenOf(SERVICE), [...CHILDREN, `${PLATFORM} weather`].sort());
  assert.deepEqual(declaration.childrenOf(PLATFORM), [
    "aws:cloudfront/distribution:Distribution weather",
    "aws:cloudfront/vpcOrigin:VpcOrigin weather",
    "aws:cloudwatch/dashboard:Dashboard weather",
    "aws:cloudwatch/eventRule:EventRule weather-deployment-failed",
    "aws:cloudwatch/eventRule:EventRule weather-tasks-not-placed",
    "aws:cloudwatch/eventTarget:EventTarget weather-deployment-failed",
    "aws:cloudwatch/eventTarget:EventTarget weather-tasks-not-placed",
    "aws:cloudwatch/logGroup:LogGroup weather",
    "aws:cloudwatch/metricAlarm:MetricAlarm weather-cloudfront-errors",
    "aws:cloudwatch/metricAlarm:MetricAlarm weather-connections-rejected",
    "aws:cloudwatch/metricAlarm:MetricAlarm weather-load-balancer-errors",
    "aws:cloudwatch/metricAlarm:MetricAlarm weather-nat-ports",
    "aws:cloudwatch/queryDefinition:QueryDefinition weather-errors-by-tool",
    "aws:cloudwatch/queryDefinition:QueryDefinition weather-one-request-across-replicas",
    "aws:cloudwatch/queryDefinition:QueryDefinition weather-refused-requests",
    "aws:cloudwatch/queryDefinition:QueryDefinition weather-slowest-calls",
    "aws:cloudwatch/queryDefinition:QueryDefinition weather-starts-and-ends-of-replicas",
    "aws:cognito/userPool:UserPool weather",
    "aws:cognito/userPoolDomain:UserPoolDomain weather",
    "aws:ec2/securityGroup:SecurityGroup weather-load-balancer",
    "aws:ec2/vpcEndpoint:VpcEndpoint weather-s3",
    "aws:ecs/cluster:Cluster weather",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders weather",
    "aws:iam/role:Role weather-events",
    "aws:iam/rolePolicy:RolePolicy weather-events",
    "aws:lb/listener:Listener weather",
    "aws:lb/loadBalancer:LoadBalancer weather",
    "aws:s3/bucket:Bucket weather-access-logs",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration weather-access-logs",
    "aws:s3/bucketPolicy:BucketPolicy weather-access-logs",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock weather-access-logs",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration weather-access-logs",
    "aws:sns/topic:Topic weather-alarms",
    "aws:sns/topic:Topic weather-cloudfront-alarms",
    "aws:sns/topicPolicy:TopicPolicy weather-alarms",
    "aws:sns/topicPolicy:TopicPolicy weather-cloudfront-alarms",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule weather-load-balancer",
    "awsx:ec2:Vpc weather",
  ]);
  assert.deepEqual(declaration.only("aws:lb/loadBalancer:LoadBalancer").inputs["tags"], {
    team: "blue",
  });
  assert.equal(await valueOf(declaration.result.url), "https://weather.cloudfront.example/mcp");
  declaration.assertUrnsUnique();
  declaration.assertNothingUndefined();
});

test("GIVEN a bundled server WHEN it is deployed THEN its task definition is exactly this", async () => {
  const declaration = await deployService({ server: McpServer.Weather });
  const { containerDefinitions, ...task } = declaration.only(TASK).inputs;

  assert.deepEqual(task, {
    family: "tools-dev-weather",
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: "256",
    memory: "512",
    runtimePlatform: { cpuArchitecture: "X86_64", operatingSystemFamily: "LINUX" },
    executionRoleArn: `arn:aws:iam::${ACCOUNT}:role/weather-execution`,
    taskRoleArn: `arn:aws:iam::${ACCOUNT}:role/weather-task`,
    skipDestroy: true,
  });
  const [{ linuxParameters, ...container }] = JSON.parse(String(containerDefinitions)) as [
    Record<string, unknown>,
  ];
  assert.ok(linuxParameters !== undefined); // Exactly asserted in task.test.ts.
  assert.deepEqual(container, {
    name: "server",
    image: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/weather@sha256:${"0".repeat(64)}`,
    command: [
      "node",
      "--max-semi-space-size=8",
      "--max-old-space-size=230",
      "--heap-growing-percent=150",
      "dist/main.mjs",
      "weather",
    ],
    essential: true,
    environment: [
      { name: "AUTH_MODE", value: "static-token" },
      { name: "CALL_TIMEOUT_SECONDS", value: "60" },
      { name: "DRAIN_SECONDS", value: "10" },
      { name: "KEEP_ALIVE_SECONDS", value: "75" },
      { name: "MAX_ONGOING_REQUESTS", value: "100" },
      { name: "MCP_METRICS", value: "emf" },
      { name: "MCP_PATH", value: "/mcp" },
      { name: "MCP_PUBLIC_URL", value: "https://mcp.example.com/mcp" },
      { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://127.0.0.1:4318" },
      { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "http/protobuf" },
      { name: "OTEL_LOGS_EXPORTER", value: "none" },
      { name: "OTEL_METRICS_EXPORTER", value: "none" },
      { name: "OTEL_SERVICE_NAME", value: "tools-dev-weather" },
      { name: "OTEL_TRACES_EXPORTER", value: "otlp" },
      { name: "OTEL_TRACES_SAMPLER", value: "parentbased_traceidratio" },
      { name: "OTEL_TRACES_SAMPLER_ARG", value: "0.05" },
      { name: "PORT", value: "8080" },
      { name: "STREAM_KEEP_ALIVE_SECONDS", value: "15" },
      { name: "WEATHER_API_URL", value: "https://api.weather.gov" },
    ],
    secrets: [
      { name: "AUTH_STATIC_TOKENS", valueFrom: `${TOKEN_ARN}:::version-1` },
      { name: "MCP_STATE_KEY", valueFrom: `${STATE_KEY_ARN}:::version-1` },
    ],
    portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: "tcp" }],
    healthCheck: {
      command: [
        "CMD",
        "node",
        "-e",
        'fetch("http://127.0.0.1:8080/healthz").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))',
      ],
      interval: 30,
      timeout: 5,
      retries: 3,
      startPeriod: 60,
    },
    stopTimeout: 75,
    readonlyRootFilesystem: true,
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": "logs",
        "awslogs-region": REGION,
        "awslogs-stream-prefix": "weather",
        "max-buffer-size": "25m",
        mode: "non-blocking",
      },
    },
    dependsOn: [{ condition: "START", containerName: "collector" }],
    // Fifteen sixteenths of the task's.
    cpu: 240,
    mountPoints: [],
    systemControls: [],
    volumesFrom: [],
  });
});

test("GIVEN a bundled server WHEN it is deployed THEN its roles allow what it needs, on nothing else", async () => {
  const declaration = await deployService({ server: McpServer.Weather });

  assert.deepEqual(statementsOf(declaration), [
    {
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: `${HANDLE.logGroupArn}:*`,
    },
    { Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
    {
      Effect: "Allow",
      Action: [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
      ],
      Resource: [arn("ecr", "repository/weather")],
    },
    {
      Effect: "Allow",
      Action: "secretsmanager:GetSecretValue",
      Resource: [STATE_KEY_ARN, TOKEN_ARN],
    },
  ]);
  assert.equal(declaration.only(POLICY, "weather-execution").inputs["role"], "weather-execution");
});

test("GIVEN a bundled server WHEN it is deployed THEN its ECS service is exactly this, and comes after what AWS wants first", async () => {
  const declaration = await deployService({ server: McpServer.Weather });
  const service = declaration.only(ECS);

  assert.deepEqual(service.inputs, {
    cluster: HANDLE.clusterArn,
    taskDefinition: arn("ecs", "task-definition/tools-dev-weather:1"),
    desiredCount: 2,
    capacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1 }],
    forceNewDeployment: true,
    networkConfiguration: {
      subnets: HANDLE.privateSubnetIds,
      securityGroups: ["weather-tasks-id"],
      assignPublicIp: false,
    },
    loadBalancers: [
      {
        targetGroupArn: arn("elasticloadbalancing", "targetgroup/weather/943f017f100becff"),
        containerName: "server",
        containerPort: 8080,
      },
    ],
    deploymentConfiguration: { strategy: "ROLLING" },
    deploymentMinimumHealthyPercent: 100,
    deploymentMaximumPercent: 200,
    deploymentCircuitBreaker: { enable: true, rollback: true },
    alarms: { alarmNames: ["weather-errors", "weather-latency"], enable: true, rollback: true },
    availabilityZoneRebalancing: "ENABLED",
    healthCheckGracePeriodSeconds: 60,
    enableEcsManagedTags: true,
    propagateTags: "SERVICE",
    enableExecuteCommand: false,
    waitForSteadyState: true,
  });
  assert.deepEqual(service.ignoreChanges, ["desiredCount"]);
  assert.deepEqual(service.customTimeouts, { create: "17m", update: "17m", delete: "90m" });
  assert.deepEqual(service.dependsOn.toSorted(), [
    `${POLICY} weather-collector`,
    `${POLICY} weather-execution`,
    `${RULE} weather`,
    `${VERSION} weather-state-key`,
    `${VERSION} weather-token`,
    ...SECURITY_RULES,
  ]);
});

test("GIVEN a service on a platform of the same program WHEN it is deployed THEN it comes after the cluster's capacity", async () => {
  const declaration = await deploy(() => {
    const platform = new McpPlatform("mcp").handle;
    return new McpService("weather", { platform, server: McpServer.Weather });
  });

  assert.ok(
    declaration
      .only(ECS)
      .dependencies.includes("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders mcp"),
  );
});

test("GIVEN a bundled server WHEN it is deployed THEN it is routed to and scaled by the platform's load balancer", async () => {
  const declaration = await deployService({ server: McpServer.Weather });

  assert.deepEqual(declaration.only(RULE).inputs["listenerArn"], "arn:listener");
  assert.deepEqual(declaration.only(RULE).inputs["priority"], rulePriority("/mcp"));
  assert.deepEqual(declaration.only(RULE).inputs["conditions"], [
    {
      pathPattern: {
        values: [
          "/mcp",
          "/.well-known/oauth-protected-resource/mcp",
          "/.well-known/oauth-authorization-server/mcp",
          "/.well-known/oauth-protected-resource",
        ],
      },
    },
  ]);
  assert.equal(declaration.only(RULE).deleteBeforeReplace, true);
  const { vpcId, port, deregistrationDelay } = declaration.only(GROUP).inputs;
  assert.deepEqual([vpcId, port, deregistrationDelay], ["vpc-1", 80, 65]);
  assert.deepEqual(declaration.only("aws:appautoscaling/target:Target").inputs, {
    serviceNamespace: "ecs",
    scalableDimension: "ecs:service:DesiredCount",
    resourceId: "service/shared/weather",
    minCapacity: 2,
    maxCapacity: 20,
  });
  const policy = declaration.only("aws:appautoscaling/policy:Policy", "weather");
  assert.deepEqual(policy.inputs["targetTrackingScalingPolicyConfiguration"], {
    predefinedMetricSpecification: {
      predefinedMetricType: "ALBRequestCountPerTarget",
      resourceLabel: "app/shared/50dc6c495c0c9188/targetgroup/weather/943f017f100becff",
    },
    targetValue: 1000,
    scaleOutCooldown: 60,
    scaleInCooldown: 300,
  });
  assert.deepEqual(policy.dependsOn, [`${RULE} weather`]);
});

test("GIVEN a service WHEN it is deployed THEN its outputs say where it is and how to get in", async () => {
  const declaration = await deployService({ server: McpServer.Weather });
  const { result } = declaration;

  assert.equal(await valueOf(result.url), "https://mcp.example.com/mcp");
  assert.equal(
    await valueOf(result.tokenCommand),
    `aws secretsmanager get-secret-value --region ${REGION} --secret-id ${TOKEN_ARN} --query SecretString --output text | cut -d , -f 1`,
  );
  assert.equal(await valueOf(result.tokenSecretArn), TOKEN_ARN);
  assert.equal(await valueOf(result.serviceName), "weather");
  assert.equal(await valueOf(result.clusterName), "shared");
  assert.deepEqual(declaration.outputsOf(SERVICE), {
    url: await valueOf(result.url),
    issuer: "",
    tokenEndpoint: "",
    clientId: "",
    clientSecret: "",
    signInClientId: "",
    scope: "",
    tokenCommand: await valueOf(result.tokenCommand),
    tokenSecretArn: await valueOf(result.tokenSecretArn),
    endpoint: {
      url: await valueOf(result.url),
      hostName: "",
      port: 8080,
      path: "/mcp",
      vpcId: HANDLE.vpcId,
      securityGroupId: "weather-tasks-id",
      authMode: "static-token",
      issuer: "",
      tokenEndpoint: "",
      clientId: "",
      clientSecretArn: "",
      scope: "",
      tokenSecretArn: TOKEN_ARN,
      longestCallSeconds: 60,
      declaredTools: ["get_alerts", "get_forecast"],
      directRouting: {
        prefix: "",
        path: "",
        hostName: "",
        access: "",
        targetGroupArn: "",
        listenerArn: "",
      },
    },
    serviceName: await valueOf(result.serviceName),
    clusterName: await valueOf(result.clusterName),
    taskRoleName: "weather-task",
    executionRoleName: "weather-execution",
    eventsCommand: await valueOf(result.eventsCommand),
  });
});

test("GIVEN a token and a state key WHEN a service is deployed THEN the value of each is in one secret input, and nowhere else", async () => {
  const { resources } = await deployService({ server: McpServer.Weather });

  assert.deepEqual(
    resources.flatMap(({ type, secrets }) => secrets.map((input) => `${type} ${input}`)),
    [`${VERSION} secretString`, `${VERSION} secretString`],
  );
  assert.deepEqual(
    resources
      .filter(({ inputs }) => JSON.stringify(inputs).includes("xxx"))
      .map(({ type, name }) => `${type} ${name}`),
    [`${VERSION} weather-state-key`, `${VERSION} weather-token`],
  );
});

const KEY = arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab");

/** In service-deployment.test.ts, since strategies exclude one another's numbers, and service-containers.test.ts. */
type DeploymentArgument = Exclude<
  keyof DeploymentArguments | keyof CapacityArguments | keyof TaskArguments,
  "startupSeconds"
>;

/** Everything but what excludes one another: `server` and `build`, the platform, and what a gateway takes (gateway/direct-routing.test.ts). */
const EVERYTHING: Required<
  Omit<
    McpServiceArgs,
    "server" | "stdio" | "model" | "build" | "platform" | "directRouting" | DeploymentArgument
  >
> = {
  image: pulumi.output(IMAGE),
  command: ["python", pulumi.output("server.py")],
  environment: { ZETA: "z", ALPHA: pulumi.output("a") },
  secrets: {
    DATABASE: `${arn("secretsmanager", "secret:db-AbCdEf")}:password::`,
    API_KEY: pulumi.output(arn("ssm", "parameter/team/key")),
  },
  path: "/tools/mcp",
  hostName: "mcp.example.com",
  port: pulumi.output(3000),
  cpu: pulumi.output(0.5),
  memory: Promise.resolve(1024),
  architecture: CpuArchitecture.Arm64,
  auth: { mode: AuthMode.StaticToken },
  discoverable: false,
  declaredTools: ["get_alerts", pulumi.output("get_forecast")],
  allowedHosts: ["tools.example.com", "tools.example.org"],
  allowedOrigins: ["app.example.com"],
  minReplicas: 3,
  maxReplicas: 30,
  requestCountPerTarget: 600,
  targetOngoingRequests: pulumi.output(8),
  burstScaling: true,
  cpuTargetPercent: 60,
  schedules: [
    {
      name: "day",
      cron: "0 7 * * ? *",
      timezone: pulumi.output("Europe/Berlin"),
      minReplicas: 6,
      maxReplicas: 30,
    },
    { name: "night", cron: pulumi.output("0 22 * * ? *"), minReplicas: 3, maxReplicas: 9 },
  ],
  scaleOutCooldownSeconds: 30,
  scaleInCooldownSeconds: 120,
  disableScaleIn: false,
  maxOngoingRequests: 16,
  longestCallSeconds: 90,
  drainSeconds: 20,
  startupSeconds: pulumi.output(120),
  healthCheckCommand: ["CMD", "check"],
  alarms: true,
  alarmErrorPercent: 2,
  alarmLatencySeconds: pulumi.output(20),
  alarmRefusedTokenPercent: 40,
  metrics: true,
  dashboard: true,
  traceSamplePercent: 0.1,
  collectorImage: pulumi.output(COLLECTOR_IMAGE),
  secretKeyArns: [KEY],
  taskPolicy: [{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::documents/*"] }],
  tags: { team: "blue", stage: pulumi.output("live") },
};

test("GIVEN every argument WHEN a service is deployed THEN its container is exactly this", async () => {
  const declaration = await deployService(EVERYTHING);
  const container = containerOf(declaration);

  assert.equal(container.image, IMAGE);
  assert.deepEqual(container.command, ["python", "server.py"]);
  assert.deepEqual(container.environment, [
    { name: "ALPHA", value: "a" },
    { name: "AUTH_MODE", value: "static-token" },
    { name: "CALL_TIMEOUT_SECONDS", value: "90" },
    { name: "DRAIN_SECONDS", value: "20" },
    { name: "KEEP_ALIVE_SECONDS", value: "75" },
    { name: "MAX_ONGOING_REQUESTS", value: "16" },
    { name: "MCP_ALLOWED_HOSTS", value: "tools.example.com,tools.example.org" },
    { name: "MCP_ALLOWED_ORIGINS", value: "app.example.com" },
    { name: "MCP_METRICS", value: "emf" },
    { name: "MCP_PATH", value: "/tools/mcp" },
    { name: "MCP_PUBLIC_URL", value: "https://mcp.example.com/tools/mcp" },
    { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://127.0.0.1:4318" },
    { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "http/protobuf" },
    { name: "OTEL_LOGS_EXPORTER", value: "none" },
    { name: "OTEL_METRICS_EXPORTER", value: "none" },
    { name: "OTEL_SERVICE_NAME", value: "tools-dev-weather" },
    { name: "OTEL_TRACES_EXPORTER", value: "otlp" },
    { name: "OTEL_TRACES_SAMPLER", value: "parentbased_traceidratio" },
    { name: "OTEL_TRACES_SAMPLER_ARG", value: "0.001" },
    { name: "PORT", value: "3000" },
    { name: "STREAM_KEEP_ALIVE_SECONDS", value: "15" },
    { name: "ZETA", value: "z" },
  ]);
  assert.deepEqual(container.secrets, [
    { name: "API_KEY", valueFrom: arn("ssm", "parameter/team/key") },
    { name: "AUTH_STATIC_TOKENS", valueFrom: `${TOKEN_ARN}:::version-1` },
    { name: "DATABASE", valueFrom: `${arn("secretsmanager", "secret:db-AbCdEf")}:password::` },
    { name: "MCP_STATE_KEY", valueFrom: `${STATE_KEY_ARN}:::version-1` },
  ]);
  assert.deepEqual(container.portMappings, [
    { containerPort: 3000, hostPort: 3000, protocol: "tcp" },
  ]);
  assert.deepEqual(container.healthCheck?.command, ["CMD", "check"]);
  assert.equal(container.stopTimeout, 115);
  declaration.assertNothingUndefined();
});

test("GIVEN every argument WHEN a service is deployed THEN each reaches the resource it is about", async () => {
  const declaration = await deployService(EVERYTHING);
  const tags = { team: "blue", stage: "live" };

  assert.deepEqual(
    declaration.childrenOf(SERVICE),
    [
      ...CHILDREN.filter((child) => !child.startsWith("awsx:ecr:")),
      // Exactly asserted in scaling.test.ts.
      "aws:appautoscaling/policy:Policy weather-burst",
      "aws:appautoscaling/policy:Policy weather-ongoing-requests",
      "aws:appautoscaling/scheduledAction:ScheduledAction weather-day",
      "aws:appautoscaling/scheduledAction:ScheduledAction weather-night",
      "aws:cloudwatch/metricAlarm:MetricAlarm weather-burst",
      "aws:iam/rolePolicy:RolePolicy weather-task",
    ].sort(),
  );
  const { containerDefinitions, ...task } = declaration.only(TASK).inputs;
  assert.equal(typeof containerDefinitions, "string");
  assert.deepEqual(task, {
    family: "tools-dev-weather",
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: "512",
    memory: "1024",
    runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
    executionRoleArn: `arn:aws:iam::${ACCOUNT}:role/weather-execution`,
    taskRoleArn: `arn:aws:iam::${ACCOUNT}:role/weather-task`,
    skipDestroy: true,
    tags,
  });
  const service = declaration.only(ECS).inputs;
  assert.deepEqual(
    [service["desiredCount"], service["healthCheckGracePeriodSeconds"], service["loadBalancers"]],
    [
      3,
      150,
      [
        {
          targetGroupArn: arn("elasticloadbalancing", "targetgroup/weather/943f017f100becff"),
          containerName: "server",
          containerPort: 3000,
        },
      ],
    ],
  );
  const group = declaration.only(GROUP).inputs;
  assert.deepEqual([group["port"], group["deregistrationDelay"]], [80, 95]);
  const rule = declaration.only(RULE).inputs;
  assert.deepEqual(
    [rule["priority"], rule["conditions"]],
    [
      rulePriority("/tools/mcp", "mcp.example.com"),
      [
        {
          pathPattern: {
            values: [
              "/tools/mcp",
              "/.well-known/oauth-protected-resource/tools/mcp",
              "/.well-known/oauth-authorization-server/tools/mcp",
            ],
          },
        },
        { hostHeader: { values: ["mcp.example.com"] } },
      ],
    ],
  );
  assert.deepEqual(declaration.only("aws:appautoscaling/target:Target").inputs, {
    serviceNamespace: "ecs",
    scalableDimension: "ecs:service:DesiredCount",
    resourceId: "service/shared/weather",
    minCapacity: 3,
    maxCapacity: 30,
    tags,
  });
  const { fromPort, toPort } = declaration.only(
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  ).inputs;
  assert.deepEqual([fromPort, toPort], [0, 65_535]);
  assert.equal(await valueOf(declaration.result.url), "https://mcp.example.com/tools/mcp");
});

test("GIVEN a service WHEN its port is changed THEN group, rule and security rules stay: each would cut off the replicas that still serve", async () => {
  const lasting = (declaration: Declaration<McpService>): Record<string, unknown> =>
    Object.fromEntries(
      declaration.resources
        .filter(({ type }) => type === GROUP || type === RULE || type.startsWith("aws:vpc/"))
        .map(({ urn, inputs }) => [urn, inputs]),
    );
  const before = lasting(await deployService({ image: IMAGE, port: 3000 }));

  assert.equal(Object.keys(before).length, 2 + SECURITY_RULES.length);
  assert.deepEqual(lasting(await deployService({ image: IMAGE, port: 4000 })), before);
});

test("GIVEN every argument WHEN a service is deployed THEN the execution role may read its secrets, and needs no registry", async () => {
  assert.deepEqual(statementsOf(await deployService(EVERYTHING)), [
    {
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: `${HANDLE.logGroupArn}:*`,
    },
    {
      Effect: "Allow",
      Action: "secretsmanager:GetSecretValue",
      Resource: [arn("secretsmanager", "secret:db-AbCdEf"), STATE_KEY_ARN, TOKEN_ARN],
    },
    { Effect: "Allow", Action: "ssm:GetParameters", Resource: [arn("ssm", "parameter/team/key")] },
    ...keyStatements([KEY], REGION),
  ]);
});

test("GIVEN a key of the platform's WHEN a service is deployed THEN its generated secrets are encrypted with it, and ECS may decrypt them", async () => {
  const declaration = await deploy(
    () =>
      new McpService("weather", {
        platform: { ...HANDLE, kmsKeyArn: KEY },
        server: McpServer.Weather,
        auth: { mode: AuthMode.StaticToken },
      }),
  );

  for (const name of ["weather-state-key", "weather-token"]) {
    const { kmsKeyId } = declaration.only("aws:secretsmanager/secret:Secret", name).inputs;
    assert.equal(kmsKeyId, KEY);
  }
  assert.deepEqual(statementsOf(declaration).slice(-1), keyStatements([KEY], REGION));
});

test("GIVEN tags WHEN a service is deployed THEN every resource that takes tags has them", async () => {
  const declaration = await deployService({
    server: McpServer.Weather,
    tags: { team: "blue" },
  });
  const untagged = [];
  for (const { type, inputs } of declaration.resources) {
    if (await isTaggable(type)) assert.deepEqual(inputs["tags"], { team: "blue" }, type);
    else untagged.push(type);
  }

  assert.deepEqual(untagged.sort(), [
    "aws:appautoscaling/policy:Policy",
    "aws:appautoscaling/policy:Policy",
    "aws:cloudwatch/dashboard:Dashboard",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:secretsmanager/secretVersion:SecretVersion",
    "aws:secretsmanager/secretVersion:SecretVersion",
    "awsx:ecr:Image",
    SERVICE,
    "random:index/randomPassword:RandomPassword",
    "random:index/randomPassword:RandomPassword",
    "random:index/randomPassword:RandomPassword",
    "random:index/randomPassword:RandomPassword",
  ]);
});

test("GIVEN a target of ongoing requests WHEN a service is deployed THEN the autoscaler reads the metric under the name that the container publishes it", async () => {
  for (const [environment, name] of [
    [undefined, "tools-dev-weather"],
    [{ OTEL_SERVICE_NAME: pulumi.output("mine") }, "mine"],
  ] as const) {
    const declaration = await deployService({
      image: IMAGE,
      targetOngoingRequests: 20,
      ...(environment === undefined ? {} : { environment }),
    });
    const { MCP_METRICS, OTEL_SERVICE_NAME } = environmentOf(declaration);
    assert.deepEqual([MCP_METRICS, OTEL_SERVICE_NAME], ["emf", name]);
    const { dimensions } = declaration.only(
      "aws:cloudwatch/metricAlarm:MetricAlarm",
      "weather-burst",
    ).inputs;
    assert.deepEqual(dimensions, { Service: name });
    const policy = declaration.only(
      "aws:appautoscaling/policy:Policy",
      "weather-ongoing-requests",
    ).inputs;
    assert.ok(JSON.stringify(policy).includes(JSON.stringify({ name: "Service", value: name })));
  }
});

test("GIVEN blue/green and a request count WHEN a service is constructed THEN it is refused: AWS would refuse it", () => {
  assert.throws(
    () =>
      new McpService("weather", {
        platform: { ...HANDLE },
        image: IMAGE,
        deploymentStrategy: DeploymentStrategy.BlueGreen,
        requestCountPerTarget: 600,
      }),
    /`requestCountPerTarget` is given, but in blue\/green/u,
  );
});

test("GIVEN the same variables in another order WHEN a service is deployed THEN its task definition is the same text", async () => {
  const text = async (args: McpServiceArgs): Promise<unknown> =>
    (await deployService(args)).only(TASK).inputs["containerDefinitions"];
  const [one, two] = [arn("ssm", "parameter/one"), arn("ssm", "parameter/two")];

  assert.equal(
    await text({
      image: IMAGE,
      environment: { A: "1", b: "2", C: "3" },
      secrets: { D: one, E: two },
    }),
    await text({
      image: IMAGE,
      environment: { C: "3", A: "1", b: "2" },
      secrets: { E: two, D: one },
    }),
  );
});

test("GIVEN a Dockerfile of the user's WHEN it is deployed THEN image and task have one architecture", async () => {
  for (const [architecture, platform] of [
    [CpuArchitecture.X86_64, "linux/amd64"],
    [CpuArchitecture.Arm64, "linux/arm64"],
  ] as const) {
    const declaration = await deployService({ build: { context: "mine" }, architecture });

    assert.deepEqual(declaration.only("awsx:ecr:Image").inputs, {
      repositoryUrl: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/weather`,
      context: "mine",
      dockerfile: join("mine", "Dockerfile"),
      platform,
    });
    assert.deepEqual(declaration.only(TASK).inputs["runtimePlatform"], {
      cpuArchitecture: architecture,
      operatingSystemFamily: "LINUX",
    });
  }
});

test("GIVEN an image that is not bundled WHEN it is deployed THEN its own command and health check are left alone", async () => {
  const container = containerOf(await deployService({ image: IMAGE }));

  assert.ok(!("command" in container));
  assert.ok(!("healthCheck" in container));
  assert.ok(container.environment.every(({ name }) => name !== "WEATHER_API_URL"));
});

test("GIVEN an image in ECR WHEN it is deployed THEN the execution role may pull it, and no other", async () => {
  const image = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/team/tools@sha256:ab`;
  const declaration = await deployService({ image: pulumi.output(image) });

  assert.equal(containerOf(declaration).image, image);
  assert.deepEqual(statementsOf(declaration).slice(1, 3), [
    { Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
    {
      Effect: "Allow",
      Action: [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
      ],
      Resource: [`arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/team/tools`],
    },
  ]);
});

test("GIVEN a variable of the bundled server WHEN the user sets it THEN the user's value stands", async () => {
  const declaration = await deployService({
    server: McpServer.Weather,
    environment: { WEATHER_API_URL: "https://weather.example" },
  });

  assert.equal(environmentOf(declaration)["WEATHER_API_URL"], "https://weather.example");
});

test("GIVEN no auth WHEN a service is deployed THEN it has no token, the container knows, and nothing prints one", async () => {
  const declaration = await deployService({ image: IMAGE, auth: { mode: AuthMode.None } });

  assert.deepEqual(
    declaration.childrenOf(SERVICE),
    CHILDREN.filter((child) => !/awsx:ecr:|weather-token(?:-2|s-refused)?$/u.test(child)),
  );
  assert.equal(environmentOf(declaration)["AUTH_MODE"], "none");
  assert.deepEqual(containerOf(declaration).secrets, [
    { name: "MCP_STATE_KEY", valueFrom: `${STATE_KEY_ARN}:::version-1` },
  ]);
  assert.deepEqual(
    statementsOf(declaration).map(({ Action, Resource }) => [Action, Resource]),
    [
      [["logs:CreateLogStream", "logs:PutLogEvents"], `${HANDLE.logGroupArn}:*`],
      ["secretsmanager:GetSecretValue", [STATE_KEY_ARN]],
    ],
  );
  assert.deepEqual(declaration.only(ECS).dependsOn.toSorted(), [
    `${POLICY} weather-collector`,
    `${POLICY} weather-execution`,
    `${RULE} weather`,
    `${VERSION} weather-state-key`,
    ...SECURITY_RULES,
  ]);
  assert.equal(await valueOf(declaration.result.tokenCommand), "");
  assert.equal(await valueOf(declaration.result.tokenSecretArn), "");
});

test("GIVEN the longest calls WHEN a service is deployed THEN host and load balancer wait for all of it, the container as long as Fargate lets it", async () => {
  const declaration = await deployService({
    image: IMAGE,
    longestCallSeconds: 3600,
    drainSeconds: 110,
  });

  assert.equal(declaration.only(GROUP).inputs["deregistrationDelay"], 3600);
  assert.equal(environmentOf(declaration)["CALL_TIMEOUT_SECONDS"], "3600");
  assert.equal(containerOf(declaration).stopTimeout, 120);
  assert.equal(environmentOf(declaration)["DRAIN_SECONDS"], "110");
});

test("GIVEN a platform in an output WHEN a service is deployed on it THEN it is the same", async () => {
  const plain = await deployService({ server: McpServer.Weather });
  const output = await deployService({
    server: McpServer.Weather,
    platform: pulumi.output(HANDLE),
  });

  const inputs = ({ resources }: Declaration<McpService>): Record<string, unknown> =>
    Object.fromEntries(resources.map((resource) => [resource.urn, resource.inputs]));
  assert.deepEqual(inputs(output), inputs(plain));
});

test("GIVEN an account where nothing exists yet WHEN a service is previewed THEN all of its resources are shown", async () => {
  const declaration = await deploy(
    () => {
      const platform = new McpPlatform("mcp").handle;
      const auth = { mode: AuthMode.StaticToken };
      return new McpService("weather", { platform, server: McpServer.Weather, auth });
    },
    { preview: true },
  );

  assert.deepEqual(declaration.childrenOf(SERVICE), CHILDREN);
});

test("GIVEN a provider WHEN a service is deployed with it THEN resources and lookups are all that provider's", async () => {
  const { resources, calls } = await deploy(() => {
    const provider = new aws.Provider("west", { region: "us-west-2" });
    return new McpService(
      "weather",
      {
        platform: { ...HANDLE },
        server: McpServer.Weather,
        auth: { mode: AuthMode.StaticToken },
      },
      { provider },
    );
  });
  const made = resources.filter(({ type }) => type.startsWith("aws:"));

  assert.equal(made.length, CHILDREN.length - 6);
  assert.deepEqual(calls.map(({ token }) => token).sort(), [
    "aws:index/getCallerIdentity:getCallerIdentity",
    "aws:index/getPartition:getPartition",
    "aws:index/getRegion:getRegion",
  ]);
  for (const { provider } of [...made, ...calls]) {
    assert.match(provider, /pulumi:providers:aws::west::west-id$/u);
  }
});

test("GIVEN two services on one platform WHEN they have a path each THEN both are deployed, and no two resources share a URN", async () => {
  const declaration = await deploy(() => {
    const platform = new McpPlatform("mcp").handle;
    new McpService("weather", { platform, server: McpServer.Weather });
    new McpService("tools", { platform, image: IMAGE, path: "/tools/mcp" });
  });

  assert.equal(declaration.resources.filter(({ type }) => type === ECS).length, 2);
  declaration.assertUrnsUnique();
  declaration.assertNothingUndefined();
});

test("GIVEN two services on one platform WHEN they have one path THEN the second is refused, and declares nothing", async () => {
  const declaration = await deploy(() => {
    const platform = new McpPlatform("mcp").handle;
    new McpService("weather", { platform, server: McpServer.Weather });
    assertRefused(
      () => new McpService("tools", { platform, image: IMAGE }),
      "McpService: `tools` and `weather` share a platform, and the rule priority 47988 of the path `/mcp`. Give one of them" +
        " another `path`, such as `/tools/mcp`.",
    );
  });

  assert.ok(declaration.inventory().every((resource) => !resource.includes("tools")));
});

test("GIVEN two services on one platform WHEN they have one path and a host each THEN both are deployed, each under its own address", async () => {
  const declaration = await deploy(() => {
    const platform = { ...HANDLE, domainNames: ["mcp.example.com", "*.mcp.example.com"] };
    const hostName = "tools.mcp.example.com";
    return {
      weather: new McpService("weather", { platform, server: McpServer.Weather }).url,
      tools: new McpService("tools", { platform, image: IMAGE, hostName }).url,
    };
  });

  assert.equal(await valueOf(declaration.result.weather), "https://mcp.example.com/mcp");
  assert.equal(await valueOf(declaration.result.tools), "https://tools.mcp.example.com/mcp");
  const [any, own] = ["weather", "tools"].map((name) => declaration.only(RULE, name).inputs);
  // Both rules fit a request for the host: the one that asks for it must come first.
  assert.ok(Number(own?.["priority"]) < Number(any?.["priority"]));
});

test("GIVEN a host name that its platform does not answer to WHEN a service is deployed THEN the program fails with the sentence", async () => {
  assert.deepEqual(
    await rejectionsOf(
      () =>
        new McpService("weather", {
          platform: { ...HANDLE },
          image: IMAGE,
          hostName: "tools.example.com",
        }),
    ),
    [
      "McpService: `hostName` is `tools.example.com`, but the platform answers to `mcp.example.com` alone. Put it among the platform's" +
        " `alternativeDomainNames`.",
    ],
  );
  assertRefused(
    () => new McpService("weather", { platform: { ...HANDLE }, image: IMAGE, hostName: "a.b:443" }),
    "McpService: `hostName` has `a.b:443`; give a host name without scheme, port and path, such as `mcp.example.com`.",
  );
});

test("GIVEN a platform whose tasks reach AWS alone WHEN a service runs an image of another registry on it THEN it is refused", async () => {
  const platform = { ...HANDLE, hasInternetAccess: false };
  const args = { platform, image: "ghcr.io/example/tools:1", traceSamplePercent: 0 };
  assert.deepEqual(await rejectionsOf(() => new McpService("weather", args)), [
    "McpService: `image` is `ghcr.io/example/tools:1`, but the platform's `natGateways` is `none`: its tasks reach no registry but ECR. Copy the image" +
      " there, or give `build`, or give the platform NAT gateways.",
  ]);
  const ecr = "123456789012.dkr.ecr.us-east-1.amazonaws.com/tools:1";
  assert.deepEqual(
    await rejectionsOf(
      () =>
        new McpService("weather", {
          ...args,
          platform: { ...platform },
          image: ecr,
        }),
    ),
    [],
  );
});

test("GIVEN a platform with endpoints WHEN a service is deployed on it THEN its tasks join the group that they let in", async () => {
  const declaration = await deployService({
    platform: { ...HANDLE, taskSecurityGroupIds: ["sg-endpoint-clients"] },
    server: McpServer.Weather,
  });
  const { networkConfiguration } = declaration.only("aws:ecs/service:Service").inputs;

  assert.deepEqual((networkConfiguration as { securityGroups: unknown }).securityGroups, [
    "weather-tasks-id",
    "sg-endpoint-clients",
  ]);
});

test("GIVEN two services on two platforms WHEN they have one path THEN both are deployed", async () => {
  const declaration = await deploy(() => {
    new McpService("weather", { server: McpServer.Weather });
    new McpService("tools", { image: IMAGE });
  });

  assert.equal(declaration.resources.filter(({ type }) => type === ECS).length, 2);
  declaration.assertUrnsUnique();
});

const refused = (args: McpServiceArgs, message: string): void => {
  assertRefused(() => new McpService("weather", args), `McpService: ${message}`);
};

test("GIVEN a bad name WHEN a service is constructed THEN it is refused", () => {
  assertRefused(
    () => new McpService("a-service-with-a-long-name", { server: McpServer.Weather }),
    "McpService: the name `a-service-with-a-long-name` does not fit; give one of at most 24 lower-case letters, digits and single" +
      " hyphens, beginning with a letter, since load balancer, target group and repository are named after it.",
  );
  assertRefused(
    () => new McpService("internal-tools", { server: McpServer.Weather }),
    "McpService: the name `internal-tools` does not fit: AWS keeps names beginning with `internal-` to itself. Choose another beginning.",
  );
});

test("GIVEN no image, or two WHEN a service is constructed THEN it is refused", () => {
  const wayOut =
    " of `server`, `build` and `image` given; give exactly one: `server` for a bundled server, `build` for a Dockerfile of yours," +
    " `image` for an image that exists.";

  refused({}, `none${wayOut}`);
  refused({ server: McpServer.Weather, image: IMAGE }, `\`server\` and \`image\`${wayOut}`);
});

test("GIVEN words that are no enum values WHEN a service is constructed THEN they are refused with those that are", () => {
  refused(
    { server: "summarizer" as unknown as McpServer },
    "`server` is `summarizer`; give one of `weather`, `stdio`, `gateway`, `translator`, `classifier`.",
  );
  refused(
    { image: IMAGE, architecture: "arm64" as string as CpuArchitecture },
    "`architecture` is `arm64`; give one of `X86_64`, `ARM64`.",
  );
  refused(
    { image: IMAGE, auth: { mode: "oauth" as string as AuthMode } },
    "`auth.mode` is `oauth`; give one of `cognito`, `oidc`, `static-token`, `none`.",
  );
});

test("GIVEN a path that no rule could match exactly WHEN a service is constructed THEN it is refused", () => {
  refused(
    { image: IMAGE, path: "/tools/*" },
    "`path` is `/tools/*`; give segments of letters, digits and `._-`, each after a slash, 89 characters at most, such as `/mcp`" +
      " or `/weather/mcp`.",
  );
  refused(
    { image: IMAGE, path: "/readyz" },
    "`path` is `/readyz`, where the container answers health checks or metadata; give another, such as `/mcp`.",
  );
});

test("GIVEN numbers out of range WHEN a service is constructed THEN each is refused with its range", () => {
  const ranges = [
    ["port", [0, 65_536, 80.5], "a whole number from 1 to 65535"],
    ["maxOngoingRequests", [0, 100_001, 1.5], "a whole number of requests from 1 to 100000"],
    ["longestCallSeconds", [0, 3601], "a whole number of seconds from 1 to 3600"],
    ["drainSeconds", [-1, 111], "a whole number of seconds from 0 to 110"],
    ["startupSeconds", [0, 3601], "a whole number of seconds from 1 to 3600"],
    ["minReplicas", [0, 5001], "a whole number from 1 to 5000"],
    ["maxReplicas", [0, 5001], "a whole number from 1 to 5000"],
    ["requestCountPerTarget", [0], "a whole number of requests a minute from 1 to 10000000"],
    ["scaleOutCooldownSeconds", [3601], "a whole number of seconds from 0 to 3600"],
    ["scaleInCooldownSeconds", [3601], "a whole number of seconds from 0 to 3600"],
  ] as const;
  for (const [argument, values, range] of ranges) {
    for (const value of values) {
      refused({ image: IMAGE, [argument]: value }, `\`${argument}\` is ${value}; give ${range}.`);
    }
  }
});

test("GIVEN a size that Fargate does not sell, or a maximum below the minimum WHEN a service is constructed THEN it is refused", () => {
  refused({ image: IMAGE, cpu: 3 }, "`cpu` is 3 vCPU; Fargate offers 0.25, 0.5, 1, 2, 4, 8, 16.");
  refused(
    { image: IMAGE, cpu: 1 },
    "`memory` is 512 MiB; with 1 vCPU Fargate offers 2048 to 8192 in steps of 1024.",
  );
  refused(
    { image: IMAGE, minReplicas: 30 },
    "`minReplicas` is 30 and `maxReplicas` is 20; give a maximum that is not below the minimum.",
  );
});

test("GIVEN a command that cannot run WHEN a service is constructed THEN it is refused", () => {
  refused(
    { server: McpServer.Weather, command: ["node"] },
    "`command` is given beside `server`: a bundled server has its own. Leave one of them out.",
  );
  refused(
    { image: IMAGE, command: [] },
    "`command` is empty; give the program and its arguments, or leave it out to run the image's own.",
  );
});

test("GIVEN bad values that are outputs WHEN a service is deployed THEN the program fails with the same sentences", async () => {
  const rejected = async (args: McpServiceArgs, ...messages: string[]): Promise<void> => {
    assert.deepEqual(
      await rejectionsOf(
        () => new McpService("weather", { platform: { ...HANDLE }, image: IMAGE, ...args }),
      ),
      messages.map((message) => `McpService: ${message}`).sort(),
    );
  };

  await rejected(
    { port: pulumi.output(0), drainSeconds: Promise.resolve(200) },
    "`port` is 0; give a whole number from 1 to 65535.",
    "`drainSeconds` is 200; give a whole number of seconds from 0 to 110.",
  );
  await rejected(
    { cpu: pulumi.output(1), memory: 512 },
    "`memory` is 512 MiB; with 1 vCPU Fargate offers 2048 to 8192 in steps of 1024.",
  );
  await rejected(
    { cpu: 1, memory: pulumi.output(512) },
    "`memory` is 512 MiB; with 1 vCPU Fargate offers 2048 to 8192 in steps of 1024.",
  );
  await rejected(
    { minReplicas: pulumi.output(30) },
    "`minReplicas` is 30 and `maxReplicas` is 20; give a maximum that is not below the minimum.",
  );
  await rejected(
    { command: pulumi.output([]) },
    "`command` is empty; give the program and its arguments, or leave it out to run the image's own.",
  );
  await rejected(
    { environment: pulumi.output({ PORT: "1" }), healthCheckCommand: pulumi.output(["node"]) },
    "`environment` sets `PORT`, which the component sets itself, from `port`. Leave it out of `environment`.",
    '`healthCheckCommand` is ["node"]; begin it with "CMD" and the words of a command, or "CMD-SHELL" and a line for the shell,' +
      ' or give ["NONE"].',
  );
  await rejected(
    {
      allowedHosts: pulumi.output(["mcp.example.com:443"]),
      allowedOrigins: [pulumi.output("https://app.example.com")],
    },
    "`allowedHosts` has `mcp.example.com:443`; give a host name without scheme, port and path, such as `mcp.example.com`.",
    "`allowedOrigins` has `https://app.example.com`; give a host name without scheme, port and path, such as `mcp.example.com`.",
  );
  await rejected(
    { image: pulumi.output("") },
    "`image` is empty; give the address of an image, best with its digest: `repository@sha256:…`.",
  );
});

test("GIVEN a variable that the component sets WHEN the user sets it THEN it is refused at once", () => {
  refused(
    { image: IMAGE, environment: { PORT: "1" } },
    "`environment` sets `PORT`, which the component sets itself, from `port`. Leave it out of `environment`.",
  );
  refused(
    { image: IMAGE, secrets: { AUTH_STATIC_TOKENS: arn("ssm", "parameter/token") } },
    "`secrets` sets `AUTH_STATIC_TOKENS`, which the component sets itself, from `auth`. Leave it out of `secrets`.",
  );
});

test("GIVEN one name in `environment` and `secrets` WHEN a service is constructed THEN it is refused: AWS would refuse it", () => {
  const wayOut =
    " stands in `secrets` and in `environment` (or among a bundled server's own variables); ECS takes each name once. Keep one of them.";

  refused(
    {
      image: IMAGE,
      environment: { KEY: "plain" },
      secrets: { KEY: arn("ssm", "parameter/key") },
    },
    `\`KEY\`${wayOut}`,
  );
  refused(
    {
      server: McpServer.Weather,
      environment: {},
      secrets: { WEATHER_API_URL: arn("ssm", "parameter/url") },
    },
    `\`WEATHER_API_URL\`${wayOut}`,
  );
});

test("GIVEN text in `secrets` that AWS would not take as `valueFrom` WHEN a service is constructed THEN it is refused", () => {
  refused(
    { image: IMAGE, secrets: { KEY: "/team/parameter" } },
    "`secrets.KEY` is not the ARN of a secret; give the ARN of a Secrets Manager secret, followed by `:key::` for one key of a JSON" +
      " value, or the ARN of an SSM parameter.",
  );
});

test("GIVEN a secret value in `environment` WHEN a service is deployed THEN the program fails: it would stand in plain text", async () => {
  assert.deepEqual(
    await rejectionsOf(
      () =>
        new McpService("weather", {
          platform: { ...HANDLE },
          image: IMAGE,
          environment: { KEY: pulumi.secret("hidden") },
        }),
    ),
    [
      "McpService: `environment` has a secret value, which would stand in plain text in the task definition. Put it into Secrets" +
        " Manager or a parameter, and name its ARN in `secrets`.",
    ],
  );
});

test("GIVEN health checks that do not begin with CMD or CMD-SHELL WHEN a service is constructed THEN they are refused: AWS would refuse them", () => {
  for (const healthCheckCommand of [[], ["CMD"], ["node", "check.js"]]) {
    refused(
      { image: IMAGE, healthCheckCommand },
      `\`healthCheckCommand\` is ${JSON.stringify(healthCheckCommand)}; begin it with "CMD" and the words of a command, or` +
        ' "CMD-SHELL" and a line for the shell, or give ["NONE"].',
    );
  }
});

test("GIVEN a health check of which the first word is an output WHEN a service is deployed THEN it is taken", async () => {
  const declaration = await deployService({
    image: IMAGE,
    healthCheckCommand: [pulumi.output("CMD"), "check"],
  });

  assert.deepEqual(containerOf(declaration).healthCheck?.command, ["CMD", "check"]);
});

test("GIVEN allowed hosts that are no host names WHEN a service is constructed THEN they are refused", () => {
  const wayOut = "; give a host name without scheme, port and path, such as `mcp.example.com`.";
  for (const host of [
    "mcp.example.com:443",
    "https://mcp.example.com",
    "a.example,b.example",
    "",
  ]) {
    for (const argument of ["allowedHosts", "allowedOrigins"] as const) {
      refused(
        { image: IMAGE, [argument]: ["app.example.com", host] },
        `\`${argument}\` has \`${host}\`${wayOut}`,
      );
    }
  }
});

test("GIVEN an image that could not be made WHEN a service is constructed THEN it is refused", () => {
  refused(
    { image: "" },
    "`image` is empty; give the address of an image, best with its digest: `repository@sha256:…`.",
  );
  refused(
    { build: { context: "/mine" } },
    "`build.context` is `/mine`; give a path relative to the program: an absolute one is another on every machine, and would" +
      " rebuild the image on each.",
  );
});
