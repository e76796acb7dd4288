import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { createLogQueries, LOG_QUERIES } from "../../../infra/observability/log-queries.ts";
import { defineTool } from "../../../service/runtime/tool.ts";
import { call, send, startTestHost } from "../../service/running-host.ts";
import { deploy } from "../mocks.ts";

test("GIVEN a platform WHEN its queries are saved THEN they are in a folder of the stack's, on its log group", async () => {
  const declaration = await deploy(() => {
    createLogQueries("mcp", { logGroupName: "mcp-1234567" }, {});
  });

  assert.deepEqual(
    declaration.resources.map(({ name, inputs }) => [name, inputs["name"]]),
    LOG_QUERIES.map(({ title }) => [
      `mcp-${title.toLowerCase().replaceAll(" ", "-")}`,
      `tools-dev-mcp/${title}`,
    ]),
  );
  for (const { inputs } of declaration.resources)
    assert.deepEqual(inputs["logGroupNames"], ["mcp-1234567"]);
  assert.equal(
    declaration.only("aws:cloudwatch/queryDefinition:QueryDefinition", "mcp-slowest-calls").inputs[
      "queryString"
    ],
    'filter msg = "call"\n| fields @timestamp, service, method, target, durationMilliseconds, outcome, replica, zone, requestId, traceId\n| sort durationMilliseconds desc\n| limit 50',
  );
});

/** Words of the language, and names that a query gives itself. */
const LANGUAGE = new Set(
  "and as asc bin by calls count count_distinct desc fields filter in latest limit max or replicas requests sort stats".split(
    " ",
  ),
);

/** The fields that a query reads; those that begin with @ are CloudWatch's own. */
function fieldsOf(commands: readonly string[]): string[] {
  const words = commands
    .join(" ")
    .replaceAll(/"[^"]*"/gu, "")
    .replaceAll(/@\w+|\b\d+\w*/gu, "")
    .match(/[a-zA-Z_][\w.]*/gu);
  return [...new Set(words)].filter((word) => !LANGUAGE.has(word)).sort();
}

/** The messages that a query looks for. */
function messagesOf(commands: readonly string[]): string[] {
  const [, list = ""] =
    /msg (?:= |in \[)(?<list>(?:"[^"]+"(?:, )?)+)/u.exec(commands.join(" ")) ?? [];
  return [...list.matchAll(/"(?<message>[^"]+)"/gu)].map(([, message = ""]) => message);
}

describe("GIVEN a host that has served, failed, refused and drained", () => {
  const lines: Record<string, unknown>[] = [];
  const keys = new Set<string>();

  test("WHEN its log is read THEN every field of every query is in it", async (context) => {
    const fail = defineTool({
      name: "fail",
      description: "Fails.",
      input: z.object({}),
      output: z.object({}),
      run: () => Promise.reject(new Error("It failed.")),
    });
    const started = await startTestHost(context, { start: () => ({ tools: [fail] }) });
    const trace = { "X-Amzn-Trace-Id": "Root=1-67891233-abcdef012345678912345678" };
    await call(started, "fail", {}, trace);
    await call(started, "missing", {});
    await send(started, "/mcp", { method: "POST" });
    await started.host.drain();
    lines.push(...started.lines);
    for (const line of lines) {
      for (const [key, value] of Object.entries(line)) {
        keys.add(key);
        if (value !== null && typeof value === "object")
          for (const inner of Object.keys(value)) keys.add(`${key}.${inner}`);
      }
    }
    for (const { title, commands } of LOG_QUERIES) {
      const fields = fieldsOf(commands);
      assert.ok(fields.length > 2, title);
      for (const field of fields) assert.ok(keys.has(field), `${title}: ${field}`);
    }
  });

  test("WHEN its log is read THEN every message that a query looks for is in it, but for those of its death", () => {
    const written = new Set(lines.map(({ msg }) => msg));
    // process-events.ts, where the process ends.
    for (const message of ["drain failed", "uncaught exception"]) written.add(message);
    for (const { commands } of LOG_QUERIES)
      for (const message of messagesOf(commands)) assert.ok(written.has(message), message);
  });
});
