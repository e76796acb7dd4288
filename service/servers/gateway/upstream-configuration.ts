import { z } from "zod";

/** Where a secret is: in a variable of the container, or in Secrets Manager, where it is read when it is needed and again when it was refused. */
const secret = z.union([
  z.strictObject({ variable: z.string().min(1) }),
  z.strictObject({
    secretArn: z.string().startsWith("arn:"),
    /** Whether it holds several values, separated by commas, of which the first is the one to use: such are the tokens that services generate. */
    isList: z.boolean().optional(),
  }),
]);

/** A name with `*` for any characters. */
const pattern = z.string().min(1).max(256);

/** How the gateway proves to an upstream who it is. The caller's own token never goes there. */
const auth = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("none") }),
  z.strictObject({
    mode: z.literal("header"),
    /** Default `Authorization`, with `Bearer ` before the value. */
    header: z.string().optional(),
    value: secret,
  }),
  z.strictObject({
    mode: z.literal("client-credentials"),
    tokenEndpoint: z.url(),
    clientId: z.string().min(1),
    clientSecret: secret,
    scope: z.string().optional(),
    /** RFC 8707. */
    resource: z.string().optional(),
  }),
  z.strictObject({
    mode: z.literal("token-exchange"),
    tokenEndpoint: z.url(),
    clientId: z.string().min(1),
    clientSecret: secret,
    scope: z.string().optional(),
    audience: z.string().optional(),
    resource: z.string().optional(),
  }),
  z.strictObject({
    mode: z.literal("sigv4"),
    service: z.string().min(1),
    region: z.string().min(1),
  }),
]);

/** Who may list and call some tools: whoever has all of the scopes, and one of the values of each claim. */
const rule = z.strictObject({
  /** By the names that clients see. */
  tools: z.array(pattern).min(1),
  scopes: z.array(z.string()).default([]),
  claims: z.record(z.string(), z.array(z.string()).min(1)).default({}),
});

/** A tool made of one operation of a plain HTTP application. */
const httpTool = z
  .strictObject({
    name: z.string().regex(/^[\w.-]{1,64}$/u),
    description: z.string().min(1),
    method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    /** `/orders/{id}`: `{…}` are taken from the arguments. */
    path: z.string().startsWith("/"),
    /** The names of arguments that go into the query; for GET and DELETE all that are not in the path do. */
    query: z.array(z.string()).optional(),
    /** The name of the argument that is the whole body, whatever JSON value it is; the rest goes into the query. Default: all that are in neither path nor query, as an object. */
    body: z.string().min(1).optional(),
    inputSchema: z.record(z.string(), z.unknown()).default({ type: "object" }),
  })
  .refine(({ body, method }) => body === undefined || method !== "GET", {
    path: ["body"],
    error: "a GET has no body",
  });

/** One upstream of a gateway, as it stands in the watched configuration. */
export const upstreamConfiguration = z.strictObject({
  kind: z.enum(["mcp", "http", "openapi"]).default("mcp"),
  /** `mcp`: its endpoint. `http`, `openapi`: what paths are appended to. */
  url: z.url({ protocol: /^https?$/u }),
  /** `dns`: each address of the host name is a replica, asked and watched by itself. `url`: one address, balanced by somebody else. */
  discovery: z.enum(["dns", "url"]).default("url"),
  /** What stands before `__` and each name; false: names as they are. Default: the name of the upstream. */
  prefix: z.union([z.string().regex(/^[A-Za-z0-9][\w-]{0,30}$/u), z.literal(false)]).optional(),
  /** The upstream's own names of tools that are offered. Default: all. */
  allow: z.array(pattern).optional(),
  deny: z.array(pattern).default([]),
  /** Upstream's own name → name for clients, before the prefix. */
  aliases: z.record(z.string(), z.string()).default({}),
  auth: auth.default({ mode: "none" }),
  rules: z.array(rule).default([]),
  /** How long a call may take, in seconds, 1–3600. */
  timeoutSeconds: z.number().int().min(1).max(3600).default(60),
  /** The same for single tools, by the upstream's own names. */
  toolTimeouts: z.record(z.string(), z.number().int().min(1).max(3600)).default({}),
  /** Tools that may be called twice with the effect of once, by the upstream's own names. Lists, reads and prompts always may. */
  idempotentTools: z.array(pattern).default([]),
  /** How many requests it gets at once, 1–10000. */
  maxOngoingRequests: z.number().int().min(1).max(10_000).default(1000),
  /** The names of its tools, where the program declares them: collisions are then found at preview. */
  declaredTools: z.array(z.string()).optional(),
  /** For `http`. */
  tools: z.array(httpTool).default([]),
  /** For `openapi`: where the document is. */
  documentUrl: z.url().optional(),
});

export type UpstreamConfiguration = z.output<typeof upstreamConfiguration>;
export type UpstreamAuth = UpstreamConfiguration["auth"];
export type UpstreamSecret = z.output<typeof secret>;
export type HttpTool = z.output<typeof httpTool>;
export type ToolRule = z.output<typeof rule>;
