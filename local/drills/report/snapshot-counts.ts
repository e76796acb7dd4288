import type { Cause } from "../evidence/classification.ts";
import type { Explained } from "../evidence/counts.ts";

/** How many attempts ended by each cause. */
export function causesOf(explained: readonly Explained[]): Readonly<Record<Cause, number>> {
  const causes: Record<Cause, number> = {
    answered: 0,
    "lost in flight": 0,
    "sent to a dead target": 0,
    shed: 0,
    "shed beside a replica with room": 0,
    "failed though it could have been served": 0,
  };
  for (const { cause } of explained) causes[cause]++;
  return causes;
}

/** As a page shows them. */
export function snapshotCounts(
  causes: Readonly<Record<Cause, number>>,
): Readonly<Record<string, number>> {
  return causes;
}
