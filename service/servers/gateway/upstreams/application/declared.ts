import type { JsonObject } from "../../../../runtime/relay.ts";
import type { HttpTool } from "../../upstream-configuration.ts";
import {
  annotationsOf,
  isObject,
  type Operation,
  type OperationBody,
  type OperationParameter,
} from "./operation.ts";
import { formParameter } from "./request.ts";

/** The operation that a declared tool is. */
export function declaredOperation(declared: HttpTool): Operation {
  const { name, description, method, path, body } = declared;
  const inPath = [...path.matchAll(/\{([^{}]+)\}/gu)].map(([, argument = ""]) => argument);
  const inQuery = (declared.query ?? []).filter((argument) => !inPath.includes(argument));
  const parameters: readonly OperationParameter[] = [
    ...inPath.map((argument) => ({ ...formParameter(argument), ...PATH })),
    ...inQuery.map(formParameter),
  ];
  const restInQuery =
    method === "GET" || (method === "DELETE" && declared.query === undefined) || body !== undefined;
  const annotations = annotationsOf(method);
  return {
    tool: {
      name,
      description,
      inputSchema: completed(declared, inPath),
      ...(annotations === undefined ? {} : { annotations }),
    },
    method,
    path,
    parameters,
    body: bodyOf(declared),
    contentType: "application/json",
    restInQuery,
  };
}

const PATH = { place: "path", style: "simple", explode: false } as const;

function bodyOf({ method, query, body }: HttpTool): OperationBody | undefined {
  if (method === "GET") return undefined;
  if (body !== undefined) return { kind: "argument", argument: body };
  if (method === "DELETE")
    return query === undefined ? undefined : { kind: "rest", required: false };
  return { kind: "rest", required: true };
}

/** The schema, with what the request cannot do without. */
function completed({ body, inputSchema }: HttpTool, inPath: readonly string[]): JsonObject {
  const { properties, required } = inputSchema;
  const declared = isObject(properties) ? properties : {};
  const missing: JsonObject = Object.fromEntries<unknown>([
    ...inPath.map((argument) => [argument, { type: ["string", "number", "boolean"] }] as const),
    ...(body === undefined ? [] : [[body, {}] as const]),
  ]);
  const needed = new Set<unknown>([
    ...(Array.isArray(required) ? (required as unknown[]) : []),
    ...inPath,
    ...(body === undefined ? [] : [body]),
  ]);
  return {
    ...inputSchema,
    type: "object",
    properties: { ...missing, ...declared },
    ...(needed.size === 0 ? {} : { required: [...needed] }),
  };
}
