const PREFIX = "=?base64?";
const SUFFIX = "?=";

/** Base64 with its padding, and nothing beside. */
const CANONICAL = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/u;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** What a header of MCP says: its text, or what is in `=?base64?…?=`. Undefined where that is no Base64 of UTF-8. */
export function headerText(value: string): string | undefined {
  if (!value.startsWith(PREFIX) || !value.endsWith(SUFFIX)) return value;
  const encoded = value.slice(PREFIX.length, -SUFFIX.length);
  if (!CANONICAL.test(encoded)) return undefined;
  try {
    return decoder.decode(Buffer.from(encoded, "base64"));
  } catch {
    return undefined;
  }
}

/** Visible ASCII with blanks inside: what a field value carries unchanged through every proxy (RFC 9110, 5.5). */
const SAFE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/u;

/** A text as a header of MCP has it: as it is where that is safe, else as Base64 between markers (Streamable HTTP, "Value Encoding"). */
export function headerValue(text: string): string {
  if (SAFE.test(text) && !text.startsWith(PREFIX)) return text;
  return `${PREFIX}${Buffer.from(text, "utf8").toString("base64")}${SUFFIX}`;
}
