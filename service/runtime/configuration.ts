import { z } from "zod";

/** How callers prove who they are. */
export type AuthConfiguration =
  { readonly mode: "none" } | { readonly mode: "static-token"; readonly tokens: readonly string[] };

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
  /** Host names of web origins that may call the endpoint, beside loopback ones and that of `publicUrl`. */
  readonly allowedOrigins: readonly string[];
  readonly auth: AuthConfiguration;
  /** The largest request body, in bytes. Default 4 MiB, the MCP SDK's own. */
  readonly maxBodyBytes: number;
  /** How long new connections are still accepted after SIGTERM, in seconds, 0–110. Default 10. */
  readonly drainSeconds: number;
  /**
   * How long an idle connection stays open, in seconds. Default 75: it must outlive the load balancer's idle
   * timeout (60 unless configured), else the balancer writes into a connection that is closing, and answers 502.
   */
  readonly keepAliveSeconds: number;
  /** Default `info`. */
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** An environment that the host cannot run with; its message says what to change. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** Shorter tokens can be guessed: 16 characters of a generated token carry about 95 bits. */
const SHORTEST_TOKEN = 16;

const list = z
  .string()
  .default("")
  .transform((text) => text.split(",").flatMap((item) => item.trim() || []));

const wholeNumber = (least: number, most: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/u, "is not a whole number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `is not between ${least} and ${most}`)
    .default(fallback);

const environmentSchema = z.object({
  HOST: z.string().min(1, "is empty").default("0.0.0.0"),
  PORT: wholeNumber(0, 65_535, 8080),
  MCP_PATH: z
    .string()
    .regex(
      /^\/[\w./-]*$/u,
      "does not start with `/` or holds characters other than letters, digits and `._/-`",
    )
    .default("/mcp"),
  MCP_PUBLIC_URL: z
    .url({ protocol: /^https?$/u, error: "is not an http or https address" })
    .optional(),
  MCP_ALLOWED_HOSTS: list,
  MCP_ALLOWED_ORIGINS: list,
  AUTH_MODE: z
    .enum(["static-token", "none"], "is neither `static-token` nor `none`")
    .default("static-token"),
  AUTH_STATIC_TOKENS: list,
  MAX_BODY_BYTES: wholeNumber(1024, 64 * 1024 * 1024, 4 * 1024 * 1024),
  DRAIN_SECONDS: wholeNumber(0, 110, 10),
  KEEP_ALIVE_SECONDS: wholeNumber(1, 7200, 75),
  LOG_LEVEL: z.enum(LOG_LEVELS, `is none of ${LOG_LEVELS.join(", ")}`).default("info"),
});

/** Variables whose values must never be repeated in a message. */
const SECRET = new Set(["AUTH_STATIC_TOKENS"]);

/**
 * Reads the container contract's variables.
 *
 * @throws {ConfigurationError} that names every variable that is wrong, its value and the way out.
 */
export function readConfiguration(
  environment: Readonly<Record<string, string | undefined>>,
): RuntimeConfiguration {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    throw new ConfigurationError(
      parsed.error.issues
        .map((issue) => sentence(String(issue.path[0]), issue.message, environment))
        .join(" "),
    );
  }
  const variables = parsed.data;
  return {
    host: variables.HOST,
    port: variables.PORT,
    path: variables.MCP_PATH,
    publicUrl: new URL(
      variables.MCP_PUBLIC_URL ?? `http://localhost:${variables.PORT}${variables.MCP_PATH}`,
    ),
    allowedHosts: variables.MCP_ALLOWED_HOSTS,
    allowedOrigins: variables.MCP_ALLOWED_ORIGINS,
    auth: readAuth(variables.AUTH_MODE, variables.AUTH_STATIC_TOKENS),
    maxBodyBytes: variables.MAX_BODY_BYTES,
    drainSeconds: variables.DRAIN_SECONDS,
    keepAliveSeconds: variables.KEEP_ALIVE_SECONDS,
    logLevel: variables.LOG_LEVEL,
  };
}

function readAuth(mode: "static-token" | "none", tokens: readonly string[]): AuthConfiguration {
  if (mode === "none") {
    if (tokens.length > 0) {
      throw new ConfigurationError(
        "`AUTH_STATIC_TOKENS` is set while `AUTH_MODE` is `none`: nobody would be asked for the token. Unset one of them.",
      );
    }
    return { mode };
  }
  if (tokens.length === 0) {
    throw new ConfigurationError(
      "`AUTH_STATIC_TOKENS` is not set while `AUTH_MODE` is `static-token`. Give it the token that callers send" +
        " (several, separated by commas, while one is being replaced), or set `AUTH_MODE` to `none` to serve everybody.",
    );
  }
  if (tokens.some((token) => token.length < SHORTEST_TOKEN)) {
    throw new ConfigurationError(
      `A token in \`AUTH_STATIC_TOKENS\` has fewer than ${SHORTEST_TOKEN} characters and could be guessed. Use a longer one.`,
    );
  }
  return { mode, tokens };
}

function sentence(
  name: string,
  problem: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const given = SECRET.has(name) ? "" : ` (\`${environment[name] ?? ""}\`)`;
  return `\`${name}\`${given} ${problem}.`;
}
