import { z } from "zod";

/**
 * What a caller can do about a failure:
 * - `not-found`: the API has nothing there; ask for something else.
 * - `invalid`: the API refused the arguments; ask differently.
 * - `unavailable`: the API is down, overloaded or out of reach; ask later.
 * - `timeout`: the API did not answer in time; ask later.
 * - `unexpected`: the API's answer makes no sense to this client; asking again will not help.
 */
export type WeatherApiErrorKind =
  "not-found" | "invalid" | "unavailable" | "timeout" | "unexpected";

/** A call of the weather API that failed. The message is a sentence fit for people and models. */
export class WeatherApiError extends Error {
  override readonly name = "WeatherApiError";
  readonly kind: WeatherApiErrorKind;

  constructor(kind: WeatherApiErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Long enough for every `detail` the API is known to give, too short to drown a conversation. */
const DETAIL_CHARACTERS = 200;

const problemSchema = z.object({ detail: z.string() });

/**
 * The failure that an answer other than 2xx stands for.
 *
 * @param body the answer's body, `undefined` where it was too long to be read. Of an RFC 9457
 * problem, `detail` gets into the message.
 */
export function failureOf(status: number, body: string | undefined): WeatherApiError {
  const detail = problemDetail(body);
  return new WeatherApiError(
    kindOf(status),
    `The National Weather Service API answered ${status}${detail === "" ? "" : ` ("${detail}")`}.`,
  );
}

function kindOf(status: number): WeatherApiErrorKind {
  if (status === 404 || status === 410) return "not-found";
  if (status === 400 || status === 422) return "invalid";
  if (status === 408 || status === 429 || status >= 500) return "unavailable";
  // Redirects are not followed, and 401 and 403 are for the operator: the caller cannot help it.
  return "unexpected";
}

/** Foreign text that models will read: one short line, without quotes to break out of. */
function problemDetail(body: string | undefined): string {
  const problem = problemSchema.safeParse(parseJson(body ?? ""));
  if (!problem.success) return "";
  const line = problem.data.detail
    .replace(/[\p{C}\p{Z}]+/gu, " ")
    .replace(/"/gu, "'")
    .trim()
    .replace(/\.$/u, "");
  return line.length <= DETAIL_CHARACTERS ? line : `${line.slice(0, DETAIL_CHARACTERS).trimEnd()}…`;
}

/** The value of a JSON text; `undefined`, which JSON cannot express, where the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
