import { isIP } from "node:net";
import { z } from "zod";
import { ConfigurationError } from "../../runtime/configuration-error.ts";
import { list, readVariables, wholeNumber, type Environment } from "../../runtime/environment.ts";

/** What a gateway reads from its environment, beside what every host does. */
export interface GatewaySettings {
  /** Where the upstreams are: below a path of the parameter store, or in a file. */
  readonly source:
    | { readonly kind: "parameters"; readonly path: string }
    | { readonly kind: "file"; readonly path: string };
  /** `GATEWAY_POLL_SECONDS`: how often the configuration is read, in milliseconds, 1–60 seconds. Default 10 seconds. */
  readonly pollMilliseconds: number;
  /** `GATEWAY_GRACE_SECONDS`: for how long an upstream that is gone stays listed, in milliseconds, 0–3600 seconds. Default 60 seconds. */
  readonly graceMilliseconds: number;
  /** `GATEWAY_SEARCH`: whether `search_tools` and `call_tool` are listed in the place of all tools. Default: no. */
  readonly search: boolean;
  /** `GATEWAY_PINNED_TOOLS`: the tools that are listed all the same, by the names that clients see, with `*` for any characters. */
  readonly pinnedTools: readonly string[];
  /** `AUTH_SCOPE_PREFIX`: what stands before scopes in tokens; rules leave it out, as tools do. */
  readonly scopePrefix: string;
  /** `MCP_METRICS`: whether metrics are written as lines of the embedded metric format. */
  readonly emf: boolean;
}

const schema = z.object({
  GATEWAY_PARAMETER_PATH: z
    .string()
    .regex(
      /^(?:\/[\w.-]+)+\/?$/u,
      "is no path of the parameter store, such as `/gateways/tools/upstreams/`",
    )
    .optional(),
  GATEWAY_UPSTREAMS_FILE: z.string().min(1, "is empty").optional(),
  GATEWAY_POLL_SECONDS: wholeNumber(1, 60, 10),
  GATEWAY_GRACE_SECONDS: wholeNumber(0, 3600, 60),
  GATEWAY_SEARCH: z.enum(["true", "false"], "is neither `true` nor `false`").default("false"),
  GATEWAY_PINNED_TOOLS: list,
});

/**
 * Reads the variables of a gateway.
 *
 * @throws {ConfigurationError} that names every variable that is wrong, its value and the way out.
 */
export function readGatewaySettings(environment: Environment): GatewaySettings {
  const variables = readVariables(schema, environment, new Set());
  const search = variables.GATEWAY_SEARCH === "true";
  if (!search && variables.GATEWAY_PINNED_TOOLS.length > 0)
    throw new ConfigurationError(
      `\`GATEWAY_PINNED_TOOLS\` (\`${variables.GATEWAY_PINNED_TOOLS.join(",")}\`) would change nothing: every tool is listed. Unset it, or set \`GATEWAY_SEARCH\` to \`true\`.`,
    );
  return {
    source: sourceOf(variables.GATEWAY_PARAMETER_PATH, variables.GATEWAY_UPSTREAMS_FILE),
    pollMilliseconds: variables.GATEWAY_POLL_SECONDS * 1000,
    graceMilliseconds: variables.GATEWAY_GRACE_SECONDS * 1000,
    search,
    pinnedTools: variables.GATEWAY_PINNED_TOOLS,
    scopePrefix: environment["AUTH_SCOPE_PREFIX"] ?? "",
    emf: environment["MCP_METRICS"] === "emf",
  };
}

const nameServers = z.object({
  DNS_SERVERS: list.refine(
    (servers) => servers.every(isNameServer),
    "is no list of IP addresses, with a port or without, such as `10.0.0.2,127.0.0.1:5353`",
  ),
});

/**
 * Reads `DNS_SERVERS`: the name servers that know the addresses of upstreams, separated by commas. Default: none, so that the machine's are asked.
 *
 * @throws {ConfigurationError}
 */
export function readNameServers(environment: Environment): readonly string[] {
  return readVariables(nameServers, environment, new Set()).DNS_SERVERS;
}

/** `10.0.0.2`, `10.0.0.2:53`, `fd00::2` or `[fd00::2]:53`. */
function isNameServer(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const { six, four, port } =
    /^(?:\[(?<six>[^\]]+)\]|(?<four>[^:]+)):(?<port>\d{1,5})$/u.exec(text)?.groups ?? {};
  const isAddress = six === undefined ? isIP(four ?? "") === 4 : isIP(six) === 6;
  return isAddress && Number(port) >= 1 && Number(port) <= 65_535;
}

function sourceOf(path: string | undefined, file: string | undefined): GatewaySettings["source"] {
  if (path !== undefined && file !== undefined)
    throw new ConfigurationError(
      `\`GATEWAY_PARAMETER_PATH\` (\`${path}\`) and \`GATEWAY_UPSTREAMS_FILE\` (\`${file}\`) are both set: the upstreams are in one place. Unset one of them.`,
    );
  if (path !== undefined) return { kind: "parameters", path };
  if (file !== undefined) return { kind: "file", path: file };
  throw new ConfigurationError(
    "The gateway does not know where its upstreams are. Set `GATEWAY_PARAMETER_PATH` to a path of the parameter store with a parameter for each," +
      " or `GATEWAY_UPSTREAMS_FILE` to a JSON file of upstreams by their names.",
  );
}
