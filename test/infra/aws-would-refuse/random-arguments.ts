/** What arguments are given in programs made at random: most values are fine, some lie on or past an edge. */
import { InstanceManagement } from "../../../infra/capacity/instance-capacity.ts";
import { ContainerCondition } from "../../../infra/task/sidecar.ts";
import {
  AuthMode,
  CpuArchitecture,
  DeploymentStrategy,
  Exposure,
  McpServer,
  NatGateways,
  type McpPlatformArgs,
  type McpServiceArgs,
} from "../../../infra/index.ts";

/** The values that an argument may be given. */
export type Choices<T> = { readonly [Argument in keyof T]: readonly NonNullable<T[Argument]>[] };

const CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0b5c";
const SUBNETS = Array.from({ length: 5 }, (_, index) => `subnet-0123456789abcde${index}${index}`);
const VPC = { vpcId: "vpc-0123456789abcdef0", privateSubnetIds: SUBNETS.slice(0, 2) };
const PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter/key";
const SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf";

/** Each way to run instances; those that services ask for are often not there. */
export const CAPACITY: NonNullable<McpPlatformArgs["instanceCapacity"]> = {
  cpu: { instanceTypes: ["m7i.large"], minInstances: 1, maxInstances: 2 },
  gpu: { instanceTypes: ["g6.xlarge"], spot: true, enableSessionManager: true },
  shared: { instanceTypes: ["g6.xlarge"], shareGpu: true, networkInterfaceTrunking: true },
  managed: { management: InstanceManagement.ManagedInstances, instanceTypes: ["m7i.large"] },
};

export const PLATFORM: Choices<McpPlatformArgs> = {
  webAcl: [{}, { rateLimit: 10 }, { rateLimit: 9 }, { rateLimitWindowSeconds: 600 }],
  accessLogs: [true, false],
  accessLogRetentionInDays: [1, 3650],
  deletionProtection: [true, false],
  cidrBlock: ["10.0.0.0/16", "10.1.16.0/20", "10.0.0.0/21"],
  zones: [2, 3, 4],
  natGateways: Object.values(NatGateways),
  interfaceEndpoints: [["ssm"], ["xray", "bedrock-runtime"], []],
  idleTimeoutSeconds: [1, 2, 3, 60, 61, 121, 4000, 4001],
  logRetentionInDays: [0, 1, 2, 365],
  instanceCapacity: [
    CAPACITY,
    { ...CAPACITY, gpu: { instanceTypes: ["g6.2xlarge"], spot: true } },
    { fargate: { instanceTypes: ["m7g.large"] } },
  ],
  vpc: [VPC, { ...VPC, publicSubnetIds: SUBNETS.slice(2) }],
  tags: [{ team: "weather" }],
};

/** The arguments that belong together; each of these is often given alone, too. */
export const EXPOSURES: readonly McpPlatformArgs[] = [
  {},
  { exposure: Exposure.Assigned },
  { exposure: Exposure.Internal },
  { exposure: Exposure.Internal, domainName: "mcp.example.com", certificateArn: CERTIFICATE },
  { exposure: Exposure.Domain, domainName: "mcp.example.com", certificateArn: CERTIFICATE },
  {
    exposure: Exposure.Domain,
    domainName: "mcp.example.com",
    alternativeDomainNames: [
      "*.mcp.example.com",
      `${"a".repeat(60)}.${"b".repeat(60)}.example.com`,
    ],
    hostedZoneId: "Z0123456789ABCDEFGHIJ",
  },
  { exposure: Exposure.Internal, domainName: `${"a".repeat(52)}.example.com`, hostedZoneId: "Z1" },
];

export const IMAGES: readonly McpServiceArgs[] = [
  { server: McpServer.Weather },
  { image: "ghcr.io/acme/tools@sha256:ab" },
  { image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/tools@sha256:ab" },
  { build: { context: "tools" } },
];

/** Arguments that make sense together only. */
export const TOGETHER: readonly (readonly McpServiceArgs[])[] = [
  [
    {},
    {},
    { targetOngoingRequests: 45 },
    { targetOngoingRequests: 0.9, maxOngoingRequests: 1, burstScaling: true },
    { targetOngoingRequests: 0.123_456, maxOngoingRequests: 2, requestCountPerTarget: 600 },
    { deploymentStrategy: DeploymentStrategy.BlueGreen, cpuTargetPercent: 50 },
    { deploymentStrategy: DeploymentStrategy.BlueGreen, targetOngoingRequests: 20, bakeMinutes: 0 },
    {
      deploymentStrategy: DeploymentStrategy.Canary,
      targetOngoingRequests: 20,
      canaryPercent: 0.1,
      canaryBakeMinutes: 0,
      rollbackErrorPercent: 0,
    },
    {
      deploymentStrategy: DeploymentStrategy.Linear,
      targetOngoingRequests: 20,
      stepPercent: 33.3,
      stepBakeMinutes: 1440,
    },
  ],
  [
    {},
    { cpu: 0.25, memory: 2048 },
    { cpu: 1, memory: 8192 },
    { cpu: 4, memory: 30_720 },
    { cpu: 16, memory: 122_880 },
  ],
  [
    {},
    {},
    { cpu: 1, memory: 1024, capacity: "cpu" },
    { capacity: "gpu", gpu: 1 },
    { capacity: "shared", gpu: 0.25 },
    { capacity: "managed" },
    { fargateSpotWeight: 4 },
    { fargateBase: 0, fargateWeight: 0, fargateSpotWeight: 1, drainSeconds: 5 },
    { fargateSpotWeight: 1, longestCallSeconds: 95, drainSeconds: 10 },
  ],
  [
    {},
    {},
    { minReplicas: 1, maxReplicas: 1 },
    { minReplicas: 3, minimumHealthyPercent: 67, maximumPercent: 134 },
    { minReplicas: 3, minimumHealthyPercent: 66, maximumPercent: 101 },
    { minReplicas: 1, maximumPercent: 200 },
    { minReplicas: 2, maximumPercent: 150 },
    { maximumPercent: 100, minimumHealthyPercent: 50, availabilityZoneRebalancing: false },
  ],
];

type Single = Omit<
  McpServiceArgs,
  "platform" | "server" | "image" | "build" | "capacity" | "gpu" | "instances"
>;

export const SERVICE: Choices<Single> = {
  command: [["node", "server.js"], []],
  environment: [{ LOG_LEVEL: "warn" }, { KEY: "a" }, { LARGE: "x".repeat(70_000) }],
  secrets: [{ KEY: SECRET }, { KEY: `${SECRET}:key::` }, { KEY: PARAMETER }, { KEY: "a:b" }],
  path: ["/mcp", "/weather/mcp", "/healthz", `/${"a".repeat(88)}`, `/${"a".repeat(89)}`],
  hostName: ["mcp.example.com", "weather.mcp.example.com", "localhost"],
  port: [80, 2000, 8080, 65_535, 0],
  cpu: [0.25, 0.5, 1, 2, 4, 8, 16, 3],
  memory: [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 122_880],
  architecture: Object.values(CpuArchitecture),
  auth: [
    { mode: AuthMode.None },
    { mode: AuthMode.StaticToken, generation: 3 },
    { generation: 2, scopes: { write: "Change notes" }, accessTokenMinutes: 5 },
    { signIn: { callbackUrls: ["http://localhost:6274/oauth/callback"] } },
    { edgeTokenValidation: true },
    { mode: AuthMode.Oidc, issuer: "https://login.example.com" },
    { mode: AuthMode.Oidc },
  ],
  allowedHosts: [["a.example.com"]],
  maxOngoingRequests: [1, 2, 50, 100_000],
  longestCallSeconds: [1, 60, 300, 3600],
  drainSeconds: [0, 4, 10, 110],
  healthCheckCommand: [["CMD", "true"], ["NONE"], ["true"]],
  fargateBase: [0, 1, 5000],
  fargateWeight: [0, 1, 1000],
  fargateSpotWeight: [0, 1, 1000, 1001],
  deploymentStrategy: Object.values(DeploymentStrategy),
  bakeMinutes: [0, 5, 1440, 1441],
  canaryPercent: [0.1, 2.5, 100, 0.05],
  canaryBakeMinutes: [0, 1440],
  stepPercent: [3, 33.3, 100, 2.9],
  stepBakeMinutes: [0, 1440],
  rollbackAlarms: [["errors"], []],
  rollbackErrorPercent: [0, 0.1, 99.9],
  minimumHealthyPercent: [1, 34, 50, 67, 100],
  maximumPercent: [100, 101, 134, 150, 200],
  availabilityZoneRebalancing: [true, false],
  waitForSteadyState: [true, false],
  steadyStateTimeoutMinutes: [1, 10_080],
  startupSeconds: [1, 270, 271, 3600],
  enableExecuteCommand: [true, false],
  minReplicas: [1, 2, 3, 7, 5000],
  maxReplicas: [1, 3, 20, 5000],
  requestCountPerTarget: [1, 1000, 10_000_000],
  targetOngoingRequests: [0.1, 0.85, 0.9, 1.7, 45, 45.123_456, 90_000],
  burstScaling: [true, false],
  cpuTargetPercent: [0, 10, 90],
  schedules: [
    [{ name: "on", cron: "0 6 * * ? *", minReplicas: 1, maxReplicas: 20 }],
    [
      { name: "on", cron: "0 6 * * ? *", minReplicas: 3, maxReplicas: 3 },
      { name: "off", cron: "0 20 * * ? *", minReplicas: 0, maxReplicas: 0 },
    ],
  ],
  sidecars: [
    [{ name: "proxy", command: ["proxy"], ports: [9000], stopTimeoutSeconds: 120 }],
    [
      {
        name: "cache",
        image: "acme/cache",
        cpu: 0.1,
        memory: 256,
        healthCheckCommand: ["CMD", "true"],
        serverWaitsFor: ContainerCondition.Healthy,
        secrets: { KEY: SECRET },
        readonlyRootFilesystem: false,
      },
      { name: "agent", image: "acme/agent", ports: [8080, 2000], environment: { A: "b" } },
    ],
  ],
  ephemeralStorageGib: [20, 21, 200],
  volumes: [[{ name: "notes", containerPath: "/notes" }]],
  targetOptimizerImage: ["public.ecr.aws/aws-elb/target-optimizer/target-control-agent:latest"],
  scaleOutCooldownSeconds: [0, 3600],
  scaleInCooldownSeconds: [0, 3600],
  disableScaleIn: [true],
  tags: [{ team: "weather" }],
};
