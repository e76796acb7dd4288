import type { Span } from "../traces.ts";

/** A span in its place of the tree. */
export interface PlacedSpan {
  readonly span: Span;
  readonly depth: number;
}

/** Spans as a tree is read, parents before children and earlier before later; a span whose parent is not known is a root. */
export function spanTree(spans: readonly Span[]): readonly PlacedSpan[] {
  const known = new Set(spans.map(({ id }) => id));
  const below = (parent: string | undefined, depth: number): PlacedSpan[] =>
    spans
      .filter((span) =>
        parent === undefined
          ? span.parent === undefined || span.parent === span.id || !known.has(span.parent)
          : span.parent === parent && span.id !== parent,
      )
      .toSorted((left, right) => left.startedAt - right.startedAt)
      .flatMap((span) => [{ span, depth }, ...below(span.id, depth + 1)]);
  return below(undefined, 0);
}
