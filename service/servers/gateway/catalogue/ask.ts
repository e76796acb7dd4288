import type { Clock } from "../../../runtime/telemetry/clock.ts";
import type { Upstream } from "../upstream.ts";
import { keepListing, type KeptListing } from "./kept-listing.ts";

/** How long an upstream may take for its lists: nobody waits that long for them. */
const LIST_MILLISECONDS = 10_000;

/** Whoever a list is asked for; undefined: the gateway itself. */
export type Asker = Parameters<Upstream["list"]>[1];

/** Asks an upstream for its lists, and gives it up in time even where the upstream is deaf to its signal. @throws what the upstream throws. */
export function askForListing(
  upstream: Upstream,
  asker: Asker,
  clock: Clock,
): Promise<KeptListing> {
  const abort = new AbortController();
  const askedAt = clock.now();
  return new Promise((resolve, reject) => {
    const cancel = clock.after(LIST_MILLISECONDS, () => {
      const error = new Error(
        `The upstream \`${upstream.name}\` has not listed what it offers within ${LIST_MILLISECONDS / 1000} s.`,
      );
      abort.abort(error);
      reject(error);
    });
    const list = async (): Promise<KeptListing> =>
      keepListing(await upstream.list(abort.signal, asker), askedAt);
    list().then(resolve, reject).finally(cancel);
  });
}
