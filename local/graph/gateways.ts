import { at, listAt, parsed, textAt, textsAt } from "../drawing/fields.ts";
import type { Graph, GraphResource } from "./graph.ts";

/** A gateway, as its variables and parameters say. */
export interface Gateway {
  /** The ARN of its ECS service. */
  readonly service: string;
  /** The service's name in the program. */
  readonly name: string;
  readonly upstreams: readonly GatewayUpstream[];
}

export interface GatewayUpstream {
  readonly name: string;
  /** What stands before the names of its tools; undefined where nothing does. */
  readonly prefix: string | undefined;
  /** The tools that the gateway may call again, by the upstream's own names; `*` stands for any characters. */
  readonly idempotentTools: readonly string[];
  /** Empty where it is not said. */
  readonly host: string;
  /** The ARN of the ECS service of the program that it is; undefined for one elsewhere. */
  readonly service: string | undefined;
}

/** The gateways of a program. What is not understood is left out. */
export function readGateways(graph: Graph): Gateway[] {
  return ofType(graph, "aws:ecs/service:Service").flatMap((service) => {
    const path = parameterPath(graph, service);
    if (path === undefined) return [];
    const upstreams = ofType(graph, "aws:ssm/parameter:Parameter").flatMap((parameter) =>
      upstreamOf(graph, parameter, path),
    );
    return [{ service: service.id, name: service.name, upstreams }];
  });
}

function parameterPath(graph: Graph, service: GraphResource): string | undefined {
  const definition = ofType(graph, "aws:ecs/taskDefinition:TaskDefinition").find(
    ({ id }) => id === service.inputs["taskDefinition"],
  );
  const containers = parsed(textAt(definition?.inputs, "containerDefinitions"));
  return listAt({ containers }, "containers")
    .flatMap((container) => listAt(container, "environment"))
    .filter((variable) => textAt(variable, "name") === "GATEWAY_PARAMETER_PATH")
    .map((variable) => textAt(variable, "value"))[0];
}

function upstreamOf(
  graph: Graph,
  { inputs }: GraphResource,
  path: string,
): readonly GatewayUpstream[] {
  const parent = path.endsWith("/") ? path : `${path}/`;
  const name = textAt(inputs, "name") ?? "";
  if (!name.startsWith(parent) || name.slice(parent.length).includes("/")) return [];
  const value = parsed(textAt(inputs, "value") ?? textAt(inputs, "insecureValue"));
  const url = textAt(value, "url") ?? "";
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  const upstream = name.slice(parent.length);
  return [
    {
      name: upstream,
      prefix: at(value, "prefix") === false ? undefined : (textAt(value, "prefix") ?? upstream),
      idempotentTools: textsAt(value, "idempotentTools"),
      host,
      service: serviceOfHost(graph, host),
    },
  ];
}

/** The ARN of the ECS service whose tasks a private host name stands for. */
function serviceOfHost(graph: Graph, host: string): string | undefined {
  const registry = ofType(graph, "aws:servicediscovery/service:Service").find(({ inputs }) => {
    const namespace = ofType(
      graph,
      "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
    ).find(({ id }) => id === textAt(inputs, "dnsConfig", "namespaceId"));
    const name = `${textAt(inputs, "name") ?? ""}.${textAt(namespace?.inputs, "name") ?? ""}`;
    return name.toLowerCase() === host;
  });
  if (registry === undefined) return undefined;
  const arn = textAt(registry.outputs, "arn");
  return ofType(graph, "aws:ecs/service:Service").find(
    ({ inputs }) => textAt(inputs, "serviceRegistries", "registryArn") === arn,
  )?.id;
}

function ofType({ resources }: Graph, type: string): GraphResource[] {
  return resources.filter((resource) => resource.type === type);
}
