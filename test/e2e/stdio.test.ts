/** Stdio servers of npm and PyPI as they are, installed by the local target and called through its load balancer. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { installPackages } from "../../local/ecs/packages/install.ts";
import { parseStat } from "../../local/ecs/process-usage.ts";
import { startReaper } from "../../local/ecs/reaper.ts";
import { startStack, type Stack } from "./stack.ts";

const PROGRAM = join("test", "e2e", "programs", "stdio.ts");

test("GIVEN the example WHEN it is compared with the program that runs here THEN they are one", async () => {
  const [example, program] = await Promise.all(
    [join("examples", "stdio", "index.ts"), PROGRAM].map((path) => readFile(path, "utf8")),
  );

  assert.equal(example?.replace('"pulumi-mcp-service"', '"../../../infra/index.ts"'), program);
});

describe("GIVEN a program with stdio servers of npm and PyPI WHEN it runs on this machine", () => {
  let stack: Stack;
  before(async () => {
    await installed();
    stack = await startStack([PROGRAM]);
  });
  after(() => stack.stop());

  async function connected(
    service: string,
    mode: "legacy" | { readonly pin: string },
    use: (client: Client) => Promise<void>,
  ): Promise<void> {
    const endpoint = stack.services[service];
    assert.ok(endpoint, stack.command.output());
    const client = new Client({ name: "e2e", version: "1" }, { versionNegotiation: { mode } });
    const headers = { authorization: `Bearer ${endpoint.token}` };
    await client.connect(
      new StreamableHTTPClientTransport(new URL(endpoint.url), { requestInit: { headers } }),
    );
    try {
      await use(client);
    } finally {
      await client.close();
    }
  }

  for (const mode of ["legacy", { pin: "2026-07-28" }] as const) {
    const era = mode === "legacy" ? "of 2025-11-25" : "of 2026-07-28";

    test(`THEN a client ${era} lists and calls the tools of the one from npm`, () =>
      connected("everything", mode, async (client) => {
        const { tools } = await client.listTools();
        const { content } = await client.callTool({
          name: "echo",
          arguments: { message: "through the balancer" },
        });

        assert.ok(tools.some(({ name }) => name === "get-sum"));
        assert.deepEqual(content, [{ type: "text", text: "Echo: through the balancer" }]);
      }));

    test(`THEN a client ${era} lists and calls the tools of the one from PyPI`, () =>
      connected("time", mode, async (client) => {
        const { tools } = await client.listTools();
        const { content, isError } = await client.callTool({
          name: "convert_time",
          arguments: {
            source_timezone: "UTC",
            time: "12:00",
            target_timezone: "Asia/Tokyo",
          },
        });

        assert.deepEqual(tools.map(({ name }) => name).sort(), [
          "convert_time",
          "get_current_time",
        ]);
        assert.ok(isError !== true);
        assert.match(JSON.stringify(content), /T21:00:00\+09:00/u);
      }));
  }

  test("THEN what is started for a call knows nothing of the service's keys", () =>
    connected("everything", { pin: "2026-07-28" }, async (client) => {
      const { content } = await client.callTool({ name: "get-env", arguments: {} });
      const [text] = content as { readonly text: string }[];

      assert.doesNotMatch(text?.text ?? "", /MCP_STATE_KEY|AUTH_|ECS_CONTAINER/u);
      assert.match(text?.text ?? "", /PATH/u);
    }));

  test("THEN the servers that a replica has started end with it, even where it is killed", async (context) => {
    if (process.platform !== "linux") {
      context.skip("only Linux tells who has started whom");
      return;
    }
    const [replica] = stack.command
      .processes(stack.services["everything"]?.url ?? "")
      .filter(({ command }) => command.endsWith("stdio -- mcp-server-everything stdio"));
    assert.ok(replica);
    const children = await childrenOf(replica.pid);
    assert.equal(children.length, 2);

    process.kill(replica.pid, "SIGKILL");

    for (const child of children) await ended(child);
  });
});

/** Fills this user's cache, which takes longer than a run is waited for. */
async function installed(): Promise<void> {
  const reaper = startReaper();
  const program = await readFile(PROGRAM, "utf8");
  const named = (argument: string): string[] =>
    [...program.matchAll(new RegExp(`${argument}: \\["(.+)"\\]`, "gu"))].flatMap(
      ([, name = ""]) => name,
    );
  const given = { reaper, signal: undefined, tell: () => undefined };
  await installPackages("server", { npm: named("npmPackages"), pypi: [] }, given);
  await installPackages("server", { npm: [], pypi: named("pypiPackages") }, given);
  reaper.close();
}

async function childrenOf(parent: number): Promise<number[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name)).map(Number);
  const parents = await Promise.all(ids.map(parentOf));
  return ids.filter((_, index) => parents[index] === parent);
}

/** Undefined where there is no such process any more. */
async function parentOf(id: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${id}/stat`, "utf8").catch(() => undefined);
  return stat === undefined ? undefined : parseStat(stat).parent;
}

/** Nothing tells of the end of a process that is not our child. */
async function ended(id: number): Promise<void> {
  while ((await parentOf(id)) !== undefined) await new Promise(setImmediate);
}
