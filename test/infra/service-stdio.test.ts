import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AuthMode,
  McpServer,
  McpService,
  type McpServiceArgs,
  type StdioServer,
} from "../../infra/index.ts";
import { arn, assertRefused, deploy, type Declaration } from "./mocks.ts";
import { HANDLE } from "./platform-handle.ts";

const STDIO: StdioServer = {
  command: ["mcp-server-everything", "stdio"],
  npmPackages: ["@modelcontextprotocol/server-everything@2026.8.31"],
};

function service(args: McpServiceArgs): McpService {
  return new McpService("everything", {
    // Of its own, since paths are claimed by the platform's identity.
    platform: { ...HANDLE },
    auth: { mode: AuthMode.None },
    ...args,
  });
}

interface Container {
  readonly command: readonly string[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets: readonly { readonly name: string }[];
  readonly healthCheck: { readonly command: readonly string[] };
  readonly readonlyRootFilesystem: boolean;
  readonly linuxParameters: { readonly initProcessEnabled: boolean };
}

function containerOf(declaration: Declaration<unknown>): Container {
  const text = declaration.only("aws:ecs/taskDefinition:TaskDefinition").inputs[
    "containerDefinitions"
  ];
  const [container] = JSON.parse(String(text)) as Container[];
  assert.ok(container);
  return container;
}

test("GIVEN a stdio server WHEN it is deployed THEN the task runs the wrapper with its command, its settings and a process that reaps orphans", async () => {
  const declaration = await deploy(() =>
    service({
      server: McpServer.Stdio,
      stdio: { ...STDIO, environment: ["API_KEY"], toolTimeouts: { echo: 5 } },
      secrets: { API_KEY: arn("secretsmanager", "secret:key-AbCdEf") },
    }),
  );
  const container = containerOf(declaration);
  const settings = container.environment.filter(({ name }) => name.startsWith("STDIO_"));

  // 512 MiB, of which the collector has 128 and each of two processes 96.
  assert.deepEqual(container.command, [
    "node",
    "--max-semi-space-size=8",
    `--max-old-space-size=${Math.floor((512 - 128 - 2 * 96) * 0.6)}`,
    "--heap-growing-percent=150",
    "dist/main.mjs",
    "stdio",
    "--",
    "mcp-server-everything",
    "stdio",
  ]);
  assert.deepEqual(settings, [
    { name: "STDIO_ENVIRONMENT", value: "API_KEY" },
    { name: "STDIO_ISOLATION", value: "shared" },
    { name: "STDIO_MAX_ONGOING_REQUESTS", value: "32" },
    { name: "STDIO_MAX_QUEUED_REQUESTS", value: "256" },
    { name: "STDIO_PROCESSES", value: "2" },
    { name: "STDIO_TOOL_TIMEOUTS", value: '{"echo":5}' },
  ]);
  assert.deepEqual(
    container.secrets.map(({ name }) => name),
    ["API_KEY", "MCP_STATE_KEY"],
  );
  assert.equal(container.healthCheck.command[1], "node");
  assert.equal(container.readonlyRootFilesystem, true);
  assert.equal(container.linuxParameters.initProcessEnabled, true);
  declaration.assertNothingUndefined();
});

test("GIVEN a stdio server WHEN its wrapper's variables are given beside it THEN they are refused; in an image of one's own they are not", async () => {
  for (const argument of ["environment", "secrets"] as const) {
    const value = argument === "secrets" ? arn("ssm", "parameter/p") : "4";
    assertRefused(
      () =>
        service({
          server: McpServer.Stdio,
          stdio: STDIO,
          [argument]: { STDIO_PROCESSES: value },
        }),
      `McpService: \`${argument}\` sets \`STDIO_PROCESSES\`, which the component sets itself, from \`stdio\`. Leave it out of \`${argument}\`.`,
    );
  }
  const declaration = await deploy(() =>
    service({
      build: { context: "mine" },
      command: ["node", "wrapper/main.mjs", "stdio", "--", "my-server"],
      environment: { STDIO_PROCESSES: "4" },
    }),
  );

  assert.ok(
    containerOf(declaration).environment.some(
      ({ name, value }) => name === "STDIO_PROCESSES" && value === "4",
    ),
  );
});

test("GIVEN `server: stdio` without `stdio`, or with a command beside it, WHEN a service is constructed THEN it is refused", () => {
  assertRefused(
    () => service({ server: McpServer.Stdio }),
    "McpService: `server` is `stdio`, but `stdio` is missing; say there what to run: `{ command, npmPackages }` or `{ command, pypiPackages }`.",
  );
  assertRefused(
    () => service({ server: McpServer.Stdio, stdio: STDIO, command: ["mcp-server-everything"] }),
    "McpService: `command` is given beside `server`: the command of a stdio server is `stdio.command`. Leave `command` out.",
  );
  assertRefused(
    () => service({ server: McpServer.Weather, stdio: STDIO }),
    "McpService: `stdio` is given, but `server` is not `stdio`, so that nothing would read it. Set `server` to `stdio`; or, in an image of your own, give" +
      " the whole `command` of the wrapper and its `STDIO_…` variables in `environment`.",
  );
});

test("GIVEN more processes than a replica's memory holds beside its other containers WHEN a service is constructed THEN it is refused", () => {
  const refused = (memory: number, args: Partial<McpServiceArgs> = {}): void => {
    assertRefused(
      () => service({ server: McpServer.Stdio, stdio: { ...STDIO, processes: 3 }, ...args }),
      "McpService: `stdio.processes` is 3, for which a replica's server needs at least 448 MiB (96 for each process, 160 beside them), and `memory` leaves it" +
        ` ${memory} MiB beside its other containers. Give more \`memory\`, or fewer processes.`,
    );
  };
  // The collector has 128 of 512.
  refused(384);
  refused(412, {
    traceSamplePercent: 0,
    sidecars: [{ name: "cache", image: "redis", memory: 100 }],
  });
});
