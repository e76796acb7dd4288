import { z } from "zod";
import { readAuth, type AuthConfiguration } from "./auth/configuration.ts";
import { readDirectAuth, refuseDirectAuth } from "./auth/direct-configuration.ts";
import { directRouting, TOOL_PREFIX, type DirectRouting } from "./direct-routing.ts";
import { list, readVariables, wholeNumber, type Environment } from "./environment.ts";
import { isExtensionOrigins, isHostName } from "./host-names.ts";

/** Everything the host reads from its environment: the container contract, typed. */
export interface RuntimeConfiguration {
  /** The address to listen on. Default: every IPv4 interface, since a task has one address and the load balancer uses it. */
  readonly host: string;
  /** The port to listen on, 0–65535 (0: any free one). Default 8080. */
  readonly port: number;
  /** The path of the MCP endpoint. Default `/mcp`. */
  readonly path: string;
  /** The address that clients use: the `resource` of the metadata; never derived from `Host`. */
  readonly publicUrl: URL;
  /** Host names that requests to the endpoint may carry, beside loopback ones and that of `publicUrl`. */
  readonly allowedHosts: readonly string[];
  /**
   * Host names of web origins that may call the endpoint, beside loopback ones and that of `publicUrl`; `<scheme>://*` stands for all
   * browser extensions of a scheme, such as `moz-extension://*`.
   */
  readonly allowedOrigins: readonly string[];
  readonly auth: AuthConfiguration;
  /** How calls of a gateway's clients arrive without the hop through the gateway. Default: they do not. */
  readonly direct: DirectRouting | undefined;
  /** The largest request body, in bytes, 1 KiB to 64 MiB. Default 4 MiB, the MCP SDK's own. */
  readonly maxBodyBytes: number;
  /** How many requests are worked on at once, 1–100000; more are answered 503 with `Retry-After`. Default 100. */
  readonly maxOngoingRequests: number;
  /** How many `subscriptions/listen` streams may be open at once, 0–100000; more are answered 503 with `Retry-After`. Default 1024, the MCP SDK's own. */
  readonly maxSubscriptions: number;
  /** How long a call may take, in seconds, 1–3600, before its signal aborts and the client is told. Default 300. */
  readonly callTimeoutSeconds: number;
  /** How long a request may take to arrive, in seconds, 1–3600; a slower one is answered 408. Default 60. */
  readonly requestTimeoutSeconds: number;
  /** How long new connections are still accepted after SIGTERM, in seconds, 0–110. Default 10. */
  readonly drainSeconds: number;
  /**
   * How long an idle connection stays open, in seconds. Default 75: it must outlive the load balancer's idle
   * timeout (60 unless configured), else the balancer writes into a connection that is closing, and answers 502.
   */
  readonly keepAliveSeconds: number;
  /**
   * How often a stream says something when nothing happens, in seconds, 1–3600; a call that has not been answered by then becomes a stream.
   * Default 15: it must be below the idle timeout of everything between here and the client.
   */
  readonly streamKeepAliveSeconds: number;
  /**
   * What seals the state of calls that need more input: the first key seals, all open. The same for every replica.
   * Default: none; a replica then makes one of its own, and calls that need more input work only where one replica serves.
   */
  readonly stateKeys: readonly string[];
  /** Whether metrics are written as CloudWatch embedded metric format lines. Default: no. */
  readonly metrics: "emf" | "none";
  /** Default `info`. */
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** Keys are 256 bits; 32 generated characters are about that much. */
const SHORTEST_STATE_KEY = 32;

/** In lower case, as they are compared. */
const names = list.transform((items) => items.map((item) => item.toLowerCase()));

const serverAddress = z
  .url({ protocol: /^https?$/u, error: "is not an http or https address" })
  .refine((text) => !hasMoreThanPath(text), {
    error: "has a user, a query or a fragment, which the address of an MCP server cannot have",
  });

const environmentSchema = z.object({
  HOST: z.string().min(1, "is empty").default("0.0.0.0"),
  PORT: wholeNumber(0, 65_535, 8080),
  MCP_PATH: z
    .string()
    .regex(
      /^\/[\w./-]*$/u,
      "does not start with `/` or holds characters other than letters, digits and `._/-`",
    )
    .refine((path) => !/\/\/|\/\.{1,2}(?:\/|$)/u.test(path), {
      error: "has an empty segment, `.` or `..`, which clients resolve before they ask",
    })
    .default("/mcp"),
  MCP_PUBLIC_URL: serverAddress.optional(),
  MCP_DIRECT_URL: serverAddress.optional(),
  MCP_TOOL_PREFIX: z
    .string()
    .regex(
      TOOL_PREFIX,
      "is no prefix: give a letter or digit, then up to 30 letters, digits, `_` and `-`",
    )
    .optional(),
  MCP_ALLOWED_HOSTS: names.refine((hosts) => hosts.every(isHostName), {
    error: "holds something that is no host name: leave out scheme, port and path",
  }),
  MCP_ALLOWED_ORIGINS: names.refine(
    (origins) => origins.every((origin) => isHostName(origin) || isExtensionOrigins(origin)),
    {
      error:
        "holds something that is no host name: leave out scheme, port and path (browser extensions of any id are `<scheme>://*`)",
    },
  ),
  MAX_BODY_BYTES: wholeNumber(1024, 64 * 1024 * 1024, 4 * 1024 * 1024),
  MAX_ONGOING_REQUESTS: wholeNumber(1, 100_000, 100),
  MAX_SUBSCRIPTIONS: wholeNumber(0, 100_000, 1024),
  CALL_TIMEOUT_SECONDS: wholeNumber(1, 3600, 300),
  REQUEST_TIMEOUT_SECONDS: wholeNumber(1, 3600, 60),
  STREAM_KEEP_ALIVE_SECONDS: wholeNumber(1, 3600, 15),
  MCP_STATE_KEY: list.refine(
    (keys) => keys.every((key) => key.length >= SHORTEST_STATE_KEY),
    `holds a key of fewer than ${SHORTEST_STATE_KEY} characters`,
  ),
  MCP_METRICS: z.enum(["emf", "none"], "is neither `emf` nor `none`").default("none"),
  DRAIN_SECONDS: wholeNumber(0, 110, 10),
  KEEP_ALIVE_SECONDS: wholeNumber(1, 7200, 75),
  LOG_LEVEL: z.enum(LOG_LEVELS, `is none of ${LOG_LEVELS.join(", ")}`).default("info"),
});

function hasMoreThanPath(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && `${url.username}${url.password}${url.search}${url.hash}` !== "";
}

/** Variables whose values must never be repeated in a message. */
const SECRETS: ReadonlySet<string> = new Set(["MCP_STATE_KEY"]);

/**
 * Reads the container contract's variables.
 *
 * @throws {ConfigurationError} that names every variable that is wrong, its value and the way out.
 */
export function readConfiguration(environment: Environment): RuntimeConfiguration {
  const variables = readVariables(environmentSchema, environment, SECRETS);
  const publicUrl = new URL(
    variables.MCP_PUBLIC_URL ?? `http://localhost:${variables.PORT}${variables.MCP_PATH}`,
  );
  const auth = readAuth(environment, publicUrl);
  const { MCP_DIRECT_URL: directUrl } = variables;
  if (directUrl === undefined) refuseDirectAuth(environment, "`MCP_DIRECT_URL` is not");
  return {
    host: variables.HOST,
    port: variables.PORT,
    path: variables.MCP_PATH,
    publicUrl,
    allowedHosts: variables.MCP_ALLOWED_HOSTS,
    allowedOrigins: variables.MCP_ALLOWED_ORIGINS,
    auth,
    direct: directRouting({
      prefix: variables.MCP_TOOL_PREFIX,
      url: directUrl,
      path: variables.MCP_PATH,
      auth: (url) => readDirectAuth(environment, auth, url),
    }),
    maxBodyBytes: variables.MAX_BODY_BYTES,
    maxOngoingRequests: variables.MAX_ONGOING_REQUESTS,
    maxSubscriptions: variables.MAX_SUBSCRIPTIONS,
    callTimeoutSeconds: variables.CALL_TIMEOUT_SECONDS,
    requestTimeoutSeconds: variables.REQUEST_TIMEOUT_SECONDS,
    drainSeconds: variables.DRAIN_SECONDS,
    keepAliveSeconds: variables.KEEP_ALIVE_SECONDS,
    streamKeepAliveSeconds: variables.STREAM_KEEP_ALIVE_SECONDS,
    stateKeys: variables.MCP_STATE_KEY,
    metrics: variables.MCP_METRICS,
    logLevel: variables.LOG_LEVEL,
  };
}
