/** Which way each call takes where the load balancer sends some past the gateway: by the program that a container runs, and by clients nobody here wrote. */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { RequestRecord } from "../../local/balancer/request-record.ts";
import type { GraphResource } from "../../local/graph/graph.ts";
import { readProject } from "../../local/graph/project.ts";
import { run, type Run } from "../../local/run.ts";

const PROGRAM = join(import.meta.dirname, "programs", "direct-routing.ts");
const CALIFORNIA = { state: "CA" };

const quiet = (): undefined => undefined;

/** Without the minutes for which a deployment's alarms must be quiet. */
function withoutAlarms(resource: GraphResource): GraphResource {
  return resource.type === "aws:ecs/service:Service"
    ? { ...resource, inputs: { ...resource.inputs, alarms: undefined } }
    : resource;
}

describe("GIVEN a gateway with direct routing WHEN the program runs on this machine", () => {
  let running: Run;
  before(async () => {
    running = await run({
      project: await readProject(PROGRAM, "test", {}),
      port: 0,
      sampleData: true,
      transform: (graph) => ({ ...graph, resources: graph.resources.map(withoutAlarms) }),
      events: { declared: quiet, line: quiet, forwarded: quiet, refused: quiet, happened: quiet },
    });
    await running.ready;
    // The gateway reads its configuration every second.
    for (;;) {
      const { result } = await ways("legacy", async (client) => client.listTools());
      if (result.tools.length > 0) return;
    }
  });
  after(() => running.close());

  /** What a client of the gateway gets, and which target groups its requests went to, in their order. */
  async function ways<T>(
    mode: "legacy" | { readonly pin: string },
    use: (client: Client) => Promise<T>,
  ): Promise<{ readonly result: T; readonly ways: readonly string[] }> {
    const endpoint = running.endpoints.find(({ service }) => service === "tools");
    assert.ok(endpoint);
    const records: RequestRecord[] = [];
    const recorded = new EventEmitter();
    let sent = 0;
    const client = new Client({ name: "e2e", version: "1" }, { versionNegotiation: { mode } });
    const headers = { authorization: `Bearer ${endpoint.token ?? ""}` };
    await client.connect(
      new StreamableHTTPClientTransport(new URL(endpoint.url), {
        requestInit: { headers },
        fetch: (url, init) => {
          if (init?.method === "POST") sent++;
          return fetch(url, init);
        },
      }),
    );
    sent = 0;
    const stop = running.onRequest((record) => {
      if (record.method !== "POST") return;
      records.push(record);
      recorded.emit("request");
    });
    try {
      const result = await use(client);
      while (records.length < sent) await once(recorded, "request");
      return { result, ways: records.map(({ targetGroup }) => serviceOf(targetGroup)) };
    } finally {
      stop();
      await client.close();
    }
  }

  function serviceOf(targetGroup: string | undefined): string {
    const group = running.graph.resources.find(
      ({ id, type }) => type === "aws:lb/targetGroup:TargetGroup" && id === targetGroup,
    );
    return group?.name ?? "none";
  }

  const call = (client: Client, name: string) => client.callTool({ name, arguments: CALIFORNIA });

  test("THEN calls of a client of 2026-07-28 go straight to the service, and its lists to the gateway", async () => {
    const { result, ways: taken } = await ways({ pin: "2026-07-28" }, async (client) => {
      const { tools } = await client.listTools();
      return {
        names: tools.map(({ name }) => name),
        call: await call(client, "weather__get_alerts"),
      };
    });

    assert.deepEqual(result.names, ["weather__get_alerts", "weather__get_forecast"]);
    assert.match(JSON.stringify(result.call.content), /SAMPLE DATA/u);
    assert.deepEqual(taken, ["tools", "weather"]);
  });

  test("THEN an older client gets the same by the gateway alone", async () => {
    const direct = await ways({ pin: "2026-07-28" }, (client) =>
      call(client, "weather__get_alerts"),
    );
    const around = await ways("legacy", (client) => call(client, "weather__get_alerts"));

    assert.deepEqual(around.result.content, direct.result.content);
    assert.deepEqual(around.ways, ["tools"]);
    assert.deepEqual(direct.ways, ["weather"]);
  });

  test("THEN a tool that there is not is refused with the same code on both ways", async () => {
    for (const name of ["weather__nothing", "WEATHER__get_alerts", "other__get_alerts"]) {
      const codes: unknown[] = [];
      for (const mode of ["legacy", { pin: "2026-07-28" }] as const) {
        const { result, ways: taken } = await ways(mode, (client) =>
          call(client, name).catch((error: unknown) => error),
        );
        codes.push((result as { code?: unknown }).code);
        const isDirect = mode !== "legacy" && !name.startsWith("other");
        assert.deepEqual(taken, [isDirect ? "weather" : "tools"], name);
      }
      assert.deepEqual(codes, [-32_602, -32_602], name);
    }
  });

  test("THEN a token for the service alone is good on neither way", async () => {
    const { token } = running.endpoints.find(({ service }) => service === "weather") ?? {};
    assert.ok(token !== undefined);
    const endpoint = running.endpoints.find(({ service }) => service === "tools");
    for (const name of ["weather__get_alerts", "get_alerts"]) {
      const response = await fetch(endpoint?.url ?? "", {
        method: "POST",
        headers: {
          Authorization: `Bearer ${token}`,
          "Content-Type": "application/json",
          Accept: "application/json, text/event-stream",
          "MCP-Protocol-Version": "2026-07-28",
          "Mcp-Method": "tools/call",
          "Mcp-Name": name,
        },
        body: "{}",
      });
      assert.equal(response.status, 401, name);
      // Clients are told of the gateway's metadata, whoever answers.
      assert.match(
        response.headers.get("www-authenticate") ?? "",
        /resource_metadata="[^"]*\/\.well-known\/oauth-protected-resource\/mcp"/u,
      );
    }
  });
});
