import { createRequire } from "node:module";

/** Google's Struct, as far as it is used here; the package has no types of its own. */
export interface Struct {
  toJavaScript(): Record<string, unknown>;
}

const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
const { Struct: StructClass } = require("google-protobuf/google/protobuf/struct_pb.js") as {
  Struct: { fromJavaScript(value: object): Struct };
};

export const toStruct = (value: object): Struct => StructClass.fromJavaScript(value);

/** How the engine marks values that are not plain (sdk/nodejs/runtime/rpc.ts). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The plain value; secrets are unwrapped, and the names of the properties that held one are collected. */
export function unwrap(value: Record<string, unknown>): {
  plain: Record<string, unknown>;
  secrets: Set<string>;
} {
  const secrets = new Set<string>();
  const plain = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, strip(item, () => secrets.add(key))]),
  );
  return { plain, secrets };
}

function strip(value: unknown, onSecret: () => void): unknown {
  if (Array.isArray(value)) return value.map((item) => strip(item, onSecret));
  if (typeof value !== "object" || value === null) return value;
  const record = value as Record<string, unknown>;
  if (record[SIGNATURE] === SECRET) {
    onSecret();
    return strip(record["value"], onSecret);
  }
  return Object.fromEntries(
    Object.entries(record).map(([key, item]) => [key, strip(item, onSecret)]),
  );
}

/** Marks these properties as secrets. */
export function wrap(
  value: Record<string, unknown>,
  secrets: ReadonlySet<string>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      secrets.has(key) ? { [SIGNATURE]: SECRET, value: item ?? null } : item,
    ]),
  );
}
