/** What the server behind the gateways answers: nothing in it costs more than it must, since it is not what is measured. */

export interface Asked {
  readonly id?: string | number;
  readonly method: string;
  readonly params?: {
    readonly name?: string;
    readonly protocolVersion?: string;
    readonly arguments?: Readonly<Record<string, unknown>>;
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
}

/** As many as an organisation's gateway may list. */
export const TOOLS = 500;

const VERSION = "2026-07-28";

/** For as long as any run takes. */
const CACHE = { ttlMs: 600_000, cacheScope: "public" };

const SERVER = { name: "upstream", version: "1.0.0" };

const MODERN_META = { "io.modelcontextprotocol/serverInfo": SERVER };

const INPUT = {
  type: "object",
  properties: { text: { type: "string", description: "What comes back." } },
  required: ["text"],
};

const tools = [
  { name: "echo", description: "Says what it is told.", inputSchema: INPUT },
  { name: "progress", description: "Tells of its progress first.", inputSchema: INPUT },
  ...Array.from({ length: TOOLS - 2 }, (_, index) => ({
    name: `tool_${index}`,
    description: `Says what it is told, and is number ${index} of many that do. A description of a usual length helps a model to choose.`,
    inputSchema: INPUT,
  })),
];

/** The result of a request; undefined for what the server does not know. */
export function resultOf({ method, params }: Asked): object | undefined {
  const isModern = params?._meta?.["io.modelcontextprotocol/protocolVersion"] === VERSION;
  const complete = (result: object): object =>
    isModern ? { resultType: "complete", _meta: MODERN_META, ...result } : result;
  switch (method) {
    case "tools/call":
      return complete({ content: [{ type: "text", text: params?.arguments?.["text"] }] });
    case "tools/list":
      return complete(isModern ? { tools, ...CACHE } : { tools });
    case "server/discover":
      return complete({ supportedVersions: [VERSION], capabilities: { tools: {} }, ...CACHE });
    case "initialize":
      return {
        protocolVersion: params?.protocolVersion ?? "2025-11-25",
        capabilities: { tools: {} },
        serverInfo: SERVER,
      };
    case "ping":
      return {};
    default:
      return undefined;
  }
}

/** The whole message; undefined for notifications. */
export function answerTo(asked: Asked): string | undefined {
  const { id } = asked;
  if (id === undefined) return undefined;
  const result = resultOf(asked);
  return JSON.stringify(
    result === undefined
      ? { jsonrpc: "2.0", id, error: { code: -32_601, message: "Method not found" } }
      : { jsonrpc: "2.0", id, result },
  );
}
