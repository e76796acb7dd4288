/** What an author may offer, such that calls end in all the ways that they can. */
import type { ContentBlock, PromptMessage } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { CallContext } from "../../../service/runtime/context.ts";
import {
  inputRequest,
  InputRequired,
  requireInput,
} from "../../../service/runtime/input-required.ts";
import { definePrompt } from "../../../service/runtime/prompt.ts";
import type { Contents } from "../../../service/runtime/protocol/contents.ts";
import { readContents } from "../../../service/runtime/protocol/contents.ts";
import {
  ResourceNotFound,
  type Resource,
  type ResourceContent,
  type ResourceTemplate,
} from "../../../service/runtime/resource.ts";
import { defineTool, ToolError, type Content, type Tool } from "../../../service/runtime/tool.ts";

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const cyclic: Record<string, unknown> = {};
cyclic["itself"] = cyclic;

/** Right ones, ones with fields that no schema knows, and ones that are none. */
export const BLOCKS: Readonly<Record<string, unknown>> = {
  none: [],
  text: [{ type: "text", text: 'a\u2028"b"' }],
  texts: [
    { type: "text", text: "a" },
    { type: "text", text: "b" },
  ],
  annotated: [
    {
      type: "text",
      text: "a",
      annotations: { audience: ["user"], priority: 1 },
      _meta: { "example.com/a": 1 },
    },
  ],
  unknown: [
    { type: "text", text: "a", extra: { b: 1 } },
    { type: "text", text: "c" },
  ],
  image: [{ type: "image", data: PIXEL, mimeType: "image/png", extra: 1 }],
  audio: [{ type: "audio", data: PIXEL, mimeType: "audio/wav" }],
  link: [{ type: "resource_link", uri: "docs://guide", name: "guide", size: 5, extra: 1 }],
  embedded: [
    { type: "resource", resource: { uri: "docs://a", text: "b", mimeType: "c/d", extra: 1 } },
  ],
  cyclic: [{ type: "text", text: "a", _meta: cyclic }],
  huge: [{ type: "text", text: "a", _meta: { a: 1n } }],
  number: [{ type: "text", text: 5 }],
  kind: [{ type: "video", text: "a" }],
  base64: [{ type: "image", data: "not base64!", mimeType: "image/png" }],
  object: { type: "text", text: "a" },
  nothing: undefined,
  null: null,
  five: 5,
  holes: Array.from({ length: 2 }),
};

/** All that there is to ask, and what is none of that. */
export const QUESTIONS: Readonly<Record<string, () => InputRequired>> = {
  form: () =>
    requireInput(
      {
        name: inputRequest.form({
          message: "Who?",
          requestedSchema: z.object({ name: z.string().min(1) }),
        }),
      },
      { round: 1 },
    ),
  url: () => requireInput({ go: inputRequest.url({ message: "Go", url: "https://a.example" }) }),
  sampling: () =>
    requireInput({
      think: inputRequest.sampling({
        messages: [{ role: "user", content: { type: "text", text: "Think." } }],
        maxTokens: 5,
      }),
    }),
  tools: () =>
    requireInput({
      think: inputRequest.sampling({ messages: [], maxTokens: 5, tools: [], toolChoice: {} }),
    }),
  roots: () => requireInput({ roots: inputRequest.roots() }),
  both: () =>
    requireInput({
      roots: inputRequest.roots(),
      go: inputRequest.url({ message: "Go", url: "https://a.example" }),
    }),
  state: () => requireInput({}, [1, "two"]),
  nothing: () => requireInput({}),
  strange: () => new InputRequired({ a: { method: "nope/nope" } } as never, undefined),
  wrong: () => new InputRequired({ a: 5 } as never, undefined),
  unwritable: () => requireInput({ roots: inputRequest.roots() }, 5n),
  lost: () =>
    requireInput({ roots: inputRequest.roots() }, () => {
      // Nothing that JSON has.
    }),
};

const kinds = (of: object): z.ZodEnum => z.enum(Object.keys(of) as [string, ...string[]]);

function seen(context: CallContext): Record<string, unknown> {
  const { caller, clientCapabilities, state, answers, signal, log, ...others } = context;
  return {
    caller,
    clientCapabilities,
    state: state ?? "none",
    answer: answers.get("name"),
    accepted: answers.accepted("name", z.object({ name: z.string() })) ?? "none",
    isAborted: signal.aborted,
    level: log.level,
    others: Object.keys(others).sort(),
    copied: Reflect.ownKeys({ ...context })
      .map(String)
      .sort(),
  };
}

async function talk({ progress, logToClient, log }: CallContext): Promise<void> {
  await progress({ progress: 1 });
  await progress({ progress: 2, total: 3, message: "Soon." });
  await logToClient("debug", "fine");
  await logToClient("warning", { careful: true });
  await logToClient("emergency", undefined);
  await logToClient("odd" as never, "odd");
  // What is no JSON is left out.
  await progress({ progress: 3n } as never);
  log.info("from the author");
}

const later = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Libraries for databases give such. */
class Query {
  then(resolve: (value: string) => void): void {
    resolve("waited");
  }
}

const TOOLS: readonly Tool[] = [
  defineTool({
    name: "add",
    title: "Adder",
    description: "Adds.",
    input: z.object({ a: z.number(), b: z.number().int().max(100).default(1) }),
    output: z.object({ sum: z.number(), note: z.string().optional() }),
    annotations: { readOnlyHint: true },
    run: ({ a, b }) => ({ sum: a + b, dropped: true }),
  }),
  defineTool({
    name: "add-later",
    description: "Adds, after a while.",
    input: z.object({ a: z.number().describe("What to add to."), b: z.number().optional() }),
    output: z.object({ sum: z.number() }),
    run: async ({ a, b = 0 }) => {
      await later();
      return { sum: a + b };
    },
  }),
  defineTool({
    name: "add-soon",
    description: "Adds, without waiting for anything.",
    input: z.object({ a: z.number() }),
    output: z.object({ sum: z.number() }),
    // eslint-disable-next-line @typescript-eslint/require-await -- as authors write it
    run: async ({ a }) => ({ sum: a }),
  }),
  defineTool({
    name: "described",
    description: "Describes what it gives.",
    input: z.object({ kind: kinds(BLOCKS) }),
    output: z.looseObject({ given: z.unknown() }),
    run: ({ kind }) => ({ given: kind, more: [1] }),
    describe: ({ given }) => BLOCKS[String(given)] as Content,
  }),
  defineTool({
    name: "blocks",
    description: "Gives blocks.",
    input: z.object({ kind: kinds(BLOCKS) }),
    run: ({ kind }) => BLOCKS[kind] as readonly ContentBlock[],
  }),
  defineTool({ name: "text", description: "Gives a text.", run: () => "é\n\u0000\ud800" }),
  defineTool({
    name: "thenable",
    description: "Gives something to wait for that is no promise.",
    run: () => new Query() as unknown as Promise<string>,
  }),
  defineTool({
    name: "refuses",
    description: "Tells what is wrong.",
    input: z.object({ later: z.boolean().default(false) }),
    run: async ({ later: isLater }) => {
      if (isLater) await later();
      throw new ToolError("There is no such place.");
    },
  }),
  defineTool({
    name: "refuses-at-once",
    description: "Tells what is wrong.",
    run: () => {
      throw new ToolError("There is no such place.");
    },
  }),
  defineTool({
    name: "breaks",
    description: "Breaks.",
    output: z.object({ a: z.number() }),
    run: () => {
      throw new Error("password=hunter2");
    },
  }),
  defineTool({
    name: "breaks-later",
    description: "Breaks, after a while.",
    run: async () => {
      await later();
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- as authors write it
      throw "password=hunter2";
    },
  }),
  defineTool({
    name: "misses",
    description: "Throws what only resources may.",
    run: () => {
      throw new ResourceNotFound("There is none.");
    },
  }),
  defineTool({
    name: "asks",
    description: "Asks.",
    input: z.object({ kind: kinds(QUESTIONS), later: z.boolean().optional() }),
    run: async ({ kind, later: isLater }, { state, answers }) => {
      if (isLater === true) await later();
      if (state === undefined && answers.get("name").kind === "missing")
        return QUESTIONS[kind]?.() ?? "";
      return JSON.stringify({ state, name: answers.get("name") });
    },
  }),
  defineTool({
    name: "asks-at-once",
    description: "Asks, with a schema of results.",
    input: z.object({ kind: kinds(QUESTIONS) }),
    output: z.object({ a: z.number() }),
    run: ({ kind }) => QUESTIONS[kind]?.() ?? { a: 1 },
  }),
  defineTool({
    name: "context",
    description: "Tells what it knows of its call.",
    output: z.looseObject({}),
    run: (_input, context) => seen(context),
  }),
  defineTool({
    name: "talks",
    description: "Tells how far it is.",
    run: async (_input, context) => {
      await talk(context);
      return "Done.";
    },
  }),
  defineTool({
    name: "looks-up",
    description: "Takes what is checked elsewhere.",
    input: z.object({
      id: z.string().refine(async (id) => {
        await later();
        return id !== "gone";
      }, "There is none."),
    }),
    output: z.object({ id: z.string().refine(async (id) => Promise.resolve(id !== "odd")) }),
    run: ({ id }) => ({ id }),
  }),
  defineTool({
    name: "shapes",
    description: "Takes arguments of all kinds.",
    input: z.strictObject({
      word: z.string().trim().toLowerCase().min(2).max(5).optional(),
      mail: z.email().nullable().optional(),
      count: z.coerce.number().default(3),
      upper: z
        .string()
        .transform((text) => text.toUpperCase())
        .optional(),
      even: z
        .number()
        .refine((value) => value % 2 === 0, "Must be even")
        .optional(),
      list: z
        .array(z.union([z.string(), z.number()]))
        .max(3)
        .optional(),
      choice: z
        .discriminatedUnion("kind", [
          z.object({ kind: z.literal("a"), a: z.string() }),
          z.object({ kind: z.literal("b"), b: z.number() }),
        ])
        .optional(),
      map: z.record(z.string().max(3), z.boolean()).optional(),
      pair: z.tuple([z.string(), z.number()]).optional(),
    }),
    output: z.object({ got: z.unknown() }),
    run: (got) => ({ got }),
  }),
  defineTool({
    name: "loose",
    description: "Takes anything.",
    input: z.looseObject({ a: z.number().optional() }),
    output: z.looseObject({}),
    run: (got) => got,
  }),
  defineTool({
    name: "bad-output",
    description: "Gives what its schema forbids.",
    output: z.object({ a: z.number() }),
    run: () => ({ a: "b" }) as never,
  }),
  defineTool({
    name: "no-output",
    description: "Gives nothing.",
    output: z.object({ a: z.number() }),
    run: () => undefined as never,
  }),
  defineTool({
    name: "no-json",
    description: "Gives what JSON has not.",
    output: z.object({ a: z.unknown() }),
    run: () => ({ a: 1n }),
  }),
  defineTool({
    name: "reads",
    description: "For who may read.",
    scopes: ["read"],
    run: () => "read",
  }),
  defineTool({
    name: "writes",
    description: "For who may write.",
    scopes: ["read", "write"],
    run: () => "written",
  }),
  defineTool({
    name: "routed",
    description: "Has an argument that comes as a header too.",
    input: z.object({ region: z.string().meta({ "x-mcp-header": "Region" }) }),
    run: ({ region }) => region,
  }),
  defineTool({ name: "20", description: "Comes behind another one.", run: () => "20" }),
  defineTool({ name: "3", description: "Comes first.", run: () => "3" }),
];

const CONTENTS: Readonly<Record<string, ResourceContent>> = {
  text: "Read me.",
  bytes: new Uint8Array([1, 2, 255]),
  parts: [
    { content: "a" },
    { content: new Uint8Array([1]), mimeType: "image/png", uri: "docs://part" },
  ],
  none: [],
};

const RESOURCES: readonly Resource[] = [
  { name: "guide", uri: "docs://guide", title: "Guide", read: () => "Read me." },
  {
    name: "logo",
    uri: "docs://logo",
    description: "A picture.",
    mimeType: "image/png",
    cache: { ttlMs: 5000, cacheScope: "public" },
    read: async () => {
      await later();
      return new Uint8Array([1, 2, 3]);
    },
  },
  {
    name: "cached",
    uri: "docs://cached",
    cache: { ttlMs: 7 },
    read: () => CONTENTS["parts"] ?? "",
  },
  { name: "upper", uri: "docs://Guide", read: () => "Another one." },
  { name: "root", uri: "https://a.example", read: () => "Never found, since it has no path." },
  {
    name: "gone",
    uri: "docs://gone",
    read: () => {
      throw new ResourceNotFound("It is gone.");
    },
  },
  { name: "broken", uri: "docs://broken", read: () => Promise.reject(new Error("secret")) },
  {
    name: "refused",
    uri: "docs://refused",
    read: () => {
      throw new ToolError("Not today.");
    },
  },
  { name: "odd", uri: "docs://odd", read: () => 5 as never },
  {
    name: "asking",
    uri: "docs://asking",
    read: ({ state }) => (state === undefined ? (QUESTIONS["form"]?.() ?? "") : "Told."),
  },
  { name: "secret", uri: "docs://secret", scopes: ["write"], read: () => "secret" },
  {
    name: "mine",
    uri: "docs://mine",
    scopes: ["read"],
    read: (context) => JSON.stringify(seen(context)),
  },
];

const TEMPLATES: readonly ResourceTemplate[] = [
  {
    name: "page",
    uriTemplate: "pages://{kind}/{page}",
    title: "Pages",
    cache: { cacheScope: "public" },
    complete: {
      kind: (typed) => Object.keys(CONTENTS).filter((kind) => kind.startsWith(typed)),
      page: async (_typed, { kind = "" }) => {
        await later();
        return Array.from({ length: 120 }, (_, page) => `${kind}${page}`);
      },
    },
    read: ({ kind }, { uri }) => {
      const content = CONTENTS[String(kind)];
      if (content === undefined) throw new ResourceNotFound(`There is no ${uri}.`);
      return content;
    },
  },
  {
    name: "9",
    uriTemplate: "pages://text/{page}",
    mimeType: "text/markdown",
    read: (variables, context) => JSON.stringify({ variables, uri: context.uri, ...seen(context) }),
  },
  {
    name: "vault",
    uriTemplate: "vault://{+path}",
    scopes: ["write"],
    complete: { path: () => ["a"] },
    read: () => "secret",
  },
];

const MESSAGES: readonly PromptMessage[] = [
  { role: "user", content: { type: "text", text: "Review." } },
  { role: "assistant", content: { type: "image", data: PIXEL, mimeType: "image/png" } },
];

const PROMPTS = [
  definePrompt({
    name: "review",
    title: "Review",
    description: "Reviews.",
    arguments: z.object({
      language: z.string().describe("Of the code.").min(2),
      style: z.string().optional(),
    }),
    complete: {
      language: (typed) => ["typescript", "c"].filter((each) => each.startsWith(typed)),
      style: () => {
        throw new Error("secret");
      },
    },
    render: ({ language, style = "plain" }) => `Review ${language}, ${style}.`,
  }),
  definePrompt({ name: "messages", arguments: z.object({}), render: () => MESSAGES }),
  definePrompt({
    name: "extra",
    arguments: z.object({}),
    render: () => [{ ...MESSAGES[0], extra: 1 }] as never,
  }),
  definePrompt({
    name: "later",
    arguments: z.object({ a: z.string().optional() }),
    render: async (given, context) => {
      await talk(context);
      return JSON.stringify({ given, ...seen(context) });
    },
  }),
  definePrompt({ name: "odd", arguments: z.object({}), render: () => [{ role: "user" }] as never }),
  definePrompt({
    name: "breaks",
    arguments: z.object({}),
    render: () => Promise.reject(new Error("secret")),
  }),
  definePrompt({
    name: "misses",
    arguments: z.object({}),
    render: () => {
      throw new ResourceNotFound("There is none.");
    },
  }),
  definePrompt({
    name: "asks",
    arguments: z.object({ kind: z.string() }),
    complete: { kind: () => QUESTIONS["form"]?.() as never },
    render: ({ kind }, { state }) =>
      state === undefined ? (QUESTIONS[kind]?.() ?? "Nothing.") : JSON.stringify(state),
  }),
  definePrompt({
    name: "secret",
    arguments: z.object({ a: z.string().optional() }),
    complete: { a: () => ["secret"] },
    scopes: ["write"],
    render: () => "secret",
  }),
];

export const OFFERED: Contents = readContents({
  tools: TOOLS,
  resources: RESOURCES,
  resourceTemplates: TEMPLATES,
  prompts: PROMPTS,
});
