import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { checkStdioVariables } from "../../../infra/task/stdio-variables.ts";
import { STDIO_VARIABLES } from "../../../infra/task/stdio.ts";
import {
  readStdioConfiguration,
  STDIO_CONFIGURATION_NAMES,
} from "../../../service/servers/stdio/configuration.ts";
import { assertRefused, rejectionsOf } from "../mocks.ts";

type Given = Readonly<Record<string, string>>;

const check = (environment: Given, handedOn: readonly string[] = [], secrets: Given = {}): void => {
  checkStdioVariables("McpService", { environment, secrets }, handedOn);
};

const RANGES = [
  ["STDIO_CHECK_TIMEOUT_SECONDS", 1, 10, "seconds"],
  ["STDIO_LOG_LINES_PER_SECOND", 1, 10_000, "lines a second"],
  ["STDIO_MAX_LINE_BYTES", 1024, 268_435_456, "bytes"],
  ["STDIO_QUEUE_TIMEOUT_SECONDS", 1, 3600, "seconds"],
  ["STDIO_START_TIMEOUT_SECONDS", 1, 600, "seconds"],
  ["STDIO_STOP_SECONDS", 0, 50, "seconds"],
] as const;

for (const [name, least, most, unit] of RANGES) {
  test(`GIVEN ${name} WHEN it is checked THEN what the wrapper takes passes, and what it does not is refused`, () => {
    for (const value of [least, most]) {
      check({ [name]: `${value}` });
      readStdioConfiguration({ [name]: `${value}` });
    }
    for (const value of [`${least - 1}`, `${most + 1}`, "1.5", "ten", "0000000010"]) {
      assert.throws(() => readStdioConfiguration({ [name]: value }), {
        name: "ConfigurationError",
      });
      assertRefused(() => {
        check({ [name]: value });
      }, `McpService: \`environment.${name}\` is \`${value}\`; give a whole number of ${unit} from ${least} to ${most}.`);
    }
  });
}

test("GIVEN every variable that the wrapper reads WHEN a program sets it THEN it is an argument's, or one of these, or the component's own", () => {
  assert.deepEqual(
    [...STDIO_CONFIGURATION_NAMES].sort(),
    ["CALL_TIMEOUT_SECONDS", ...RANGES.map(([name]) => name), ...STDIO_VARIABLES].sort(),
  );
});

test("GIVEN a value that is known later WHEN it is checked THEN the program fails with the same sentence", async () => {
  assert.deepEqual(
    await rejectionsOf(() => {
      checkStdioVariables(
        "McpService",
        { environment: { STDIO_STOP_SECONDS: pulumi.output("60") }, secrets: undefined },
        [],
      );
    }),
    [
      "McpService: `environment.STDIO_STOP_SECONDS` is `60`; give a whole number of seconds from 0 to 50.",
    ],
  );
});

test("GIVEN a name that the wrapper does not read WHEN it is checked THEN it is refused, unless the server reads it", () => {
  const sentence = (argument: string): string =>
    `McpService: \`${argument}\` sets \`STDIO_STOP_SECOND\`, which nobody reads: the settings of the wrapper that have no argument are ${RANGES.map(([name]) => `\`${name}\``).join(", ")}.` +
    " Correct the name, or name it in `stdio.environment` where the server itself reads it.";
  assertRefused(() => {
    check({ STDIO_STOP_SECOND: "2" });
  }, sentence("environment"));
  assertRefused(() => {
    check({}, [], { STDIO_STOP_SECOND: "arn" });
  }, sentence("secrets"));
  check({ STDIO_STOP_SECOND: "2", MODE: "fast" }, ["STDIO_STOP_SECOND"]);
  // With a sentence of its own, from `stdio`.
  check({ STDIO_PROCESSES: "4" });
});

test("GIVEN a name of the server WHEN it is checked THEN it is in kebab case, or empty", () => {
  check({ MCP_SERVER_NAME: "issue-tracker" });
  check({ MCP_SERVER_NAME: "" });
  assertRefused(() => {
    check({ MCP_SERVER_NAME: "Issue tracker" });
  }, "McpService: `environment.MCP_SERVER_NAME` is `Issue tracker`; give 1 to 64 lower-case letters, digits and dashes, such as `issue-tracker`, or leave it out.");
});
