/** What holds of load balancers, their listeners and rules. */
import type { Declared } from "../mocks.ts";
import {
  at,
  broken,
  listAt,
  named,
  numberAt,
  ofType,
  physicalName,
  textAt,
  twice,
  within,
  type Graph,
  type Violation,
} from "./graph.ts";

const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const GROUP = "aws:lb/targetGroup:TargetGroup";
const LISTENER = "aws:lb/listener:Listener";
const RULE = "aws:lb/listenerRule:ListenerRule";

/** Rules 8, 30 and 31. */
export function* targetGroupInvariants(graph: Graph): Iterable<Violation> {
  for (const group of ofType(graph, GROUP)) {
    const { inputs } = group;
    const check = at(inputs, "healthCheck");
    const ranges = {
      interval: [5, 300],
      timeout: [2, 120],
      healthyThreshold: [2, 10],
      unhealthyThreshold: [2, 10],
      matcher: [200, 499],
    };
    for (const [key, [least = 0, most = 0]] of Object.entries(ranges))
      if (!within(at(check, key), least, most)) yield broken(8, group, `health check's ${key}`);
    if (numberAt(check, "timeout") >= numberAt(check, "interval"))
      yield broken(8, group, "waits longer than between two checks");
    if (!/^\/.{0,1023}$/u.test(textAt(check, "path"))) yield broken(8, group, "a path");
    const algorithm = textAt(inputs, "loadBalancingAlgorithmType");
    const slowStart = Number(at(inputs, "slowStart") ?? 0);
    if (slowStart !== 0 && (algorithm !== "round_robin" || !within(slowStart, 30, 900)))
      yield broken(30, group, `slow start of ${slowStart}`);
    if (at(inputs, "loadBalancingAnomalyMitigation") === "on" && algorithm !== "weighted_random")
      yield broken(30, group, "anomaly mitigation");
    if (!within(at(inputs, "deregistrationDelay"), 0, 3600))
      yield broken(31, group, "a deregistration delay");
    yield* nameInvariants(group);
  }
}

/** Rule 27. */
function* nameInvariants(resource: Declared): Iterable<Violation> {
  const name = physicalName(resource);
  if (
    !/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/u.test(name) ||
    name.startsWith("internal-") ||
    textAt(resource.inputs, "namePrefix").length > 6
  )
    yield broken(27, resource, name);
}

/** Rules 27, 28, 29 and 31. */
export function* loadBalancerInvariants(graph: Graph): Iterable<Violation> {
  for (const balancer of ofType(graph, BALANCER)) {
    const { inputs } = balancer;
    yield* nameInvariants(balancer);
    const subnets = at(inputs, "subnets") as string[];
    if (new Set(subnets).size < 2 || twice(subnets).length > 0)
      yield broken(28, balancer, "too few subnets");
    if (at(inputs, "internal") === true && textAt(inputs, "ipAddressType").startsWith("dualstack-"))
      yield broken(29, balancer, "no public addresses inside");
    if (!within(at(inputs, "idleTimeout"), 1, 4000)) yield broken(31, balancer, "idle timeout");
    if (!within(at(inputs, "clientKeepAlive"), 60, 604_800))
      yield broken(31, balancer, "client keep-alive");
  }
}

/** Rules 32, 33, 34 and 35. */
export function* listenerInvariants(graph: Graph): Iterable<Violation> {
  const priorities: string[] = [];
  for (const rule of ofType(graph, RULE)) {
    const { inputs } = rule;
    const priority = at(inputs, "priority");
    if (priority === undefined || !within(priority, 1, 50_000))
      yield broken(32, rule, "a priority");
    priorities.push(`${textAt(inputs, "listenerArn")} ${String(priority)}`);
    if (twice(priorities).length > 0) yield broken(32, rule, "a priority twice");
    const values = listAt(inputs, "conditions").flatMap((condition) => [
      ...(listAt(condition, "pathPattern", "values") as unknown as string[]),
      ...(listAt(condition, "hostHeader", "values") as unknown as string[]),
    ]);
    if (values.length < 1 || values.length > 5) yield broken(32, rule, `${values.length} values`);
    for (const value of values)
      if (value.length > 128) yield broken(32, rule, `${value.length} characters`);
    for (const { hostHeader } of listAt(inputs, "conditions"))
      for (const host of listAt(hostHeader, "values") as unknown as string[])
        if (!host.includes(".")) yield broken(32, rule, `the host ${host}`);
    const listener = named(graph, LISTENER, inputs["listenerArn"]);
    for (const action of listAt(inputs, "actions"))
      yield* actionInvariants(rule, action, at(listener?.inputs, "protocol"));
  }
  if (ofType(graph, GROUP).length > 100) {
    const [group] = ofType(graph, GROUP);
    if (group !== undefined) yield broken(32, group, "over 100 target groups");
  }
  for (const listener of ofType(graph, LISTENER)) {
    const { inputs } = listener;
    const certificate = textAt(inputs, "certificateArn");
    if ((inputs["protocol"] === "HTTPS") !== (certificate !== ""))
      yield broken(34, listener, "a certificate");
    if (certificate.startsWith("arn:aws:acm:") && certificate.split(":")[3] !== "us-east-1")
      yield broken(34, listener, "another region's certificate");
    for (const action of listAt(inputs, "defaultActions"))
      yield* actionInvariants(listener, action, inputs["protocol"]);
  }
}

function* actionInvariants(
  resource: Declared,
  action: Readonly<Record<string, unknown>>,
  protocol: unknown,
): Iterable<Violation> {
  const type = String(action["type"]);
  if (/^(?:jwt-validation|authenticate-)/u.test(type) && protocol !== "HTTPS")
    yield broken(33, resource, `${type} without TLS`);
  const redirect = textAt(action, "redirect", "statusCode");
  if (redirect !== "" && !["HTTP_301", "HTTP_302"].includes(redirect))
    yield broken(35, resource, redirect);
  if (textAt(action, "fixedResponse", "messageBody").length > 1024)
    yield broken(35, resource, "a long body");
}
