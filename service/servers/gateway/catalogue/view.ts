import type { Offers, JsonObject } from "../../../runtime/relay.ts";
import { dependsOnCaller } from "../rules.ts";
import type { ToolRule } from "../upstream-configuration.ts";
import { collisionsOf, type OwnedListing } from "./collisions.ts";
import type { Member } from "./member.ts";
import type { NamedListing, NamedTemplate } from "./named-listing.ts";

/** Where something that clients know leads. */
export interface Route {
  readonly member: Member;
  /** What the upstream itself calls it. */
  readonly own: string;
  /** As clients see it. */
  readonly value: JsonObject;
}

/** What some callers can use, for lists and for calls: the two are made of the same. */
export interface View {
  readonly offers: Omit<Offers, "cache">;
  readonly cacheScope: "public" | "private";
  readonly tools: ReadonlyMap<string, Route>;
  readonly prompts: ReadonlyMap<string, Route>;
  readonly resources: ReadonlyMap<string, Route>;
  readonly resourceTemplates: ReadonlyMap<string, Route>;
  /** Finds whose a resource is: listed ones first, then by templates, of which the more exact comes first. */
  resource(uri: string): Route | undefined;
}

/** One upstream's part of a view. */
export interface ViewPart {
  readonly member: Member;
  readonly named: NamedListing;
}

/**
 * Puts together what callers see who satisfy the same rules and have been listed the same. Everything is in the order of its name, so that
 * all replicas say the same.
 *
 * @param refused hears of a list of a caller's own that collides with something else; it is left out.
 */
export function createView(
  parts: readonly ViewPart[],
  isSatisfied: (rule: ToolRule) => boolean,
  refused: (upstream: string, sentences: readonly string[]) => void,
): View {
  const taken: OwnedListing[] = [];
  const used: ViewPart[] = [];
  // Lists that everybody sees have been held against each other already.
  for (const part of [...parts].sort((left, right) => rank(left) - rank(right))) {
    const owned = { upstream: part.member.name, listing: part.named };
    const sentences = part.member.isPrivate ? collisionsOf(owned, taken) : [];
    if (sentences.length > 0) refused(part.member.name, sentences);
    else {
      taken.push(owned);
      used.push(part);
    }
  }
  used.sort((left, right) => (left.member.name < right.member.name ? -1 : 1));

  const tools = new Map<string, Route>();
  const prompts = new Map<string, Route>();
  const resources = new Map<string, Route>();
  const templates: { readonly template: NamedTemplate; readonly route: Route }[] = [];
  const instructions: string[] = [];
  for (const { member, named } of used) {
    const allowed = named.tools.filter(({ rules }) => rules.every(isSatisfied));
    for (const { name, own, value } of allowed) tools.set(name, { member, own, value });
    for (const { name, own, value } of named.prompts) prompts.set(name, { member, own, value });
    // Resources keep their addresses: of several upstreams with the same ones, the first by its name has them, on every replica.
    for (const { name, own, value } of named.resources)
      if (!resources.has(name)) resources.set(name, { member, own, value });
    for (const template of named.resourceTemplates) {
      if (templates.some((other) => other.template.name === template.name)) continue;
      templates.push({ template, route: { member, own: template.own, value: template.value } });
    }
    const isUsed =
      allowed.length > 0 ||
      named.tools.length === 0 ||
      named.prompts.length + named.resources.length + named.resourceTemplates.length > 0;
    const text = isUsed ? instructionsOf(member, named) : undefined;
    if (text !== undefined) instructions.push(text);
  }
  const resourceTemplates = new Map(
    templates.map(({ template, route }) => [template.name, route] as const),
  );
  const byExactness = templates.sort(
    ({ template: left }, { template: right }) =>
      literals(right) - literals(left) || (left.name < right.name ? -1 : 1),
  );
  return {
    offers: {
      tools: inOrder(tools),
      prompts: inOrder(prompts),
      resources: inOrder(resources),
      resourceTemplates: inOrder(resourceTemplates),
      completions: used.some(({ named }) => named.completions),
      ...(instructions.length === 0 ? {} : { instructions: instructions.join("\n\n") }),
    },
    cacheScope: parts.some(
      ({ member, named }) =>
        member.isPrivate || named.tools.some(({ rules }) => rules.some(dependsOnCaller)),
    )
      ? "private"
      : "public",
    tools,
    prompts,
    resources,
    resourceTemplates,
    resource: (uri) =>
      resources.get(uri) ?? byExactness.find(({ template }) => template.matches(uri))?.route,
  };
}

function rank({ member }: ViewPart): number {
  return member.isPrivate ? 1 : 0;
}

function inOrder(routes: ReadonlyMap<string, Route>): readonly JsonObject[] {
  return [...routes]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { value }]) => value);
}

/** How many characters of a template stand for themselves. */
function literals({ name }: NamedTemplate): number {
  return name.replaceAll(/\{[^}]*\}/gu, "").length;
}

/** What an upstream says of itself, under the beginning of its names. */
function instructionsOf(
  { configuration, name }: Member,
  { instructions }: NamedListing,
): string | undefined {
  if (instructions === undefined || instructions.trim() === "") return undefined;
  const prefix = configuration.prefix ?? name;
  const about =
    prefix === false
      ? `About \`${name}\``
      : `About everything whose name begins with \`${prefix}__\``;
  return `${about}:\n${instructions.trim()}`;
}
