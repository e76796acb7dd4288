/** Clients that nobody here wrote, with calls that tell of their progress. */
import type { TestContext } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

/** The revisions that they speak. */
export const ERAS = ["2025-11-25", "2026-07-28"] as const;

/** Calls the tool `paced` of an upstream `one`. @returns the content of its result. */
export type Paced = (
  id: string,
  steps: number,
  heard: (progress: number) => void,
) => Promise<unknown>;

/** Connects a client of a revision, which leaves with the test. */
export async function connectPaced(
  context: TestContext,
  era: (typeof ERAS)[number],
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Paced> {
  const self = { name: "e2e", version: "1" };
  const requestInit = { headers };
  if (era === "2025-11-25") {
    const client = new LegacyClient(self);
    const transport = new LegacyTransport(new URL(url), { requestInit });
    await client.connect(transport);
    context.after(() => client.close());
    return async (id, steps, heard) => {
      const request = { name: "one__paced", arguments: { id, steps } };
      const onprogress = ({ progress }: { progress: number }): void => {
        heard(progress);
      };
      return (await client.callTool(request, undefined, { onprogress })).content;
    };
  }
  const client = new Client(self, { versionNegotiation: { mode: { pin: era } } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  context.after(() => client.close());
  return async (id, steps, heard) => {
    const request = { name: "one__paced", arguments: { id, steps } };
    const onprogress = ({ progress }: { progress: number }): void => {
      heard(progress);
    };
    return (await client.callTool(request, { onprogress })).content;
  };
}
