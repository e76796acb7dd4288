import { messageOf } from "../message-of.ts";
import { LocalError } from "../graph/graph.ts";
import { startPage, type Page } from "../page/page.ts";
import type { PageSource } from "../page/source.ts";

/** Where the page is, unless told otherwise: away from the ports that load balancers take. */
const USUAL_PORT = 7070;

/**
 * Opens the page of a run.
 *
 * @param port undefined for the usual one, or any free one where a run has that already.
 * @throws {LocalError} where the given port is taken.
 */
export async function openPage(port: number | undefined, source: PageSource): Promise<Page> {
  const open = (at: number): Promise<Page> =>
    startPage({
      port: at,
      source,
      onError: (error) => {
        console.error(messageOf(error));
      },
    });
  if (port !== undefined) return open(port);
  try {
    return await open(USUAL_PORT);
  } catch (error) {
    if (error instanceof LocalError) return open(0);
    throw error;
  }
}
