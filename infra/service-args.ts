import * as pulumi from "@pulumi/pulumi";
import type { CapacityArguments } from "./capacity.ts";
import { checkVariables } from "./contract.ts";
import {
  checkDeployment,
  deploymentDefaults,
  type DeploymentArguments,
  type DeploymentSettings,
} from "./deployment-args.ts";
import { DeploymentStrategy, shiftsTraffic } from "./deployment-strategy.ts";
import { AuthMode, type Auth } from "./identity.ts";
import { bundledServer, checkImageSource, McpServer, type ImageBuild } from "./image.ts";
import type { McpPlatformHandle } from "./platform.ts";
import { checkPath, DEFAULT_PATH } from "./routing.ts";
import {
  checkScaling,
  scalingDefaults,
  type ScalingArguments,
  type ScalingSettings,
} from "./scaling-args.ts";
import type { Tags } from "./tags.ts";
import { checkFargateSize, checkHealthCheckCommand, CpuArchitecture } from "./task.ts";
import {
  ArgumentError,
  check,
  checkName,
  hostName,
  oneOf,
  wholeNumberBetween,
} from "./validation.ts";

/** The arguments of an {@link McpService}. */
export interface McpServiceArgs extends CapacityArguments, DeploymentArguments, ScalingArguments {
  /**
   * The platform to run on: `McpPlatform.handle`.
   * Default: a platform of its own over three zones, with an HTTPS address that CloudFront gives.
   */
  platform?: pulumi.Input<McpPlatformHandle>;
  /** A server of the bundled container. Exactly one of `server`, `build` and `image` is given. */
  server?: McpServer;
  /** How to build the container's image from a Dockerfile. */
  build?: ImageBuild;
  /** An image that exists, best with its digest: `repository@sha256:…`. */
  image?: pulumi.Input<string>;
  /**
   * The command of the container. Give it in full: on this machine there is no image whose entry point could be read.
   * Default: the bundled server's, or the image's own.
   */
  command?: pulumi.Input<pulumi.Input<string>[]>;
  /** Environment variables, beside those of the container contract. Not for secrets. */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Environment variables whose values are secrets: the ARN of a Secrets Manager secret or an SSM parameter for each. */
  secrets?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * The path of the MCP endpoint. Services that share a platform, and a host name, need one each.
   * Default: `/mcp`.
   */
  path?: string;
  /**
   * The host name under which clients reach this service, one of those that the platform answers to: its `domainName` or one of its
   * `alternativeDomainNames`. Requests for other hosts do not get here.
   * Default: none, all host names of the platform, so that services differ by `path`.
   */
  hostName?: string;
  /**
   * The port that the container listens on, 1 to 65535; it gets it as `PORT`. One below 1024 needs a privilege that the container has not.
   * Default: 8080.
   */
  port?: pulumi.Input<number>;
  /**
   * The processor of each replica, in vCPU, fractions allowed: 0.25, 0.5, 1, 2, 4, 8 or 16.
   * Default: 0.25.
   */
  cpu?: pulumi.Input<number>;
  /**
   * The memory of each replica, in MiB; what is on offer depends on `cpu`.
   * Default: 512.
   */
  memory?: pulumi.Input<number>;
  /**
   * The processor architecture; the image must be built for it.
   * Default: `X86_64`.
   */
  architecture?: CpuArchitecture;
  /**
   * How callers prove who they are.
   * Default: a token generated into Secrets Manager.
   */
  auth?: Auth;
  /** Host names that clients may use beside that of `url`, without ports: those of DNS records of your own. */
  allowedHosts?: pulumi.Input<pulumi.Input<string>[]>;
  /** Host names of web pages that may call the endpoint from a browser, without schemes and ports. */
  allowedOrigins?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The requests that a replica works on at once, 1 to 100000; more are answered 503 with `Retry-After`.
   * Default: 100.
   */
  maxOngoingRequests?: pulumi.Input<number>;
  /**
   * The longest that a call may take, in seconds, 1 to 3600. A call that takes longer is ended: its signal aborts, and the client is told. No
   * planned change cuts a shorter one: a replica that is replaced is given this long to finish, so that a rollout takes at least as long.
   * Default: 60.
   */
  longestCallSeconds?: pulumi.Input<number>;
  /**
   * How long a replica goes on accepting after SIGTERM, in seconds, 0 to 110: on Spot the signal comes before the load balancer stops sending.
   * Default: 10.
   */
  drainSeconds?: pulumi.Input<number>;
  /**
   * The command of the container's own health check, as ECS takes it: `["CMD", …]`.
   * Default: asks `/healthz` with Node for a bundled server; none otherwise, the load balancer's check remains.
   */
  healthCheckCommand?: pulumi.Input<pulumi.Input<string>[]>;
  /** Tags for every resource. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

const COMPONENT = "McpService";

/** The arguments with every default filled in, as far as the component reads them more than once. */
export interface ServiceSettings extends ScalingSettings, DeploymentSettings {
  readonly path: string;
  readonly hostName: string | undefined;
  readonly port: pulumi.Input<number>;
  readonly cpu: pulumi.Input<number>;
  readonly memory: pulumi.Input<number>;
  readonly architecture: CpuArchitecture;
  readonly authMode: AuthMode;
  readonly maxOngoingRequests: pulumi.Input<number>;
  readonly longestCallSeconds: pulumi.Input<number>;
  readonly drainSeconds: pulumi.Input<number>;
  readonly tags: Tags;
}

/** Fills in the defaults that the arguments document. */
export function withDefaults(args: McpServiceArgs): ServiceSettings {
  const deploymentStrategy = args.deploymentStrategy ?? DeploymentStrategy.Rolling;
  const scaling = scalingDefaults(args, !shiftsTraffic(deploymentStrategy));
  const longestCallSeconds = args.longestCallSeconds ?? 60;
  return {
    path: args.path ?? DEFAULT_PATH,
    hostName: args.hostName,
    port: args.port ?? 8080,
    cpu: args.cpu ?? 0.25,
    memory: args.memory ?? 512,
    architecture: args.architecture ?? CpuArchitecture.X86_64,
    authMode: args.auth?.mode ?? AuthMode.StaticToken,
    ...scaling,
    ...deploymentDefaults(args, { ...scaling, longestCallSeconds }),
    maxOngoingRequests: args.maxOngoingRequests ?? 100,
    drainSeconds: args.drainSeconds ?? 10,
    tags: args.tags,
  };
}

/** Refuses arguments that AWS would refuse, or accept and break on. */
export function checkService(name: string, args: McpServiceArgs, settings: ServiceSettings): void {
  checkName(COMPONENT, name);
  checkImageSource(COMPONENT, args);
  check(args.server, oneOf(COMPONENT, "server", McpServer));
  check(settings.architecture, oneOf(COMPONENT, "architecture", CpuArchitecture));
  check(settings.deploymentStrategy, oneOf(COMPONENT, "deploymentStrategy", DeploymentStrategy));
  check(settings.authMode, oneOf(COMPONENT, "auth.mode", AuthMode));
  checkPath(COMPONENT, settings.path);
  check(settings.hostName, hostName(COMPONENT, "hostName"));
  check(settings.port, wholeNumberBetween(COMPONENT, "port", 1, 65_535));
  check(
    settings.maxOngoingRequests,
    wholeNumberBetween(COMPONENT, "maxOngoingRequests", 1, 100_000, "requests"),
  );
  check(
    settings.longestCallSeconds,
    wholeNumberBetween(COMPONENT, "longestCallSeconds", 1, 3600, "seconds"),
  );
  check(settings.drainSeconds, wholeNumberBetween(COMPONENT, "drainSeconds", 0, 110, "seconds"));
  check(settings.cpu, (cpu) => {
    check(settings.memory, (memory) => {
      checkFargateSize(COMPONENT, cpu, memory);
    });
  });
  checkScaling(COMPONENT, args, settings);
  checkDeployment(COMPONENT, args, settings);
  checkCommand(args);
  const bundled = args.server === undefined ? {} : bundledServer(args.server).environment;
  checkVariables(COMPONENT, args.environment, args.secrets, bundled);
  check(args.healthCheckCommand, (command) => {
    const words = command.filter((word) => typeof word === "string");
    if (words.length === command.length) checkHealthCheckCommand(COMPONENT, words);
    else {
      pulumi.output(command).apply((known) => {
        checkHealthCheckCommand(COMPONENT, known);
      });
    }
  });
  for (const argument of ["allowedHosts", "allowedOrigins"] as const) {
    check(args[argument], (hosts) => {
      for (const host of hosts) check(host, hostName(COMPONENT, argument));
    });
  }
}

function checkCommand({ server, command }: McpServiceArgs): void {
  if (server !== undefined && command !== undefined) {
    throw new ArgumentError(
      COMPONENT,
      "`command` is given beside `server`: a bundled server has its own. Leave one of them out.",
    );
  }
  check(command, (words) => {
    if (words.length > 0) return;
    throw new ArgumentError(
      COMPONENT,
      "`command` is empty; give the program and its arguments, or leave it out to run the image's own.",
    );
  });
}
