/** What holds of scaling, alarms, names, and the network. */
import {
  at,
  broken,
  listAt,
  numberAt,
  ofType,
  physicalName,
  textAt,
  within,
  type Graph,
  type Violation,
} from "./graph.ts";

/** Rules 23 and 24. */
export function* scalingInvariants(graph: Graph): Iterable<Violation> {
  const bounds = [
    ...ofType(graph, "aws:appautoscaling/target:Target").map(
      (target) => [target, target.inputs] as const,
    ),
    ...ofType(graph, "aws:appautoscaling/scheduledAction:ScheduledAction").map(
      (action) => [action, at(action.inputs, "scalableTargetAction")] as const,
    ),
  ];
  for (const [resource, values] of bounds)
    if (!(numberAt(values, "minCapacity") <= numberAt(values, "maxCapacity")))
      yield broken(23, resource, "a minimum above the maximum");
  for (const policy of ofType(graph, "aws:appautoscaling/policy:Policy")) {
    const steps = listAt(policy.inputs, "stepScalingPolicyConfiguration", "stepAdjustments");
    if (steps.length > 20) yield broken(24, policy, "too many steps");
    for (const [index, step] of steps.entries()) {
      const next = steps[index + 1];
      const lower = step["metricIntervalLowerBound"];
      const upper = at(step, "metricIntervalUpperBound") as string | number | undefined;
      if (typeof lower !== "string" || (next !== undefined && typeof upper !== "string"))
        yield broken(24, policy, "a bound that is no text");
      if (upper !== next?.["metricIntervalLowerBound"]) yield broken(24, policy, "a gap");
      if (upper !== undefined && !(Number(upper) > Number(lower)))
        yield broken(24, policy, `an empty step from ${String(lower)} to ${String(upper)}`);
    }
  }
}

/** Rules 25 and 26. */
export function* alarmInvariants(graph: Graph): Iterable<Violation> {
  for (const alarm of ofType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm")) {
    const { inputs } = alarm;
    const queries = listAt(inputs, "metricQueries");
    const periods = [inputs, ...queries.map((query) => at(query, "metric"))];
    for (const holder of periods) {
      const period = at(holder, "period") as string | number | undefined;
      const ours = at(holder, "namespace") === "McpService";
      if (period !== undefined && Number(period) % 60 !== 0 && !(ours && Number(period) === 10))
        yield broken(25, alarm, `a period of ${String(period)}`);
    }
    if (queries.length === 0) continue;
    if (queries.filter(({ returnData }) => returnData === true).length !== 1)
      yield broken(26, alarm, "one result");
    for (const query of queries) {
      if (!/^[a-z]\w{0,254}$/u.test(textAt(query, "id"))) yield broken(26, alarm, "an id");
      if (textAt(query, "expression").length > 2048) yield broken(26, alarm, "an expression");
    }
  }
}

/** What CloudWatch Logs keeps (API PutRetentionPolicy), and 0. */
const RETENTION = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
  3288, 3653,
];

/** Rules 45, 47 and 48. */
export function* nameInvariants(graph: Graph): Iterable<Violation> {
  for (const secret of ofType(graph, "aws:secretsmanager/secret:Secret")) {
    const days = Number(at(secret.inputs, "recoveryWindowInDays") ?? 30);
    if (days !== 0 && !within(days, 7, 30)) yield broken(45, secret, `${days} days`);
    if (/-[A-Za-z0-9]{6}$/u.test(physicalName(secret))) yield broken(45, secret, "a name");
  }
  for (const role of ofType(graph, "aws:iam/role:Role"))
    if (physicalName(role).length > 64) yield broken(47, role, physicalName(role));
  for (const group of ofType(graph, "aws:cloudwatch/logGroup:LogGroup")) {
    if (!/^[\w./#-]{1,512}$/u.test(physicalName(group))) yield broken(47, group, "a name");
    if (!RETENTION.includes(numberAt(group.inputs, "retentionInDays")))
      yield broken(47, group, "a retention");
  }
  for (const repository of ofType(graph, "awsx:ecr:Repository")) {
    if (!/^[a-z0-9](?:[a-z0-9._/-]{0,254}[a-z0-9])$/u.test(physicalName(repository)))
      yield broken(48, repository, physicalName(repository));
    if (textAt(repository.inputs, "imageTagMutability").startsWith("IMMUTABLE"))
      yield broken(48, repository, "tags that awsx moves");
  }
}

/** Rules 49, 50, 51 and 53. */
export function* networkInvariants(graph: Graph): Iterable<Violation> {
  const endpoints = ofType(graph, "aws:ec2/vpcEndpoint:VpcEndpoint");
  const gateways = ofType(graph, "aws:ec2/natGateway:NatGateway");
  for (const vpc of ofType(graph, "awsx:ec2:Vpc")) {
    const { inputs } = vpc;
    const named = endpoints.some((endpoint) => endpoint.inputs["privateDnsEnabled"] === true);
    if (named && !(inputs["enableDnsHostnames"] === true && inputs["enableDnsSupport"] === true))
      yield broken(49, vpc, "endpoints without names");
    const kinds = listAt(inputs, "subnetSpecs").map(({ type }) => type);
    const strategy = textAt(inputs, "natGateways", "strategy");
    const zones = listAt(inputs, "availabilityZoneNames").length;
    if ((strategy !== "None" && !kinds.includes("Public")) || zones < 2)
      yield broken(51, vpc, "a gateway without a place");
    const services = endpoints.map(({ inputs: given }) => textAt(given, "serviceName"));
    const needed = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "s3"];
    if (strategy === "None" && gateways.length === 0)
      for (const service of needed)
        if (!services.some((name) => name.endsWith(`.${service}`)))
          yield broken(53, vpc, `no way to ${service}`);
  }
  for (const gateway of gateways) {
    const { inputs } = gateway;
    const regional = inputs["availabilityMode"] === "regional";
    const zonal = inputs["subnetId"] !== undefined || inputs["allocationId"] !== undefined;
    if (regional ? zonal || textAt(inputs, "vpcId") === "" : !zonal)
      yield broken(50, gateway, "a subnet, or none");
  }
}
