import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = join(import.meta.dirname, "..", "..", "..", "service", "dist", "main.mjs");

/** Runs before the program, and says of every module that it is loaded. */
const WATCH_MODULES = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from "node:fs";
  import { registerHooks } from "node:module";
  registerHooks({
    load(url, context, next) {
      writeSync(2, "loaded " + url + "\\n");
      return next(url, context);
    },
  });
`)}`;

/** Starts the bundled server, waits until it is ready, ends it, and tells which files it has loaded. */
async function loadedFiles(
  context: TestContext,
  environment: Record<string, string>,
): Promise<string[]> {
  const server = spawn(process.execPath, ["--import", WATCH_MODULES, MAIN, "weather"], {
    env: {
      HOST: "127.0.0.1",
      PORT: "0",
      AUTH_MODE: "none",
      DRAIN_SECONDS: "0",
      WEATHER_API_URL: "http://127.0.0.1:9",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  context.after(() => server.kill("SIGKILL"));
  const exit = once(server, "exit");
  const files: string[] = [];
  createInterface(server.stderr).on("line", (line) => {
    const [, url] = /^loaded (file:.*)$/u.exec(line) ?? [];
    if (url !== undefined) files.push(fileURLToPath(url));
  });
  for await (const line of createInterface(server.stdout))
    if ((JSON.parse(line) as { msg?: unknown }).msg === "ready") server.kill("SIGTERM");
  assert.deepEqual(await exit, [0, null]);
  return files;
}

async function filesWithOpenTelemetry(files: readonly string[]): Promise<string[]> {
  const contents = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return files.filter((_, index) => contents[index]?.includes("node_modules/@opentelemetry/"));
}

for (const [what, environment] of [
  ["no telemetry", {}],
  ["the embedded metric format alone", { MCP_METRICS: "emf" }],
  [
    "OpenTelemetry turned off",
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", OTEL_SDK_DISABLED: "true" },
  ],
] as const) {
  test(`GIVEN ${what} WHEN the container's program runs THEN it loads nothing of OpenTelemetry`, async (t) => {
    const files = await loadedFiles(t, environment);
    assert.ok(files.includes(MAIN));
    assert.deepEqual(await filesWithOpenTelemetry(files), []);
  });
}

test("GIVEN a collector WHEN the container's program runs THEN it loads OpenTelemetry from a file of its own", async (t) => {
  const files = await loadedFiles(t, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" });
  const found = await filesWithOpenTelemetry(files);
  assert.ok(found.length > 0);
  assert.ok(!found.includes(MAIN));
});
