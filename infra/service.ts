import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { contractEnvironment, mergeEnvironment } from "./contract.ts";
import { createEcsService } from "./deployment.ts";
import { createGeneratedSecret, printCommand } from "./generated-secret.ts";
import { AuthMode } from "./identity.ts";
import { buildImage, bundledServer, givenImage } from "./image.ts";
import { McpPlatform } from "./platform.ts";
import { createTaskSecurity } from "./network.ts";
import { createTaskRoles } from "./roles.ts";
import { claimPath, createRouting } from "./routing.ts";
import { createScaling } from "./scaling.ts";
import { checkService, withDefaults, type McpServiceArgs } from "./service-args.ts";
import { containerDefinitions, nodeHealthCheck, stopTimeout, taskFamily } from "./task.ts";

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

  constructor(name: string, args: McpServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const settings = withDefaults(args);
    checkService(name, args, settings);
    if (args.platform !== undefined) claimPath(name, args.platform, settings.path);
    super("pulumi-mcp-service:index:McpService", name, {}, opts);
    const child = { parent: this };
    const { path, port, architecture, tags } = settings;

    const handle = args.platform ?? new McpPlatform(name, { tags }, child).handle;
    const platform = pulumi.output(handle);
    const region = aws.getRegionOutput({}, child).region;
    const partition = aws.getPartitionOutput({}, child).partition;

    const image =
      args.image === undefined
        ? buildImage(name, args, architecture, tags, child)
        : givenImage(args.image, partition);
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
    this.url = pulumi.interpolate`${platform.origin}${path}`;
    const bundled = args.server === undefined ? undefined : bundledServer(args.server);
    const contract = contractEnvironment(args, settings, platform.idleTimeoutSeconds, this.url);
    const environment = mergeEnvironment(
      bundled?.environment ?? {},
      args.environment ?? {},
      contract,
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
    const { targetGroup, rule } = createRouting(
      name,
      {
        vpcId: platform.vpcId,
        listenerArn: platform.listenerArn,
        path,
        longestCallSeconds: settings.longestCallSeconds,
        tags,
      },
      child,
    );
    const definition = pulumi
      .output({
        image: image.uri,
        command: args.command ?? (bundled && pulumi.output(settings.memory).apply(bundled.command)),
        port,
        environment,
        secrets,
        healthCheckCommand:
          args.healthCheckCommand ?? (bundled && pulumi.output(port).apply(nodeHealthCheck)),
        stopTimeout: pulumi
          .all([settings.drainSeconds, settings.longestCallSeconds])
          .apply(([drainSeconds, longestCallSeconds]) =>
            stopTimeout(drainSeconds, longestCallSeconds),
          ),
        logGroupName: platform.logGroupName,
        region,
      })
      .apply((known) => containerDefinitions({ ...known, streamPrefix: name }));
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
    const service = createEcsService(
      name,
      {
        clusterArn: platform.clusterArn,
        taskDefinitionArn: task.arn,
        subnetIds: platform.privateSubnetIds,
        securityGroupId: security.group.id,
        targetGroupArn: targetGroup.arn,
        port,
        desiredCount: settings.minReplicas,
        healthCheckGracePeriodSeconds: settings.healthCheckGracePeriodSeconds,
        tags,
      },
      {
        ...child,
        // Without its rule a target group has no load balancer, without a version a secret has no value, and without
        // their rules tasks reach nothing; on the way down all of these outlive the tasks.
        dependsOn: [
          rule,
          roles.executionPolicy,
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
        targetGroup,
        rule,
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
    });
  }
}
