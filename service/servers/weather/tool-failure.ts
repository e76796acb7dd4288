import { ToolError, type ToolContext } from "../../runtime/tool.ts";
import { WeatherApiError, type WeatherApiErrorKind } from "./failure.ts";

const ADVICE: Record<WeatherApiErrorKind, string> = {
  "not-found": "Ask for another place.",
  invalid: "Trying again with the same arguments will not help; change them.",
  unavailable: "Try again in a minute.",
  timeout: "Try again in a minute.",
  unexpected: "Trying again is unlikely to help; tell the user that the weather is unknown.",
};

/** Kinds that tell nothing about the health of the API. */
const OF_THE_CALLER: ReadonlySet<WeatherApiErrorKind> = new Set(["not-found", "invalid"]);

/**
 * Runs calls of the API for a tool; their failures are logged, and told to the model with what to
 * do about them. Anything else, an abort above all, passes unchanged.
 *
 * @param notFound what to tell the model where the API has nothing; default: the API's own words.
 */
export async function callingApi<T>(
  { log }: Pick<ToolContext, "log">,
  call: () => Promise<T>,
  notFound?: (failure: WeatherApiError) => string,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof WeatherApiError)) throw error;
    if (OF_THE_CALLER.has(error.kind)) log.debug({ err: error }, "weather API call refused");
    else log.warn({ err: error }, "weather API call failed");
    throw new ToolError(
      error.kind === "not-found" && notFound !== undefined
        ? notFound(error)
        : `${error.message} ${ADVICE[error.kind]}`,
      { cause: error },
    );
  }
}

/** Both tools only read, from a service outside, and may be called again without effect. */
export const READS_OUTSIDE = {
  readOnlyHint: true,
  idempotentHint: true,
  openWorldHint: true,
} as const;
