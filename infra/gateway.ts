import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createUpstreamAlarm } from "./gateway/gateway-alarms.ts";
import {
  checkGateway,
  DEFAULT_GRACE_SECONDS,
  DEFAULT_POLL_SECONDS,
  type McpGatewayArgs,
} from "./gateway/gateway-args.ts";
import { claimDirectRoutes, createDirectRules } from "./gateway/direct-rules.ts";
import { checkLongestCall, checkReach } from "./gateway/gateway-reach.ts";
import { allowEgress, allowService } from "./gateway/gateway-network.ts";
import {
  longestUpstreamCall,
  namedTools,
  upstreamSecretArns,
  upstreamsOf,
} from "./gateway/known-upstreams.ts";
import { createParameter, parameterPath } from "./gateway/parameters.ts";
import { createUpstreamPolicy, lateUpstreamStatements } from "./gateway/upstream-policy.ts";
import { metricServiceName } from "./scaling/scaling-metric.ts";
import type { McpServiceArgs } from "./service-args.ts";
import { withInternals, type TaskFacts } from "./service-internals.ts";
import { McpService } from "./service.ts";
import { McpServer } from "./task/image.ts";

/** How many subscriptions a replica of a gateway takes: it stands for many servers, and 5000 fit into 512 MB (bench/gateway-subscriptions.ts). */
const MAX_SUBSCRIPTIONS = 5000;

/** Many MCP servers behind one address, each with its own scaling, resources and rollout: the tools of all of them, `weather__get_alerts`. */
export class McpGateway extends pulumi.ComponentResource {
  /** The address of the MCP endpoint. */
  public readonly url: pulumi.Output<string>;
  /** What the tokens of callers have as `iss`; empty without an issuer. */
  public readonly issuer: pulumi.Output<string>;
  /** Where clients get access tokens; empty unless they come from Cognito. */
  public readonly tokenEndpoint: pulumi.Output<string>;
  /** The id of the client by which machines get access tokens; empty unless they come from Cognito. */
  public readonly clientId: pulumi.Output<string>;
  /** The secret of that client, a Pulumi secret; empty unless tokens come from Cognito. */
  public readonly clientSecret: pulumi.Output<string>;
  /** The id of the client by which people sign in; empty without `auth.signIn`. */
  public readonly signInClientId: pulumi.Output<string>;
  /** The scopes that every caller needs, separated by spaces; empty where there are none. */
  public readonly scope: pulumi.Output<string>;
  /** A command that prints a bearer token; empty where none is made here. */
  public readonly tokenCommand: pulumi.Output<string>;
  /** The ARN of the secret that holds the bearer tokens, the current one first; empty unless `auth.mode` is `static-token`. */
  public readonly tokenSecretArn: pulumi.Output<string>;
  /** The path in Parameter Store below which each upstream has its parameter. */
  public readonly parameterPath: pulumi.Output<string>;
  /** The names, as clients see them, of the tools that the program declares; names over 64 characters are shortened. */
  public readonly toolNames: pulumi.Output<string[]>;
  /** The name of the ECS service. */
  public readonly serviceName: pulumi.Output<string>;
  /** The name of the ECS cluster that it runs in. */
  public readonly clusterName: pulumi.Output<string>;
  /** The name of the role that the containers have, for policies beside `taskPolicy`. */
  public readonly taskRoleName: pulumi.Output<string>;
  /** The name of the role with which ECS starts the containers. */
  public readonly executionRoleName: pulumi.Output<string>;
  /** A command that prints what ECS says about the gateway: its deployments with their reasons, and its last events. */
  public readonly eventsCommand: pulumi.Output<string>;

  constructor(name: string, args: McpGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    checkGateway(name, args);
    const routes = claimDirectRoutes(name, args);
    super("pulumi-mcp-service:index:McpGateway", name, {}, opts);
    const child = { parent: this };
    const {
      services,
      serviceSettings,
      directRouting = false,
      upstreams: elsewhere,
      egress = [],
      search = false,
      pinnedTools = [],
      graceSeconds = DEFAULT_GRACE_SECONDS,
      pollSeconds = DEFAULT_POLL_SECONDS,
      ...own
    } = args;
    const { tags } = args;
    const region = aws.getRegionOutput({}, child).region;
    const upstreams = upstreamsOf({ services, serviceSettings, upstreams: elsewhere }, region);
    const tools = namedTools(upstreams);
    const path = parameterPath(name);
    const platform = pulumi.output(args.platform);
    checkReach(platform, upstreams);
    const longestCall = longestUpstreamCall(upstreams);
    checkLongestCall(args.longestCallSeconds, longestCall);
    const deployment = {
      partition: aws.getPartitionOutput({}, child).partition,
      region,
      accountId: aws.getCallerIdentityOutput({}, child).accountId,
    };

    const beforeTasks = ({ securityGroupId, taskRoleName }: TaskFacts): pulumi.Resource[] => {
      const keyArns = pulumi
        .all([platform.kmsKeyArn, args.secretKeyArns ?? []])
        .apply(([platformKey, given]) => [...(platformKey === "" ? [] : [platformKey]), ...given]);
      const statements = lateUpstreamStatements(
        deployment,
        path,
        upstreamSecretArns(upstreams),
        keyArns,
      );
      return [
        createUpstreamPolicy(name, taskRoleName, statements, child),
        ...allowEgress(name, { egress, securityGroupId, tags }, child),
        ...upstreams.flatMap(({ endpoint, name: upstream, value }) => {
          const ways =
            endpoint === undefined
              ? []
              : allowService(name, { service: upstream, endpoint, securityGroupId, tags }, child);
          // On the way down the parameter goes first: replicas then stop asking before the way is closed.
          const further = { ...child, dependsOn: ways };
          return [...ways, createParameter(name, { upstream, path, value, tags }, further)];
        }),
      ];
    };
    const serviceArgs: McpServiceArgs = {
      ...own,
      longestCallSeconds: args.longestCallSeconds ?? longestCall,
      server: McpServer.Gateway,
    };
    const service = new McpService(
      name,
      withInternals(serviceArgs, {
        environment: {
          GATEWAY_GRACE_SECONDS: pulumi.output(graceSeconds).apply(String),
          GATEWAY_PARAMETER_PATH: path,
          ...(pinnedTools.length === 0 ? {} : { GATEWAY_PINNED_TOOLS: pinnedTools.join(",") }),
          GATEWAY_POLL_SECONDS: pulumi.output(pollSeconds).apply(String),
          GATEWAY_SEARCH: String(search),
          MAX_SUBSCRIPTIONS: String(MAX_SUBSCRIPTIONS),
        },
        upstreams: upstreams.map((upstream) => upstream.name),
        beforeTasks,
      }),
      child,
    );

    if (directRouting) createDirectRules(name, { routes, upstreams, platform, args }, child);

    if ((args.alarms ?? true) && (args.metrics ?? true)) {
      for (const { name: upstream } of upstreams) {
        createUpstreamAlarm(
          name,
          {
            upstream,
            metricServiceName: metricServiceName(name, args.environment),
            topicArn: platform.alarmTopicArn,
            tags,
          },
          child,
        );
      }
    }

    this.url = service.url;
    this.issuer = service.issuer;
    this.tokenEndpoint = service.tokenEndpoint;
    this.clientId = service.clientId;
    this.clientSecret = service.clientSecret;
    this.signInClientId = service.signInClientId;
    this.scope = service.scope;
    this.tokenCommand = service.tokenCommand;
    this.tokenSecretArn = service.tokenSecretArn;
    this.parameterPath = pulumi.output(path);
    this.toolNames = tools.apply((named) => named.map((tool) => tool.name));
    this.serviceName = service.serviceName;
    this.clusterName = service.clusterName;
    this.taskRoleName = service.taskRoleName;
    this.executionRoleName = service.executionRoleName;
    this.eventsCommand = service.eventsCommand;
    this.registerOutputs({
      url: this.url,
      issuer: this.issuer,
      tokenEndpoint: this.tokenEndpoint,
      clientId: this.clientId,
      clientSecret: this.clientSecret,
      signInClientId: this.signInClientId,
      scope: this.scope,
      tokenCommand: this.tokenCommand,
      tokenSecretArn: this.tokenSecretArn,
      parameterPath: this.parameterPath,
      toolNames: this.toolNames,
      serviceName: this.serviceName,
      clusterName: this.clusterName,
      taskRoleName: this.taskRoleName,
      executionRoleName: this.executionRoleName,
      eventsCommand: this.eventsCommand,
    });
  }
}
