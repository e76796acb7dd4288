/**
 * Every argument that there is, in one program: a public platform of its own with all kinds of capacity, one under a domain, and an internal one in a VPC
 * that exists, since some arguments exclude one another.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  AuthMode,
  AuthorizationServerMetadata,
  ContainerCondition,
  ContainerInsights,
  CpuArchitecture,
  DeploymentStrategy,
  Exposure,
  InstanceManagement,
  McpGateway,
  McpPlatform,
  McpServer,
  McpService,
  ModelPrecision,
  NatGateways,
  StdioIsolation,
  UpstreamAuthMode,
  UpstreamKind,
} from "../../../infra/index.ts";

const tags = { team: "weather" };
const account = "123456789012";
const key = `arn:aws:kms:us-east-1:${account}:key/01234567-89ab-cdef-0123-456789abcdef`;

const secret = new aws.secretsmanager.Secret("api-key", { tags });
new aws.secretsmanager.SecretVersion("api-key", { secretId: secret.id, secretString: "{}" });
const errors = new aws.cloudwatch.MetricAlarm("errors", {
  comparisonOperator: "GreaterThanThreshold",
  evaluationPeriods: 1,
  threshold: 0,
  namespace: "McpService",
  metricName: "Faults",
  dimensions: { Service: "everything" },
  period: 60,
  statistic: "Sum",
  tags,
});
const images = new aws.ecr.Repository("images", { tags });
const imageOf = (digit: string): pulumi.Output<string> =>
  pulumi.interpolate`${images.repositoryUrl}@sha256:${digit.repeat(64)}`;
const parameter = new aws.ssm.Parameter("weather", { type: "SecureString", value: "sunny", tags });

const assigned = new McpPlatform("assigned", {
  exposure: Exposure.Assigned,
  webAcl: { rateLimit: 1000, rateLimitWindowSeconds: 60 },
  accessLogs: true,
  accessLogRetentionInDays: 90,
  cidrBlock: "10.1.0.0/16",
  zones: 2,
  natGateways: NatGateways.Regional,
  interfaceEndpoints: ["bedrock-runtime"],
  idleTimeoutSeconds: 120,
  logRetentionInDays: 14,
  instanceCapacity: {
    cpu: {
      management: InstanceManagement.AutoScalingGroup,
      instanceTypes: ["m8g.large", "m7g.large"],
      minInstances: 1,
      maxInstances: 4,
      targetCapacityPercent: 80,
      spot: true,
      networkInterfaceTrunking: true,
      imageId: "ami-0123456789abcdef0",
      volumeSizeGib: 60,
      enableSessionManager: true,
    },
    gpu: { instanceTypes: ["g6.2xlarge"] },
    fraction: { instanceTypes: ["g6f.2xlarge"] },
    shared: { instanceTypes: ["g6.4xlarge"], shareGpu: true },
    managed: { management: InstanceManagement.ManagedInstances, instanceTypes: ["m7i.large"] },
  },
  createUserPool: true,
  userPoolDeletionProtection: false,
  serviceDiscovery: true,
  kmsKeyArn: key,
  alarms: true,
  alarmEmail: "weather@example.com",
  cloudFrontAlarmTopicArn: `arn:aws:sns:us-east-1:${account}:edge`,
  containerInsights: ContainerInsights.Enhanced,
  dashboard: true,
  deletionProtection: false,
  tags,
}).handle;

/** Cognito with all its options, sidecars, volumes, and everything that moves replicas. */
const main = new McpService("main", {
  platform: assigned,
  server: McpServer.Weather,
  path: "/main/mcp",
  port: 9000,
  cpu: 2,
  memory: 4096,
  ephemeralStorageGib: 40,
  architecture: CpuArchitecture.X86_64,
  auth: {
    mode: AuthMode.Cognito,
    generation: 2,
    scopes: { "forecast.read": "Read forecasts." },
    accessTokenMinutes: 120,
    signIn: { callbackUrls: ["http://localhost:6274/oauth/callback"] },
  },
  environment: { WEATHER_API_USER_AGENT: "everything" },
  secrets: {
    API_KEY: secret.arn,
    PARAMETER: parameter.arn,
  },
  secretKeyArns: [key],
  taskPolicy: [{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::documents/*"] }],
  discoverable: true,
  declaredTools: ["get_alerts"],
  allowedHosts: ["tools.example.com"],
  allowedOrigins: ["app.example.com"],
  maxOngoingRequests: 40,
  targetOngoingRequests: 20,
  requestCountPerTarget: 600,
  burstScaling: true,
  cpuTargetPercent: 60,
  minReplicas: 3,
  maxReplicas: 12,
  schedules: [
    {
      name: "night",
      cron: "0 22 * * ? *",
      timezone: "Europe/Berlin",
      minReplicas: 3,
      maxReplicas: 4,
    },
  ],
  scaleOutCooldownSeconds: 30,
  scaleInCooldownSeconds: 600,
  disableScaleIn: false,
  fargateBase: 1,
  fargateWeight: 1,
  fargateSpotWeight: 3,
  deploymentStrategy: DeploymentStrategy.Rolling,
  minimumHealthyPercent: 67,
  maximumPercent: 134,
  availabilityZoneRebalancing: true,
  rollbackAlarms: [errors.name],
  rollbackErrorPercent: 10,
  startupSeconds: 45,
  waitForSteadyState: true,
  steadyStateTimeoutMinutes: 45,
  enableExecuteCommand: true,
  longestCallSeconds: 80,
  drainSeconds: 15,
  sidecars: [
    { name: "shipper", image: imageOf("3"), command: ["ship"] },
    {
      name: "watcher",
      command: ["node", "-e", "setInterval(() => 0, 1000)"],
      environment: { LEVEL: "info" },
      secrets: { WATCHER_KEY: secret.arn },
      essential: false,
      cpu: 0.25,
      memory: 256,
      memoryReservation: 128,
      healthCheckCommand: ["CMD", "node", "-e", "process.exit(0)"],
      ports: [9100],
      serverWaitsFor: ContainerCondition.Start,
      stopTimeoutSeconds: 20,
      user: "1000:1000",
      readonlyRootFilesystem: true,
      mountPoints: [{ volume: "cache", containerPath: "/cache", readOnly: true }],
    },
  ],
  volumes: [
    {
      name: "cache",
      containerPath: "/cache",
      readOnly: false,
      backup: false,
      infrequentAccessAfterDays: 7,
      retainOnDelete: false,
    },
    {
      name: "shared",
      containerPath: "/shared",
      fileSystemId: "fs-0123456789abcdef0",
      accessPointId: "fsap-0123456789abcdef0",
      securityGroupId: "sg-0123456789abcdef0",
    },
  ],
  alarms: true,
  alarmErrorPercent: 2,
  alarmLatencySeconds: 20,
  alarmRefusedTokenPercent: 30,
  metrics: true,
  dashboard: true,
  traceSamplePercent: 12.5,
  collectorImage: imageOf("1"),
  tags,
});

/** One service on each kind of instances. */
for (const [capacity, gpu] of [
  ["gpu", 1],
  ["fraction", 0.25],
  ["shared", 0.5],
] as const) {
  new McpService(capacity, {
    platform: assigned,
    server: McpServer.Weather,
    path: `/${capacity}/mcp`,
    capacity,
    gpu,
    tags,
  });
}
new McpService("arm", {
  platform: assigned,
  server: McpServer.Weather,
  path: "/arm/mcp",
  capacity: "cpu",
  architecture: CpuArchitecture.Arm64,
  longestCallSeconds: 60,
  tags,
});
new McpService("managed", {
  platform: assigned,
  server: McpServer.Weather,
  path: "/managed/mcp",
  capacity: "managed",
  tags,
});

const domain = new McpPlatform("domain", {
  exposure: Exposure.Domain,
  domainName: "mcp.example.com",
  alternativeDomainNames: ["*.mcp.example.com"],
  hostedZoneId: "Z0123456789ABCDEFGHIJ",
  natGateways: NatGateways.Single,
  alarmTopicArn: `arn:aws:sns:us-east-1:${account}:operators`,
  userPool: { userPoolId: "us-east-1_AbCdEfGhI", domain: "operators-pool" },
  tags,
}).handle;

new McpService("edge", {
  platform: domain,
  server: McpServer.Weather,
  hostName: "edge.mcp.example.com",
  auth: {
    mode: AuthMode.Oidc,
    issuer: "https://login.example.com/tenant",
    jwksUri: "https://login.example.com/tenant/keys",
    audiences: ["https://edge.mcp.example.com/mcp"],
    clientIds: ["agents"],
    requiredScopes: ["weather/call"],
    scopePrefix: "weather/",
    clockSkewSeconds: 10,
    authorizationServerMetadata: AuthorizationServerMetadata.Self,
    edgeTokenValidation: true,
  },
  targetOptimizerImage: imageOf("2"),
  tags,
});
new McpService("canary", {
  platform: domain,
  build: {
    context: "../../../service",
    dockerfile: "../../../service/Dockerfile",
    args: { VERSION: "1" },
    target: "server",
  },
  command: ["node", "dist/main.mjs", "weather"],
  healthCheckCommand: ["CMD", "node", "-e", "process.exit(0)"],
  path: "/canary/mcp",
  auth: { mode: AuthMode.StaticToken, generation: 3 },
  targetOngoingRequests: 10,
  deploymentStrategy: DeploymentStrategy.Canary,
  bakeMinutes: 5,
  canaryPercent: 10,
  canaryBakeMinutes: 5,
  tags,
});
new McpService("linear", {
  platform: domain,
  server: McpServer.Weather,
  path: "/linear/mcp",
  targetOngoingRequests: 10,
  deploymentStrategy: DeploymentStrategy.Linear,
  stepPercent: 25,
  stepBakeMinutes: 2,
  tags,
});
new McpService("wrapped", {
  platform: domain,
  server: McpServer.Stdio,
  stdio: {
    command: ["mcp-server-everything", "stdio"],
    npmPackages: ["@modelcontextprotocol/server-everything@2026.8.31"],
    pypiPackages: ["mcp-server-time==2026.10.19"],
    processes: 3,
    maxOngoingRequestsPerProcess: 16,
    maxQueuedRequests: 64,
    environment: ["API_KEY", "AWS_REGION"],
    toolTimeouts: { "trigger-long-running-operation": 50 },
    idempotentTools: ["echo", "get-*"],
    isolation: StdioIsolation.Shared,
  },
  secrets: { API_KEY: secret.arn },
  memory: 1024,
  path: "/wrapped/mcp",
  tags,
});

/** A server with a model, with every argument of it. */
new McpService("translator", {
  platform: domain,
  server: McpServer.Translator,
  model: {
    repository: "acme/words",
    revision: "0123456789abcdef0123456789abcdef01234567",
    graphs: ["encoder_model", "decoder_model_merged"],
    precision: ModelPrecision.Q8,
    workers: 2,
    batchSize: 4,
    maxQueuedCalls: 32,
  },
  path: "/translator/mcp",
  tags,
});

/** A gateway whose calls the load balancer sends straight to a service. */
const direct = new McpService("direct", {
  platform: assigned,
  server: McpServer.Weather,
  path: "/direct/mcp",
  discoverable: true,
  directRouting: { prefix: "weather", path: "/tools/mcp" },
  tags,
});
new McpGateway("tools", {
  platform: assigned,
  path: "/tools/mcp",
  services: { direct: direct.endpoint },
  serviceSettings: { direct: { prefix: "weather" } },
  directRouting: true,
  tags,
});

/** Everything that may stand behind a gateway, with every way to prove who it is. */
new McpGateway("gateway", {
  platform: assigned,
  path: "/gateway/mcp",
  auth: { scopes: { read: "Read contacts." } },
  services: { main: main.endpoint },
  serviceSettings: { main: { deny: ["secret_*"], timeoutSeconds: 60 } },
  taskPolicy: [
    {
      actions: ["execute-api:Invoke"],
      resources: [`arn:aws:execute-api:us-east-1:${account}:a1b2c3d4e5/*`],
    },
  ],
  egress: [
    { port: 8443, cidrBlock: "10.8.0.0/16" },
    { port: 8443, securityGroupId: "sg-0123456789abcdef0" },
  ],
  search: true,
  pinnedTools: ["crm__*"],
  graceSeconds: 30,
  pollSeconds: 5,
  upstreams: {
    crm: {
      url: "https://crm.corp.internal:8443/mcp",
      kind: UpstreamKind.Mcp,
      balanceOverAddresses: true,
      prefix: "crm",
      allow: ["get_*"],
      aliases: { get_contact: "contact" },
      rules: [{ tools: ["crm__*"], scopes: ["read"], claims: { team: ["sales"] } }],
      auth: {
        mode: UpstreamAuthMode.TokenExchange,
        tokenEndpoint: "https://login.example.com/token",
        clientId: "gateway",
        secretArn: secret.arn,
        scope: "crm",
        audience: "crm",
        resource: "https://crm.corp.internal",
      },
      toolTimeouts: { get_report: 70 },
      idempotentTools: ["get_*"],
      maxOngoingRequests: 100,
      declaredTools: ["get_contact"],
    },
    shop: {
      url: "https://shop.example.com/api",
      kind: UpstreamKind.Http,
      unprefixed: true,
      auth: { mode: UpstreamAuthMode.Header, header: "X-Api-Key", secretArn: secret.arn },
      tools: [
        {
          name: "get_order",
          description: "One order.",
          method: "GET",
          path: "/orders/{id}",
          query: ["lines"],
          inputSchema: '{"type":"object","properties":{"id":{"type":"string"}}}',
        },
        {
          name: "translate",
          description: "A text in French.",
          method: "POST",
          path: "/translate",
          body: "text",
        },
      ],
    },
    billing: {
      url: "https://billing.example.com",
      kind: UpstreamKind.OpenApi,
      documentUrl: "https://billing.example.com/openapi.json",
      auth: { mode: UpstreamAuthMode.SigV4, service: "execute-api", region: "us-east-1" },
    },
  },
  tags,
});

export const url = main.url;
