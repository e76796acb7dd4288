/** The example of a gateway: a service, a service on stdio and a server elsewhere, which an SDK alone serves, behind one address. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { installPackages } from "../../local/ecs/packages/install.ts";
import { startReaper } from "../../local/ecs/reaper.ts";
import type { GraphResource } from "../../local/graph/graph.ts";
import { readProject } from "../../local/graph/project.ts";
import { run, type Run } from "../../local/run.ts";
import { startSdkUpstream, type SdkUpstream } from "./gateway-upstreams.ts";

const PROGRAM = join("test", "e2e", "programs", "gateway-example.ts");
const PACKAGES = ["@modelcontextprotocol/server-everything@2026.8.31"];
const DECLARED_URL = "https://notes.example.com/mcp";
const TOKEN = "token of the server elsewhere";

test("GIVEN the example WHEN it is compared with the program that runs here THEN they are one", async () => {
  const [example, program] = await Promise.all(
    [join("examples", "gateway", "index.ts"), PROGRAM].map((path) => readFile(path, "utf8")),
  );

  assert.equal(example?.replace('"pulumi-mcp-service"', '"../../../infra/index.ts"'), program);
});

describe("GIVEN the example of a gateway WHEN it runs on this machine", () => {
  let notes: SdkUpstream;
  let running: Run;
  const refusals: string[] = [];
  before(async () => {
    notes = await startSdkUpstream("sessions");
    await installed();
    running = await run({
      project: await readProject(PROGRAM, "test", { notesUrl: DECLARED_URL, notesToken: TOKEN }),
      port: 0,
      sampleData: true,
      transform: (graph) => ({ ...graph, resources: graph.resources.map(notesHere) }),
      events: {
        declared: () => undefined,
        line: () => undefined,
        forwarded: () => undefined,
        refused: (sentence) => refusals.push(sentence),
        happened: () => undefined,
      },
    });
    await running.ready;
  });
  after(async () => {
    await running.close();
    await notes.close();
  });

  /** Where the server elsewhere is in this test. */
  function notesHere(resource: GraphResource): GraphResource {
    if (resource.type !== "aws:ssm/parameter:Parameter" || resource.name !== "tools-notes")
      return resource;
    const value = String(resource.inputs["insecureValue"]);
    assert.ok(value.includes(DECLARED_URL), value);
    return {
      ...resource,
      inputs: { ...resource.inputs, insecureValue: value.replace(DECLARED_URL, notes.url) },
    };
  }

  for (const mode of ["legacy", { pin: "2026-07-28" }] as const) {
    const era = mode === "legacy" ? "of 2025-11-25" : "of 2026-07-28";

    test(`THEN a client ${era} lists and calls the tools of all three`, async () => {
      const endpoint = running.endpoints.find(({ service }) => service === "tools");
      assert.ok(endpoint);
      const client = new Client({ name: "e2e", version: "1" }, { versionNegotiation: { mode } });
      const headers = { authorization: `Bearer ${endpoint.token ?? ""}` };
      await client.connect(
        new StreamableHTTPClientTransport(new URL(endpoint.url), { requestInit: { headers } }),
      );
      const called = async (name: string, input: Record<string, unknown>): Promise<string> => {
        const { content, isError } = await client.callTool({ name, arguments: input });
        assert.notEqual(isError, true);
        return JSON.stringify(content);
      };

      const { tools } = await client.listTools();
      assert.deepEqual(
        tools.map(({ name }) => name),
        [
          "everything__echo",
          "everything__get-sum",
          "notes__add",
          "notes__steps",
          "notes__wait",
          "weather__get_alerts",
          "weather__get_forecast",
        ],
      );
      assert.match(await called("weather__get_alerts", { state: "CA" }), /SAMPLE DATA/u);
      assert.match(await called("everything__echo", { message: "by stdio" }), /Echo: by stdio/u);
      assert.match(await called("notes__add", { a: 2, b: 3 }), /5/u);
      await client.close();
    });
  }

  test("THEN the server elsewhere has the gateway's secret in every request, and the caller's token in none", () => {
    const given = notes.received.map(({ headers }) => headers.authorization);

    assert.ok(given.length > 0);
    assert.deepEqual([...new Set(given)], [`Bearer ${TOKEN}`]);
    assert.deepEqual(refusals, []);
  });
});

/** Fills this user's cache, which takes longer than a run is waited for. */
async function installed(): Promise<void> {
  const reaper = startReaper();
  const given = { reaper, signal: undefined, tell: () => undefined };
  await installPackages("server", { npm: PACKAGES, pypi: [] }, given);
  reaper.close();
}
