import type { JsonObject } from "../../../../runtime/relay.ts";
import type { HttpRequest } from "../http/exchange.ts";

/** How a value is written into a path, a query or a header: the styles of OpenAPI ("Style Values"), and `json` where `content` says that it is JSON. */
export type ParameterStyle =
  | "simple"
  | "label"
  | "matrix"
  | "form"
  | "spaceDelimited"
  | "pipeDelimited"
  | "deepObject"
  | "json";

/** An argument that is not in the body. */
export interface OperationParameter {
  /** What the tool calls it. */
  readonly argument: string;
  /** What the application calls it. */
  readonly name: string;
  readonly place: "path" | "query" | "header";
  readonly style: ParameterStyle;
  readonly explode: boolean;
}

/** What of the arguments is the body. */
export type OperationBody =
  /** One argument, whatever JSON value it is. */
  | { readonly kind: "argument"; readonly argument: string }
  /** Several, as an object: argument → property. */
  | {
      readonly kind: "properties";
      readonly properties: ReadonlyMap<string, string>;
      /** Whether an empty object is sent where there are none. */
      readonly required: boolean;
    }
  /** All that are nowhere else, as an object. */
  | { readonly kind: "rest"; readonly required: boolean };

/** A tool, as clients of the gateway get it. */
export type OperationTool = JsonObject & {
  readonly name: string;
  readonly inputSchema: JsonObject;
};

/** One operation of an application, and how a call of its tool becomes a request. */
export interface Operation {
  readonly tool: OperationTool;
  readonly method: HttpRequest["method"];
  /** `/orders/{id}`, below the address of the application. */
  readonly path: string;
  readonly parameters: readonly OperationParameter[];
  readonly body: OperationBody | undefined;
  /** The media type of the body. */
  readonly contentType: string;
  /** Whether arguments that are nowhere else go into the query. */
  readonly restInQuery: boolean;
}

/** Operations by the names of their tools. */
export type Operations = ReadonlyMap<string, Operation>;

/** What clients may know of an operation by its method (RFC 9110, 9.2). */
export function annotationsOf(method: Operation["method"]): JsonObject | undefined {
  switch (method) {
    case "GET":
      return { readOnlyHint: true };
    case "PUT":
      return { idempotentHint: true };
    case "DELETE":
      return { destructiveHint: true, idempotentHint: true };
    case "POST":
    case "PATCH":
      return undefined;
  }
}

/** Whether a value is an object of JSON. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Text for models, at most so many characters long, with an ellipsis where something is missing. */
export function cut(text: string, characters: number): string {
  return text.length <= characters
    ? text
    : `${text.slice(0, characters - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}
