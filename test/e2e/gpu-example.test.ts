/** The example with GPUs, on a machine that gives none: the bundled servers with tiny models of the tests, and the server in Python with its own. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { installPackages } from "../../local/ecs/packages/install.ts";
import { startReaper } from "../../local/ecs/reaper.ts";
import { readProject } from "../../local/graph/project.ts";
import { run, type Run } from "../../local/run.ts";
import { modelsFolder } from "../service/servers/models/model-folder.ts";
import { withoutPython } from "./python-client.ts";

const PROGRAM = join("test", "e2e", "programs", "gpu.ts");

test("GIVEN the example WHEN it is compared with the program that runs here THEN they are one, but for where the package and the server's folder are", async () => {
  const [example, program] = await Promise.all(
    [join("examples", "gpu", "index.ts"), PROGRAM].map((path) => readFile(path, "utf8")),
  );

  assert.equal(
    example
      ?.replace('"pulumi-mcp-service"', '"../../../infra/index.ts"')
      .replace('context: "delivery"', 'context: "../../../examples/gpu/delivery"'),
    program,
  );
});

/** Runs the example where models are looked for in a folder. */
async function started(
  models: string,
): Promise<{ readonly running: Run; readonly happened: string[] }> {
  const happened: string[] = [];
  const before = process.env["MODELS_PATH"];
  process.env["MODELS_PATH"] = models;
  try {
    const running = await run({
      project: await readProject(PROGRAM, "test", {}),
      port: 0,
      sampleData: true,
      events: {
        declared: () => undefined,
        line: () => undefined,
        forwarded: () => undefined,
        refused: () => undefined,
        happened: (service, text) => happened.push(`${service}: ${text}`),
      },
    });
    await running.ready;
    return { running, happened };
  } finally {
    if (before === undefined) delete process.env["MODELS_PATH"];
    else process.env["MODELS_PATH"] = before;
  }
}

async function connected(running: Run, use: (client: Client) => Promise<void>): Promise<void> {
  const endpoint = running.endpoints.find(({ service }) => service === "tools");
  assert.ok(endpoint);
  const client = new Client(
    { name: "e2e", version: "1" },
    { versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  const headers = { authorization: `Bearer ${endpoint.token ?? ""}` };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(endpoint.url), { requestInit: { headers } }),
  );
  try {
    await use(client);
  } finally {
    await client.close();
  }
}

/** The smallest PNG there is: one pixel. */
const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

describe(
  "GIVEN the example with GPUs and models WHEN it runs on this machine",
  { skip: withoutPython },
  () => {
    let models: { readonly path: string; remove(): Promise<void> };
    let running: Run;
    let happened: string[];
    before(async () => {
      models = await modelsFolder("translator", "classifier");
      await installed();
      ({ running, happened } = await started(models.path));
    });
    after(async () => {
      await running.close();
      await models.remove();
    });

    test("THEN a line of each says that no GPU is given", () => {
      for (const service of ["translator", "classifier"]) {
        assert.ok(
          happened.includes(
            `${service}: GPUs are not assigned here: the model runs on the processor`,
          ),
          happened.join("\n"),
        );
      }
      assert.ok(
        happened.includes(
          "delivery: GPUs are not assigned here: every replica sees those of this machine",
        ),
      );
    });

    test("THEN the gateway offers the tools of all three, and each answers", () =>
      connected(running, async (client) => {
        const called = async (name: string, input: Record<string, unknown>): Promise<unknown> => {
          const { content, isError, structuredContent } = await client.callTool({
            name,
            arguments: input,
          });
          assert.notEqual(isError, true, JSON.stringify(content));
          return structuredContent;
        };
        const { tools } = await client.listTools();

        assert.deepEqual(tools.map(({ name }) => name).sort(), [
          "classifier__classify",
          "delivery__predict_late_delivery",
          "translator__translate",
        ]);
        assert.deepEqual(
          await called("delivery__predict_late_delivery", {
            distance_km: 40,
            parcels: 30,
            rain_mm: 3,
          }),
          { late: 0.3079 },
        );
        const translated = (await called("translator__translate", {
          text: "Hello",
          target: "fr",
        })) as { device: string };
        assert.equal(translated.device, "cpu");
        const seen = (await called("classifier__classify", { image_url: PIXEL })) as {
          device: string;
        };
        assert.equal(seen.device, "cpu");
      }));

    test("THEN the server in Python takes nobody without its token", async () => {
      const endpoint = running.endpoints.find(({ service }) => service === "delivery");
      assert.ok(endpoint);
      const { status } = await fetch(endpoint.url, { method: "POST", body: "{}" });

      assert.equal(status, 401);
    });
  },
);

test(
  "GIVEN the example with GPUs and no models WHEN it runs on this machine THEN the rest of it does, each server without its model says how to get it, and is not ready",
  { skip: withoutPython },
  async (context) => {
    const empty = await mkdtemp(join(tmpdir(), "mcp-no-models-"));
    context.after(() => rm(empty, { recursive: true }));
    await installed();
    const { running, happened } = await started(empty);
    context.after(() => running.close());

    for (const name of ["translator", "classifier"]) {
      const line = happened.find((text) => text.startsWith(`${name}: not started`)) ?? "";
      assert.match(
        line,
        new RegExp(
          `the model of \`${name}\` is not in \`${empty}\`\\. Get it with \`node service/dist/download-models\\.mjs `,
          "u",
        ),
      );
      const endpoint = running.endpoints.find(({ service }) => service === name);
      assert.equal((await fetch(endpoint?.url ?? "", { method: "POST" })).status, 503);
    }
    await connected(running, async (client) => {
      const { tools } = await client.listTools();
      assert.deepEqual(
        tools.map(({ name }) => name),
        ["delivery__predict_late_delivery"],
      );
    });
  },
);

/** Fills this user's cache, which takes longer than a run is waited for. */
async function installed(): Promise<void> {
  const reaper = startReaper();
  const program = await readFile(PROGRAM, "utf8");
  const [, words = ""] = /STDIO_PYPI_PACKAGES: "(.+)"/u.exec(program) ?? [];
  const given = { reaper, signal: undefined, tell: () => undefined };
  await installPackages("server", { npm: [], pypi: words.split(" ") }, given);
  reaper.close();
}
