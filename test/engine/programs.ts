import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as aws from "@pulumi/aws";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { parse } from "yaml";
import {
  AuthMode,
  CpuArchitecture,
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
    steps: ["update aws:appautoscaling/target:Target weather"],
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

/** One service on a platform with these arguments. */
export function onPlatform(args: McpPlatformArgs): PulumiFn {
  return () => {
    const platform = new McpPlatform("mcp", args);
    const { url } = new McpService("weather", {
      platform: platform.handle,
      server: McpServer.Weather,
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
      certificateArn:
        "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
      cidrBlock: "10.1.0.0/16",
      zones: 2,
      natGateways: NatGateways.Single,
      idleTimeoutSeconds: 120,
      logRetentionInDays: 7,
      tags,
    });
    const weather = new McpService("weather", {
      platform: platform.handle,
      server: McpServer.Weather,
      tags,
    });
    const notes = new McpService("notes", {
      platform: platform.handle,
      path: "/notes/mcp",
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
      scaleOutCooldownSeconds: 30,
      scaleInCooldownSeconds: 600,
      maxOngoingRequests: 50,
      longestCallSeconds: 300,
      drainSeconds: 20,
      healthCheckGracePeriodSeconds: 90,
      healthCheckCommand: ["CMD", "true"],
      tags,
    });
    return Promise.resolve({ weather: weather.url, notes: notes.url });
  };

/** Every program of the repository. */
export const PROGRAMS: readonly Program[] = [
  repositoryProgram,
  {
    name: "one service alone",
    run: alone(),
    config: {},
    change: {
      run: alone({ maxReplicas: 30 }),
      steps: ["update aws:appautoscaling/target:Target weather"],
    },
  },
  {
    name: "two services with everything",
    run: everything(100),
    config: {},
    change: { run: everything(50), steps: ["update aws:appautoscaling/policy:Policy notes"] },
  },
];
