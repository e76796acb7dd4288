import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { publicOrigins } from "../../local/graph/distributions.ts";
import { LocalError, type Graph, type GraphResource } from "../../local/graph/graph.ts";

function resource(
  type: string,
  id: string,
  inputs: Record<string, unknown>,
  outputs: Record<string, unknown> = {},
): GraphResource {
  const shared = { urn: `urn:${id}`, parent: "", dependencies: [], ignoreChanges: [] };
  return { ...shared, type, name: "mcp", id, inputs, outputs };
}

const LOAD_BALANCER = resource(
  "aws:lb/loadBalancer:LoadBalancer",
  "arn:balancer",
  {},
  { dnsName: "127.0.0.1:8000" },
);
const LISTENER = resource("aws:lb/listener:Listener", "arn:listener", {
  loadBalancerArn: "arn:balancer",
  port: 80,
  protocol: "HTTP",
});
const VPC_ORIGIN = resource("aws:cloudfront/vpcOrigin:VpcOrigin", "vo_1", {
  vpcOriginEndpointConfig: {
    arn: "arn:balancer",
    httpPort: 80,
    httpsPort: 443,
    originProtocolPolicy: "http-only",
  },
});
const DISTRIBUTION = resource(
  "aws:cloudfront/distribution:Distribution",
  "E1",
  {
    enabled: true,
    defaultCacheBehavior: { targetOriginId: "load-balancer" },
    origins: [{ originId: "load-balancer", vpcOriginConfig: { vpcOriginId: "vo_1" } }],
  },
  { domainName: "d1.cloudfront.net" },
);

const graphOf = (...resources: GraphResource[]): Graph => ({
  project: "test",
  stack: "dev",
  region: "us-east-1",
  resources,
  outputs: {},
});

describe("GIVEN a distribution before a load balancer", () => {
  test("WHEN its address is asked for THEN it is that of the load balancer on this machine", () => {
    assert.deepEqual(
      publicOrigins(graphOf(LOAD_BALANCER, LISTENER, VPC_ORIGIN, DISTRIBUTION)),
      new Map([["https://d1.cloudfront.net", "http://127.0.0.1:8000"]]),
    );
  });

  const config = VPC_ORIGIN.inputs["vpcOriginEndpointConfig"] as object;
  const mistakes: [what: string, graph: Graph, sentence: string][] = [
    [
      "sends requests to an origin that it does not have",
      graphOf(LOAD_BALANCER, LISTENER, VPC_ORIGIN, {
        ...DISTRIBUTION,
        inputs: { ...DISTRIBUTION.inputs, defaultCacheBehavior: { targetOriginId: "other" } },
      }),
      "sends requests to the origin `other`, which it does not have",
    ],
    [
      "is not enabled",
      graphOf(LOAD_BALANCER, LISTENER, VPC_ORIGIN, {
        ...DISTRIBUTION,
        inputs: { ...DISTRIBUTION.inputs, enabled: false },
      }),
      "is not enabled",
    ],
    [
      "uses a VPC origin that nobody declares",
      graphOf(LOAD_BALANCER, LISTENER, DISTRIBUTION),
      "uses the VPC origin `vo_1`, which the program does not declare",
    ],
    [
      "leads to another load balancer",
      graphOf(LISTENER, VPC_ORIGIN, DISTRIBUTION),
      "leads to `arn:balancer`, which is no load balancer of the program",
    ],
    [
      "leads to a port where nobody listens",
      graphOf(
        LOAD_BALANCER,
        LISTENER,
        { ...VPC_ORIGIN, inputs: { vpcOriginEndpointConfig: { ...config, httpPort: 8080 } } },
        DISTRIBUTION,
      ),
      "sends HTTP to port 8080 of `mcp`, where no listener takes it",
    ],
    [
      "speaks another protocol than the listener",
      graphOf(
        LOAD_BALANCER,
        LISTENER,
        {
          ...VPC_ORIGIN,
          inputs: { vpcOriginEndpointConfig: { ...config, originProtocolPolicy: "match-viewer" } },
        },
        DISTRIBUTION,
      ),
      "sends HTTPS to port 443 of `mcp`, where no listener takes it",
    ],
  ];
  for (const [what, graph, sentence] of mistakes) {
    test(`WHEN it ${what} THEN that is refused, since nobody would be served`, () => {
      assert.throws(
        () => publicOrigins(graph),
        (error) => {
          assert.ok(error instanceof LocalError);
          assert.equal(
            error.message,
            `The distribution \`mcp\` ${sentence}: nobody would be served.`,
          );
          return true;
        },
      );
    });
  }
});

test("GIVEN a distribution of something else WHEN its address is asked for THEN it is none of a load balancer", () => {
  const bucket = {
    ...DISTRIBUTION,
    inputs: { ...DISTRIBUTION.inputs, origins: [{ originId: "load-balancer" }] },
  };
  assert.deepEqual(publicOrigins(graphOf(bucket)), new Map());
  assert.deepEqual(publicOrigins(graphOf()), new Map());
});
