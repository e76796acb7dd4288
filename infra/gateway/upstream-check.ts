import * as pulumi from "@pulumi/pulumi";
import {
  UpstreamKind,
  type EgressRule,
  type GatewayUpstream,
  type HttpTool,
  type ToolRule,
  type UpstreamSettings,
} from "./upstream-args.ts";
import { checkUpstreamAuth } from "./upstream-auth-check.ts";
import { checkAddress, portOf } from "./upstream-address.ts";
import { isNetwork } from "../network/cidr-block.ts";
import { ArgumentError, check, checkTogether, oneOf, wholeNumberBetween } from "../validation.ts";

/** What a prefix may be, and the name of an upstream, which is its prefix where it has no other (service/servers/gateway/upstream-configuration.ts). */
const PREFIX = /^[A-Za-z0-9][\w-]{0,30}$/u;

/** What names of tools are made of, as clients take them. */
const TOOL_NAME = /^[\w.-]{1,64}$/u;

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Refuses names of upstreams that no prefix could be. */
export function checkUpstreamName(component: string, argument: string, name: string): void {
  if (PREFIX.test(name)) return;
  throw new ArgumentError(
    component,
    `\`${argument}\` has \`${name}\`; give names of a letter or digit and up to 30 more letters, digits, \`_\` and \`-\`: they stand before the names of tools.`,
  );
}

/** Refuses what the gateway would refuse to be configured with, or read as something else. */
export function checkUpstreamSettings(
  component: string,
  at: string,
  settings: UpstreamSettings,
): void {
  const { prefix, unprefixed } = settings;
  if (prefix !== undefined && !PREFIX.test(prefix)) {
    throw new ArgumentError(
      component,
      `\`${at}.prefix\` is \`${prefix}\`; give a letter or digit and up to 30 more letters, digits, \`_\` and \`-\`, or set \`${at}.unprefixed\` to true for none.`,
    );
  }
  if (prefix !== undefined && unprefixed === true) {
    throw new ArgumentError(
      component,
      `\`${at}.prefix\` is given, but \`${at}.unprefixed\` is true. Leave one of them out.`,
    );
  }
  for (const argument of ["allow", "deny", "idempotentTools"] as const) {
    checkPatterns(component, `${at}.${argument}`, settings[argument]);
  }
  checkAliases(component, `${at}.aliases`, settings.aliases ?? {});
  for (const [index, rule] of (settings.rules ?? []).entries()) {
    checkRule(component, `${at}.rules[${index}]`, rule);
  }
  checkUpstreamAuth(component, `${at}.auth`, settings.auth);
  const seconds = (argument: string): ((value: number) => void) =>
    wholeNumberBetween(component, argument, 1, 3600, "seconds");
  check(settings.timeoutSeconds, seconds(`${at}.timeoutSeconds`));
  for (const [tool, timeout] of Object.entries(settings.toolTimeouts ?? {})) {
    seconds(`${at}.toolTimeouts.${tool}`)(timeout);
  }
  check(
    settings.maxOngoingRequests,
    wholeNumberBetween(component, `${at}.maxOngoingRequests`, 1, 10_000, "requests"),
  );
}

function checkPatterns(
  component: string,
  argument: string,
  patterns: readonly string[] | undefined,
): void {
  for (const pattern of patterns ?? []) {
    if (pattern.length >= 1 && pattern.length <= 256) continue;
    throw new ArgumentError(
      component,
      `\`${argument}\` has ${pattern === "" ? "an empty name" : `a name of ${pattern.length} characters`}; give names of tools of 1 to 256 characters, with \`*\` for` +
        " any characters.",
    );
  }
}

function checkAliases(
  component: string,
  argument: string,
  aliases: Readonly<Record<string, string>>,
): void {
  const holders = new Map<string, string>();
  for (const [tool, alias] of Object.entries(aliases)) {
    if (!TOOL_NAME.test(alias)) {
      throw new ArgumentError(
        component,
        `\`${argument}.${tool}\` is \`${alias}\`; give 1 to 64 letters, digits, \`_\`, \`-\` and \`.\`, as clients take names of tools.`,
      );
    }
    const holder = holders.get(alias);
    holders.set(alias, tool);
    if (holder === undefined) continue;
    throw new ArgumentError(
      component,
      `\`${argument}\` gives \`${holder}\` and \`${tool}\` one name, \`${alias}\`. Give each its own.`,
    );
  }
}

function checkRule(component: string, at: string, rule: ToolRule): void {
  checkPatterns(component, `${at}.tools`, rule.tools);
  if (rule.tools.length === 0) {
    throw new ArgumentError(
      component,
      `\`${at}.tools\` is empty, so that the rule would be about nothing. Name tools, or leave the rule out.`,
    );
  }
  const claims = Object.entries(rule.claims ?? {});
  const empty = claims.find(([, values]) => values.length === 0);
  if (empty !== undefined) {
    throw new ArgumentError(
      component,
      `\`${at}.claims.${empty[0]}\` is empty, which no token could meet. Give the values that are let in, or leave the claim out.`,
    );
  }
  check(rule.scopes ?? [], (scopes) => {
    if (scopes.length > 0 || claims.length > 0) return;
    throw new ArgumentError(
      component,
      `\`${at}\` has neither \`scopes\` nor \`claims\`, so that it would let everybody in. Give one of them, or leave the rule out.`,
    );
  });
}

/** Refuses upstreams that could not be reached, or that would offer nothing. */
export function checkUpstream(
  component: string,
  at: string,
  upstream: GatewayUpstream,
  egress: readonly EgressRule[],
): void {
  checkUpstreamSettings(component, at, upstream);
  const kind = upstream.kind ?? UpstreamKind.Mcp;
  check(upstream.kind, oneOf(component, `${at}.kind`, UpstreamKind));
  check(upstream.url, (url) => {
    checkAddress(component, `${at}.url`, url);
    checkWayOut(component, `${at}.url`, url, egress);
  });
  check(upstream.documentUrl, (url) => {
    checkAddress(component, `${at}.documentUrl`, url);
    checkWayOut(component, `${at}.documentUrl`, url, egress);
  });
  checkKind(component, at, kind, upstream);
  const names = new Set<string>();
  for (const [index, tool] of (upstream.tools ?? []).entries()) {
    checkHttpTool(component, `${at}.tools[${index}]`, tool);
    if (names.has(tool.name)) {
      throw new ArgumentError(
        component,
        `\`${at}.tools\` has \`${tool.name}\` twice. Give each tool a name of its own.`,
      );
    }
    names.add(tool.name);
  }
}

/** Tasks are let out to port 443 alone, and to what `egress` says. */
function checkWayOut(
  component: string,
  argument: string,
  url: string,
  egress: readonly EgressRule[],
): void {
  const port = portOf(url);
  if (port === 443) return;
  checkTogether(
    egress.map((rule) => rule.port),
    (ports) => {
      if (ports.includes(port)) return;
      throw new ArgumentError(
        component,
        `\`${argument}\` is \`${url}\`, but tasks are let out to port 443 alone, and not to ${port}. Name the port in \`egress\`, with the network or the security` +
          " group that is reached.",
      );
    },
  );
}

/** Refuses ways out that lead nowhere, or twice to one place. */
export function checkEgress(component: string, egress: readonly EgressRule[]): void {
  for (const [index, { port, cidrBlock, securityGroupId }] of egress.entries()) {
    const at = `egress[${index}]`;
    check(port, wholeNumberBetween(component, `${at}.port`, 1, 65_535));
    check(cidrBlock, (block) => {
      if (isNetwork(block)) return;
      throw new ArgumentError(
        component,
        `\`${at}.cidrBlock\` is \`${block}\`; give an IPv4 network such as \`10.8.0.0/16\`.`,
      );
    });
    if ((cidrBlock === undefined) === (securityGroupId === undefined)) {
      throw new ArgumentError(
        component,
        `\`${at}\` has ${cidrBlock === undefined ? "neither" : "both"} \`cidrBlock\` ${cidrBlock === undefined ? "nor" : "and"} \`securityGroupId\`. Give one of them.`,
      );
    }
  }
  pulumi.output([...egress]).apply((rules) => {
    const seen = new Set<string>();
    for (const [index, { port, cidrBlock, securityGroupId }] of rules.entries()) {
      const place = `${port} ${cidrBlock ?? securityGroupId ?? ""}`;
      if (seen.has(place)) {
        throw new ArgumentError(
          component,
          `\`egress[${index}]\` says the same as one before it, which AWS refuses. Leave it out.`,
        );
      }
      seen.add(place);
    }
  });
}

/** Which argument a kind demands, and the others refuse. */
const DEMANDED: Readonly<Record<"tools" | "documentUrl", UpstreamKind>> = {
  tools: UpstreamKind.Http,
  documentUrl: UpstreamKind.OpenApi,
};

function checkKind(
  component: string,
  at: string,
  kind: UpstreamKind,
  upstream: GatewayUpstream,
): void {
  for (const argument of ["tools", "documentUrl"] as const) {
    const given = upstream[argument];
    const owner = DEMANDED[argument];
    const isGiven = given !== undefined && !(Array.isArray(given) && given.length === 0);
    if (isGiven === (kind === owner)) continue;
    throw new ArgumentError(
      component,
      isGiven
        ? `\`${at}.${argument}\` is given, but \`${at}.kind\` is \`${kind}\`, where it would change nothing. Leave it out, or set \`${at}.kind\` to \`${owner}\`.`
        : `\`${at}.kind\` is \`${kind}\`, but \`${at}.${argument}\` is missing: there would be no tools. Give ${argument === "tools" ? "the operations that are tools" : "the address of the document"}.`,
    );
  }
}

function checkHttpTool(component: string, at: string, tool: HttpTool): void {
  if (!TOOL_NAME.test(tool.name)) {
    throw new ArgumentError(
      component,
      `\`${at}.name\` is \`${tool.name}\`; give 1 to 64 letters, digits, \`_\`, \`-\` and \`.\`, as clients take names of tools.`,
    );
  }
  if (tool.description === "") {
    throw new ArgumentError(
      component,
      `\`${at}.description\` is empty; say what the tool does: models choose by it.`,
    );
  }
  if (!METHODS.includes(tool.method)) {
    throw new ArgumentError(
      component,
      `\`${at}.method\` is \`${tool.method}\`; give one of ${METHODS.map((method) => `\`${method}\``).join(", ")}.`,
    );
  }
  if (!tool.path.startsWith("/")) {
    throw new ArgumentError(
      component,
      `\`${at}.path\` is \`${tool.path}\`; give a path that begins with \`/\`.`,
    );
  }
  checkBody(component, at, tool);
  if (tool.inputSchema === undefined || isObjectSchema(tool.inputSchema)) return;
  throw new ArgumentError(
    component,
    `\`${at}.inputSchema\` is not the JSON text of a schema whose \`type\` is \`object\`, which MCP asks of every tool. Give one such as` +
      ' `{"type":"object","properties":{"id":{"type":"string"}}}`.',
  );
}

function checkBody(component: string, at: string, { body, method, path, query }: HttpTool): void {
  if (body === undefined) return;
  if (method === "GET") {
    throw new ArgumentError(
      component,
      `\`${at}.body\` is \`${body}\`, but \`GET\` has no body. Leave it out: the arguments go into the query.`,
    );
  }
  if (body !== "" && query?.includes(body) !== true && !path.includes(`{${body}}`)) return;
  throw new ArgumentError(
    component,
    `\`${at}.body\` is \`${body}\`; give the name of an argument that is in neither \`path\` nor \`query\`.`,
  );
}

function isObjectSchema(text: string): boolean {
  try {
    const schema: unknown = JSON.parse(text);
    return (
      typeof schema === "object" && schema !== null && "type" in schema && schema.type === "object"
    );
  } catch {
    return false;
  }
}

/** A parameter can be read by everybody who may describe the gateway: what Pulumi keeps secret must not get there. */
export function refuseSecret(component: string, at: string, value: unknown): void {
  const whole = pulumi.output(value);
  pulumi.output(pulumi.isSecret(whole)).apply((isSecret) => {
    if (!isSecret) return;
    throw new ArgumentError(
      component,
      `\`${at}\` has a secret value, which would stand in plain text in its parameter. Put it into Secrets Manager, and name its ARN in \`${at}.auth.secretArn\`.`,
    );
  });
}
