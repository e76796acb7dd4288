import type { Graph, GraphResource } from "../graph/graph.ts";
import { lastName } from "./labels.ts";

/** How a reference reads in a drawing: `${TargetGroup weather.arn}`. */
export const REFERENCE = /\$\{([^{}]+)\.([A-Za-z0-9[\]]+)\}/gu;

/** Shorter texts, such as a version, may stand anywhere by chance. */
const SHORTEST = 6;
/** The same in many resources, and not theirs: where they are. */
const PLACES = new Set(["region", "availabilityZones", "availabilityZone", "awsAccountId"]);

/** Writes references by name instead of by the ids that this machine made up. */
export class References {
  readonly #names = new Map<string, string>();
  /** By their first characters, the longest first: one may begin with another. */
  readonly #byStart = new Map<string, string[]>();

  /**
   * @param nameOf what a resource is called; another name than its own after a rename.
   * @param like the other side of a comparison: what has the same id there has the same name, whatever its place in a list.
   */
  constructor(
    graph: Graph,
    nameOf: (resource: GraphResource) => string = (resource) => resource.name,
    like?: References,
  ) {
    const ambiguous = new Set<string>();
    for (const resource of graph.resources) {
      const given = new Set(texts(resource.inputs).map(([, text]) => text));
      const made = [...texts(resource.outputs), ["id", resource.id] as const].filter(
        ([key, text]) =>
          text.length >= SHORTEST &&
          /[A-Za-z]/u.test(text) &&
          !PLACES.has(key.split("[")[0] ?? "") &&
          !given.has(text),
      );
      const seen = new Set<string>();
      for (const [key, text] of made) {
        if (seen.has(text)) continue;
        seen.add(text);
        if (this.#names.has(text)) ambiguous.add(text);
        const own = `\${${referenceName(resource.type, nameOf(resource))}.${key}}`;
        this.#names.set(text, like?.nameOf(text) ?? own);
      }
    }
    for (const text of ambiguous) this.#names.delete(text);
    for (const text of this.#names.keys()) {
      const start = text.slice(0, SHORTEST);
      this.#byStart.set(start, [...(this.#byStart.get(start) ?? []), text]);
    }
    for (const list of this.#byStart.values())
      list.sort((left, right) => right.length - left.length);
  }

  /** What an id is called; undefined where it is none of the graph's. */
  nameOf(id: string): string | undefined {
    return this.#names.get(id);
  }

  /** The same value, with names in all of its texts. */
  named(value: unknown): unknown {
    if (typeof value === "string") return this.#inText(value);
    if (Array.isArray(value)) return value.map((item) => this.named(item));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.#inText(key), this.named(item)]),
    );
  }

  #inText(text: string): string {
    let result = "";
    let copied = 0;
    for (let index = 0; index <= text.length - SHORTEST; index += 1) {
      const start = this.#byStart.get(text.slice(index, index + SHORTEST));
      const found = start?.find((candidate) => text.startsWith(candidate, index));
      if (found === undefined) continue;
      result += text.slice(copied, index) + (this.#names.get(found) ?? "");
      index += found.length - 1;
      copied = index + 1;
    }
    return copied === 0 ? text : result + text.slice(copied);
  }
}

/** The part of a reference that tells whose it is. */
export function referenceName(type: string, name: string): string {
  return `${lastName(type)} ${name}`;
}

/** Whose outputs a text names. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].map(([, owner]) => owner ?? "");
}

/** All texts in a value, each with its place below the first key. */
function texts(value: unknown, place = ""): (readonly [string, string])[] {
  if (typeof value === "string") return [[place, value]];
  if (Array.isArray(value))
    return value.flatMap((item, index) => texts(item, `${place}[${index}]`));
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, item]) =>
    texts(item, place === "" ? key : `${place}.${key}`),
  );
}
