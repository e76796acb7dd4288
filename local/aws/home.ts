import { localAddress } from "../identity/local-address.ts";

/**
 * A value whose addresses are those of this machine: a text, which may be JSON, with addresses in it that stand alone or in lists.
 *
 * @param here origins, or addresses with a path, and what they are here; the first that fits counts.
 */
export function valueAtHome(value: string, here: readonly (readonly [string, string])[]): string {
  try {
    const parsed: unknown = JSON.parse(value);
    if (parsed !== null && typeof parsed === "object") return JSON.stringify(mapped(parsed, here));
  } catch {
    // It is no JSON.
  }
  return textAtHome(value, here);
}

function mapped(value: unknown, here: readonly (readonly [string, string])[]): unknown {
  if (typeof value === "string") return textAtHome(value, here);
  if (Array.isArray(value)) return value.map((item) => mapped(item, here));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapped(item, here)]));
}

function textAtHome(text: string, here: readonly (readonly [string, string])[]): string {
  return text
    .split(/(?<separator>[\s,]+)/u)
    .map((word) => localAddress(word, here))
    .join("");
}
