import { Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { z } from "zod";
import { readConfiguration } from "../../service/runtime/configuration.ts";
import { startHost } from "../../service/runtime/host.ts";
import { inputRequest, requireInput } from "../../service/runtime/input-required.ts";
import { createLogger } from "../../service/runtime/log.ts";
import { definePrompt } from "../../service/runtime/prompt.ts";
import { ResourceNotFound } from "../../service/runtime/resource.ts";
import type { ServerDefinition } from "../../service/runtime/server.ts";
import { defineTool, ToolError } from "../../service/runtime/tool.ts";

/** What must never leave the process. */
export const SECRETS = {
  token: "fuzz-token-MbyW3vYqJc7xTzKQ",
  stateKey: "fuzz-state-key-9fVtq2LxNnRz6KpWc4HsBd8E",
  environment: "fuzz-environment-secret-hunter2",
  thrown: "fuzz-thrown-secret-correcthorse",
} as const;

/** The largest body, in bytes; small, so that longer ones are cheap to send. */
export const MAX_BODY_BYTES = 65_536;

/** A running host, and how to talk to it. */
export interface Target {
  readonly port: number;
  /** What a request must carry in `Authorization`; undefined where nobody has to. */
  readonly authorization: string | undefined;
  /** Everything logged so far that must not be. */
  readonly leakedToLog: () => readonly string[];
  close(): Promise<void>;
}

/** Starts the host that is fuzzed. */
export async function startTarget(auth: "static-token" | "none"): Promise<Target> {
  const leaked: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      const text = chunk.toString();
      if (text.includes(SECRETS.token) || text.includes(SECRETS.stateKey)) leaked.push(text);
      done();
    },
  });
  const environment = {
    HOST: "127.0.0.1",
    PORT: "0",
    MCP_PUBLIC_URL: "https://mcp.example.com/mcp",
    AUTH_MODE: auth,
    ...(auth === "none" ? {} : { AUTH_STATIC_TOKENS: SECRETS.token }),
    MCP_STATE_KEY: SECRETS.stateKey,
    MAX_BODY_BYTES: String(MAX_BODY_BYTES),
    // Refusing for want of room is another test's subject: here every 5xx is a defect.
    MAX_ONGOING_REQUESTS: "10000",
    DATABASE_PASSWORD: SECRETS.environment,
  };
  const log = createLogger("fuzz", { id: "replica-1", zone: "zone-a" }, "info", sink);
  const host = await startHost(definition, readConfiguration(environment), log, environment);
  return {
    port: host.address.port,
    authorization: auth === "none" ? undefined : `Bearer ${SECRETS.token}`,
    leakedToLog: () => leaked,
    close: () => host.close(),
  };
}

const shape: z.ZodType = z.lazy(() =>
  z.union([z.string().max(100), z.number(), z.array(shape).max(10), z.record(z.string(), shape)]),
);

const tools = [
  defineTool({
    name: "double",
    description: "Doubles a number.",
    input: z.object({ value: z.number().max(1e9) }),
    output: z.object({ doubled: z.number() }),
    run: ({ value }) => ({ doubled: value * 2 }),
  }),
  defineTool({
    name: "nested",
    description: "Takes a value of some depth.",
    input: z.object({
      filter: z.object({
        anyOf: z.array(
          z.object({ field: z.enum(["a", "b"]), equals: z.union([z.string(), z.null()]) }),
        ),
        limit: z.int().min(1).max(1000).default(10),
      }),
      tree: shape.optional(),
      tags: z.record(z.string(), z.string().regex(/^[a-z]*$/u)).optional(),
    }),
    output: z.object({ conditions: z.number(), limit: z.number() }),
    run: ({ filter }) => ({ conditions: filter.anyOf.length, limit: filter.limit }),
  }),
  defineTool({
    name: "routed",
    description: "Has an argument that clients copy into a header.",
    input: z.object({
      region: z.string().meta({ "x-mcp-header": "Region" }),
      detail: z.string().optional(),
    }),
    run: ({ region }) => `In ${region}.`,
  }),
  defineTool({
    name: "talk",
    description: "Tells of its progress.",
    input: z.object({ steps: z.int().min(0).max(3).default(2) }),
    run: async ({ steps }, { progress, logToClient }) => {
      for (let step = 1; step <= steps; step++) {
        await progress({ progress: step, total: steps, message: "on it" });
        await logToClient("info", { step });
        await turn();
      }
      return "Done.";
    },
  }),
  defineTool({
    name: "ask",
    description: "Asks before it answers.",
    run: (_input, { answers, state }) => {
      const answer = answers.accepted("name", z.object({ name: z.string() }));
      if (answer !== undefined) return `Hello ${answer.name}, ${JSON.stringify(state)}.`;
      return requireInput(
        {
          name: inputRequest.form({
            message: "Who are you?",
            requestedSchema: { type: "object", properties: { name: { type: "string" } } },
          }),
        },
        { asked: 1 },
      );
    },
  }),
  defineTool({
    name: "refuse",
    description: "Fails on purpose.",
    run: () => {
      throw new ToolError("Ask for something else.");
    },
  }),
  defineTool({
    name: "break",
    description: "Fails by mistake.",
    run: () => {
      throw new Error(`cannot connect with ${SECRETS.thrown}`);
    },
  }),
  defineTool({
    name: "lie",
    description: "Returns what its schema forbids.",
    output: z.object({ count: z.number() }),
    run: () => ({ count: SECRETS.environment }) as unknown as { count: number },
  }),
];

const definition: ServerDefinition = {
  name: "fuzz",
  version: "1.0.0",
  announcesChanges: true,
  tools,
  resources: [
    { name: "guide", uri: "docs://guide", read: () => "Read me." },
    {
      name: "broken",
      uri: "docs://broken",
      read: () => {
        throw new Error(`cannot read with ${SECRETS.thrown}`);
      },
    },
  ],
  resourceTemplates: [
    {
      name: "page",
      uriTemplate: "docs://{language}/{page}",
      complete: { language: (typed) => ["en", "fr"].filter((name) => name.startsWith(typed)) },
      read: ({ page }) => {
        if (page === "none") throw new ResourceNotFound("There is no such page.");
        return Buffer.from(String(page));
      },
    },
  ],
  prompts: [
    definePrompt({
      name: "summarize",
      arguments: z.object({ text: z.string().max(200), style: z.string().optional() }),
      complete: { style: (typed) => ["short", "long"].filter((name) => name.startsWith(typed)) },
      render: ({ text, style }) => `Summarize (${style ?? "short"}): ${text}`,
    }),
    definePrompt({
      name: "broken",
      render: () => {
        throw new Error(`cannot render with ${SECRETS.thrown}`);
      },
    }),
  ],
};
