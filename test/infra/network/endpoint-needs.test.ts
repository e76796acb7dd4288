import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  checkParametersReachable,
  checkServicesReachable,
  type Reach,
} from "../../../infra/network/endpoint-needs.ts";
import { McpServer, McpService, type McpServiceArgs } from "../../../infra/index.ts";
import { ACCOUNT, arn, assertRefused, REGION, rejectionsOf } from "../mocks.ts";
import { HANDLE } from "../platform-handle.ts";

const ISOLATED: Reach = { hasInternetAccess: false, interfaceEndpoints: ["ecr.api", "logs"] };
const QUIET = { enableExecuteCommand: false, traceSamplePercent: 0 };
const PARAMETER = arn("ssm", "parameter/team/key");
const SECRET = arn("secretsmanager", "secret:key-AbCdEf");

const without = (given: string, service: string, purpose: string, otherwise: string): string =>
  `McpService: ${given}, but the platform's \`natGateways\` is \`none\`, and it has no endpoint for \`${service}\`, ${purpose}. Add \`${service}\` to the` +
  ` platform's \`interfaceEndpoints\`, or give it NAT gateways, or ${otherwise}.`;

const SESSIONS = without(
  "`enableExecuteCommand` is true",
  "ssmmessages",
  "through which sessions run",
  "leave `enableExecuteCommand` out",
);
const TRACES = without(
  "`traceSamplePercent` is 0.5",
  "xray",
  "to which the collector sends traces",
  "set `traceSamplePercent` to 0",
);
const parameter = (argument: string): string =>
  without(
    `\`${argument}\` is an SSM parameter`,
    "ssm",
    "from which ECS reads it",
    "put the value into Secrets Manager",
  );

test("GIVEN tasks that reach the internet, or have the endpoint WHEN what they do is checked THEN it passes", () => {
  const everything = { enableExecuteCommand: true, traceSamplePercent: 5 };
  checkServicesReachable(
    "McpService",
    { hasInternetAccess: true, interfaceEndpoints: [] },
    everything,
  );
  checkServicesReachable(
    "McpService",
    { hasInternetAccess: false, interfaceEndpoints: ["ssmmessages", "xray"] },
    everything,
  );
  checkServicesReachable("McpService", ISOLATED, QUIET);
  checkParametersReachable("McpService", ISOLATED, "secrets", { KEY: SECRET });
  checkParametersReachable("McpService", { ...ISOLATED, interfaceEndpoints: ["ssm"] }, "secrets", {
    KEY: PARAMETER,
  });
});

test("GIVEN tasks that reach no such service WHEN what they do is checked THEN it is refused with three ways out", () => {
  assertRefused(() => {
    checkServicesReachable("McpService", ISOLATED, { ...QUIET, enableExecuteCommand: true });
  }, SESSIONS);
  assertRefused(() => {
    checkServicesReachable("McpService", ISOLATED, { ...QUIET, traceSamplePercent: 0.5 });
  }, TRACES);
  assertRefused(() => {
    checkParametersReachable("McpService", ISOLATED, "secrets", {
      OTHER: SECRET,
      KEY: PARAMETER,
    });
  }, parameter("secrets.KEY"));
});

function rejections(args: McpServiceArgs): Promise<string[]> {
  return rejectionsOf(
    () =>
      new McpService("weather", {
        platform: { ...HANDLE, ...ISOLATED, interfaceEndpoints: [...ISOLATED.interfaceEndpoints] },
        server: McpServer.Weather,
        auth: { mode: "none" },
        traceSamplePercent: 0,
        ...args,
      }),
  );
}

test("GIVEN a platform whose tasks reach AWS alone WHEN a service needs a service without an endpoint THEN it is refused", async () => {
  assert.deepEqual(await rejections({ enableExecuteCommand: true }), [SESSIONS]);
  assert.deepEqual(await rejections({ secrets: { KEY: pulumi.output(PARAMETER) } }), [
    parameter("secrets.KEY"),
  ]);
  assert.deepEqual(
    await rejections({
      sidecars: [{ name: "worker", command: ["work"], secrets: { KEY: PARAMETER } }],
    }),
    [parameter("sidecars.worker.secrets.KEY")],
  );
  assert.deepEqual(await rejections({ secrets: { KEY: SECRET } }), []);
});

test("GIVEN a platform whose tasks reach AWS alone WHEN an image is in ECR of another region THEN it is refused: no endpoint leads there", async () => {
  const image = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/redis@sha256:${"0".repeat(64)}`;

  assert.deepEqual(await rejections({ sidecars: [{ name: "cache", image }] }), [
    `McpService: \`sidecars.cache.image\` is \`${image}\`, but the platform's \`natGateways\` is \`none\`: its tasks reach no registry but ECR of their own region,` +
      ` ${REGION}. Copy the image there, or give the platform NAT gateways.`,
  ]);
});
