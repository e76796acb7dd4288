/**
 * How clients see the names of tools: the rules of the gateway itself (service/servers/gateway/names.ts), for what a program declares. They stand twice, since
 * neither side may import the other; a test holds both together.
 */
import { createHash } from "node:crypto";

/** What several clients and models take at most. */
const LONGEST_NAME = 64;

const SEPARATOR = "__";

const HASH_CHARACTERS = 8;

/** The characters that names may have (MCP 2026-07-28, "Tool Names"). */
const LEGAL_NAME = /^[\w.-]+$/u;

/** What decides on the names of an upstream's tools. */
export interface Naming {
  /** False: names as they are. Default: the name of the upstream. */
  readonly prefix?: string | false | undefined;
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
  readonly aliases?: Readonly<Record<string, string>> | undefined;
}

/** An upstream whose tools are declared. */
export interface DeclaredUpstream {
  readonly name: string;
  readonly naming: Naming;
  readonly tools: readonly string[];
}

/** A tool, and what clients call it. */
export interface NamedTool {
  readonly upstream: string;
  readonly own: string;
  readonly name: string;
}

/** Whether a name is one that a pattern means, in which `*` stands for any characters. */
export function matches(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/gu, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`, "u").test(name);
}

/** Whether a tool is offered at all. */
export function isOffered(own: string, { allow, deny = [] }: Naming): boolean {
  const isOneOf = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => matches(pattern, own));
  return !isOneOf(deny) && (allow === undefined || isOneOf(allow));
}

/** What clients call a tool: prefix and name or alias; where that is too long or not allowed, prefix, hash, and the end of the name. */
export function clientName(upstream: string, own: string, naming: Naming): string {
  const prefix = naming.prefix ?? upstream;
  const before = prefix === false ? "" : `${prefix}${SEPARATOR}`;
  const aliases = naming.aliases ?? {};
  const name = (Object.hasOwn(aliases, own) ? aliases[own] : undefined) ?? own;
  const whole = before + name;
  if (whole.length <= LONGEST_NAME && LEGAL_NAME.test(name)) return whole;
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, HASH_CHARACTERS);
  const room = LONGEST_NAME - before.length - HASH_CHARACTERS - 1;
  return `${before}${hash}_${name.replaceAll(/[^\w.-]/gu, "_").slice(-room)}`;
}

/** The tools that clients would see, by upstream and in the order in which they are declared. */
export function offeredTools(upstreams: readonly DeclaredUpstream[]): NamedTool[] {
  return upstreams.flatMap(({ name: upstream, naming, tools }) =>
    tools
      .filter((own) => isOffered(own, naming))
      .map((own) => ({ upstream, own, name: clientName(upstream, own, naming) })),
  );
}

/** A sentence about the first name that would stand for two tools; undefined where there is none. */
export function collision(tools: readonly NamedTool[]): string | undefined {
  const holders = new Map<string, NamedTool>();
  for (const tool of tools) {
    const holder = holders.get(tool.name);
    if (holder !== undefined) {
      return (
        `the tool \`${tool.name}\` would stand for \`${holder.own}\` of \`${holder.upstream}\` and \`${tool.own}\` of \`${tool.upstream}\`. Give one of them another` +
        " `prefix`, or the tool another name in `aliases`, or name it in `deny`."
      );
    }
    holders.set(tool.name, tool);
  }
  return undefined;
}

/** A sentence about two upstreams of one prefix; undefined where there are none. Their tools would collide sooner or later. */
export function prefixCollision(
  upstreams: readonly { readonly name: string; readonly naming: Naming }[],
): string | undefined {
  const holders = new Map<string, string>();
  for (const { name, naming } of upstreams) {
    const prefix = naming.prefix ?? name;
    if (prefix === false) continue;
    const holder = holders.get(prefix);
    if (holder !== undefined) {
      return `\`${holder}\` and \`${name}\` both have the prefix \`${prefix}\`. Give one of them another \`prefix\`.`;
    }
    holders.set(prefix, name);
  }
  return undefined;
}
