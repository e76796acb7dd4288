import { zoneNames } from "../../graph/answers/network.ts";
import type { Graph, GraphResource } from "../../graph/graph.ts";
import { listAt, textAt } from "../fields.ts";
import { counted, label } from "../labels.ts";
import { costItem, type CostItem, type Unpriced } from "./item.ts";
import {
  CLOUDFRONT,
  DNS_QUERIES,
  EGRESS,
  HOSTED_ZONE,
  HOURS_A_MONTH,
  INTERFACE_ENDPOINT,
  LOAD_BALANCER,
  LOAD_BALANCER_CAPACITY,
  NAT_DATA,
  NAT_GATEWAY,
  PUBLIC_ADDRESS,
  WEB_ACL,
  WEB_ACL_REQUESTS,
  WEB_ACL_RULE,
} from "./prices.ts";
import { GIGABYTES_OF_CALLS, GIGABYTES_OF_LOGS, ofType, USAGE } from "./usage.ts";

export const NETWORK_TYPES = [
  "aws:lb/loadBalancer:LoadBalancer",
  "awsx:ec2:Vpc",
  "aws:ec2/natGateway:NatGateway",
  "aws:ec2/vpcEndpoint:VpcEndpoint",
  "aws:cloudfront/distribution:Distribution",
  "aws:wafv2/webAcl:WebAcl",
  "aws:route53/zone:Zone",
  "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
  "aws:servicediscovery/service:Service",
] as const;

/** Load balancers, addresses, the ways out, and what stands before. */
export function networkCost(graph: Graph): (CostItem | Unpriced)[] {
  return [
    ...ofType(graph, "aws:lb/loadBalancer:LoadBalancer").flatMap(loadBalancer),
    ...natGateways(graph),
    ...ofType(graph, "aws:ec2/vpcEndpoint:VpcEndpoint").flatMap(endpoint),
    ...distributions(graph),
    ...ofType(graph, "aws:wafv2/webAcl:WebAcl").flatMap(webAcl),
    ...ofType(graph, "aws:route53/zone:Zone").map((zone) =>
      costItem("Hosted zone", [label(zone)], 1, HOSTED_ZONE),
    ),
    ...privateNames(graph),
  ];
}

/** Cloud Map itself takes nothing for what ECS enters there; the zone of the names costs, and what asks for them. */
function privateNames(graph: Graph): (CostItem | Unpriced)[] {
  const namespaces = ofType(graph, "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace");
  const names = ofType(graph, "aws:servicediscovery/service:Service");
  return [
    ...namespaces.map((namespace) =>
      costItem("Hosted zone of private names", [label(namespace)], 1, HOSTED_ZONE),
    ),
    ...(names.length === 0
      ? []
      : [
          {
            what: "DNS queries for private names",
            of: names.map(label),
            why: `${DNS_QUERIES.amount} USD a ${DNS_QUERIES.unit} (${DNS_QUERIES.date}); how many there are is up to those who ask`,
          },
        ]),
  ];
}

function loadBalancer(resource: GraphResource): CostItem[] {
  const { inputs } = resource;
  const zones = listAt(inputs, "subnets").length + listAt(inputs, "subnetMappings").length;
  const isPublic = inputs["internal"] !== true;
  return [
    costItem("Application Load Balancer", [label(resource)], HOURS_A_MONTH, LOAD_BALANCER),
    ...(isPublic ? [addresses(resource, zones)] : []),
    // A gigabyte an hour is one unit; connections and rules count for less at this size of calls.
    costItem(
      `Load balancer capacity, ${GIGABYTES_OF_CALLS} GB`,
      [label(resource)],
      GIGABYTES_OF_CALLS,
      LOAD_BALANCER_CAPACITY,
      "usage",
    ),
    ...(isPublic
      ? [
          costItem(
            "Traffic to the internet",
            [label(resource)],
            GIGABYTES_OF_CALLS,
            EGRESS,
            "usage",
          ),
        ]
      : []),
  ];
}

function addresses(resource: GraphResource, count: number): CostItem {
  return costItem(
    counted(count, "public IPv4 address", "public IPv4 addresses"),
    [label(resource)],
    count * HOURS_A_MONTH,
    PUBLIC_ADDRESS,
  );
}

function natGateways(graph: Graph): (CostItem | Unpriced)[] {
  const gateways = [
    ...ofType(graph, "awsx:ec2:Vpc").map((resource) => ({
      resource,
      ...ofVpc(graph, resource),
      isPublic: true,
    })),
    ...ofType(graph, "aws:ec2/natGateway:NatGateway").map((resource) => ({
      resource,
      count: isRegional(resource) ? zonesOf(graph, resource) : 1,
      isPublic: textAt(resource.inputs, "connectivityType") !== "private",
    })),
  ].filter(({ count }) => count > 0);
  return [
    ...gateways.flatMap(({ resource, count, isPublic }) => [
      costItem(
        counted(count, "NAT gateway") + (isRegional(resource) ? " (one, in each zone in use)" : ""),
        [label(resource)],
        count * HOURS_A_MONTH,
        NAT_GATEWAY,
      ),
      ...(isPublic ? [addresses(resource, count)] : []),
    ]),
    ...(gateways.length === 0
      ? []
      : [
          costItem(
            "Traffic through NAT gateways, what tools fetch and logs",
            gateways.map(({ resource }) => label(resource)),
            GIGABYTES_OF_CALLS + GIGABYTES_OF_LOGS,
            NAT_DATA,
            "usage",
          ),
        ]),
  ];
}

function ofVpc({ region }: Graph, { inputs }: GraphResource): { count: number } {
  // awsx puts one into each zone where a program does not say.
  const strategy = textAt(inputs, "natGateways", "strategy") ?? "OnePerAz";
  const zones = zoneNames(region, inputs).length;
  return { count: strategy === "None" ? 0 : strategy === "Single" ? 1 : zones };
}

function isRegional({ inputs }: GraphResource): boolean {
  return textAt(inputs, "availabilityMode") === "regional";
}

function zonesOf(graph: Graph, { inputs }: GraphResource): number {
  const vpc = ofType(graph, "awsx:ec2:Vpc").find(
    ({ outputs }) => outputs["vpcId"] === inputs["vpcId"],
  );
  return vpc === undefined ? 1 : zoneNames(graph.region, vpc.inputs).length;
}

function endpoint(resource: GraphResource): CostItem[] {
  const { inputs } = resource;
  if (textAt(inputs, "vpcEndpointType") !== "Interface") return [];
  const zones = listAt(inputs, "subnetIds").length;
  const service = textAt(inputs, "serviceName")?.split(".").slice(3).join(".") ?? resource.name;
  return [
    costItem(
      `Interface endpoint ${service}, ${counted(zones, "zone")}`,
      [label(resource)],
      zones * HOURS_A_MONTH,
      INTERFACE_ENDPOINT,
    ),
  ];
}

/** Each account has 10 million requests and 1 TB free, every month: more than is assumed here. */
function distributions(graph: Graph): CostItem[] {
  const all = ofType(graph, "aws:cloudfront/distribution:Distribution");
  if (all.length === 0) return [];
  return [
    costItem(
      "CloudFront, within its 10 M free requests and 1 TB a month",
      all.map(label),
      0,
      CLOUDFRONT,
      "usage",
    ),
  ];
}

function webAcl(resource: GraphResource): CostItem[] {
  const rules = listAt(resource.inputs, "rules").length;
  return [
    costItem("Web ACL", [label(resource)], 1, WEB_ACL),
    costItem(
      counted(rules, "rule of a web ACL", "rules of a web ACL"),
      [label(resource)],
      rules,
      WEB_ACL_RULE,
    ),
    costItem(
      "Requests through a web ACL",
      [label(resource)],
      USAGE.calls / 1_000_000,
      WEB_ACL_REQUESTS,
      "usage",
    ),
  ];
}
