import type { JsonObject } from "../../../../runtime/relay.ts";
import type { HttpRequest } from "../http/exchange.ts";
import type { Operation, OperationParameter } from "./operation.ts";
import { ArgumentRefused, inHeader, inPath, inQuery } from "./styles.ts";

/**
 * Makes the request of a call. Whatever the arguments are, it goes to the address of the application, and to the path of the operation.
 *
 * @param base the address of the application.
 * @throws {ArgumentRefused}
 */
export function requestOf(
  operation: Operation,
  base: Pick<URL, "pathname" | "search">,
  given: JsonObject,
): HttpRequest {
  const { method, parameters, contentType } = operation;
  const segments = new Map<string, string>();
  const query: string[] = [];
  const headers: Record<string, string> = {};
  for (const parameter of parameters) {
    const { argument, place } = parameter;
    const value = own(given, argument);
    // Null stands for what is not there: only a body has a way to write it.
    if (value === undefined || (value === null && place !== "path")) continue;
    naming(argument, () => {
      if (place === "path") segments.set(parameter.name, inPath(parameter, value));
      else if (place === "query") query.push(...inQuery(parameter, value));
      else {
        const text = inHeader(parameter, value);
        if (text !== undefined) headers[parameter.name.toLowerCase()] = text;
      }
    });
  }
  const rest = restOf(operation, given);
  if (operation.restInQuery)
    for (const [name, value] of rest) {
      if (value !== null) naming(name, () => query.push(...inQuery(formParameter(name), value)));
    }
  const body = bodyOf(operation, given, rest);
  return {
    method,
    path: pathOf(operation, base, segments, query),
    headers: body === undefined ? headers : { ...headers, "content-type": contentType },
    ...(body === undefined ? {} : { body }),
  };
}

/** An argument that a query has by OpenAPI's defaults. */
export function formParameter(name: string): OperationParameter {
  return { argument: name, name, place: "query", style: "form", explode: true };
}

function pathOf(
  { path }: Operation,
  base: Pick<URL, "pathname" | "search">,
  segments: ReadonlyMap<string, string>,
  query: readonly string[],
): string {
  const [template = "", fixed] = path.split("?", 2);
  // What stands in braces is encoded already; the rest may hold what addresses do not.
  const filled = template
    .split(/(\{[^{}]+\})/u)
    .map((part) => {
      if (!part.startsWith("{") || !part.endsWith("}"))
        return part.replaceAll(/[^\w\-.~!$&'()*+,;=:@/%]/gu, encodeURIComponent);
      const name = part.slice(1, -1);
      const text = segments.get(name);
      if (text === undefined)
        throw new ArgumentRefused(`The argument \`${name}\` is missing: it is part of the path.`);
      return text;
    })
    .join("");
  if (filled.split("/").some((segment) => /^\.{1,2}$/u.test(segment)))
    throw new ArgumentRefused("The arguments make a path with `.` or `..` as a segment.");
  const all = [base.search.slice(1), fixed ?? "", ...query].filter((part) => part !== "");
  return `${base.pathname.replace(/\/+$/u, "")}${filled}${all.length === 0 ? "" : `?${all.join("&")}`}`;
}

function restOf(operation: Operation, given: JsonObject): readonly (readonly [string, unknown])[] {
  const { body, parameters, restInQuery } = operation;
  if (!restInQuery && body?.kind !== "rest") return [];
  const taken = new Set(parameters.map(({ argument }) => argument));
  if (body?.kind === "argument") taken.add(body.argument);
  return Object.entries(given).filter(([name]) => !taken.has(name));
}

function bodyOf(
  { body }: Operation,
  given: JsonObject,
  rest: readonly (readonly [string, unknown])[],
): string | undefined {
  switch (body?.kind) {
    case undefined:
      return undefined;
    case "argument": {
      const value = own(given, body.argument);
      return value === undefined ? undefined : JSON.stringify(value);
    }
    case "rest":
      return objectBody(rest, body.required);
    case "properties":
      return objectBody(
        [...body.properties]
          .map(([argument, property]) => [property, own(given, argument)] as const)
          .filter(([, value]) => value !== undefined),
        body.required,
      );
  }
}

function objectBody(
  entries: readonly (readonly [string, unknown])[],
  required: boolean,
): string | undefined {
  return entries.length === 0 && !required
    ? undefined
    : JSON.stringify(Object.fromEntries(entries));
}

function own(given: JsonObject, name: string): unknown {
  return Object.hasOwn(given, name) ? given[name] : undefined;
}

function naming(argument: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof ArgumentRefused)) throw error;
    throw new ArgumentRefused(`The argument \`${argument}\` ${error.message}.`);
  }
}
