import { collisionSentence, findCollisions, type Named } from "../names.ts";
import type { NamedListing, NamedPart } from "./named-listing.ts";

/** What must not be called the same, and what one of each is called in a sentence. */
const KINDS = [
  ["tools", "tool"],
  ["prompts", "prompt"],
] as const;

/** A listing, and the upstream that it is of. */
export interface OwnedListing {
  readonly upstream: string;
  readonly listing: Pick<NamedListing, (typeof KINDS)[number][0]>;
}

/** What collides within one listing, and with those of others, each as a sentence with the way out. */
export function collisionsOf(
  given: OwnedListing,
  others: readonly OwnedListing[],
): readonly string[] {
  return KINDS.flatMap(([kind, word]) => {
    const names = new Set(given.listing[kind].map(({ name }) => name));
    const candidates = others
      .filter(({ upstream }) => upstream !== given.upstream)
      .flatMap((other) => owned(other.upstream, other.listing[kind]))
      .filter(({ name }) => names.has(name));
    return findCollisions([...candidates, ...owned(given.upstream, given.listing[kind])]).map(
      (collision) => collisionSentence(collision, word),
    );
  });
}

function owned(upstream: string, parts: readonly NamedPart[]): readonly Named[] {
  return parts.map(({ name, own }) => ({ upstream, own, name }));
}

/** Resources keep their addresses: where several upstreams list the same ones, the first by its name is asked. Told in a sentence for each such pair. */
export function sharedResources(
  listings: readonly {
    readonly upstream: string;
    readonly listing: Pick<NamedListing, "resources" | "resourceTemplates">;
  }[],
): readonly string[] {
  const owners = new Map<string, string>();
  const shared = new Map<string, { readonly example: string; count: number }>();
  const inOrder = [...listings].sort((a, b) => (a.upstream < b.upstream ? -1 : 1));
  for (const { upstream, listing } of inOrder) {
    for (const { name } of [...listing.resources, ...listing.resourceTemplates]) {
      const owner = owners.get(name) ?? upstream;
      owners.set(name, owner);
      if (owner === upstream) continue;
      const pair = `\`${owner}\` and \`${upstream}\``;
      const known = shared.get(pair);
      if (known === undefined) shared.set(pair, { example: name, count: 1 });
      else known.count += 1;
    }
  }
  return [...shared].map(
    ([pair, { example, count }]) =>
      `${pair} both list ${count} resource${count === 1 ? "" : "s"} of the same address, such as \`${example}\`. Resources keep their addresses, so the first of` +
      " the two is asked for them.",
  );
}
