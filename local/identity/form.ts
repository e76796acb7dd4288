import type { IncomingMessage } from "node:http";
import { OAuthError } from "./oauth-error.ts";

/** A request for a token takes some hundred bytes; the longest that can be of use has a whole refresh token in it. */
const MAX_BYTES = 16 * 1024;

/**
 * The parameters of a form.
 *
 * @throws {OAuthError} where the body is none, or larger than any that is meant.
 */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const [type = ""] = (request.headers["content-type"] ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/x-www-form-urlencoded") {
    throw new OAuthError(
      "invalid_request",
      "The `Content-Type` is not `application/x-www-form-urlencoded`.",
    );
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Not destroyed where the loop is left: the answer that says why still has to go out.
  const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) {
      throw new OAuthError("invalid_request", `The body is larger than ${MAX_BYTES} bytes.`);
    }
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}
