import { z } from "zod";
import { LocalError, type Graph, type GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";

/** A Cloud Map service with a private name: what ECS enters tasks into. */
export interface PrivateName {
  readonly arn: string;
  /** Such as `weather.mcp.internal`, in small letters. */
  readonly hostName: string;
  readonly ttlSeconds: number;
  /** How many addresses an answer has at most: eight, or one, by its routing policy. */
  readonly maxAnswers: number;
  /** Whether ECS tells it the health of tasks. */
  readonly knowsHealth: boolean;
}

/** The names of a program, and what they end with. */
export interface PrivateNames {
  /** In small letters. */
  readonly namespaces: readonly string[];
  readonly names: readonly PrivateName[];
}

const namespaceInputs = z.object({ name: z.string() });

const serviceInputs = z.object({
  name: z.string(),
  dnsConfig: z
    .object({
      namespaceId: z.string(),
      dnsRecords: z.array(z.object({ type: z.string(), ttl: z.number() })),
      // What the API takes where nothing is said (API DnsConfig).
      routingPolicy: z.enum(["MULTIVALUE", "WEIGHTED"]).default("MULTIVALUE"),
    })
    .optional(),
  healthCheckCustomConfig: z.looseObject({}).optional(),
});

/** Route 53 answers with up to eight records, of a weighted policy with one (Cloud Map guide, "Routing policy"). */
const MULTIVALUE_ANSWERS = 8;

/**
 * Reads the private names of a program.
 *
 * @throws {LocalError} for a service that is registered in another way than by A records.
 */
export function readPrivateNames(graph: Graph): PrivateNames {
  const namespaces = graph.resources
    .filter(({ type }) => type === "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace")
    .map((resource) => ({
      id: resource.id,
      name: inputsOf(resource, namespaceInputs).name.toLowerCase(),
    }));
  return {
    namespaces: namespaces.map(({ name }) => name),
    names: graph.resources
      .filter(({ type }) => type === "aws:servicediscovery/service:Service")
      .map((resource) => readName(resource, namespaces)),
  };
}

function readName(
  resource: GraphResource,
  namespaces: readonly { readonly id: string; readonly name: string }[],
): PrivateName {
  const inputs = inputsOf(resource, serviceInputs);
  const records = inputs.dnsConfig?.dnsRecords ?? [];
  const record = records.find(({ type }) => type === "A");
  const namespace = namespaces.find(({ id }) => id === inputs.dnsConfig?.namespaceId);
  if (inputs.dnsConfig === undefined || record === undefined || namespace === undefined) {
    throw new LocalError(
      `The Cloud Map service \`${resource.name}\` cannot run here: it has ${
        namespace === undefined ? "no private DNS namespace of the program" : "no A record"
      }. Declare an \`A\` record in \`dnsConfig\`, in an \`aws.servicediscovery.PrivateDnsNamespace\`.`,
    );
  }
  return {
    arn: String(resource.outputs["arn"]),
    hostName: `${inputs.name}.${namespace.name}`.toLowerCase(),
    ttlSeconds: record.ttl,
    maxAnswers: inputs.dnsConfig.routingPolicy === "WEIGHTED" ? 1 : MULTIVALUE_ANSWERS,
    knowsHealth: inputs.healthCheckCustomConfig !== undefined,
  };
}
