/** Inputs are whatever a program gave: what draws them takes what it knows, and refuses nothing. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** The value behind a path of keys; undefined where it ends before. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((part, key) => (isFields(part) ? part[key] : undefined), value);
}

export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** Pulumi takes numbers as texts in places, such as a task's `cpu`. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path);
  if (typeof found === "number") return found;
  return typeof found === "string" && /^\d+(?:\.\d+)?$/u.test(found) ? Number(found) : undefined;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function textsAt(value: unknown, ...path: readonly string[]): string[] {
  return listAt(value, ...path).filter((item) => typeof item === "string");
}

/** What a text holds as JSON: a list or an object; undefined where it holds neither. */
export function parsed(text: unknown): readonly unknown[] | Fields | undefined {
  if (typeof text !== "string" || !/^\s*[[{]/u.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) || isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
