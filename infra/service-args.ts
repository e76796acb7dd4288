import * as pulumi from "@pulumi/pulumi";
import {
  alarmDefaults,
  checkAlarms,
  type AlarmArguments,
  type AlarmSettings,
} from "./alarms/alarms-args.ts";
import type { CapacityArguments, SharedCapacityArguments } from "./capacity/capacity.ts";
import { checkVariables } from "./contract.ts";
import {
  checkDeployment,
  deploymentDefaults,
  type DeploymentArguments,
  type DeploymentSettings,
} from "./deployment/deployment-args.ts";
import { DeploymentStrategy, shiftsTraffic } from "./deployment/deployment-strategy.ts";
import type { DirectRouting } from "./gateway/direct-routing.ts";
import { checkDirectRouting } from "./gateway/direct-routing-check.ts";
import { checkRuleHostName } from "./ingress/host-name.ts";
import { checkEdgeTokenValidation } from "./ingress/edge-validation.ts";
import { checkAuth, type Auth } from "./identity/identity.ts";
import { bundledServer, checkImageSource, McpServer, type ImageBuild } from "./task/image.ts";
import {
  DEFAULT_MODEL_SIZES,
  isModelServer,
  MODEL_RESERVED,
  MODEL_STARTUP_SECONDS,
  type ServedModel,
} from "./task/models.ts";
import { checkModel } from "./task/models-check.ts";
import type { StdioServer } from "./task/stdio.ts";
import { checkStdio, STDIO_RESERVED } from "./task/stdio-check.ts";
import { checkInstanceCapacity } from "./capacity/instance-capacity-check.ts";
import { checkKeyArns } from "./observability/log-group.ts";
import type { McpPlatformHandle } from "./platform.ts";
import { checkPath, DEFAULT_PATH } from "./ingress/routing.ts";
import { checkDiscoverable } from "./network/service-discovery.ts";
import { internalsOf } from "./service-internals.ts";
import { defaultTarget } from "./scaling/default-target.ts";
import {
  checkScaling,
  scalingDefaults,
  type ScalingArguments,
  type ScalingSettings,
} from "./scaling/scaling-args.ts";
import { checkDashboardVariables } from "./dashboard/service-dashboard.ts";
import {
  capacityName,
  checkCapacityName,
  checkInstances,
  instanceCapacityOf,
} from "./capacity/service-capacity.ts";
import type { Tags } from "./tags.ts";
import { checkTaskArguments, reservedMemory, type TaskArguments } from "./task/task-args.ts";
import { checkTaskPolicy, type TaskPolicyStatement } from "./task/task-policy.ts";
import { DEFAULT_TASK_SIZE, taskSize } from "./capacity/task-size.ts";
import {
  checkTelemetry,
  telemetryDefaults,
  type TelemetryArguments,
  type TelemetrySettings,
} from "./observability/telemetry-args.ts";
import { checkFargateSize, checkHealthCheckCommand, CpuArchitecture } from "./task/task.ts";
import {
  ArgumentError,
  check,
  checkName,
  hostName,
  oneOf,
  wholeNumberBetween,
} from "./validation.ts";

/** The arguments of everything that runs as a service, whatever server it is. */
export interface HostArguments
  extends
    AlarmArguments,
    SharedCapacityArguments,
    DeploymentArguments,
    ScalingArguments,
    TaskArguments,
    TelemetryArguments {
  /** Environment variables, beside those of the container contract. Not for secrets. */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Environment variables whose values are secrets: the ARN of a Secrets Manager secret or an SSM parameter for each. */
  secrets?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * The ARNs of the KMS keys that encrypt these secrets and those of sidecars, where they are keys of yours: ECS may then decrypt with them, through Secrets
   * Manager and Systems Manager alone. Their policies must let the account's IAM decide, as they do by default.
   * Default: none; AWS's own keys need no permission.
   */
  secretKeyArns?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * What the containers of a replica may do in AWS, by the role that AWS's SDKs find by themselves; sidecars share it.
   * Default: nothing.
   */
  taskPolicy?: TaskPolicyStatement[];
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
   * The processor of each replica, in vCPU, fractions allowed: on Fargate 0.25, 0.5, 1, 2, 4, 8 or 16, on instances 0.125 to 192.
   * Default: 0.25, for `translator` 2, for `classifier` 1; on instances with GPUs the replica's share of the instance, and on a shared GPU always that.
   */
  cpu?: pulumi.Input<number>;
  /**
   * The memory of each replica, in MiB: on Fargate what is on offer depends on `cpu`, on instances 128 or more.
   * Default: 512, for `translator` 4096, for `classifier` 2048; on instances with GPUs the replica's share of nine tenths of the instance's memory, since ECS cannot give out all of it.
   */
  memory?: pulumi.Input<number>;
  /**
   * The processor architecture; the image must be built for it, and on instances it must be theirs.
   * Default: `X86_64`.
   */
  architecture?: CpuArchitecture;
  /**
   * How callers prove who they are.
   * Default: by access tokens of the platform's Cognito user pool, with a client for machines: about 6 USD a month, and 0.00225 USD a token.
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
   * Whether the service has a CloudWatch dashboard: traffic, errors by kind, latency, replicas by zone, tools, and the latest errors of the log; where it has
   * a platform of its own, whether that has one, too.
   * Default: true; CloudWatch gives an account three dashboards, and takes 3 USD a month for each further one.
   */
  dashboard?: boolean;
  /** Tags for every resource. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** The arguments of an {@link McpService}. */
export interface McpServiceArgs extends HostArguments, CapacityArguments {
  /**
   * The platform to run on: `McpPlatform.handle`.
   * Default: a platform of its own over three zones, with an HTTPS address that CloudFront gives.
   */
  platform?: pulumi.Input<McpPlatformHandle>;
  /** A server of the bundled container. Exactly one of `server`, `build` and `image` is given. */
  server?: McpServer;
  /** The server behind `server: stdio`: its packages and its command. */
  stdio?: StdioServer;
  /**
   * The model of `server: translator` or `server: classifier`, and how a replica runs it.
   * Default: the server's own model, one copy in each replica.
   */
  model?: ServedModel;
  /** How to build the container's image from a Dockerfile. */
  build?: ImageBuild;
  /** An image that exists, best with its digest: `repository@sha256:…`. */
  image?: pulumi.Input<string>;
  /**
   * The command of the container. Give it in full: on this machine there is no image whose entry point could be read.
   * Default: the bundled server's, or the image's own.
   */
  command?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Whether tasks of the platform's VPC find the replicas by a private name, without the load balancer: an `McpGateway` does. Takes `serviceDiscovery` on the
   * platform, and the deployment strategy `ROLLING`; with `cognito` the secret of the client for machines is then also kept in Secrets Manager, for 0.40 USD
   * a month. Turning it on or off is a deployment, and replaces nothing else but the
   * policies that scale it by default: the load balancer counts no such call, and the autoscaler aims at `targetOngoingRequests`.
   * Default: false.
   */
  discoverable?: boolean;
  /**
   * The names of the server's tools, for `endpoint`: a gateway then finds names that collide in a preview.
   * Default: those of the bundled weather, translator and classifier; unknown for others.
   */
  declaredTools?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * How calls of an `McpGateway`'s clients reach the replicas without the hop through the gateway; with `directRouting` of the gateway. Takes `discoverable`, and the same
   * `auth`, `allowedHosts` and `allowedOrigins` as the gateway's. Take it away from the gateway first, and from the service in a later deployment.
   * Default: none; all calls of the gateway's clients come by the gateway.
   */
  directRouting?: DirectRouting;
  /**
   * The command of the container's own health check, as ECS takes it: `["CMD", …]`.
   * Default: asks `/healthz` with Node for a bundled server; none otherwise, the load balancer's check remains.
   */
  healthCheckCommand?: pulumi.Input<pulumi.Input<string>[]>;
}

const COMPONENT = "McpService";

/** The arguments with every default filled in, as far as the component reads them more than once. */
export interface ServiceSettings
  extends AlarmSettings, ScalingSettings, DeploymentSettings, TelemetrySettings {
  readonly path: string;
  readonly hostName: string | undefined;
  readonly port: pulumi.Input<number>;
  readonly cpu: pulumi.Input<number>;
  readonly memory: pulumi.Input<number>;
  readonly gpu: pulumi.Input<number> | undefined;
  /** The name of the instances to run on; undefined on Fargate. */
  readonly capacityName: string | undefined;
  readonly architecture: CpuArchitecture;
  readonly maxOngoingRequests: pulumi.Input<number>;
  readonly longestCallSeconds: pulumi.Input<number>;
  readonly drainSeconds: pulumi.Input<number>;
  readonly tags: Tags;
}

/** Fills in the defaults that the arguments document. */
export function withDefaults(args: McpServiceArgs): ServiceSettings {
  const deploymentStrategy = args.deploymentStrategy ?? DeploymentStrategy.Rolling;
  const maxOngoingRequests = args.maxOngoingRequests ?? 100;
  const telemetry = telemetryDefaults(args);
  const scaling = scalingDefaults(
    args,
    !shiftsTraffic(deploymentStrategy),
    defaultTarget({ ...args, metrics: telemetry.metrics, maxOngoingRequests }),
  );
  const longestCallSeconds = args.longestCallSeconds ?? 60;
  const instanceCapacity = instanceCapacityOf(args);
  return {
    path: args.path ?? DEFAULT_PATH,
    hostName: args.hostName,
    port: args.port ?? 8080,
    ...taskSize(
      args,
      instanceCapacity,
      isModelServer(args.server) ? DEFAULT_MODEL_SIZES[args.server] : DEFAULT_TASK_SIZE,
    ),
    gpu: args.gpu,
    capacityName: capacityName(args),
    architecture: args.architecture ?? CpuArchitecture.X86_64,
    ...scaling,
    ...alarmDefaults(args),
    ...telemetry,
    ...deploymentDefaults(
      isModelServer(args.server)
        ? { ...args, startupSeconds: args.startupSeconds ?? MODEL_STARTUP_SECONDS }
        : args,
      { ...scaling, longestCallSeconds, instanceCapacity },
    ),
    maxOngoingRequests,
    drainSeconds: args.drainSeconds ?? 10,
    tags: args.tags,
  };
}

/** Refuses arguments that AWS would refuse, or accept and break on. */
export function checkService(name: string, args: McpServiceArgs, settings: ServiceSettings): void {
  checkName(COMPONENT, name);
  checkImageSource(COMPONENT, args);
  check(args.server, oneOf(COMPONENT, "server", McpServer));
  checkGatewayServer(args);
  check(settings.architecture, oneOf(COMPONENT, "architecture", CpuArchitecture));
  check(settings.deploymentStrategy, oneOf(COMPONENT, "deploymentStrategy", DeploymentStrategy));
  checkAuth(COMPONENT, args.auth);
  checkAlarms(COMPONENT, args, settings);
  checkTelemetry(COMPONENT, args);
  checkKeyArns(COMPONENT, "secretKeyArns", args.secretKeyArns);
  checkTaskPolicy(COMPONENT, args.taskPolicy);
  if (args.dashboard ?? true) checkDashboardVariables(COMPONENT, args.environment);
  checkPath(COMPONENT, settings.path);
  check(settings.hostName, hostName(COMPONENT, "hostName"));
  check(settings.hostName, (host) => {
    checkRuleHostName(COMPONENT, host);
  });
  checkDiscoverable(COMPONENT, {
    discoverable: args.discoverable,
    hasPlatform: args.platform !== undefined,
    deploymentStrategy: settings.deploymentStrategy,
  });
  checkDirectRouting(COMPONENT, args.directRouting, {
    auth: args.auth,
    path: settings.path,
    hasPlatform: args.platform !== undefined,
    discoverable: args.discoverable,
  });
  checkEdgeTokenValidation(COMPONENT, {
    ...settings,
    auth: args.auth,
    hasPlatform: args.platform !== undefined,
    shiftsTraffic: shiftsTraffic(settings.deploymentStrategy),
  });
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
  checkCapacityName(COMPONENT, args);
  if (args.instances !== undefined) checkInstanceCapacity(COMPONENT, "instances", args.instances);
  if (settings.capacityName === undefined) {
    check(settings.cpu, (cpu) => {
      check(settings.memory, (memory) => {
        checkFargateSize(COMPONENT, cpu, memory);
      });
    });
  } else checkInstances(COMPONENT, args, settings.architecture, settings.instanceCapacity);
  checkModel(COMPONENT, args.model, {
    server: args.server,
    hasGpu: args.gpu !== undefined,
    architecture: settings.architecture,
    environment: args.environment,
    secrets: args.secrets,
    memory: settings.memory,
    reserved: reservedMemory(args),
    gpu: args.gpu,
    instanceCapacity: settings.instanceCapacity,
  });
  checkScaling(COMPONENT, args, settings);
  checkDeployment(COMPONENT, args, settings);
  checkCommand(args);
  checkTaskArguments(COMPONENT, args, {
    ...settings,
    instancesArgument: (["instances", "capacity"] as const).find(
      (argument) => args[argument] !== undefined,
    ),
  });
  checkStdio(COMPONENT, args.stdio, {
    isStdio: args.server === McpServer.Stdio,
    environment: args.environment,
    secrets: args.secrets,
    longestCallSeconds: settings.longestCallSeconds,
    memory: settings.memory,
    reserved: reservedMemory(args),
  });
  const bundled = bundledServer(args, settings.cpu)?.environment ?? {};
  const reserved = isModelServer(args.server)
    ? MODEL_RESERVED
    : args.stdio === undefined
      ? undefined
      : STDIO_RESERVED;
  checkVariables(COMPONENT, args.environment, args.secrets, bundled, reserved);
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

/** Its upstreams, its policy and its network are another component's. */
function checkGatewayServer(args: McpServiceArgs): void {
  if (args.server !== McpServer.Gateway || internalsOf(args) !== undefined) return;
  throw new ArgumentError(
    COMPONENT,
    "`server` is `gateway`, which needs its upstreams and the way to them. Declare an `McpGateway`, which takes the same arguments.",
  );
}

function checkCommand({ server, command }: McpServiceArgs): void {
  if (server !== undefined && command !== undefined) {
    throw new ArgumentError(
      COMPONENT,
      server === McpServer.Stdio
        ? "`command` is given beside `server`: the command of a stdio server is `stdio.command`. Leave `command` out."
        : "`command` is given beside `server`: a bundled server has its own. Leave one of them out.",
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
