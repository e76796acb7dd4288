import { z } from "zod";
import { list, readVariables, wholeNumber, type Environment } from "../../runtime/environment.ts";
import { isNetwork } from "./addresses.ts";

/** What images the classifier takes, and where it fetches them. */
export interface ImageSettings {
  /** The longest file, in bytes. */
  readonly maxBytes: number;
  /** The largest picture, width by height. */
  readonly maxPixels: number;
  /** How long fetching one may take, redirects included, in milliseconds. */
  readonly timeoutMilliseconds: number;
  /** Whether plain http is fetched as well. */
  readonly allowHttp: boolean;
  /** Networks that are not public and may be fetched from. */
  readonly allowedNetworks: readonly string[];
}

const schema = z.object({
  IMAGE_MAX_BYTES: wholeNumber(1024, 256 * 1024 * 1024, 10 * 1024 * 1024),
  IMAGE_MAX_PIXELS: wholeNumber(1024, 268_402_689, 25_000_000),
  IMAGE_TIMEOUT_SECONDS: wholeNumber(1, 300, 10),
  IMAGE_ALLOW_HTTP: z
    .enum(["true", "false"], { error: "is neither `true` nor `false`" })
    .default("false"),
  IMAGE_ALLOWED_NETWORKS: list.refine((networks) => networks.every(isNetwork), {
    error: "is not a list of networks such as `10.0.3.0/24`, separated by commas",
  }),
});

/**
 * Reads `IMAGE_MAX_BYTES` (10 MiB), `IMAGE_MAX_PIXELS` (25 million), `IMAGE_TIMEOUT_SECONDS` (10), `IMAGE_ALLOW_HTTP` (`false`) and
 * `IMAGE_ALLOWED_NETWORKS` (none).
 *
 * @throws {ConfigurationError} that names every variable that is wrong.
 */
export function readImageSettings(environment: Environment): ImageSettings {
  const read = readVariables(schema, environment, new Set());
  return {
    maxBytes: read.IMAGE_MAX_BYTES,
    maxPixels: read.IMAGE_MAX_PIXELS,
    timeoutMilliseconds: read.IMAGE_TIMEOUT_SECONDS * 1000,
    allowHttp: read.IMAGE_ALLOW_HTTP === "true",
    allowedNetworks: read.IMAGE_ALLOWED_NETWORKS,
  };
}
