import { ImageProblem } from "./image-problem.ts";
import { requireImageType, tooLong } from "./image-answer.ts";

const PATTERN = /^data:(?<type>[^,;]*)(?<parameters>(?:;[^,;]*)*),/iu;

/**
 * The bytes of a `data:` URL (RFC 2397), which must be in base64.
 *
 * @throws {ImageProblem} where it is not one, is no image, or longer than `maxBytes`.
 */
export function readDataUrl(address: string, maxBytes: number): Uint8Array<ArrayBuffer> {
  const { type = "", parameters = "" } = PATTERN.exec(address.slice(0, 1024))?.groups ?? {};
  if (!parameters.toLowerCase().endsWith(";base64")) {
    throw new ImageProblem(
      "`image_url` is a data URL that is not in base64. Write it as `data:image/png;base64,…`, or give an https address.",
    );
  }
  requireImageType(type);
  const text = address.slice(address.indexOf(",") + 1).replaceAll(/%(?:2B|2F|3D)|\s/giu, decode);
  if ((text.length / 4) * 3 > maxBytes + 2) throw tooLong(maxBytes);
  if (text === "" || !/^[A-Za-z0-9+/]+={0,2}$/u.test(text)) {
    throw new ImageProblem("`image_url` is a data URL whose base64 is empty or damaged.");
  }
  const bytes = Buffer.from(text, "base64");
  if (bytes.length > maxBytes) throw tooLong(maxBytes);
  // A copy with memory of its own: a buffer may lie in memory that Node shares among many.
  return new Uint8Array(bytes);
}

function decode(part: string): string {
  return part.startsWith("%") ? decodeURIComponent(part) : "";
}
