import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { contractEnvironment, mergeEnvironment } from "./contract.ts";
import { createEcsService } from "./deployment.ts";
import { shiftsTraffic } from "./deployment-strategy.ts";
import { createDeploymentSupport } from "./deployment-support.ts";
import { startPeriod, stopTimeout } from "./deployment-times.ts";
import { eventsCommand, failureHook } from "./deployment-wait.ts";
import { AGENT_VOLUMES, allowExecuteCommand } from "./execute-command.ts";
import { createGeneratedSecret, printCommand } from "./generated-secret.ts";
import { AuthMode } from "./identity.ts";
import { buildImage, bundledServer, checkImageReachable, givenImage } from "./image.ts";
import { checkAnswered } from "./host-name.ts";
import { McpPlatform } from "./platform.ts";
import { createTaskSecurity } from "./task-security.ts";
import { createTaskRoles } from "./roles.ts";
import { createRouting } from "./routing.ts";
import { claimPlace } from "./rule-priority.ts";
import { claimMetricServiceName, metricEnvironment, metricServiceName } from "./scaling-metric.ts";
import { createScaling } from "./scaling.ts";
import { checkService, withDefaults, type McpServiceArgs } from "./service-args.ts";
import { containerDefinitions, nodeHealthCheck, taskFamily } from "./task.ts";
import { check } from "./validation.ts";

/** One MCP server as a multi-AZ ECS service behind an Application Load Balancer. */
export class McpService extends pulumi.ComponentResource {
  /** The address of the MCP endpoint. */
  public readonly url: pulumi.Output<string>;
  /** A command that prints the bearer token; empty without auth. */
  public readonly tokenCommand: pulumi.Output<string>;
  /** The ARN of the secret that holds the bearer token; empty without auth. */
  public readonly tokenSecretArn: pulumi.Output<string>;
  /** The name of the ECS service. */
  public readonly serviceName: pulumi.Output<string>;
  /** The name of the ECS cluster that it runs in. */
  public readonly clusterName: pulumi.Output<string>;
  /** A command that prints what ECS says about the service: its deployments with their reasons, and its last events. */
  public readonly eventsCommand: pulumi.Output<string>;

  constructor(name: string, args: McpServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const settings = withDefaults(args);
    checkService(name, args, settings);
    const shifts = shiftsTraffic(settings.deploymentStrategy);
    const published = settings.targetOngoingRequests !== undefined;
    if (args.platform !== undefined) {
      const { path, hostName } = settings;
      claimPlace(name, args.platform, { path, hostName, shiftsTraffic: shifts });
      if (published) claimMetricServiceName(name, args.platform, args.environment);
    }
    super("pulumi-mcp-service:index:McpService", name, {}, opts);
    const child = { parent: this };
    const { path, hostName, port, architecture, tags } = settings;

    const handle = args.platform ?? new McpPlatform(name, { tags }, child).handle;
    const platform = pulumi.output(handle);
    const region = aws.getRegionOutput({}, child).region;
    const partition = aws.getPartitionOutput({}, child).partition;

    const image =
      args.image === undefined
        ? buildImage(name, args, architecture, tags, child)
        : givenImage(args.image, partition);
    check(args.image, (uri) => {
      pulumi
        .all([image.repositoryArn, platform.hasInternetAccess])
        .apply(([repositoryArn, hasInternetAccess]) => {
          checkImageReachable("McpService", uri, repositoryArn, hasInternetAccess);
        });
    });
    const token =
      settings.authMode === AuthMode.None
        ? undefined
        : createGeneratedSecret(
            `${name}-token`,
            { description: `Bearer token of the MCP service ${name}`, tags },
            child,
          );
    const stateKey = createGeneratedSecret(
      `${name}-state-key`,
      { description: `Key that seals the request state of the MCP service ${name}`, tags },
      child,
    );
    if (hostName !== undefined) {
      platform.domainNames.apply((domainNames) => {
        checkAnswered("McpService", domainNames, hostName);
      });
    }
    const origin = hostName === undefined ? platform.origin : `https://${hostName}`;
    this.url = pulumi.interpolate`${origin}${path}`;
    const bundled = args.server === undefined ? undefined : bundledServer(args.server);
    const contract = contractEnvironment(args, settings, platform.idleTimeoutSeconds, this.url);
    const metricName = metricServiceName(name, args.environment);
    const environment = mergeEnvironment(
      bundled?.environment ?? {},
      args.environment ?? {},
      published ? mergeEnvironment({}, contract, metricEnvironment(metricName)) : contract,
    );
    const secrets = mergeEnvironment({}, args.secrets ?? {}, {
      ...(token === undefined ? {} : { AUTH_STATIC_TOKENS: token.valueFrom }),
      MCP_STATE_KEY: stateKey.valueFrom,
    });

    const roles = createTaskRoles(
      name,
      {
        deployment: {
          partition,
          region,
          accountId: aws.getCallerIdentityOutput({}, child).accountId,
        },
        repositoryArn: image.repositoryArn,
        secretArns: secrets.apply((all) => Object.values(all)),
        logGroupArn: platform.logGroupArn,
        tags,
      },
      child,
    );
    const routing = createRouting(
      name,
      {
        vpcId: platform.vpcId,
        listenerArn: platform.listenerArn,
        path,
        hostName,
        longestCallSeconds: settings.longestCallSeconds,
        shiftsTraffic: shifts,
        tags,
      },
      child,
    );
    const volumes = settings.enableExecuteCommand ? AGENT_VOLUMES : [];
    const definition = pulumi
      .output({
        image: image.uri,
        command: args.command ?? (bundled && pulumi.output(settings.memory).apply(bundled.command)),
        port,
        environment,
        secrets,
        healthCheckCommand:
          args.healthCheckCommand ?? (bundled && pulumi.output(port).apply(nodeHealthCheck)),
        startPeriod: pulumi.output(settings.startupSeconds).apply(startPeriod),
        stopTimeout: pulumi
          .all([settings.drainSeconds, settings.longestCallSeconds, settings.fargateSpotWeight])
          .apply(([drainSeconds, longestCallSeconds, spotWeight]) =>
            stopTimeout(drainSeconds, longestCallSeconds, spotWeight > 0),
          ),
        logGroupName: platform.logGroupName,
        region,
      })
      .apply((known) => containerDefinitions({ ...known, streamPrefix: name, volumes }));
    const task = new aws.ecs.TaskDefinition(
      name,
      {
        family: taskFamily(name),
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        cpu: pulumi.output(settings.cpu).apply((cpu) => String(cpu * 1024)),
        memory: pulumi.output(settings.memory).apply(String),
        runtimePlatform: { cpuArchitecture: architecture, operatingSystemFamily: "LINUX" },
        executionRoleArn: roles.execution.arn,
        taskRoleArn: roles.task.arn,
        containerDefinitions: definition,
        ...(volumes.length === 0
          ? {}
          : { volumes: volumes.map((volume) => ({ name: volume.name })) }),
        // Replicas of the old revision may need replacing while the new one comes, and a rollback goes back to it; a
        // deregistered revision could do neither. Revisions cost nothing.
        skipDestroy: true,
        tags,
      },
      child,
    );
    const security = createTaskSecurity(
      name,
      {
        vpcId: platform.vpcId,
        loadBalancerSecurityGroupId: platform.loadBalancerSecurityGroupId,
        tags,
      },
      child,
    );
    const support = createDeploymentSupport(
      name,
      { ...settings, routing, loadBalancerArnSuffix: platform.loadBalancerArnSuffix },
      child,
    );
    const session = settings.enableExecuteCommand
      ? allowExecuteCommand(name, roles.task, child)
      : undefined;
    this.eventsCommand = eventsCommand(name, region, platform.clusterName);
    const hooks = settings.waitForSteadyState
      ? failureHook(name, this, this.eventsCommand)
      : undefined;
    const service = createEcsService(
      name,
      {
        ...settings,
        clusterArn: platform.clusterArn,
        taskDefinitionArn: task.arn,
        subnetIds: platform.privateSubnetIds,
        securityGroupIds: pulumi
          .all([security.group.id, platform.taskSecurityGroupIds])
          .apply(([own, further]) => [own, ...further]),
        targetGroupArn: routing.targetGroup.arn,
        trafficShift: support.trafficShift,
        port,
        alarmNames: support.alarmNames,
      },
      {
        ...child,
        ...(hooks === undefined ? {} : { hooks }),
        // Without its rule a target group has no load balancer, without a version a secret has no value, and without
        // their rules tasks reach nothing; on the way down all of these outlive the tasks.
        dependsOn: [
          routing.rule,
          roles.executionPolicy,
          ...support.dependsOn,
          ...(session === undefined ? [] : [session]),
          ...security.rules,
          ...(token === undefined ? [] : [token.version]),
          stateKey.version,
        ],
      },
    );
    createScaling(
      name,
      {
        ...settings,
        clusterName: platform.clusterName,
        serviceName: service.name,
        loadBalancerArnSuffix: platform.loadBalancerArnSuffix,
        ...routing,
        metricServiceName: metricName,
        tags,
      },
      child,
    );

    this.tokenCommand = token === undefined ? pulumi.output("") : printCommand(token);
    this.tokenSecretArn = token?.secret.arn ?? pulumi.output("");
    this.serviceName = service.name;
    this.clusterName = platform.clusterName;
    this.registerOutputs({
      url: this.url,
      tokenCommand: this.tokenCommand,
      tokenSecretArn: this.tokenSecretArn,
      serviceName: this.serviceName,
      clusterName: this.clusterName,
      eventsCommand: this.eventsCommand,
    });
  }
}
