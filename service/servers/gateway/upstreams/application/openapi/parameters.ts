import type { JsonObject } from "../../../../../runtime/relay.ts";
import { isObject, type OperationParameter, type ParameterStyle } from "../operation.ts";
import { resolve, Unmappable, type OpenApiDocument } from "./document.ts";
import { isArgumentName, unused } from "./names.ts";

/** A parameter of an operation, and what an argument for it must be. */
export interface MappedParameter {
  readonly parameter: OperationParameter;
  readonly required: boolean;
  readonly description: string | undefined;
  /** As the document has it. */
  readonly schema: unknown;
}

/** Those that OpenAPI says are no parameters ("Fixed Fields", `name`), that belong to the connection, and that the gateway writes itself. */
const NO_ARGUMENTS =
  /^(?:accept|accept-encoding|authorization|baggage|connection|content-.*|cookie|expect|forwarded|host|keep-alive|origin|proxy-.*|te|traceparent|tracestate|trailer|transfer-encoding|upgrade|user-agent|via|x-forwarded-.*)$/iu;

/** RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/u;

const STYLES: Readonly<Record<OperationParameter["place"], readonly ParameterStyle[]>> = {
  path: ["simple", "label", "matrix"],
  query: ["form", "spaceDelimited", "pipeDelimited", "deepObject"],
  header: ["simple"],
};

/**
 * The parameters of an operation; those of its path come first, and give way to its own.
 *
 * @param credentialHeader the one that the gateway proves itself with, in lower case.
 * @throws {Unmappable} where one that is required cannot be sent.
 */
export function mapParameters(
  document: OpenApiDocument,
  lists: readonly unknown[],
  credentialHeader: string | undefined,
): readonly MappedParameter[] {
  const found = new Map<string, JsonObject>();
  for (const given of lists.flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []))) {
    const parameter = resolve(document, given);
    if (!isObject(parameter)) throw new Unmappable("A parameter is no object.");
    const { in: place, name } = parameter;
    if (typeof name !== "string" || typeof place !== "string")
      throw new Unmappable("A parameter has no `name` or no `in`.");
    found.set(`${place} ${name}`, parameter);
  }
  const taken = new Set<string>();
  return [...found.values()].flatMap((given) => {
    const name = String(given["name"]);
    const place = given["in"];
    const required = given["required"] === true || place === "path";
    if (place === "cookie") {
      if (!required) return [];
      throw new Unmappable(`It takes the cookie \`${name}\`.`);
    }
    if (place !== "path" && place !== "query" && place !== "header")
      throw new Unmappable(`The parameter \`${name}\` has an \`in\` that is not known.`);
    if (place === "header" && isOurs(name, credentialHeader)) return [];
    if (place === "header" && !TOKEN.test(name))
      throw new Unmappable(`The parameter \`${name}\` has a name that no header can have.`);
    const argument = isArgumentName(name) && !taken.has(name) ? name : unused(name, taken);
    taken.add(argument);
    const { description, schema, content } = given;
    const written = isObject(content) ? contentSchema(name, content) : undefined;
    return {
      parameter: {
        argument,
        name,
        place,
        ...(written === undefined ? styleOf(given, place) : { style: "json", explode: false }),
      },
      required,
      description: typeof description === "string" ? description : undefined,
      schema: written ?? schema ?? {},
    };
  });
}

function isOurs(name: string, credentialHeader: string | undefined): boolean {
  return NO_ARGUMENTS.test(name) || name.toLowerCase() === credentialHeader;
}

function styleOf(
  { name, style, explode }: JsonObject,
  place: OperationParameter["place"],
): Pick<OperationParameter, "style" | "explode"> {
  const known = STYLES[place];
  const found = style === undefined ? known[0] : known.find((each) => each === style);
  if (found === undefined)
    throw new Unmappable(`The parameter \`${String(name)}\` has a \`style\` that is not known.`);
  return { style: found, explode: typeof explode === "boolean" ? explode : found === "form" };
}

function contentSchema(name: string, content: JsonObject): unknown {
  const [type, media] = Object.entries(content)[0] ?? [];
  if (type === undefined || !isJson(type))
    throw new Unmappable(`The parameter \`${name}\` is written as something that is not JSON.`);
  return isObject(media) ? (media["schema"] ?? {}) : {};
}

/** Whether a media type is JSON (RFC 6839, 3.1). */
export function isJson(type: string): boolean {
  return /^[\w.+-]+\/(?:[\w.+-]+\+)?json\s*(?:;|$)/iu.test(type);
}
