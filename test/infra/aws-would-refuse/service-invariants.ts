/** What holds of ECS services. */
import type { Declared } from "../mocks.ts";
import { isSpot, PROVIDER } from "./capacity-invariants.ts";
import {
  at,
  broken,
  listAt,
  named,
  numberAt,
  ofType,
  textAt,
  twice,
  within,
  type Graph,
  type Violation,
} from "./graph.ts";
import { containersOf, isFargate, SERVICE, TASK } from "./task-invariants.ts";

const GROUP = "aws:lb/targetGroup:TargetGroup";
const RULE = "aws:lb/listenerRule:ListenerRule";
const ASSOCIATION = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders";

function taskOf(graph: Graph, service: Declared): Declared | undefined {
  const arn = textAt(service.inputs, "taskDefinition");
  return ofType(graph, TASK).find(({ inputs }) => arn.includes(`/${textAt(inputs, "family")}:`));
}

/** Rules 4, 9, 11, 12, 16, 17, 18, 19, 20, 21 and 22. */
export function* serviceInvariants(graph: Graph): Iterable<Violation> {
  for (const service of ofType(graph, SERVICE)) {
    const task = taskOf(graph, service);
    if (task === undefined) {
      yield broken(9, service, "no task definition");
      continue;
    }
    yield* strategyInvariants(graph, service, task);
    yield* balancerInvariants(graph, service, task);
    yield* deploymentInvariants(graph, service);
    if (at(service.inputs, "enableExecuteCommand") === true) {
      for (const container of containersOf(task)) {
        const mounts = listAt(container, "mountPoints").map((mount) => mount["containerPath"]);
        const writable = ["/var/lib/amazon/ssm", "/var/log/amazon/ssm"];
        if (container["readonlyRootFilesystem"] === true)
          for (const path of writable)
            if (!mounts.includes(path)) yield broken(22, service, `no writable ${path}`);
      }
    }
  }
}

function* strategyInvariants(graph: Graph, service: Declared, task: Declared): Iterable<Violation> {
  const { inputs } = service;
  const shares = listAt(inputs, "capacityProviderStrategies");
  const providers = shares.map((share) => textAt(share, "capacityProvider"));
  if ((at(inputs, "launchType") === undefined) === (shares.length === 0))
    yield broken(11, service, "both or neither of launch type and strategy");
  if (shares.length > 20) yield broken(12, service, "too many shares");
  if (shares.filter(({ base }) => Number(base ?? 0) > 0).length > 1)
    yield broken(12, service, "two bases");
  if (!shares.some(({ weight }) => Number(weight) > 0)) yield broken(12, service, "no weight");
  if (twice(providers).length > 0) yield broken(12, service, "a provider twice");
  const fargate = providers.filter((provider) => provider.startsWith("FARGATE"));
  if (![0, providers.length].includes(fargate.length)) yield broken(12, service, "two kinds");
  if (isFargate(task) !== fargate.length > 0) yield broken(12, service, "not the task's kind");
  const association = ofType(graph, ASSOCIATION).find(
    (known) => at(known.inputs, "clusterName") === at(inputs, "cluster"),
  );
  const associated = [
    ...((at(association?.inputs, "capacityProviders") ?? []) as string[]),
    // Those of Managed Instances belong to a cluster by themselves.
    ...ofType(graph, PROVIDER)
      .filter(({ inputs: given }) => at(given, "managedInstancesProvider") !== undefined)
      .map(({ name }) => name),
  ];
  for (const provider of providers)
    if (association !== undefined && !associated.some((known) => provider.startsWith(known)))
      yield broken(12, service, `${provider} is not the cluster's`);
  const spot = providers.some((provider) => isSpot(graph, provider));
  const longest = spot ? 110 : isFargate(task) ? 120 : Infinity;
  for (const container of containersOf(task))
    if (!within(container["stopTimeout"], 0, longest))
      yield broken(4, service, `stops within ${String(container["stopTimeout"])}`);
  const strategies = listAt(inputs, "orderedPlacementStrategies");
  const constraints = listAt(inputs, "placementConstraints");
  const isEc2 = listAt(task.inputs, "requiresCompatibilities").includes("EC2" as never);
  if (!isEc2 && strategies.length + constraints.length > 0)
    yield broken(16, service, "placement without EC2");
  if (strategies.length > 5 || constraints.length > 10) yield broken(16, service, "too many");
  if (!isFargate(task) && at(inputs, "networkConfiguration", "assignPublicIp") === true)
    yield broken(16, service, "a public address");
  const [first] = strategies;
  if (
    at(inputs, "availabilityZoneRebalancing") === "ENABLED" &&
    (numberAt(inputs, "deploymentMaximumPercent") <= 100 ||
      (first !== undefined && first["field"] !== "attribute:ecs.availability-zone"))
  )
    yield broken(17, service, "rebalancing that cannot be");
}

function* balancerInvariants(graph: Graph, service: Declared, task: Declared): Iterable<Violation> {
  const strategy = textAt(service.inputs, "deploymentConfiguration", "strategy");
  for (const balancer of listAt(service.inputs, "loadBalancers")) {
    const container = containersOf(task).find(({ name }) => name === balancer["containerName"]);
    const ports = listAt(container, "portMappings").map((mapping) => mapping["containerPort"]);
    if (!ports.includes(balancer["containerPort"])) yield broken(9, service, "no such port");
    const shift = at(balancer, "advancedConfiguration");
    if ((strategy === "ROLLING") !== (shift === undefined))
      yield broken(20, service, "two groups exactly where traffic shifts");
    const groups = [
      balancer["targetGroupArn"],
      ...(shift === undefined ? [] : [at(shift, "alternateTargetGroupArn")]),
    ];
    if (twice(groups).length > 0) yield broken(20, service, "one group twice");
    for (const arn of groups)
      if (textAt(named(graph, GROUP, arn)?.inputs, "targetType") !== "ip")
        yield broken(9, service, `${String(arn)} does not take addresses`);
    if (shift === undefined) continue;
    const rule = named(graph, RULE, at(shift, "productionListenerRule"));
    const forwarded = listAt(rule?.inputs, "actions", 0, "forward", "targetGroups");
    for (const arn of groups)
      if (!forwarded.some((group) => group["arn"] === arn))
        yield broken(20, service, "the rule does not lead to both");
    if (textAt(shift, "roleArn") === "") yield broken(20, service, "no role");
  }
  for (const policy of ofType(graph, "aws:appautoscaling/policy:Policy")) {
    const metric = at(
      policy.inputs,
      "targetTrackingScalingPolicyConfiguration",
      "predefinedMetricSpecification",
      "predefinedMetricType",
    );
    const scaled = textAt(policy.inputs, "resourceId").endsWith(`/${service.name}`);
    if (scaled && strategy !== "ROLLING" && metric === "ALBRequestCountPerTarget")
      yield broken(21, policy, "counts one group of two");
  }
}

function* deploymentInvariants(graph: Graph, service: Declared): Iterable<Violation> {
  const { inputs } = service;
  const configuration = at(inputs, "deploymentConfiguration");
  const strategy = textAt(configuration, "strategy");
  if (at(inputs, "deploymentCircuitBreaker", "enable") === true && strategy !== "ROLLING")
    yield broken(19, service, "a circuit breaker");
  const bake = at(configuration, "bakeTimeInMinutes");
  if ((strategy === "ROLLING") !== (bake === undefined)) yield broken(19, service, "a bake time");
  for (const [kind, least] of [
    ["canary", 0.1],
    ["linear", 3],
  ] as const) {
    const share = at(configuration, `${kind}Configuration`);
    if ((strategy === kind.toUpperCase()) !== (share !== undefined))
      yield broken(19, service, `${kind} where it belongs`);
    const step = kind === "canary" ? "canary" : "step";
    const percent = at(share, `${step}Percent`);
    const tenths = Number(percent ?? 0) * 10;
    if (!within(percent, least, 100) || Math.abs(tenths - Math.round(tenths)) > 1e-9)
      yield broken(19, service, `${kind} of ${String(percent)}`);
    for (const minutes of [bake, at(share, `${step}BakeTimeInMinutes`)])
      if (!within(minutes, 0, 1440)) yield broken(19, service, `bakes ${String(minutes)}`);
  }
  const minimums = ofType(graph, "aws:appautoscaling/scheduledAction:ScheduledAction")
    .filter((action) => textAt(action.inputs, "resourceId").endsWith(`/${service.name}`))
    .map((action) => numberAt(action.inputs, "scalableTargetAction", "minCapacity"));
  const least = numberAt(inputs, "deploymentMinimumHealthyPercent");
  const most = numberAt(inputs, "deploymentMaximumPercent");
  for (const replicas of [numberAt(inputs, "desiredCount"), ...minimums]) {
    const lower = Math.ceil((replicas * least) / 100);
    const upper = Math.floor((replicas * most) / 100);
    if (replicas > 0 && lower >= replicas && upper <= replicas)
      yield broken(18, service, `${replicas} replicas cannot step`);
  }
}
