/** A gateway over two services of one program: private names, watched parameters, secrets and tokens, by the program that a container runs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { runDrill } from "../../local/drills/run-drill.ts";
import type { Graph, GraphResource } from "../../local/graph/graph.ts";
import { readProject } from "../../local/graph/project.ts";
import { run, type Run } from "../../local/run.ts";

const PROGRAM = join(import.meta.dirname, "programs", "gateway.ts");
const OWN_TOOLS = ["get_alerts", "get_forecast"];
const ALL = ["first", "second"].flatMap((name) => OWN_TOOLS.map((tool) => `${name}__${tool}`));

interface Started {
  readonly run: Run;
  readonly happenings: string[];
  readonly refusals: string[];
  /** Changes what the program declares from the next deployment on. */
  change: (resource: GraphResource) => GraphResource;
}

async function start(platform: NodeJS.Platform): Promise<Started> {
  const started: Omit<Started, "run"> & { run?: Run } = {
    happenings: [],
    refusals: [],
    change: (resource) => resource,
  };
  started.run = await run({
    project: await readProject(PROGRAM, "test", {}),
    port: 0,
    sampleData: true,
    platform,
    transform: (graph): Graph => ({
      ...graph,
      resources: graph.resources.map((resource) => withoutAlarms(started.change(resource))),
    }),
    events: {
      declared: () => undefined,
      line: () => undefined,
      forwarded: () => undefined,
      refused: (sentence) => started.refusals.push(sentence),
      happened: (service, text) => started.happenings.push(`${service}: ${text}`),
    },
  });
  await started.run.ready;
  return started as Started;
}

/** Without the minutes for which a deployment's alarms must be quiet. */
function withoutAlarms(resource: GraphResource): GraphResource {
  return resource.type === "aws:ecs/service:Service"
    ? { ...resource, inputs: { ...resource.inputs, alarms: undefined } }
    : resource;
}

async function connected<T>(
  { endpoints }: Run,
  mode: "legacy" | { readonly pin: string },
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const endpoint = endpoints.find(({ service }) => service === "tools");
  assert.ok(endpoint);
  const client = new Client({ name: "e2e", version: "1" }, { versionNegotiation: { mode } });
  const headers = { authorization: `Bearer ${endpoint.token ?? ""}` };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(endpoint.url), { requestInit: { headers } }),
  );
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

const listed = (running: Run): Promise<string[]> =>
  connected(running, "legacy", async (client) =>
    (await client.listTools()).tools.map(({ name }) => name),
  );

/** Asks until it is so; a gateway reads its configuration every second. */
async function becomes(running: Run, names: readonly string[]): Promise<void> {
  for (;;) {
    const now = await listed(running);
    if (JSON.stringify(now) === JSON.stringify(names)) return;
  }
}

const firstParameter = (edit: (value: object) => object) => (resource: GraphResource) =>
  resource.type === "aws:ssm/parameter:Parameter" && resource.name === "tools-first"
    ? {
        ...resource,
        inputs: {
          ...resource.inputs,
          insecureValue: JSON.stringify(
            edit(JSON.parse(String(resource.inputs["insecureValue"])) as object),
          ),
        },
      }
    : resource;

describe("GIVEN a gateway over two services WHEN the program runs on this machine", () => {
  let started: Started;
  before(async () => {
    started = await start(process.platform);
  });
  after(() => started.run.close());

  for (const mode of ["legacy", { pin: "2026-07-28" }] as const) {
    const era = mode === "legacy" ? "of 2025-11-25" : "of 2026-07-28";

    test(`THEN a client ${era} lists and calls the tools of both`, () =>
      connected(started.run, mode, async (client) => {
        const { tools } = await client.listTools();
        assert.deepEqual(
          tools.map(({ name }) => name),
          ALL,
        );
        for (const name of ["first__get_alerts", "second__get_alerts"]) {
          const { content, isError } = await client.callTool({ name, arguments: { state: "CA" } });
          assert.match(JSON.stringify(content), /SAMPLE DATA/u);
          assert.notEqual(isError, true);
        }
        assert.deepEqual(started.refusals, []);
      }));
  }

  test("THEN one replica of a service may die, and then all of another one", async () => {
    const { promises, clients } = await runDrill("upstream-loss", started.run);

    assert.deepEqual(
      promises.filter(({ held }) => !held),
      [],
    );
    assert.equal(clients.plain.failed + clients.retrying.failed, 0);
  });

  test("THEN a changed parameter is in force without any deployment, and the same tasks go on", async () => {
    const { run: running, happenings } = started;
    const tasks = (): string[] =>
      running.services.flatMap(({ tasks }) => tasks.map(({ task }) => task.id));
    const before = tasks();
    happenings.length = 0;

    started.change = firstParameter((value) => ({ ...value, prefix: "other" }));
    await running.deploy();
    await becomes(
      running,
      [
        ...OWN_TOOLS.map((tool) => `other__${tool}`),
        ...OWN_TOOLS.map((tool) => `second__${tool}`),
      ].toSorted(),
    );
    started.change = (resource) => resource;
    await running.deploy();
    await becomes(running, ALL);

    assert.deepEqual(tasks(), before);
    assert.deepEqual(
      happenings.filter((text) => text.includes("deployment")),
      [],
    );
  });

  test("THEN a role that may no longer read is refused, and what was read last stays in use", async () => {
    const { run: running, refusals } = started;
    started.change = (resource) =>
      resource.type === "aws:iam/rolePolicy:RolePolicy" && resource.name === "tools-upstreams"
        ? {
            ...resource,
            inputs: { ...resource.inputs, policy: '{"Version":"2012-10-17","Statement":[]}' },
          }
        : resource;
    await running.deploy();
    while (refusals.length === 0) await listed(running);

    assert.match(
      refusals[0] ?? "",
      /assumed-role\/tools-task-\w+\/\w+ is not authorized to perform: ssm:GetParametersByPath/u,
    );
    assert.deepEqual(await listed(running), ALL);
  });
});

test("GIVEN a machine with one loopback address WHEN the program runs there THEN the gateway reaches both services through forwarders", async (context) => {
  const { run: running } = await start("darwin");
  context.after(() => running.close());

  await becomes(running, ALL);
  await connected(running, { pin: "2026-07-28" }, async (client) => {
    for (const name of ["first__get_alerts", "second__get_alerts"]) {
      const { content } = await client.callTool({ name, arguments: { state: "CA" } });
      assert.match(JSON.stringify(content), /SAMPLE DATA/u);
    }
  });
});
