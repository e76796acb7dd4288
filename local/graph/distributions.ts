import { z } from "zod";
import { LocalError, type Graph, type GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";

const distributionInputs = z.object({
  enabled: z.boolean(),
  defaultCacheBehavior: z.object({ targetOriginId: z.string() }),
  origins: z.array(
    z.object({
      originId: z.string(),
      vpcOriginConfig: z.object({ vpcOriginId: z.string() }).optional(),
    }),
  ),
});

const vpcOriginInputs = z.object({
  vpcOriginEndpointConfig: z.object({
    arn: z.string(),
    httpPort: z.number(),
    httpsPort: z.number(),
    originProtocolPolicy: z.enum(["http-only", "https-only", "match-viewer"]),
  }),
});

const DISTRIBUTION = "aws:cloudfront/distribution:Distribution";
const VPC_ORIGIN = "aws:cloudfront/vpcOrigin:VpcOrigin";
const LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const LISTENER = "aws:lb/listener:Listener";

/**
 * What CloudFront's addresses are here: of each distribution that stands before a load balancer the origin that clients use, and that of the
 * load balancer on this machine, which they ask instead. Nothing here caches, and nothing encrypts.
 *
 * @throws {LocalError} where the way from a distribution to a listener is broken: on AWS clients would see errors alone.
 */
export function publicOrigins(graph: Graph): Map<string, string> {
  const origins = new Map<string, string>();
  for (const distribution of graph.resources.filter(({ type }) => type === DISTRIBUTION)) {
    const inputs = inputsOf(distribution, distributionInputs);
    const wanted = inputs.defaultCacheBehavior.targetOriginId;
    const origin = inputs.origins.find(({ originId }) => originId === wanted);
    if (origin === undefined)
      throw broken(
        distribution,
        `sends requests to the origin \`${wanted}\`, which it does not have`,
      );
    // Any other origin, such as a bucket, is none of a service's.
    if (origin.vpcOriginConfig === undefined) continue;
    if (!inputs.enabled) throw broken(distribution, "is not enabled");
    const loadBalancer = behind(graph, distribution, origin.vpcOriginConfig.vpcOriginId);
    origins.set(
      `https://${String(distribution.outputs["domainName"])}`,
      `http://${String(loadBalancer.outputs["dnsName"])}`,
    );
  }
  return origins;
}

/** The load balancer behind a VPC origin. */
function behind(graph: Graph, distribution: GraphResource, vpcOriginId: string): GraphResource {
  const vpcOrigin = graph.resources.find(
    ({ type, id }) => type === VPC_ORIGIN && id === vpcOriginId,
  );
  if (vpcOrigin === undefined)
    throw broken(
      distribution,
      `uses the VPC origin \`${vpcOriginId}\`, which the program does not declare`,
    );
  const config = inputsOf(vpcOrigin, vpcOriginInputs).vpcOriginEndpointConfig;
  const loadBalancer = graph.resources.find(
    ({ type, id }) => type === LOAD_BALANCER && id === config.arn,
  );
  if (loadBalancer === undefined)
    throw broken(
      distribution,
      `leads to \`${config.arn}\`, which is no load balancer of the program`,
    );
  const [protocol, port] =
    config.originProtocolPolicy === "http-only"
      ? ["HTTP", config.httpPort]
      : ["HTTPS", config.httpsPort];
  const listens = graph.resources.some(
    ({ type, inputs }) =>
      type === LISTENER &&
      inputs["loadBalancerArn"] === loadBalancer.id &&
      inputs["port"] === port &&
      inputs["protocol"] === protocol,
  );
  if (!listens) {
    throw broken(
      distribution,
      `sends ${protocol} to port ${port} of \`${loadBalancer.name}\`, where no listener takes it`,
    );
  }
  return loadBalancer;
}

function broken(distribution: GraphResource, what: string): LocalError {
  return new LocalError(
    `The distribution \`${distribution.name}\` ${what}: nobody would be served.`,
  );
}
