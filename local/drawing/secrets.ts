import type { Graph, GraphResource } from "../graph/graph.ts";
import { isFields, parsed } from "./fields.ts";
import { REFERENCE } from "./references.ts";

export const SECRET = "[secret]";

/** Shorter ones, such as `{}`, may stand anywhere by chance; where the program itself marks them they are hidden all the same. */
const SHORTEST = 8;

/** Hides what is secret in a graph: by place, where the program says so, and by value wherever else it turns up. */
export class Secrets {
  readonly #values: readonly string[];

  constructor(graph: Graph) {
    const values = graph.resources.flatMap((resource) => [
      ...(resource.options?.secretInputs ?? []).flatMap((path) =>
        textsOf(path.reduce<unknown>(step, resource.inputs)),
      ),
      ...(resource.options?.secretOutputs ?? []).flatMap((key) => textsOf(resource.outputs[key])),
    ]);
    this.#values = [...new Set(values.flatMap(spellings))]
      .filter((value) => value.length >= SHORTEST)
      .sort((left, right) => right.length - left.length);
  }

  /** Hides what either side holds. */
  static of(...graphs: readonly Graph[]): Secrets {
    return new Secrets({
      project: "",
      stack: "",
      region: "",
      resources: graphs.flatMap(({ resources }) => resources),
      outputs: {},
    });
  }

  /** The graph as it may be shown. */
  hidden(graph: Graph): Graph {
    return {
      ...graph,
      resources: graph.resources.map((resource) => ({
        ...resource,
        inputs: this.inputs(resource),
        outputs: Object.fromEntries(
          Object.entries(resource.outputs).map(([key, value]) => [
            key,
            (resource.options?.secretOutputs ?? []).includes(key) ? SECRET : this.inValue(value),
          ]),
        ),
      })),
      outputs: this.inValue(graph.outputs) as Graph["outputs"],
    };
  }

  /** @param inputs those of the resource; may be the same with references by name. */
  inputs(
    resource: GraphResource,
    inputs: Readonly<Record<string, unknown>> = resource.inputs,
  ): Record<string, unknown> {
    const marked = (resource.options?.secretInputs ?? []).reduce<unknown>(
      (value, path) => hiddenAt(value, path),
      inputs,
    );
    return this.inValue(marked) as Record<string, unknown>;
  }

  /**
   * What lies at a path in a resource's inputs, without secrets.
   *
   * @param path `undefined` for an item of a list: which one, the program's marks may count otherwise.
   */
  inPart(resource: GraphResource, path: readonly (string | undefined)[], value: unknown): unknown {
    const marked = (resource.options?.secretInputs ?? []).reduce<unknown>((part, secret) => {
      const isSame = secret
        .slice(0, path.length)
        .every((key, index) => path[index] === undefined || path[index] === key);
      return isSame && part !== undefined ? hiddenAt(part, secret.slice(path.length)) : part;
    }, value);
    return this.inValue(marked);
  }

  /** A value without the secrets in its texts. */
  inValue(value: unknown): unknown {
    if (typeof value === "string")
      return this.#values.reduce((text, secret) => text.replaceAll(secret, SECRET), value);
    if (Array.isArray(value)) return value.map((item) => this.inValue(item));
    if (!isFields(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.inValue(item)]),
    );
  }
}

function step(value: unknown, key: string): unknown {
  return value !== null && typeof value === "object"
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function hiddenAt(value: unknown, [key, ...rest]: readonly string[]): unknown {
  // A reference to an output tells where a secret comes from, and nothing of it.
  if (key === undefined)
    return typeof value === "string" && value !== "" && value.replace(REFERENCE, "") === ""
      ? value
      : SECRET;
  if (Array.isArray(value))
    return value.map((item, index) =>
      String(index) === key ? hiddenAt(item, rest) : (item as unknown),
    );
  if (!isFields(value) || !(key in value)) return value;
  return { ...value, [key]: hiddenAt(value[key], rest) };
}

/** The texts in a secret, and those in the JSON that it may be. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value, ...textsOf(parsed(value))];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(textsOf);
}

/** As it is, and as it stands within JSON. */
function spellings(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1)];
}
