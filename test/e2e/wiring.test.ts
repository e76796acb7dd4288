import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LocalError, type Graph } from "../../local/graph/graph.ts";
import { change, changeContainers, hurry, observe, setVariable } from "./in-process.ts";
import { callWeather } from "./load.ts";

/** What a stack with a mistake in its wiring does: an error before or while it starts, or the status of a call. */
async function outcome(
  context: Parameters<typeof observe>[0],
  mistake: (graph: Graph) => Graph,
  speed?: number,
): Promise<string | number> {
  try {
    const transform = (graph: Graph): Graph => mistake(hurry(graph));
    const observed = await observe(context, transform, process.platform, speed);
    await observed.run.ready;
    const [endpoint] = observed.run.endpoints;
    return endpoint === undefined ? "no endpoint" : await callWeather(endpoint);
  } catch (error) {
    assert.ok(error instanceof LocalError, String(error));
    return error.message;
  }
}

const TARGET_GROUP = "aws:lb/targetGroup:TargetGroup";
const RULE = "aws:lb/listenerRule:ListenerRule";
const SERVICE = "aws:ecs/service:Service";

/** Changes the container port that the service sends its traffic to. */
const sendTo = (graph: Graph, containerPort: number): Graph =>
  change(graph, SERVICE, ({ loadBalancers }) => ({
    loadBalancers: (loadBalancers as object[]).map((attachment) => ({
      ...attachment,
      containerPort,
    })),
  }));

/** Changes the value of the secret of this name. */
const setSecret = (graph: Graph, name: string, secretString: string): Graph =>
  change(graph, "aws:secretsmanager/secretVersion:SecretVersion", ({ secretId }) =>
    String(secretId).includes(name) ? { secretString } : {},
  );

describe(
  "GIVEN the repository's program with one wired property changed",
  { concurrency: 4 },
  () => {
    test("WHEN nothing is changed THEN a call is answered", async (context) => {
      assert.equal(await outcome(context, (graph) => graph), 200);
    });

    /** Where no process ever starts, nothing real has to be waited for, but for the pauses between two attempts. */
    const NEVER_STARTS = 20;

    const unhealthy = /^The deployment of the service `weather` failed after 3 failures: /u;
    const mistakes: [
      change: string,
      mistake: (graph: Graph) => Graph,
      outcome: RegExp | number | string,
      speed?: number,
    ][] = [
      [
        "the port in the container's environment",
        (graph) => setVariable(graph, "PORT", "8081"),
        unhealthy,
      ],
      [
        "the container port of the load balancer",
        (graph) => sendTo(graph, 9000),
        /^The service `weather` sends traffic to port 9000 of the container `server`, but its task definition has no such port\. It maps 8080\.$/u,
      ],
      [
        "that port, and the port mapping with it",
        (graph) =>
          changeContainers(sendTo(graph, 9000), (container) => {
            container.portMappings = [{ containerPort: 9000 }];
          }),
        unhealthy,
      ],
      [
        "the path of the health check",
        (graph) =>
          change(graph, TARGET_GROUP, ({ healthCheck }) => ({
            healthCheck: { ...(healthCheck as object), path: "/ready" },
          })),
        unhealthy,
      ],
      [
        "the matcher of the health check",
        (graph) =>
          change(graph, TARGET_GROUP, ({ healthCheck }) => ({
            healthCheck: { ...(healthCheck as object), matcher: "204" },
          })),
        unhealthy,
      ],
      ["the container's endpoint path", (graph) => setVariable(graph, "MCP_PATH", "/other"), 404],
      [
        "the path of the rule",
        (graph) =>
          change(graph, RULE, () => ({ conditions: [{ pathPattern: { values: ["/wrong"] } }] })),
        404,
      ],
      [
        "the target group of the rule",
        (graph) =>
          change(graph, RULE, () => ({
            actions: [{ type: "forward", targetGroupArn: "arn:other" }],
          })),
        "no endpoint",
      ],
      [
        "the listener of the rule",
        (graph) => change(graph, RULE, () => ({ listenerArn: "arn:other" })),
        "no endpoint",
      ],
      [
        "the target group of the service",
        (graph) =>
          change(graph, SERVICE, ({ loadBalancers }) => ({
            loadBalancers: (loadBalancers as object[]).map((attachment) => ({
              ...attachment,
              targetGroupArn: "arn:other",
            })),
          })),
        /^The service `weather` registers with the target group `arn:other`, which the program does not declare\./u,
      ],
      [
        "the container of the load balancer",
        (graph) =>
          change(graph, SERVICE, ({ loadBalancers }) => ({
            loadBalancers: (loadBalancers as object[]).map((attachment) => ({
              ...attachment,
              containerName: "other",
            })),
          })),
        /^The service `weather` sends traffic to port 8080 of the container `other`, but its task definition/u,
      ],
      [
        "the version of the secret",
        (graph) =>
          changeContainers(graph, ({ secrets }) => {
            for (const secret of secrets)
              secret.valueFrom = secret.valueFrom.replace(/[^:]*$/u, "no-such-version");
          }),
        /^The secret `MCP_STATE_KEY` of `weather` comes from `.*no-such-version`, whose value the program does not declare/u,
      ],
      [
        "the issuer in the container's environment",
        (graph) => setVariable(graph, "AUTH_ISSUER", "https://issuer.example.com/pool"),
        401,
      ],
      [
        "the clients in the container's environment",
        (graph) => setVariable(graph, "AUTH_CLIENT_IDS", "others"),
        401,
      ],
      [
        "the scope in the container's environment",
        (graph) => setVariable(graph, "AUTH_REQUIRED_SCOPES", "others/call"),
        403,
      ],
      [
        "the pool of the client",
        (graph) =>
          change(graph, "aws:cognito/userPoolClient:UserPoolClient", () => ({
            userPoolId: "us-east-1_others",
          })),
        401,
      ],
      [
        "the scopes of the client",
        (graph) =>
          change(graph, "aws:cognito/userPoolClient:UserPoolClient", () => ({
            allowedOauthScopes: ["others/call"],
          })),
        /others\/call/u,
      ],
      [
        "the value of the state key",
        (graph) => setSecret(graph, "weather-state-key", "short"),
        /`MCP_STATE_KEY` holds a key of fewer than 32 characters/u,
      ],
      [
        "the limits in the container's environment",
        (graph) =>
          ["MAX_ONGOING_REQUESTS", "CALL_TIMEOUT_SECONDS", "STREAM_KEEP_ALIVE_SECONDS"].reduce(
            (changed, limit) => setVariable(changed, limit, "0"),
            graph,
          ),
        /`MAX_ONGOING_REQUESTS` \(`0`\) is not .* `CALL_TIMEOUT_SECONDS` \(`0`\) is not .* `STREAM_KEEP_ALIVE_SECONDS` \(`0`\) is not /u,
      ],
      [
        "the command",
        (graph) =>
          changeContainers(graph, (container) => {
            container.command = ["node", "dist/main.mjs", "wether"];
          }),
        /There is no server `wether`/u,
      ],
      [
        "the program of the command",
        (graph) =>
          changeContainers(graph, (container) => {
            container.command = ["no-such-program"];
          }),
        /runs `no-such-program`, which is not installed on this machine/u,
        NEVER_STARTS,
      ],
      [
        "the command taken away",
        (graph) =>
          changeContainers(graph, (container) => {
            container.command = [];
          }),
        /^The container `server` of `weather` declares no command/u,
      ],
      [
        "the image",
        (graph) =>
          changeContainers(graph, (container) => {
            container["image"] = "public.ecr.aws/example/server:1";
          }),
        /^The container `server` of `weather` runs the image `public\.ecr\.aws\/example\/server:1`, which the program does not build/u,
      ],
      [
        "the folder of the image",
        (graph) => change(graph, "awsx:ecr:Image", () => ({ context: "../nowhere" })),
        /the folder `.*nowhere` that the image of `server` is built from does not exist/u,
        NEVER_STARTS,
      ],
      [
        "the address of the weather API",
        (graph) => setVariable(graph, "WEATHER_API_URL", "not an address"),
        /`WEATHER_API_URL` is `not an address`/u,
      ],

      [
        "the load balancer behind CloudFront",
        (graph) =>
          change(graph, "aws:cloudfront/vpcOrigin:VpcOrigin", ({ vpcOriginEndpointConfig }) => ({
            vpcOriginEndpointConfig: { ...(vpcOriginEndpointConfig as object), arn: "arn:other" },
          })),
        /^The distribution `mcp` leads to `arn:other`, which is no load balancer of the program: nobody would be served\.$/u,
      ],
      [
        "the port behind CloudFront",
        (graph) => change(graph, "aws:lb/listener:Listener", () => ({ port: 8080 })),
        /^The distribution `mcp` sends HTTP to port 80 of `mcp`, where no listener takes it: nobody would be served\.$/u,
      ],
      [
        "the service taken away",
        (graph) => ({
          ...graph,
          resources: graph.resources.filter(({ type }) => type !== SERVICE),
        }),
        /declares no ECS service, so there is nothing to run/u,
      ],
    ];
    for (const [changed, mistake, expected, speed] of mistakes) {
      test(`WHEN it is ${changed} THEN the run here breaks as AWS would`, async (context) => {
        const actual = await outcome(context, mistake, speed);
        if (expected instanceof RegExp) assert.match(String(actual), expected);
        else assert.equal(actual, expected);
      });
    }
  },
);
