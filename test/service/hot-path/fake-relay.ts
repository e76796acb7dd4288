/** A relay in this process, whose tools end in all the ways that a relay can. */
import {
  RelayError,
  type JsonObject,
  type Offers,
  type Relay,
  type RelayContext,
  type RelayRequest,
} from "../../../service/runtime/relay.ts";

const tool = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  description: `Does ${name}.`,
  inputSchema: { type: "object" },
  ...more,
});

/** The fields that no schema of the SDK knows must reach clients too. */
export const OFFERS: Offers = {
  tools: [
    tool("echo", {
      "x-vendor": { nested: [1] },
      _meta: { "example.com/a": 1 },
      annotations: { readOnlyHint: true, "x-hint": "kept" },
      icons: [{ src: "https://example.com/a.png", "x-size": 1 }],
    }),
    tool("fails"),
    tool("refuses"),
    tool("breaks"),
    tool("errs"),
    tool("asks"),
    tool("talks"),
    tool("hangs"),
    tool("rubbish"),
    tool("bare"),
    tool("lists", { outputSchema: { type: "array", items: { type: "string" } } }),
    tool("routed", {
      inputSchema: {
        type: "object",
        properties: { region: { type: "string", "x-mcp-header": "Region" } },
      },
    }),
    tool("größe"),
  ],
  resources: [{ name: "guide", uri: "docs://guide", "x-vendor": 1 }],
  resourceTemplates: [{ name: "page", uriTemplate: "docs://pages/{page}" }],
  prompts: [{ name: "review", arguments: [{ name: "language", required: true }] }],
  completions: true,
  instructions: "Ask for the guide first.",
  cache: { ttlMs: 1234, cacheScope: "public" },
};

/** A request, and what came with it. */
export interface Received {
  readonly request: RelayRequest;
  readonly context: RelayContext;
}

export interface FakeRelay extends Relay {
  send: (request: RelayRequest, context: RelayContext) => Promise<JsonObject>;
  watchResources: (uris: ReadonlySet<string>) => void;
  readonly received: Received[];
  readonly watched: ReadonlySet<string>[];
  offered: Offers;
  /** Called with every request that is passed on. */
  onReceived: (received: Received) => void;
}

export function fakeRelay(): FakeRelay {
  const relay: FakeRelay = {
    received: [],
    watched: [],
    offered: OFFERS,
    onReceived: () => undefined,
    offers: () => relay.offered,
    send: (request, context) => {
      const received = { request, context };
      relay.received.push(received);
      relay.onReceived(received);
      return answer(request, context);
    },
    watchResources: (uris) => {
      relay.watched.push(new Set(uris));
    },
  };
  return relay;
}

function answer(request: RelayRequest, context: RelayContext): Promise<JsonObject> {
  const { method, params } = request;
  switch (method) {
    case "tools/call":
      return call(String(params["name"]), params, context);
    case "prompts/get":
      return Promise.resolve({
        messages: [{ role: "user", content: { type: "text", text: "Review." } }],
        "x-vendor": true,
      });
    case "resources/read":
      return Promise.resolve({
        contents: [{ uri: params["uri"], text: "Read me.", "x-vendor": 1 }],
        ttlMs: 10,
        cacheScope: "public",
      });
    case "completion/complete":
      return Promise.resolve({ completion: { values: ["typescript"], "x-vendor": 1 } });
  }
}

export const ASKED: JsonObject = {
  resultType: "input_required",
  requestState: "opaque +/= state",
  inputRequests: {
    sure: {
      method: "elicitation/create",
      params: { message: "Sure?", requestedSchema: { type: "object", properties: {} }, x: 1 },
    },
  },
};

async function call(name: string, params: JsonObject, context: RelayContext): Promise<JsonObject> {
  await Promise.resolve();
  switch (name) {
    case "fails":
      return { content: [{ type: "text", text: "It did not work." }], isError: true };
    case "refuses":
      throw new RelayError("All is busy.", {
        code: -32_000,
        data: { retryable: true },
        outcome: "internal_error",
        status: 503,
      });
    case "errs":
      throw new RelayError("No such page.", {
        code: -32_050,
        data: { page: 7 },
        outcome: "protocol_error",
      });
    case "breaks":
      throw new Error("password=hunter2");
    case "asks":
      return params["inputResponses"] === undefined
        ? ASKED
        : { content: [{ type: "text", text: String(params["requestState"]) }] };
    case "talks":
      context.progress?.({ progressToken: "upstream's", progress: 1, total: 2, "x-vendor": 1 });
      context.message?.({ level: "debug", data: "fine" });
      context.message?.({ level: "warning", data: "careful", logger: "upstream" });
      return { content: [{ type: "text", text: "Done." }] };
    case "hangs":
      return new Promise((_resolve, reject) => {
        context.signal.addEventListener("abort", () => {
          reject(new Error("aborted"));
        });
      });
    case "rubbish":
      return "text" as unknown as JsonObject;
    case "bare":
      return { structuredContent: { temperature: 21 } };
    case "lists":
      return { structuredContent: ["a", "b"] };
    default:
      return {
        content: [{ type: "text", text: JSON.stringify(params["arguments"] ?? null), x: 1 }],
        structuredContent: { arguments: params["arguments"] ?? null },
        "x-vendor": { kept: true },
        _meta: { "example.com/b": 2 },
      };
  }
}
