import { readGateways } from "../../graph/gateways.ts";
import type { Graph, GraphResource } from "../../graph/graph.ts";
import { zoneOf } from "../../graph/zones.ts";
import { ofType } from "../cost/usage.ts";
import { conditionsOf, replicasOf, scalingOf, sizeOf } from "../facts.ts";
import { at, listAt, numberAt, parsed, textAt, textsAt } from "../fields.ts";
import { upstreamsOf } from "./upstreams.ts";

/** What of a stack is worth a diagram. */
export interface Overview {
  readonly distributions: readonly {
    readonly urn: string;
    readonly name: string;
    readonly loadBalancers: readonly string[];
  }[];
  readonly loadBalancers: readonly {
    readonly arn: string;
    readonly name: string;
    readonly isInternal: boolean;
    readonly ports: string;
  }[];
  readonly routes: readonly Route[];
  readonly targetGroups: readonly {
    readonly arn: string;
    readonly name: string;
    readonly check: string;
  }[];
  readonly services: readonly ServiceOverview[];
  readonly userPools: readonly {
    readonly id: string;
    readonly name: string;
  }[];
}

/** What sends requests of a load balancer to a target group. */
export interface Route {
  readonly loadBalancerArn: string;
  readonly targetGroupArn: string;
  readonly conditions: readonly string[];
  readonly weight: number | undefined;
}

export interface ServiceOverview {
  readonly arn: string;
  readonly name: string;
  readonly cluster: string;
  readonly replicas: string;
  readonly size: string;
  readonly zones: readonly string[];
  readonly targetGroupArns: readonly string[];
  readonly scaling: readonly string[];
  /** Hosts that its containers are told of. */
  readonly upstreams: readonly string[];
  /** The ARNs of services that it calls by their private names. */
  readonly calls: readonly string[];
  /** Who issues the tokens that it takes. */
  readonly issuer: string | undefined;
}

export function overviewOf(graph: Graph): Overview {
  const listeners = ofType(graph, "aws:lb/listener:Listener");
  return {
    distributions: ofType(graph, "aws:cloudfront/distribution:Distribution").map((resource) => ({
      urn: resource.urn,
      name: resource.name,
      loadBalancers: originsOf(graph, resource),
    })),
    loadBalancers: ofType(graph, "aws:lb/loadBalancer:LoadBalancer").map(
      ({ id, name, inputs }) => ({
        arn: id,
        name,
        isInternal: inputs["internal"] === true,
        ports: listeners
          .filter((listener) => listener.inputs["loadBalancerArn"] === id)
          .map(
            ({ inputs }) =>
              `${textAt(inputs, "protocol") ?? "HTTP"} ${numberAt(inputs, "port") ?? ""}`,
          )
          .join(", "),
      }),
    ),
    routes: routesOf(graph, listeners),
    targetGroups: ofType(graph, "aws:lb/targetGroup:TargetGroup").map(({ id, name, inputs }) => ({
      arn: id,
      name,
      check: textAt(inputs, "healthCheck", "path") ?? "",
    })),
    services: ofType(graph, "aws:ecs/service:Service").map((service) => serviceOf(graph, service)),
    userPools: ofType(graph, "aws:cognito/userPool:UserPool").map(({ id, name }) => ({ id, name })),
  };
}

/** The load balancers that a distribution's origins lead to. */
function originsOf(graph: Graph, { inputs }: GraphResource): string[] {
  const origins = new Set(
    listAt(inputs, "origins").map((origin) => textAt(origin, "vpcOriginConfig", "vpcOriginId")),
  );
  return ofType(graph, "aws:cloudfront/vpcOrigin:VpcOrigin")
    .filter(({ id }) => origins.has(id))
    .flatMap((origin) => textAt(origin.inputs, "vpcOriginEndpointConfig", "arn") ?? []);
}

function routesOf(graph: Graph, listeners: readonly GraphResource[]): Route[] {
  const balancerOf = new Map(
    listeners.map(({ id, inputs }) => [id, textAt(inputs, "loadBalancerArn") ?? ""]),
  );
  return ofType(graph, "aws:lb/listenerRule:ListenerRule").flatMap(({ inputs }) =>
    listAt(inputs, "actions").flatMap((action) =>
      targetsOf(action).map(({ arn, weight }) => ({
        loadBalancerArn: balancerOf.get(textAt(inputs, "listenerArn") ?? "") ?? "",
        targetGroupArn: arn,
        conditions: conditionsOf(inputs),
        weight,
      })),
    ),
  );
}

function targetsOf(action: unknown): { arn: string; weight: number | undefined }[] {
  const single = textAt(action, "targetGroupArn");
  if (single !== undefined) return [{ arn: single, weight: undefined }];
  return listAt(action, "forward", "targetGroups").flatMap((group) => {
    const arn = textAt(group, "arn");
    return arn === undefined ? [] : [{ arn, weight: numberAt(group, "weight") ?? 1 }];
  });
}

function serviceOf(graph: Graph, service: GraphResource): ServiceOverview {
  const { id, name, inputs } = service;
  const definition = ofType(graph, "aws:ecs/taskDefinition:TaskDefinition").find(
    (candidate) => candidate.id === inputs["taskDefinition"],
  );
  const cluster = ofType(graph, "aws:ecs/cluster:Cluster").find(
    (candidate) => candidate.id === inputs["cluster"],
  );
  const containers = parsed(textAt(definition?.inputs, "containerDefinitions"));
  const environment = (Array.isArray(containers) ? containers : []).flatMap((container: unknown) =>
    listAt(container, "environment"),
  );
  const behind = readGateways(graph).find((gateway) => gateway.service === id)?.upstreams ?? [];
  return {
    arn: id,
    name,
    cluster: cluster?.name ?? "default",
    replicas: replicasOf(graph, service),
    size: sizeOf(definition?.inputs),
    zones: [
      ...new Set(
        textsAt(inputs, "networkConfiguration", "subnets").map((subnet, index) =>
          zoneOf(graph, subnet, index),
        ),
      ),
    ],
    targetGroupArns: listAt(inputs, "loadBalancers").flatMap((attachment) => [
      ...[textAt(attachment, "targetGroupArn") ?? []].flat(),
      ...[textAt(attachment, "advancedConfiguration", "alternateTargetGroupArn") ?? []].flat(),
    ]),
    scaling: ofType(graph, "aws:appautoscaling/policy:Policy")
      .filter((policy) => id.endsWith(`:${textAt(policy.inputs, "resourceId") ?? "?"}`))
      .map((policy) => scalingOf(policy.inputs)),
    upstreams: [
      ...new Set([
        ...upstreamsOf(environment),
        ...behind.flatMap((upstream) => (upstream.service === undefined ? [upstream.host] : [])),
      ]),
    ],
    calls: [...new Set(behind.flatMap((upstream) => upstream.service ?? []))],
    issuer: environment
      .filter((variable) => at(variable, "name") === "AUTH_ISSUER")
      .map((variable) => textAt(variable, "value"))[0],
  };
}
