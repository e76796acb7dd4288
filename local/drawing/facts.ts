import type { Graph, GraphResource } from "../graph/graph.ts";
import { replicas, shares } from "./cost/replicas.ts";
import { at, listAt, numberAt, parsed, textAt, textsAt } from "./fields.ts";
import { counted } from "./labels.ts";

/** What one wants to know of a resource at a glance; undefined for types that are boilerplate. */
export function factsOf(graph: Graph, resource: GraphResource): string | undefined {
  return FACTS[resource.type]?.(resource, graph);
}

type Fact = (resource: GraphResource, graph: Graph) => string;

const FACTS: Readonly<Record<string, Fact>> = {
  "aws:cloudfront/distribution:Distribution": ({ inputs, outputs }) =>
    textsAt(inputs, "aliases").join(", ") ||
    (textAt(outputs, "domainName") === undefined ? "" : "its own address"),
  "aws:lb/loadBalancer:LoadBalancer": ({ inputs }) =>
    `${inputs["internal"] === true ? "internal" : "public"}, ${counted(listAt(inputs, "subnets").length, "zone")}`,
  "aws:lb/listener:Listener": ({ inputs }) =>
    `${textAt(inputs, "protocol") ?? "HTTP"} ${numberAt(inputs, "port") ?? ""}`,
  "aws:lb/listenerRule:ListenerRule": ({ inputs }) =>
    `priority ${numberAt(inputs, "priority") ?? "?"}: ${conditionsOf(inputs).join(", ")}`,
  "aws:lb/targetGroup:TargetGroup": ({ inputs }) => {
    const check = at(inputs, "healthCheck");
    const path = textAt(check, "path");
    return path === undefined
      ? `port ${numberAt(inputs, "port") ?? "?"}`
      : `asks ${path} every ${numberAt(check, "interval") ?? 30} s, drains ${numberAt(inputs, "deregistrationDelay") ?? 300} s`;
  },
  "aws:ecs/cluster:Cluster": ({ inputs }) => {
    const insights = listAt(inputs, "settings").find(
      (setting) => textAt(setting, "name") === "containerInsights",
    );
    return `Container Insights ${textAt(insights, "value") ?? "as the account has it"}`;
  },
  "aws:ecs/service:Service": (service, graph) => replicasOf(graph, service),
  "aws:ecs/taskDefinition:TaskDefinition": ({ inputs }) =>
    [sizeOf(inputs), ...containerNames(inputs)].filter((part) => part !== "").join(", "),
  "aws:appautoscaling/policy:Policy": ({ inputs }) => scalingOf(inputs),
  "aws:appautoscaling/scheduledAction:ScheduledAction": ({ inputs }) =>
    textAt(inputs, "schedule") ?? "",
  "aws:autoscaling/group:Group": ({ inputs }) =>
    `${numberAt(inputs, "minSize") ?? 0} to ${numberAt(inputs, "maxSize") ?? 0} instances`,
  "aws:cognito/userPool:UserPool": () => "",
  "aws:cognito/userPoolClient:UserPoolClient": ({ inputs }) =>
    textsAt(inputs, "allowedOauthFlows").join(", "),
  "aws:wafv2/webAcl:WebAcl": ({ inputs }) => counted(listAt(inputs, "rules").length, "rule"),
  "awsx:ec2:Vpc": ({ inputs }) =>
    `${textAt(inputs, "cidrBlock") ?? "10.0.0.0/16"}, ${counted(listAt(inputs, "availabilityZoneNames").length, "zone")}, NAT ${textAt(inputs, "natGateways", "strategy") ?? "OnePerAz"}`,
  "awsx:ecr:Image": ({ inputs }) =>
    `from ${textAt(inputs, "dockerfile") ?? textAt(inputs, "context") ?? "?"}`,
  "aws:ec2/natGateway:NatGateway": ({ inputs }) => textAt(inputs, "availabilityMode") ?? "zonal",
  "aws:ec2/vpcEndpoint:VpcEndpoint": ({ inputs }) =>
    `${textAt(inputs, "serviceName")?.split(".").slice(3).join(".") ?? "?"}, ${textAt(inputs, "vpcEndpointType") ?? "Gateway"}`,
  "aws:route53/record:Record": ({ inputs }) =>
    `${textAt(inputs, "type") ?? ""} ${textAt(inputs, "name") ?? ""}`,
  "aws:efs/fileSystem:FileSystem": () => "",
  "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": ({ inputs }) =>
    textAt(inputs, "name") ?? "",
  "aws:servicediscovery/service:Service": ({ inputs }) =>
    listAt(inputs, "dnsConfig", "dnsRecords")
      .map((record) => `${textAt(record, "type") ?? "?"} for ${numberAt(record, "ttl") ?? "?"} s`)
      .join(", "),
  "aws:ssm/parameter:Parameter": ({ inputs }) => textAt(inputs, "name") ?? "",
};

const ORDER = Object.keys(FACTS);

/** The place of a type in a list: what a request meets first comes first. */
export function importance(type: string): number {
  const place = ORDER.indexOf(type);
  return place === -1 ? ORDER.length : place;
}

/** "0.25 vCPU, 0.5 GB" of a task. */
export function sizeOf(inputs: unknown): string {
  const [cpu, memory] = [numberAt(inputs, "cpu"), numberAt(inputs, "memory")];
  return [
    ...(cpu === undefined ? [] : [`${rounded(cpu / 1024)} vCPU`]),
    ...(memory === undefined ? [] : [`${rounded(memory / 1024)} GB`]),
  ].join(", ");
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** "2 to 20 replicas on FARGATE" of a service. */
export function replicasOf(graph: Graph, service: GraphResource): string {
  const { least, most } = replicas(graph, service);
  const places = shares(service).map(({ provider }) => providerName(graph, provider));
  return `${least === most ? counted(least, "replica") : `${least} to ${most} replicas`} on ${places.join(", ")}`;
}

/** A capacity provider as the program calls it. */
function providerName(graph: Graph, provider: string): string {
  const declared = graph.resources.find(
    ({ type, outputs }) =>
      type === "aws:ecs/capacityProvider:CapacityProvider" && outputs["name"] === provider,
  );
  return declared?.name ?? provider;
}

/** The conditions of a rule, shortly: discovery paths of a service follow from its own. */
export function conditionsOf(inputs: unknown): string[] {
  return listAt(inputs, "conditions").flatMap((condition) => {
    const paths = textsAt(condition, "pathPattern", "values").filter(
      (path) => !path.startsWith("/.well-known/"),
    );
    const header = textAt(condition, "httpHeader", "httpHeaderName");
    return [
      ...paths,
      ...textsAt(condition, "hostHeader", "values"),
      ...textsAt(condition, "httpRequestMethod", "values"),
      ...(header === undefined
        ? []
        : [`${header}: ${textsAt(condition, "httpHeader", "values").join(", ")}`]),
      ...listAt(condition, "queryStrings").map(
        (pair) => `?${textAt(pair, "key") ?? ""}=${textAt(pair, "value") ?? ""}`,
      ),
    ];
  });
}

/** What a policy aims at. */
export function scalingOf(inputs: unknown): string {
  const target = at(inputs, "targetTrackingScalingPolicyConfiguration");
  if (target === undefined) {
    const steps = listAt(inputs, "stepScalingPolicyConfiguration", "stepAdjustments");
    return `${counted(steps.length, "step")} at an alarm`;
  }
  const metric =
    textAt(target, "predefinedMetricSpecification", "predefinedMetricType") ??
    textAt(target, "customizedMetricSpecification", "metricName") ??
    "an expression";
  return `${metric} at ${numberAt(target, "targetValue") ?? "?"}`;
}

export function containerNames(inputs: unknown): string[] {
  const containers = parsed(textAt(inputs, "containerDefinitions"));
  return (Array.isArray(containers) ? containers : []).flatMap(
    (container: unknown) => textAt(container, "name") ?? [],
  );
}
