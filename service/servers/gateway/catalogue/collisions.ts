import { collisionSentence, findCollisions, type Named } from "../names.ts";
import type { NamedListing, NamedPart } from "./named-listing.ts";

/** What must not be called the same, and what one of each is called in a sentence. */
const KINDS = [
  ["tools", "tool"],
  ["prompts", "prompt"],
  ["resources", "resource"],
  ["resourceTemplates", "resource template"],
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
