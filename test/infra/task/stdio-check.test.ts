import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { StdioIsolation, type StdioServer } from "../../../infra/task/stdio.ts";
import {
  checkStdio,
  checkStdioCommand,
  type StdioSurroundings,
} from "../../../infra/task/stdio-check.ts";
import { assertRefused, rejectionsOf } from "../mocks.ts";

const BARE: StdioServer = {
  command: ["mcp-server-everything", "stdio"],
  npmPackages: ["server@1.0.0"],
};
const SURROUNDINGS: StdioSurroundings = {
  isStdio: true,
  environment: { MODE: "fast" },
  secrets: { API_KEY: "arn" },
  longestCallSeconds: 60,
  memory: 512,
  reserved: [128],
};

function checked(
  stdio: StdioServer | undefined,
  surroundings: Partial<StdioSurroundings> = {},
): void {
  checkStdio("McpService", stdio, { ...SURROUNDINGS, ...surroundings });
}

function refused(change: Partial<StdioServer>, message: string): void {
  assertRefused(() => {
    checked({ ...BARE, ...change });
  }, `McpService: ${message}`);
}

test("GIVEN a stdio server with every setting in range WHEN it is checked THEN it passes", () => {
  checked(BARE);
  checked({ command: ["mcp-server-time"], pypiPackages: ["mcp-server-time==2026.10.19"] });
  checked({
    ...BARE,
    pypiPackages: ["mcp-server-time==2026.10.19"],
    processes: 2,
    maxOngoingRequestsPerProcess: 10_000,
    maxQueuedRequests: 0,
    environment: ["API_KEY", "AWS_REGION", "MODE"],
    toolTimeouts: { "get-sum": 60, "a/b.c_d": 1 },
    idempotentTools: ["get-*", "echo"],
    isolation: StdioIsolation.Shared,
  });
  checked(undefined, { isStdio: false });
});

test("GIVEN `server: stdio` without `stdio`, or the other way, WHEN it is checked THEN it is refused", () => {
  assertRefused(() => {
    checked(undefined);
  }, "McpService: `server` is `stdio`, but `stdio` is missing; say there what to run: `{ command, npmPackages }` or `{ command, pypiPackages }`.");
  assertRefused(() => {
    checked(BARE, { isStdio: false });
  }, "McpService: `stdio` is given, but `server` is not `stdio`, so that nothing would read it. Set `server` to `stdio`; or, in an image of your own, give" + " the whole `command` of the wrapper and its `STDIO_…` variables in `environment`.");
});

test("GIVEN no packages, or some without a version, WHEN a stdio server is checked THEN it is refused", () => {
  assertRefused(() => {
    checked({ command: ["server"] });
  }, "McpService: `stdio` names no packages; give `npmPackages` or `pypiPackages`, which the image is made of, or an image of your own (`build`).");
  assert.throws(() => {
    checked({ ...BARE, npmPackages: ["server@latest"] });
  }, /`stdio\.npmPackages` has `server@latest`/u);
  assert.throws(() => {
    checked({ ...BARE, pypiPackages: ["server"] });
  }, /`stdio\.pypiPackages` has `server`/u);
});

test("GIVEN a list with a word that is known later WHEN it is checked THEN the program fails with the same sentence", async () => {
  const [message = ""] = await rejectionsOf(() => {
    checked({ ...BARE, npmPackages: [pulumi.output("server@latest")] });
  });
  assert.match(message, /`stdio\.npmPackages` has `server@latest`/u);
});

test("GIVEN a command without a program WHEN it is checked THEN it is refused", () => {
  for (const command of [[], [""]]) {
    refused(
      { command },
      '`stdio.command` is empty; give the program that the packages bring, and its arguments, such as `["mcp-server-everything", "stdio"]`.',
    );
  }
});

test("GIVEN a command that would fetch the server at each start WHEN it is checked THEN it is refused with the way out", () => {
  for (const [command, told] of [
    [["npx", "-y", "server"], "npx"],
    [["/usr/local/bin/npx", "server"], "npx"],
    [["uvx", "mcp-server-time"], "uvx"],
    [["uv", "--quiet", "tool", "run", "server"], "uv tool"],
    [["uv", "run", "server.py"], "uv run"],
    [["npm", "exec", "server"], "npm exec"],
    [["pnpm", "dlx", "server"], "pnpm dlx"],
    [["bunx", "server"], "bunx"],
    [["pipx", "run", "server"], "pipx"],
  ] as const) {
    assertRefused(
      () => {
        checkStdioCommand("McpService", command);
      },
      `McpService: \`stdio.command\` begins with \`${told}\`, which would fetch the server anew whenever a process starts. Name its package in \`npmPackages\` or` +
        " `pypiPackages`, which the image is made of, and begin the command with the program that the package brings.",
    );
  }
  checkStdioCommand("McpService", ["node", "npx"]);
  checkStdioCommand("McpService", ["python", "-m", "mcp_server_time"]);
});

test("GIVEN numbers and words out of range WHEN a stdio server is checked THEN each is refused with its range", () => {
  refused({ processes: 0 }, "`stdio.processes` is 0; give a whole number from 1 to 64.");
  refused({ processes: 65 }, "`stdio.processes` is 65; give a whole number from 1 to 64.");
  refused(
    { maxOngoingRequestsPerProcess: 0 },
    "`stdio.maxOngoingRequestsPerProcess` is 0; give a whole number of requests from 1 to 10000.",
  );
  refused(
    { maxQueuedRequests: -1 },
    "`stdio.maxQueuedRequests` is -1; give a whole number of requests from 0 to 10000.",
  );
  refused(
    { isolation: "perSession" as string as StdioIsolation },
    "`stdio.isolation` is `perSession`; give one of `shared`, `per-call`.",
  );
  refused(
    { isolation: StdioIsolation.PerCall, maxOngoingRequestsPerProcess: 4 },
    "`stdio.maxOngoingRequestsPerProcess` is given beside `stdio.isolation: per-call`, where a process has one call. Leave it out, and say by" +
      " `stdio.processes` how many calls there may be at once.",
  );
});

test("GIVEN names of variables that nobody sets WHEN they are checked THEN they are refused", () => {
  refused(
    { environment: ["MODE", "MISSING"] },
    "`stdio.environment` has `MISSING`, which stands neither in `environment` nor in `secrets`. Give the value there, and its name here.",
  );
  refused(
    { environment: ["ONE", "TWO"] },
    "`stdio.environment` has `ONE`, `TWO`, which stand neither in `environment` nor in `secrets`. Give the value there, and its name here.",
  );
});

test("GIVEN variables that are known later WHEN a name of none of them is checked THEN the program fails with the same sentence", async () => {
  const later = { environment: pulumi.output({ MODE: "fast" }) };
  assert.deepEqual(
    await rejectionsOf(() => {
      checked({ ...BARE, environment: ["MODE", "API_KEY"] }, later);
      checked({ ...BARE, environment: ["MISSING"] }, later);
    }),
    [
      "McpService: `stdio.environment` has `MISSING`, which stands neither in `environment` nor in `secrets`. Give the value there, and its name here.",
    ],
  );
});

test("GIVEN names of what the wrapper keeps to itself, or values in place of names, WHEN they are checked THEN they are refused, the values untold", () => {
  for (const name of [
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AUTH_STATIC_TOKENS",
    "MCP_STATE_KEY",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
  ]) {
    refused(
      { environment: [name] },
      `\`stdio.environment\` has \`${name}\`, which the wrapper keeps to itself: the server would act in its name. Give the server credentials of its own, by` +
        " another name.",
    );
  }
  refused(
    { environment: ["API_KEY=hidden"] },
    "`stdio.environment` has something that is no name of a variable; give the names of variables alone, such as `API_KEY`: their values stand in" +
      " `environment` or `secrets`.",
  );
});

test("GIVEN names that no tool has WHEN they are checked THEN they are refused", () => {
  refused(
    { idempotentTools: ["a,b"] },
    "`stdio.idempotentTools` has `a,b`; give the name of a tool: 1 to 128 letters, digits and `_-./`.",
  );
  refused(
    { toolTimeouts: { "get-*": 5 } },
    "`stdio.toolTimeouts` has `get-*`; give the name of a tool: 1 to 128 letters, digits and `_-./`.",
  );
});

test("GIVEN timeouts of tools beyond the longest call WHEN they are checked THEN they are refused", async () => {
  const message =
    "`stdio.toolTimeouts.slow` is 61, but `longestCallSeconds` is 60, after which every call is ended. Give 60 or less, or raise `longestCallSeconds`.";
  refused({ toolTimeouts: { slow: 61 } }, message);
  refused(
    { toolTimeouts: { slow: 0.5 } },
    "`stdio.toolTimeouts.slow` is 0.5; give a whole number of seconds from 1 to 3600.",
  );
  assert.deepEqual(
    await rejectionsOf(() => {
      checked(
        { ...BARE, toolTimeouts: pulumi.output({ slow: 61 }) },
        { longestCallSeconds: pulumi.output(60) },
      );
    }),
    [`McpService: ${message}`],
  );
});

test("GIVEN more processes than the memory holds WHEN it is checked THEN it is refused with what they need", async () => {
  const message =
    "McpService: `stdio.processes` is 2, for which a replica's server needs at least 352 MiB (96 for each process, 160 beside them), and `memory` leaves it" +
    " 351 MiB beside its other containers. Give more `memory`, or fewer processes.";
  checked(BARE, { memory: 512, reserved: [128, 32] });
  checked({ ...BARE, processes: 64 }, { memory: 64 * 96 + 160, reserved: [] });
  assertRefused(() => {
    checked(BARE, { memory: 512, reserved: [128, 33] });
  }, message);
  assert.deepEqual(
    await rejectionsOf(() => {
      checked(BARE, { reserved: [128, pulumi.output(33)] });
    }),
    [message],
  );
});
