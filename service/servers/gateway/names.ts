/**
 * How tools and prompts of upstreams are called by clients. Nothing here depends on the other upstreams, on the order of anything or on the
 * replica. `infra/gateway` has the same rules for previews and a test holds both together, hence no imports of the project's own.
 */
import { createHash } from "node:crypto";

/** As long as a name may be: Amazon Bedrock and OpenAI refuse tools with longer names, though the protocol allows 128 characters. */
export const LONGEST_NAME = 64;

/** Stands between prefix and name. */
export const SEPARATOR = "__";

/** What a prefix may be: 31 characters of it leave 31 for the name behind the separator. */
export const PREFIX = /^[A-Za-z0-9][\w-]{0,30}$/;

/** The characters that the specification of MCP (2026-07-28, "Tool Names") allows. */
const LEGAL_NAME = /^[\w.-]+$/;

/** 32 bits: no two of ten thousand names are likely to meet, and two that do are refused as any other collision. */
const HASH_CHARACTERS = 8;

/** What of an upstream's configuration names its tools. */
export interface Naming {
  /** Default: the name of the upstream. */
  readonly prefix?: string | false | undefined;
  readonly allow?: readonly string[] | undefined;
  readonly deny: readonly string[];
  /** Own name → name for clients, before the prefix. */
  readonly aliases: Readonly<Record<string, string>>;
}

/** One name, and whose it is. */
export interface Named {
  readonly upstream: string;
  /** What the upstream itself calls it. */
  readonly own: string;
  /** What clients call it. */
  readonly name: string;
}

/** Several of one name. */
export interface Collision {
  readonly name: string;
  /** At least two, in the order in which they were given. */
  readonly named: readonly Named[];
}

/** What stands before `__` and the names of an upstream; false: nothing. */
export function prefixOf(upstream: string, { prefix }: Pick<Naming, "prefix">): string | false {
  return prefix ?? upstream;
}

/** Whether a name satisfies a pattern, in which `*` stands for any characters, none included. */
export function matches(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (name.length < first.length + last.length) return false;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let from = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, from);
    if (found === -1 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}

/** Whether a tool of this own name is offered to clients at all: it is allowed and not denied. */
export function isOffered(own: string, { allow, deny }: Pick<Naming, "allow" | "deny">): boolean {
  if (deny.some((pattern) => matches(pattern, own))) return false;
  return allow === undefined || allow.some((pattern) => matches(pattern, own));
}

/**
 * What clients call a tool or a prompt. A name that is too long, or holds characters that names must not have, gives way to the prefix, a
 * hash of the whole name and as much of its tail as there is room for: `crm__3f2a91c4_create_contact`.
 */
export function clientName(upstream: string, own: string, naming: Naming): string {
  const prefix = prefixOf(upstream, naming);
  const before = prefix === false ? "" : `${prefix}${SEPARATOR}`;
  const alias = Object.hasOwn(naming.aliases, own) ? naming.aliases[own] : undefined;
  const name = alias ?? own;
  const whole = `${before}${name}`;
  if (whole.length <= LONGEST_NAME && LEGAL_NAME.test(name)) return whole;
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, HASH_CHARACTERS);
  const room = LONGEST_NAME - before.length - HASH_CHARACTERS - 1;
  const tail = name.replaceAll(/[^\w.-]/g, "_").slice(-room);
  return `${before}${hash}_${tail}`;
}

/** Every name that stands for more than one thing, in the order of the names. */
export function findCollisions(all: Iterable<Named>): readonly Collision[] {
  const byName = new Map<string, Named[]>();
  for (const named of all) {
    const others = byName.get(named.name);
    if (others === undefined) byName.set(named.name, [named]);
    else others.push(named);
  }
  return [...byName]
    .filter(([, named]) => named.length > 1)
    .map(([name, named]) => ({ name, named }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** What is wrong, and the way out, in two sentences. */
export function collisionSentence(
  { name, named }: Collision,
  kind: "tool" | "prompt" = "tool",
): string {
  const owners = named.map(({ upstream, own }) => `\`${own}\` of \`${upstream}\``).join(" and ");
  const wayOut = `Give one of the upstreams another \`prefix\`, or the ${kind} an alias in \`aliases\`${kind === "tool" ? ", or name it in `deny`" : ""}.`;
  return `The ${kind} \`${name}\` would stand for ${owners}. ${wayOut}`;
}
