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
