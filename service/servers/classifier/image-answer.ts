import { ImageProblem, shown } from "./image-problem.ts";

/** What stores give files of which they know nothing; the decoder looks at the bytes anyway. */
const UNKNOWN_TYPES: ReadonlySet<string> = new Set([
  "",
  "application/octet-stream",
  "binary/octet-stream",
]);

/**
 * Checks that a media type may be that of a picture made of pixels.
 *
 * @throws {ImageProblem} where it is not.
 */
export function requireImageType(header: string): void {
  const type = (header.split(";")[0] ?? "").trim().toLowerCase();
  if (UNKNOWN_TYPES.has(type)) return;
  if (type.startsWith("image/") && type !== "image/svg+xml") return;
  throw new ImageProblem(
    `\`image_url\` leads to \`${shown(type)}\`, which is no picture of pixels. Give the address of a JPEG, PNG, WebP, GIF or AVIF file itself, not of a page that shows it.`,
  );
}

/** The refusal of a file that is longer than allowed. */
export function tooLong(maxBytes: number): ImageProblem {
  return new ImageProblem(
    `The image is longer than ${maxBytes} bytes. Give a smaller one, such as a thumbnail.`,
  );
}
