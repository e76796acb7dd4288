/** Visible ASCII with blanks inside: what a field value carries unchanged through every proxy (RFC 9110, 5.5). */
const SAFE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/u;

/** A value of `Mcp-Name` or `Mcp-Param-…`: as it is where that is safe, else as base64 between markers (Streamable HTTP, "Value Encoding"). */
export function encodeHeaderValue(text: string): string {
  if (SAFE.test(text) && !text.startsWith("=?base64?")) return text;
  return `=?base64?${Buffer.from(text, "utf8").toString("base64")}?=`;
}
