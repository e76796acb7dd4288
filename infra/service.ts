import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createRequestAlarms } from "./alarms/alarms-requests.ts";
import { createServiceAlarms, guardNames } from "./alarms/alarms-service.ts";
import { contractEnvironment, mergeEnvironment } from "./contract.ts";
import { createEcsService } from "./deployment/deployment.ts";
import { shiftsTraffic } from "./deployment/deployment-strategy.ts";
import { createDeploymentSupport } from "./deployment/deployment-support.ts";
import { eventsCommand, failureHook } from "./deployment/deployment-wait.ts";
import { checkServicesReachable } from "./network/endpoint-needs.ts";
import { checkListenerProtocol, createTokenRule } from "./ingress/edge-validation.ts";
import { createGeneratedSecret } from "./identity/generated-secret.ts";
import { AuthMode, authMode } from "./identity/identity.ts";
import { buildImage, bundledServer, checkImageReachable, givenImage } from "./task/image.ts";
import { checkAnswered } from "./ingress/host-name.ts";
import { McpPlatform } from "./platform.ts";
import { createRouting, DEFAULT_PATH, targetGroupsOf } from "./ingress/routing.ts";
import { claimPlace } from "./ingress/rule-priority.ts";
import {
  claimMetricServiceName,
  metricEnvironment,
  metricServiceName,
} from "./scaling/scaling-metric.ts";
import { createScaling } from "./scaling/scaling.ts";
import { checkService, withDefaults, type McpServiceArgs } from "./service-args.ts";
import { internalsOf } from "./service-internals.ts";
import { createPrivateName, privateHostName } from "./network/service-discovery.ts";
import { createClientSecret } from "./gateway/client-secret.ts";
import { declaredTools } from "./gateway/declared-tools.ts";
import { accessOf, directEnvironment, NO_DIRECT_ROUTING } from "./gateway/direct-routing.ts";
import { endpointOf, type McpServiceEndpoint } from "./gateway/endpoint.ts";
import { ownInstanceCapacity } from "./capacity/service-capacity.ts";
import { checkFurtherImages, checkSecretsReachable } from "./service-containers.ts";
import { createServiceIdentity, FIRST_GENERATION } from "./identity/service-identity.ts";
import { createServiceDashboard } from "./dashboard/service-dashboard.ts";
import { claimPartNames } from "./service-parts.ts";
import { createServiceTask } from "./service-task.ts";
import {
  TARGET_CONTROL_AGENT,
  TARGET_CONTROL_DATA_PORT,
  TARGET_CONTROL_PORT,
} from "./task/target-optimizer.ts";
import { CONTAINER_NAME } from "./task/task.ts";
import { servicePlacement, taskCapacity } from "./capacity/task-capacity.ts";
import { traceEnvironment } from "./observability/trace-variables.ts";
import { check } from "./validation.ts";

/** One MCP server as a multi-AZ ECS service behind an Application Load Balancer. */
export class McpService extends pulumi.ComponentResource {
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
  /** What an `McpGateway` needs to know of this service; pass it in `services`. */
  public readonly endpoint: pulumi.Output<McpServiceEndpoint>;
  /** The name of the ECS service. */
  public readonly serviceName: pulumi.Output<string>;
  /** The name of the ECS cluster that it runs in. */
  public readonly clusterName: pulumi.Output<string>;
  /** The name of the role that the containers have, for policies beside `taskPolicy`. */
  public readonly taskRoleName: pulumi.Output<string>;
  /** The name of the role with which ECS starts the containers. */
  public readonly executionRoleName: pulumi.Output<string>;
  /** A command that prints what ECS says about the service: its deployments with their reasons, and its last events. */
  public readonly eventsCommand: pulumi.Output<string>;

  constructor(name: string, args: McpServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const settings = withDefaults(args);
    const internals = internalsOf(args);
    checkService(name, args, settings);
    const shifts = shiftsTraffic(settings.deploymentStrategy);
    if (args.platform !== undefined) {
      const { path, hostName } = settings;
      claimPlace(name, args.platform, {
        path,
        hostName,
        shiftsTraffic: shifts,
        validatesTokens: args.auth?.edgeTokenValidation === true,
      });
      claimPartNames(name, args.platform, {
        ...settings,
        shiftsTraffic: shifts,
        validatesTokens: args.auth?.edgeTokenValidation === true,
        isGateway: internals !== undefined,
      });
      if (settings.metrics) claimMetricServiceName(name, args.platform, args.environment);
    }
    super("pulumi-mcp-service:index:McpService", name, {}, opts);
    const child = { parent: this };
    const { path, hostName, port, architecture, tags } = settings;

    const handle =
      args.platform ??
      new McpPlatform(
        name,
        {
          tags,
          instanceCapacity: ownInstanceCapacity(args),
          ...(args.dashboard === undefined ? {} : { dashboard: args.dashboard }),
        },
        child,
      ).handle;
    const platform = pulumi.output(handle);
    const region = aws.getRegionOutput({}, child).region;
    const partition = aws.getPartitionOutput({}, child).partition;

    const image =
      args.image === undefined
        ? buildImage(name, args, architecture, tags, child)
        : givenImage(args.image, partition);
    const reach = pulumi.output({
      hasInternetAccess: platform.hasInternetAccess,
      interfaceEndpoints: platform.interfaceEndpoints,
      region,
    });
    check(args.image, (uri) => {
      pulumi.all([image.repositoryArn, reach]).apply(([repositoryArn, known]) => {
        checkImageReachable("McpService", uri, repositoryArn, known);
      });
    });
    checkFurtherImages("McpService", args, partition, reach);
    checkSecretsReachable("McpService", args, reach);
    reach.apply((known) => {
      checkServicesReachable("McpService", known, settings);
    });
    const stateKey = createGeneratedSecret(
      `${name}-state-key`,
      {
        description: `Keys that seal the request state of the MCP service ${name}: the current one, the next, the previous`,
        generation: args.auth?.generation ?? FIRST_GENERATION,
        kmsKeyArn: platform.kmsKeyArn,
        tags,
      },
      child,
    );
    if (hostName !== undefined) {
      platform.domainNames.apply((domainNames) => {
        checkAnswered("McpService", domainNames, hostName);
      });
    }
    const origin = hostName === undefined ? platform.origin : `https://${hostName}`;
    this.url = pulumi.interpolate`${origin}${path}`;
    const capacity = taskCapacity(settings);
    const bundled = bundledServer(args, settings.cpu);
    const identity = createServiceIdentity(
      name,
      {
        auth: args.auth,
        userPool: platform.userPool,
        url: this.url,
        region,
        kmsKeyArn: platform.kmsKeyArn,
        tags,
      },
      child,
    );
    const privateName =
      args.discoverable === true
        ? createPrivateName(name, { namespace: platform.namespace, tags }, child)
        : undefined;
    const ownHostName =
      privateName === undefined ? undefined : privateHostName(name, platform.namespace);
    const contract = mergeEnvironment(
      {},
      mergeEnvironment({}, bundled?.settings ?? {}, internals?.environment ?? {}),
      contractEnvironment(
        {
          ...args,
          ...(ownHostName === undefined
            ? {}
            : {
                allowedHosts: pulumi
                  .all([args.allowedHosts ?? [], ownHostName])
                  .apply(([given, own]) => [...given, own]),
              }),
        },
        settings,
        platform.idleTimeoutSeconds,
        this.url,
        {
          ...identity.environment,
          ...directEnvironment(args.directRouting, args.auth, platform.origin),
        },
      ),
    );
    const metricName = metricServiceName(name, args.environment);
    const { metrics, traceSamplePercent } = settings;
    const traces = traceSamplePercent === 0 ? {} : traceEnvironment(traceSamplePercent, metricName);
    const environment = mergeEnvironment(
      bundled?.environment ?? {},
      mergeEnvironment(
        {},
        traces,
        mergeEnvironment({}, capacity.environment, args.environment ?? {}),
      ),
      metrics ? mergeEnvironment({}, contract, metricEnvironment(metricName)) : contract,
    );
    const secrets = mergeEnvironment({}, args.secrets ?? {}, {
      ...identity.secrets,
      MCP_STATE_KEY: stateKey.valueFrom,
    });

    const routing = createRouting(
      name,
      {
        vpcId: platform.vpcId,
        listenerArn: platform.listenerArn,
        path,
        hostName,
        longestCallSeconds: settings.longestCallSeconds,
        shiftsTraffic: shifts,
        targetControlPort:
          args.targetOptimizerImage === undefined ? undefined : TARGET_CONTROL_PORT,
        tags,
      },
      child,
    );
    if (args.auth?.edgeTokenValidation === true && identity.tokenValidation !== undefined) {
      platform.listenerProtocol.apply((protocol) => {
        checkListenerProtocol("McpService", protocol);
      });
      createTokenRule(
        name,
        {
          listenerArn: platform.listenerArn,
          path,
          hostName,
          targetGroupArn: routing.targetGroup.arn,
          validation: identity.tokenValidation,
          tags,
        },
        child,
      );
    }
    const task = createServiceTask(
      name,
      args,
      settings,
      {
        image,
        bundled,
        capacity,
        environment,
        secrets,
        platform,
        deployment: {
          partition,
          region,
          accountId: aws.getCallerIdentityOutput({}, child).accountId,
        },
      },
      child,
    );
    const watched = {
      ...settings,
      loadBalancerArnSuffix: platform.loadBalancerArnSuffix,
      targetGroups: targetGroupsOf(routing),
      topicArn: platform.alarmTopicArn,
    };
    const alarms = settings.alarms ? createRequestAlarms(name, watched, child) : undefined;
    const support = createDeploymentSupport(
      name,
      { ...watched, routing, guards: guardNames(alarms, args.rollbackErrorPercent) },
      child,
    );
    this.eventsCommand = eventsCommand(name, region, platform.clusterName);
    const hooks = settings.waitForSteadyState
      ? failureHook(name, this, this.eventsCommand)
      : undefined;
    const service = createEcsService(
      name,
      {
        ...settings,
        clusterArn: platform.clusterArn,
        taskDefinitionArn: task.definition.arn,
        placement: servicePlacement(settings, platform.capacityProviders),
        subnetIds: platform.privateSubnetIds,
        securityGroupIds: pulumi
          .all([task.securityGroupId, platform.taskSecurityGroupIds])
          .apply(([own, further]) => [own, ...further]),
        targetGroupArn: routing.targetGroup.arn,
        trafficShift: support.trafficShift,
        registryArn: privateName?.arn,
        ...(args.targetOptimizerImage === undefined
          ? { containerName: CONTAINER_NAME, port }
          : { containerName: TARGET_CONTROL_AGENT, port: TARGET_CONTROL_DATA_PORT }),
        alarmNames: support.alarmNames,
      },
      {
        ...child,
        ...(hooks === undefined ? {} : { hooks }),
        // Without its rule a target group has no load balancer, without a version a secret has no value, and without
        // their rules tasks reach nothing; on the way down all of these outlive the tasks.
        dependsOn: [
          routing.rule,
          ...support.dependsOn,
          ...task.dependsOn,
          ...identity.dependsOn,
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

    if (alarms !== undefined) {
      createServiceAlarms(
        name,
        {
          ...watched,
          requests: alarms,
          gpu: settings.gpu !== undefined,
          zones: platform.zoneNames,
          clusterArn: platform.clusterArn,
          serviceName: service.name,
          metricServiceName:
            metrics && authMode(args.auth) !== AuthMode.None ? metricName : undefined,
        },
        // Before it has served for the first time there is nothing to watch.
        { ...child, dependsOn: [service] },
      );
    }

    if (args.dashboard ?? true) {
      createServiceDashboard(
        name,
        {
          region,
          url: this.url,
          eventsCommand: this.eventsCommand,
          clusterName: platform.clusterName,
          serviceName: service.name,
          logGroupName: platform.logGroupName,
          loadBalancerArnSuffix: platform.loadBalancerArnSuffix,
          targetGroupArnSuffixes: watched.targetGroups.map(({ arnSuffix }) => arnSuffix),
          metricServiceName: metrics ? metricName : undefined,
          minReplicas: settings.minReplicas,
          maxReplicas: settings.maxReplicas,
          maxOngoingRequests: settings.maxOngoingRequests,
          targetOngoingRequests: settings.targetOngoingRequests,
          gpu: settings.gpu,
          upstreams: internals?.upstreams ?? [],
          containerInsights: platform.containerInsights,
          capacity: platform.instanceCapacity.apply((capacities) =>
            settings.capacityName === undefined ? undefined : capacities[settings.capacityName],
          ),
        },
        child,
      );
    }

    const { outputs } = identity;
    // A new client is nobody's business before the replicas know it: what reads these comes after the deployment.
    const deployed = (output: pulumi.Output<string>): pulumi.Output<string> =>
      pulumi.all([output, service.id]).apply(([value]) => value);
    this.issuer = outputs.issuer;
    this.tokenEndpoint = outputs.tokenEndpoint;
    this.clientId = deployed(outputs.clientId);
    this.clientSecret = deployed(outputs.clientSecret);
    this.signInClientId = outputs.signInClientId;
    this.scope = outputs.scope;
    this.tokenCommand = deployed(outputs.tokenCommand);
    this.tokenSecretArn = outputs.tokenSecretArn;
    const clientSecret =
      ownHostName === undefined || authMode(args.auth) !== AuthMode.Cognito
        ? undefined
        : createClientSecret(
            name,
            { value: this.clientSecret, kmsKeyArn: platform.kmsKeyArn, tags },
            child,
          );
    this.endpoint = endpointOf({
      url: this.url,
      hostName: ownHostName ?? "",
      port,
      path,
      vpcId: platform.vpcId,
      securityGroupId: task.securityGroupId,
      authMode: authMode(args.auth),
      issuer: this.issuer,
      tokenEndpoint: this.tokenEndpoint,
      clientId: this.clientId,
      clientSecretArn: clientSecret ?? "",
      scope: this.scope,
      tokenSecretArn: this.tokenSecretArn,
      longestCallSeconds: settings.longestCallSeconds,
      declaredTools: declaredTools(args),
      directRouting:
        args.directRouting === undefined
          ? NO_DIRECT_ROUTING
          : pulumi.output({
              prefix: args.directRouting.prefix,
              path: args.directRouting.path ?? DEFAULT_PATH,
              hostName: args.directRouting.hostName ?? "",
              access: accessOf(args),
              // A rule that came sooner would send calls to replicas that do not know of the gateway yet.
              targetGroupArn: deployed(routing.targetGroup.arn),
              listenerArn: platform.listenerArn,
            }),
    });
    this.serviceName = service.name;
    this.clusterName = platform.clusterName;
    this.taskRoleName = task.roles.task.name;
    this.executionRoleName = task.roles.execution.name;
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
      endpoint: this.endpoint,
      serviceName: this.serviceName,
      clusterName: this.clusterName,
      taskRoleName: this.taskRoleName,
      executionRoleName: this.executionRoleName,
      eventsCommand: this.eventsCommand,
    });
  }
}
