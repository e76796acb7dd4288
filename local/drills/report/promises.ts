import type { ClientCounts } from "../evidence/counts.ts";
import type { ClientKind } from "../traffic/attempt.ts";
import type { Promised } from "./report.ts";

type Counts = Readonly<Record<ClientKind, ClientCounts>>;

/** Of every drill. */
export function commonPromises(counts: Counts, repeatable: boolean): Promised[] {
  return [
    nothingServableFails(counts),
    ...(repeatable ? [retryingClientsLoseNothing(counts)] : []),
  ];
}

function nothingServableFails({ plain, retrying }: Counts): Promised {
  const cause = "failed though it could have been served";
  const failed = plain.causes[cause] + retrying.causes[cause];
  return promised(
    "No request fails that could have been served",
    failed === 0,
    `${failed} of ${plain.attempts + retrying.attempts} requests`,
  );
}

function retryingClientsLoseNothing({ retrying: { failed, calls } }: Counts): Promised {
  return promised(
    "A client that repeats what may be repeated loses no call",
    failed === 0,
    `${failed} of ${calls} calls`,
  );
}

/** Of drills in which everything is planned. */
export function plannedChangeFailsNothing({ plain, retrying }: Counts): Promised {
  const bad = [plain, retrying].map(({ attempts, causes }) => attempts - causes.answered);
  const failed = bad.reduce((sum, each) => sum + each, 0);
  return promised(
    "A planned change fails no request, of no client",
    failed === 0,
    `${failed} of ${plain.attempts + retrying.attempts} requests`,
  );
}

/** @param seen what was seen where it did not hold. */
export function promised(text: string, held: boolean, seen: string): Promised {
  return held ? { text, held } : { text, held, seen };
}
