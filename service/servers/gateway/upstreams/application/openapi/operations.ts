import type { JsonObject } from "../../../../../runtime/relay.ts";
import { annotationsOf, cut, isObject, type Operation, type Operations } from "../operation.ts";
import { mapBody } from "./body.ts";
import { resolve, Unmappable, type OpenApiDocument } from "./document.ts";
import { nameOperations } from "./names.ts";
import { mapParameters, type MappedParameter } from "./parameters.ts";
import { SchemaConverter } from "./schemas.ts";

/** The operations of a document that are tools now, and what became none, in sentences. */
export interface MappedDocument {
  readonly operations: Operations;
  readonly leftOut: readonly string[];
}

/** As OpenAI has it for descriptions of functions, the least of those that say. */
const LONGEST_DESCRIPTION = 1024;
const LONGEST_TITLE = 100;
const METHODS = ["get", "post", "put", "patch", "delete"] as const;
const OTHER_METHODS = ["head", "options", "trace"];

interface Found {
  /** `GET /pets/{id}`. */
  readonly key: string;
  readonly method: Operation["method"];
  readonly path: string;
  readonly item: JsonObject;
  readonly operation: JsonObject;
}

/** Makes a tool of every operation that can be one; a mistake in one costs the others nothing. */
export function mapDocument(
  document: OpenApiDocument,
  credentialHeader: string | undefined,
): MappedDocument {
  const leftOut: string[] = [];
  const attempt = <T>(key: string, make: () => T): T | undefined => {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof Unmappable)) throw error;
      leftOut.push(`\`${key}\` is no tool: ${error.message}`);
      return undefined;
    }
  };
  const { paths } = document.root;
  const found = Object.entries(isObject(paths) ? paths : {})
    .filter(([path]) => path.startsWith("/"))
    .flatMap(([path, given]) => attempt(path, () => findOperations(document, path, given)) ?? []);
  for (const { key, method } of found)
    if (method === undefined)
      leftOut.push(`\`${key}\` is no tool: Its method is not one that tools are made of.`);
  const usable = found.filter((each): each is Found => each.method !== undefined);
  const names = nameOperations(
    usable.map(({ key, operation }) => ({ key, operationId: operation["operationId"] })),
  );
  const operations = new Map<string, Operation>();
  for (const each of usable) {
    const mapped = attempt(each.key, () =>
      mapOperation(document, each, names.get(each.key) ?? each.key, credentialHeader),
    );
    if (mapped !== undefined) operations.set(mapped.tool.name, mapped);
  }
  return { operations, leftOut };
}

function findOperations(
  document: OpenApiDocument,
  path: string,
  given: unknown,
): readonly (Omit<Found, "method"> & { readonly method: Found["method"] | undefined })[] {
  const item = resolve(document, given);
  if (!isObject(item)) throw new Unmappable("It is no object.");
  return [...METHODS, ...OTHER_METHODS].flatMap((name) => {
    const operation = item[name];
    if (!isObject(operation)) return [];
    const known = METHODS.find((each) => each === name);
    const method = known?.toUpperCase() as Found["method"] | undefined;
    return { key: `${name.toUpperCase()} ${path}`, method, path, item, operation };
  });
}

function mapOperation(
  document: OpenApiDocument,
  { key, method, path, item, operation }: Found,
  name: string,
  credentialHeader: string | undefined,
): Operation {
  if (/[?#]/u.test(path)) throw new Unmappable("Its path has a query.");
  if (operation["servers"] !== undefined || item["servers"] !== undefined)
    throw new Unmappable("It has `servers` of its own, and the address is fixed.");
  const parameters = mapParameters(
    document,
    [item["parameters"], operation["parameters"]],
    credentialHeader,
  );
  checkPath(path, parameters);
  const taken = new Set(parameters.map(({ parameter }) => parameter.argument));
  return SchemaConverter.run(document, (converter) => {
    const ownProperties = parameters.map(
      ({ parameter, schema, description }) =>
        [parameter.argument, withDescription(converter.convert(schema), description)] as const,
    );
    const body = mapBody(document, operation["requestBody"], converter, taken, method);
    const required = [
      ...parameters.filter((each) => each.required).map(({ parameter }) => parameter.argument),
      ...(body?.required ?? []),
    ];
    const { definitions } = converter;
    const { summary, deprecated } = operation;
    const annotations = annotationsOf(method);
    return {
      tool: {
        name,
        ...(typeof summary === "string" && summary !== ""
          ? { title: cut(summary, LONGEST_TITLE) }
          : {}),
        description: describe(key, operation, deprecated === true),
        inputSchema: {
          type: "object",
          properties: Object.fromEntries([...ownProperties, ...(body?.properties ?? [])]),
          ...(required.length === 0 ? {} : { required }),
          additionalProperties: false,
          ...(definitions === undefined ? {} : { $defs: definitions }),
        },
        ...(annotations === undefined ? {} : { annotations }),
      },
      method,
      path,
      parameters: parameters.map(({ parameter }) => parameter),
      body: body?.body,
      contentType: body?.contentType ?? "application/json",
      restInQuery: false,
    };
  });
}

/** Every part of the path in braces needs an argument, and the other way round. */
function checkPath(path: string, parameters: readonly MappedParameter[]): void {
  const inTemplate = new Set([...path.matchAll(/\{([^{}]+)\}/gu)].map(([, name = ""]) => name));
  const inPath = parameters.filter(({ parameter }) => parameter.place === "path");
  for (const { parameter } of inPath)
    if (!inTemplate.delete(parameter.name))
      throw new Unmappable(`Its path has no \`{${parameter.name}}\`.`);
  const [missing] = inTemplate;
  if (missing !== undefined)
    throw new Unmappable(`It has no parameter for \`{${missing}}\` in its path.`);
}

function describe(key: string, operation: JsonObject, deprecated: boolean): string {
  const { summary, description } = operation;
  const parts = [summary, description]
    .filter((part): part is string => typeof part === "string")
    .map((part) => part.trim())
    .filter((part, index, all) => part !== "" && all.indexOf(part) === index);
  const text = parts.length === 0 ? key : parts.join("\n\n");
  return cut(deprecated ? `Deprecated. ${text}` : text, LONGEST_DESCRIPTION);
}

function withDescription(
  schema: JsonObject | boolean,
  description: string | undefined,
): JsonObject | boolean {
  if (description === undefined) return schema;
  return typeof schema === "boolean"
    ? schema
      ? { description }
      : schema
    : { ...schema, description };
}
