import { once } from "node:events";
import { createServer, request, type ClientRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import type { TestContext } from "node:test";
import express from "express";
import { readConfiguration } from "../../../service/runtime/configuration.ts";
import { createLogger } from "../../../service/runtime/log.ts";
import type { Contents } from "../../../service/runtime/protocol/contents.ts";
import { createMcpEndpoint, type McpEndpoint } from "../../../service/runtime/protocol/endpoint.ts";
import { createStateSeal } from "../../../service/runtime/protocol/sealed-state.ts";
import { modernHeaders, modernRequest } from "../running-host.ts";
import { fakeRelay, type FakeRelay } from "./fake-relay.ts";

/** An endpoint that takes subscriptions, without the guards in front of it. */
export interface ListenEndpoint {
  readonly url: URL;
  readonly endpoint: McpEndpoint;
  readonly relay: FakeRelay;
  /** Resolves with the next line of the log that has this message. */
  readonly logged: (message: string) => Promise<Record<string, unknown>>;
}

/** Starts one; it ends with the test. */
export async function startListenEndpoint(
  context: TestContext,
  {
    hotPath,
    announcesChanges = true,
    contents,
    environment = {},
  }: {
    readonly hotPath: boolean;
    /** Default: yes. */
    readonly announcesChanges?: boolean;
    /** What it offers. Default: what a relay does. */
    readonly contents?: Contents;
    readonly environment?: Record<string, string>;
  },
): Promise<ListenEndpoint> {
  const relay = fakeRelay();
  const http = createServer();
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      const line = JSON.parse(chunk.toString()) as Record<string, unknown>;
      http.emit(`logged ${String(line["msg"])}`, line);
      done();
    },
  });
  const endpoint = createMcpEndpoint(
    { name: "listen", title: "Listen", version: "1.2.3", announcesChanges },
    {
      configuration: readConfiguration({
        HOST: "127.0.0.1",
        MCP_PUBLIC_URL: "https://mcp.example.com/mcp",
        AUTH_MODE: "none",
        ...environment,
      }),
      log: createLogger("test", { id: "1", zone: "a" }, "trace", sink),
      seal: createStateSeal(["a".repeat(32)]),
      challenge: () => ({}),
      permits: () => true,
      telemetry: { instruments: [], traceIdOf: () => undefined },
      contents: () => contents ?? { tools: [], resources: [], resourceTemplates: [], prompts: [] },
      relay: () => (contents === undefined ? relay : undefined),
      hotPath,
    },
  );
  http.on("request", express().post("/mcp", endpoint.handle));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  context.after(async () => {
    await endpoint.close();
    http.close();
    http.closeAllConnections();
  });
  const { port } = http.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    endpoint,
    relay,
    logged: async (message) => {
      const [line] = (await once(http, `logged ${message}`)) as [Record<string, unknown>];
      return line;
    },
  };
}

/** A stream as its client sees it. */
export interface OpenStream {
  readonly outgoing: ClientRequest;
  readonly response: IncomingMessage;
  /** Resolves with what has come since the last time, when a text is in it. */
  readonly until: (text: string) => Promise<string>;
  /** Resolves with everything that has come, when the stream has ended. */
  readonly ended: Promise<string>;
}

/** Opens a subscription; resolves with the head of its answer. */
export async function listen(
  { url }: ListenEndpoint,
  notifications: Record<string, unknown>,
): Promise<OpenStream> {
  const outgoing = request(url, {
    method: "POST",
    headers: modernHeaders("subscriptions/listen"),
    agent: false,
  });
  outgoing.on("error", () => undefined);
  outgoing.end(JSON.stringify(modernRequest("subscriptions/listen", { notifications })));
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  response.on("error", () => undefined);
  let [all, fresh] = ["", ""];
  response.setEncoding("utf8").on("data", (chunk: string) => {
    all += chunk;
    fresh += chunk;
  });
  const ended = new Promise<string>((resolve) => {
    response.once("close", () => {
      resolve(all);
    });
  });
  return {
    outgoing,
    response,
    ended,
    until: async (text) => {
      while (!fresh.includes(text)) {
        if (response.destroyed) throw new Error(`The stream has ended before \`${text}\`: ${all}`);
        await Promise.race([once(response, "data"), ended]);
      }
      const heard = fresh;
      fresh = "";
      return heard;
    },
  };
}
