import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as aws from "@pulumi/aws";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { parse } from "yaml";
import {
  AuthMode,
  CpuArchitecture,
  DeploymentStrategy,
  Exposure,
  McpPlatform,
  McpServer,
  McpService,
  NatGateways,
  type McpPlatformArgs,
  type McpServiceArgs,
} from "../../infra/index.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** A program and the configuration it runs with. */
export interface Program {
  readonly name: string;
  readonly run: PulumiFn;
  readonly config: Readonly<Record<string, string>>;
  /** A small change, and all that it may touch. */
  readonly change: {
    readonly run?: PulumiFn;
    readonly config?: Readonly<Record<string, string>>;
    readonly steps: readonly string[];
  };
}

/** The stack that this repository deploys, with the defaults of its `Pulumi.yaml`. */
export const repositoryProgram: Program = {
  name: "the repository's own program",
  // A new address each time: a module runs once.
  run: async () => ({
    ...((await import(`../../infra/program.ts?run=${randomUUID()}`)) as Record<string, unknown>),
  }),
  config: defaults(),
  change: {
    config: { minReplicas: "3" },
    steps: [
      "update aws:appautoscaling/target:Target weather",
      "update aws:cloudwatch/dashboard:Dashboard weather",
      "update aws:cloudwatch/metricAlarm:MetricAlarm weather-replicas-missing",
    ],
  },
};

function defaults(): Record<string, string> {
  const { config } = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as {
    config: Record<string, { default: unknown }>;
  };
  return Object.fromEntries(
    Object.entries(config).map(([key, entry]) => [key, String(entry.default)]),
  );
}

/** One service that makes its own platform; some arguments changed. */
export function alone(changes: Partial<McpServiceArgs> = {}): PulumiFn {
  return () => {
    const { url } = new McpService("weather", { server: McpServer.Weather, ...changes });
    return Promise.resolve({ url });
  };
}

/** One service on a platform with these arguments; some of the service's changed. */
export function onPlatform(args: McpPlatformArgs, changes: Partial<McpServiceArgs> = {}): PulumiFn {
  return () => {
    const platform = new McpPlatform("mcp", args);
    const { url } = new McpService("weather", {
      platform: platform.handle,
      server: McpServer.Weather,
      ...changes,
    });
    return Promise.resolve({ url });
  };
}

/** Two services on a public platform, with every argument that there is. */
const everything =
  (requestCountPerTarget: number): PulumiFn =>
  () => {
    const key = new aws.secretsmanager.Secret("key", {});
    new aws.secretsmanager.SecretVersion("key", {
      secretId: key.id,
      secretString: "a-planted-secret-value",
    });
    const tags = { team: "weather" };
    const platform = new McpPlatform("mcp", {
      exposure: Exposure.Domain,
      domainName: "mcp.example.com",
      alternativeDomainNames: ["*.mcp.example.com", "tools.example.com"],
      hostedZoneId: "Z0123456789ABCDEFGHIJ",
      webAcl: { rateLimit: 500, rateLimitWindowSeconds: 60 },
      accessLogs: true,
      accessLogRetentionInDays: 14,
      deletionProtection: false,
      cidrBlock: "10.1.0.0/16",
      zones: 2,
      natGateways: NatGateways.Regional,
      interfaceEndpoints: ["ssm"],
      idleTimeoutSeconds: 120,
      logRetentionInDays: 7,
      tags,
    });
    const errors = new aws.cloudwatch.MetricAlarm("errors", {
      comparisonOperator: "GreaterThanThreshold",
      evaluationPeriods: 1,
      threshold: 0,
      namespace: "Weather",
      metricName: "Errors",
      period: 60,
      statistic: "Sum",
      tags,
    });
    const weather = new McpService("weather", {
      platform: platform.handle,
      server: McpServer.Weather,
      targetOngoingRequests: 20,
      fargateBase: 2,
      fargateWeight: 1,
      fargateSpotWeight: 4,
      deploymentStrategy: DeploymentStrategy.Canary,
      bakeMinutes: 15,
      canaryPercent: 10,
      canaryBakeMinutes: 5,
      rollbackAlarms: [errors.name],
      rollbackErrorPercent: 2.5,
      waitForSteadyState: true,
      steadyStateTimeoutMinutes: 60,
      enableExecuteCommand: true,
      tags,
    });
    const notes = new McpService("notes", {
      platform: platform.handle,
      path: "/notes/mcp",
      hostName: "notes.mcp.example.com",
      build: {
        context: "test/engine/fixtures/server",
        dockerfile: "test/engine/fixtures/server/Dockerfile",
        args: { VERSION: "1" },
      },
      command: ["node", "server.js"],
      environment: { NOTES: "many", LOG_LEVEL: "warn" },
      secrets: { KEY: key.arn },
      port: 9000,
      cpu: 0.5,
      memory: 2048,
      architecture: CpuArchitecture.Arm64,
      auth: { mode: AuthMode.None },
      allowedHosts: ["notes.example.com"],
      allowedOrigins: ["app.example.com"],
      minReplicas: 3,
      maxReplicas: 6,
      requestCountPerTarget,
      targetOngoingRequests: 20,
      burstScaling: true,
      cpuTargetPercent: 60,
      schedules: [
        {
          name: "day",
          cron: "0 7 ? * MON-FRI *",
          timezone: "Europe/Berlin",
          minReplicas: 4,
          maxReplicas: 12,
        },
        { name: "night", cron: "0 20 * * ? *", minReplicas: 3, maxReplicas: 6 },
      ],
      scaleOutCooldownSeconds: 30,
      scaleInCooldownSeconds: 600,
      disableScaleIn: false,
      maxOngoingRequests: 50,
      longestCallSeconds: 300,
      drainSeconds: 20,
      startupSeconds: 60,
      minimumHealthyPercent: 67,
      maximumPercent: 134,
      availabilityZoneRebalancing: false,
      rollbackErrorPercent: 10,
      waitForSteadyState: false,
      healthCheckCommand: ["CMD", "true"],
      tags,
    });
    return Promise.resolve({ weather: weather.url, notes: notes.url });
  };

/** A service that reaches AWS alone, at an address of CloudFront's, behind a web ACL. */
const isolated = (rateLimit: number): PulumiFn =>
  onPlatform(
    {
      natGateways: NatGateways.None,
      interfaceEndpoints: ["xray"],
      webAcl: { rateLimit },
      accessLogs: false,
      deletionProtection: false,
    },
    // Neither Cognito's keys nor the collector's image are to be had there.
    { auth: { mode: AuthMode.StaticToken }, traceSamplePercent: 0 },
  );

/** A service in a VPC that exists, at a name with a certificate of one's own. */
const inExistingVpc = (idleTimeoutSeconds: number): PulumiFn =>
  onPlatform({
    exposure: Exposure.Domain,
    domainName: "mcp.example.com",
    certificateArn:
      "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    vpc: {
      vpcId: "vpc-0123456789abcdef0",
      privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
      publicSubnetIds: ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
    },
    idleTimeoutSeconds,
  });

/** A server with a model on half of a GPU. */
const onGpu = (maxQueuedCalls: number): PulumiFn =>
  onPlatform(
    { instanceCapacity: { gpu: { instanceTypes: ["g6.xlarge"], shareGpu: true } } },
    { server: McpServer.Translator, capacity: "gpu", gpu: 0.5, model: { maxQueuedCalls } },
  );

/** Every program of the repository. */
export const PROGRAMS: readonly Program[] = [
  repositoryProgram,
  {
    name: "one service alone",
    run: alone(),
    config: {},
    change: {
      run: alone({ maxReplicas: 30 }),
      steps: [
        "update aws:appautoscaling/target:Target weather",
        "update aws:cloudwatch/dashboard:Dashboard weather",
        "update aws:cloudwatch/metricAlarm:MetricAlarm weather-pinned",
      ],
    },
  },
  {
    name: "two services with everything",
    run: everything(100),
    config: {},
    change: { run: everything(50), steps: ["update aws:appautoscaling/policy:Policy notes"] },
  },
  {
    name: "a service that reaches AWS alone",
    run: isolated(500),
    config: {},
    change: { run: isolated(100), steps: ["update aws:wafv2/webAcl:WebAcl mcp"] },
  },
  {
    name: "a server with a model on a shared GPU",
    run: onGpu(64),
    config: {},
    change: {
      run: onGpu(32),
      steps: [
        "create-replacement aws:ecs/taskDefinition:TaskDefinition weather",
        "delete-replaced aws:ecs/taskDefinition:TaskDefinition weather",
        "replace aws:ecs/taskDefinition:TaskDefinition weather",
        "update aws:ecs/service:Service weather",
      ],
    },
  },
  {
    name: "a service in an existing VPC",
    run: inExistingVpc(60),
    config: {},
    change: {
      run: inExistingVpc(50),
      // The replicas' connections outlive the load balancer's, so that theirs follow.
      steps: [
        "create-replacement aws:ecs/taskDefinition:TaskDefinition weather",
        "delete-replaced aws:ecs/taskDefinition:TaskDefinition weather",
        "replace aws:ecs/taskDefinition:TaskDefinition weather",
        "update aws:ecs/service:Service weather",
        "update aws:lb/loadBalancer:LoadBalancer mcp",
      ],
    },
  },
];
