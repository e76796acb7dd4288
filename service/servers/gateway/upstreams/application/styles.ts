import type { OperationParameter } from "./operation.ts";

/** Arguments that no request can carry. The message completes "The argument `x` …"; clients see it. */
export class ArgumentRefused extends Error {
  override readonly name = "ArgumentRefused";
}

/** A value that has been written, as its parts: text has none, arrays have values, objects have pairs. */
type Written =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "pairs"; readonly pairs: readonly (readonly [string, string])[] };

/** Writes a value into a path. */
export function inPath(parameter: OperationParameter, value: unknown): string {
  const written = write(parameter, value, encodePart);
  const text = pathText(parameter, written);
  // `/orders/` is another operation than `/orders/{id}`, and one with all of them.
  if (text === "") throw new ArgumentRefused("is empty, and is part of a path");
  return text;
}

function pathText({ name, style, explode }: OperationParameter, written: Written): string {
  switch (style) {
    case "label":
      if (written.kind === "text") return `.${written.text}`;
      return `.${joined(written, explode ? "." : ",", explode)}`;
    case "matrix": {
      const own = encode(name);
      if (written.kind === "text")
        return written.text === "" ? `;${own}` : `;${own}=${written.text}`;
      if (!explode) return `;${own}=${joined(written, ",", false)}`;
      if (written.kind === "list") return written.items.map((item) => `;${own}=${item}`).join("");
      return written.pairs.map(([key, item]) => `;${key}=${item}`).join("");
    }
    case "simple":
    case "form":
    case "spaceDelimited":
    case "pipeDelimited":
    case "deepObject":
    case "json":
      return joined(written, ",", explode);
  }
}

/** Writes a value as pairs of a query. */
export function inQuery(parameter: OperationParameter, value: unknown): readonly string[] {
  const { style, explode } = parameter;
  const name = encode(parameter.name);
  const written = write(parameter, value, encode);
  if (written.kind === "text") return [`${name}=${written.text}`];
  if (style === "deepObject") {
    if (written.kind === "list") throw new ArgumentRefused("is an array, where an object belongs");
    return written.pairs.map(([key, item]) => `${name}%5B${key}%5D=${item}`);
  }
  if (explode) {
    return written.kind === "list"
      ? written.items.map((item) => `${name}=${item}`)
      : written.pairs.map(([key, item]) => `${key}=${item}`);
  }
  const text = joined(written, SEPARATORS[style] ?? ",", false);
  return text === "" ? [] : [`${name}=${text}`];
}

/** Writes a value as that of a header; undefined where there is nothing to say. */
export function inHeader(parameter: OperationParameter, value: unknown): string | undefined {
  const written = write(parameter, value, (text) => text);
  const text = joined(written, ",", parameter.explode);
  if (text === "") return undefined;
  // RFC 9110, 5.5, without what Node and others read differently.
  if (!/^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/u.test(text))
    throw new ArgumentRefused(
      "goes into a header, which takes visible ASCII characters, and spaces between them, alone",
    );
  return text;
}

const SEPARATORS: Partial<Record<OperationParameter["style"], string>> = {
  spaceDelimited: "%20",
  pipeDelimited: "%7C",
};

function joined(written: Written, separator: string, explode: boolean): string {
  switch (written.kind) {
    case "text":
      return written.text;
    case "list":
      return written.items.join(separator);
    case "pairs":
      return written.pairs
        .map(([key, item]) => `${key}${explode ? "=" : separator}${item}`)
        .join(separator);
  }
}

function write(
  { style }: OperationParameter,
  value: unknown,
  encoded: (text: string) => string,
): Written {
  if (style === "json") return { kind: "text", text: encoded(JSON.stringify(value)) };
  if (Array.isArray(value))
    return { kind: "list", items: (value as unknown[]).map((item) => encoded(primitive(item))) };
  if (typeof value === "object" && value !== null)
    return {
      kind: "pairs",
      // As with arguments of their own, null says that there is nothing.
      pairs: Object.entries(value)
        .filter(([, item]) => item !== null)
        .map(([key, item]) => [encoded(key), encoded(primitive(item))]),
    };
  return { kind: "text", text: encoded(primitive(value)) };
}

function primitive(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new ArgumentRefused(
    value === null
      ? "holds null, which only the body of a request can carry"
      : "is nested deeper than anything but the body of a request can be",
  );
}

/** What a server may take for a way out of a segment, once it has decoded it. */
const WAY_OUT = /(?:^|[/\\])\.{1,2}(?:[/\\]|$)/u;

function encodePart(text: string): string {
  if (WAY_OUT.test(text))
    throw new ArgumentRefused("holds `.` or `..` as a segment, and is part of a path");
  return encode(text);
}

/** Percent-encoded, `%`, `/` and everything else that means something in addresses included. */
function encode(text: string): string {
  // Half a character has no encoding.
  if (!text.isWellFormed()) throw new ArgumentRefused("is no well-formed text");
  return encodeURIComponent(text);
}
