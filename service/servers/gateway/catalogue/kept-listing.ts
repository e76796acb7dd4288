import { createHash } from "node:crypto";
import type { UpstreamListing } from "../upstream.ts";

/** A list that an upstream has given, and how long it is good. */
export interface KeptListing {
  readonly listing: UpstreamListing;
  /** Tells apart lists that differ in anything that clients see. */
  readonly digest: string;
  /** When it was asked for, in milliseconds since 1970. */
  readonly askedAt: number;
  /** Until when the upstream says that it is good. Undefined where it does not say (`ttlMs` 0). */
  readonly goodUntil: number | undefined;
}

/** Keeps a list that was asked for at a time: its own time to live began no later. */
export function keepListing(listing: UpstreamListing, askedAt: number): KeptListing {
  const { ttlMilliseconds, ...seen } = listing;
  return {
    listing,
    digest: createHash("sha256").update(JSON.stringify(seen)).digest("base64url"),
    askedAt,
    goodUntil: ttlMilliseconds > 0 ? askedAt + ttlMilliseconds : undefined,
  };
}
