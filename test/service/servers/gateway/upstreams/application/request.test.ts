import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../../../../service/runtime/relay.ts";
import { ArgumentCheck } from "../../../../../../service/servers/gateway/upstreams/application/argument-check.ts";
import { requestOf } from "../../../../../../service/servers/gateway/upstreams/application/request.ts";
import type {
  Operation,
  OperationParameter,
} from "../../../../../../service/servers/gateway/upstreams/application/operation.ts";
import { createRandom, type Random } from "../../random.ts";
import { mapped } from "./fixtures.ts";

const BASE = new URL("http://shop.test/api");
const CHARACTERS = "aZ09 -_.~!*'()/\\?#[]@&=+$,;:%<>{}|^`\"äß漢\u{1F600}\u0000\n";

async function operationOf(operation: JsonObject, path = "/x"): Promise<Operation> {
  const method = operation["method"] === "get" ? "get" : "post";
  const { operations, leftOut } = await mapped(
    JSON.stringify({
      openapi: "3.1.0",
      paths: { [path]: { [method]: { ...operation, operationId: "x" } } },
    }),
  );
  const found = operations.get("x");
  assert.ok(found, leftOut.join(" "));
  return found;
}

const pathParameter = (style: string, explode: boolean): JsonObject => ({
  in: "path",
  required: true,
  style,
  explode,
});

/** Each with the values that it can carry: OpenAPI leaves it to the reader what an empty list is, and where a separator stands within a value. */
const PARAMETERS: readonly { readonly given: JsonObject; readonly kinds: readonly Kind[] }[] = [
  ...["simple", "label", "matrix"].flatMap((style) =>
    [true, false].map((explode) => ({ given: pathParameter(style, explode), kinds: SCALARS() })),
  ),
  { given: pathParameter("simple", false), kinds: ["list"] },
  { given: pathParameter("label", true), kinds: ["list"] },
  { given: pathParameter("matrix", true), kinds: ["list"] },
  { given: { in: "query" }, kinds: [...SCALARS(), "list"] },
  { given: { in: "query", style: "form", explode: false }, kinds: ["list"] },
  { given: { in: "query", style: "spaceDelimited" }, kinds: ["list"] },
  { given: { in: "query", style: "pipeDelimited" }, kinds: ["list"] },
  { given: { in: "query", style: "deepObject" }, kinds: ["object"] },
  { given: { in: "query", content: true }, kinds: ["json"] },
  { given: { in: "header" }, kinds: ["token"] },
];

type Kind = "text" | "integer" | "number" | "boolean" | "list" | "object" | "json" | "token";

function SCALARS(): readonly Kind[] {
  return ["text", "integer", "number", "boolean"];
}

const SCHEMAS: Readonly<Record<Kind, JsonObject>> = {
  text: { type: "string" },
  integer: { type: "integer" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  list: { type: "array", items: { type: "string" } },
  object: { type: "object", additionalProperties: { type: "string" } },
  json: {},
  token: { type: "string" },
};

function valueOf(kind: Kind, random: Random, place: unknown): unknown {
  // Empty parts of paths and `..` are refused, which other tests show.
  const text = (): string =>
    `${place === "path" ? "v" : ""}${random.text(CHARACTERS, 8).replaceAll(/\.\.?(?=[/\\]|$)/gu, "")}`;
  switch (kind) {
    case "text":
      return text();
    case "integer":
      return Math.floor(random.next() * 2e9) - 1e9;
    case "number":
      return random.pick([0, -1.5, 1e21, 1e-7, random.next()]);
    case "boolean":
      return random.next() < 0.5;
    case "list":
      return Array.from({ length: 1 + Math.floor(random.next() * 3) }, text);
    case "object":
      return Object.fromEntries([
        ["k", text()],
        [`k${random.text(CHARACTERS.replaceAll(/[[\]]/gu, ""), 3)}1`, text()],
      ]);
    case "json":
      return random.pick<unknown>([text(), 1, true, { a: [text(), null] }, [[]]]);
    case "token":
      return `t${random.text('aZ09 ,;="%&', 5)}t`;
  }
}

/** Reads a parameter back as OpenAPI's tables have it, without the code under test. */
function readBack(parameter: OperationParameter, kind: Kind, raw: ReadableRequest): unknown {
  const { name, style, explode, place } = parameter;
  const scalar = (text: string): unknown =>
    kind === "text" || kind === "token" || kind === "list" ? text : (JSON.parse(text) as unknown);
  if (place === "header") return scalar(raw.headers[name.toLowerCase()] ?? "");
  if (place === "path") {
    let text = raw.segments.get(name) ?? "";
    if (style === "label") text = text.slice(1);
    const own = `;${name}=`;
    if (style === "matrix") text = text.slice(own.length);
    if (kind !== "list") return scalar(decodeURIComponent(text));
    const separator = style === "simple" ? "," : style === "label" ? /\.(?=v)/u : own;
    return text.split(separator).map(decodeURIComponent);
  }
  const own = raw.query.filter(([key]) => key === name).map(([, value]) => value);
  if (style === "json") return JSON.parse(decodeURIComponent(own[0] ?? "")) as unknown;
  if (style === "deepObject")
    return Object.fromEntries(
      raw.query.flatMap(([key, value]) =>
        key.startsWith(`${name}[`)
          ? [[key.slice(name.length + 1, -1), decodeURIComponent(value)]]
          : [],
      ),
    );
  if (kind !== "list") return scalar(decodeURIComponent(own[0] ?? ""));
  if (explode) return own.map(decodeURIComponent);
  const separator = { spaceDelimited: "%20", pipeDelimited: "%7C" }[style as string] ?? ",";
  return (own[0] ?? "").split(separator).map(decodeURIComponent);
}

interface ReadableRequest {
  readonly segments: ReadonlyMap<string, string>;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
}

test("GIVEN any operation WHEN arguments satisfy its schema THEN path, query, headers and body give them back, and no other path is asked", async () => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const random = createRandom(seed);
    const chosen = random
      .some(PARAMETERS)
      .slice(0, 6)
      .map((each, index) => ({
        ...each,
        name: `p${index}`,
        kind: random.pick(each.kinds),
      }));
    const inPath = chosen.filter(({ given }) => given["in"] === "path");
    const path = `/x${inPath.map(({ name }) => `/{${name}}`).join("")}/end`;
    const bodyKind = random.pick(["none", "flat", "whole"] as const);
    const bodySchema =
      bodyKind === "flat"
        ? {
            type: "object",
            properties: { b1: { type: "string" }, b2: { type: ["object", "null"] } },
            required: ["b1"],
          }
        : { type: ["string", "array", "number"] };
    const operation = await operationOf(
      {
        parameters: chosen.map(({ given: { content, ...given }, name, kind }) => ({
          name,
          ...given,
          ...(content === true
            ? { content: { "application/json": { schema: SCHEMAS[kind] } } }
            : { schema: SCHEMAS[kind] }),
        })),
        ...(bodyKind === "none"
          ? {}
          : {
              requestBody: {
                required: true,
                content: { "application/json": { schema: bodySchema } },
              },
            }),
      },
      path,
    );
    const values = chosen.map(
      ({ name, kind, given }) =>
        [name, separable(valueOf(kind, random, given["in"]), given)] as const,
    );
    const bodyValue =
      bodyKind === "flat"
        ? {
            b1: random.text(CHARACTERS, 9),
            b2: random.pick([null, { c: [random.text(CHARACTERS, 3)] }]),
          }
        : random.pick<unknown>([random.text(CHARACTERS, 9), [1, null], 2.5]);
    const given: JsonObject = {
      ...Object.fromEntries(values),
      ...(bodyKind === "flat"
        ? (bodyValue as JsonObject)
        : bodyKind === "whole"
          ? { body: bodyValue }
          : {}),
    };
    const message = `seed ${seed}: ${JSON.stringify(given)}`;
    assert.equal(new ArgumentCheck().problem(operation, given), undefined, message);
    const request = requestOf(operation, BASE, given);
    // As the field's own reader of addresses sees it: nothing moves the request elsewhere.
    const url = new URL(request.path, "http://shop.test");
    assert.equal(url.host, "shop.test", message);
    const parts = url.pathname.split("/");
    assert.equal(parts.length, inPath.length + 4, message);
    assert.deepEqual([parts[1], parts[2], parts.at(-1)], ["api", "x", "end"], message);
    const readable: ReadableRequest = {
      segments: new Map(inPath.map(({ name }, index) => [name, parts[index + 3] ?? ""])),
      query: url.search
        .slice(1)
        .split("&")
        .filter((pair) => pair !== "")
        .map((pair) => {
          const at = pair.indexOf("=");
          return [decodeURIComponent(pair.slice(0, at)), pair.slice(at + 1)] as const;
        }),
      headers: request.headers,
    };
    const back = chosen.map(
      ({ name, kind, given: asGiven }) =>
        [name, readBack(withDefaults(name, asGiven), kind, readable)] as const,
    );
    assert.deepEqual(Object.fromEntries(back), Object.fromEntries(values), message);
    assert.deepEqual(
      request.body === undefined ? undefined : JSON.parse(request.body),
      bodyKind === "none" ? undefined : bodyValue,
      message,
    );
  }
});

/** What OpenAPI says where a parameter does not ("Parameter Object", `style` and `explode`). */
function withDefaults(name: string, given: JsonObject): OperationParameter {
  const place = given["in"] as OperationParameter["place"];
  const style = (given["style"] ??
    (given["content"] === true
      ? "json"
      : place === "query"
        ? "form"
        : "simple")) as OperationParameter["style"];
  const explode = (given["explode"] ?? style === "form") as boolean;
  return { argument: name, name, place, style, explode };
}

/** Without what separates values where they stand in one text: encoded or not, its reader decodes first or last, and no one can tell. */
function separable(value: unknown, { style, explode, in: place }: JsonObject): unknown {
  if (!Array.isArray(value) || (place === "query" && style === undefined)) return value;
  const separators = explode === true ? /[.;]/gu : /[ |,.;]/gu;
  return (value as string[]).map((item) => item.replaceAll(separators, ""));
}

for (const value of ["..", ".", "../admin", "a/../../admin", "a\\..\\b", "a/.", "./a", ""]) {
  test(`GIVEN \`${value}\` for a part of a path WHEN a request is written THEN it is refused`, async () => {
    const operation = await operationOf(
      {
        method: "get",
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
      },
      "/orders/{id}",
    );
    assert.throws(() => requestOf(operation, BASE, { id: value }), {
      name: "ArgumentRefused",
      message:
        /^The argument `id` (?:holds `\.` or `\.\.` as a segment, and|is empty, and) is part of a path\.$/u,
    });
  });
}

test("GIVEN parts that make `..` together WHEN a request is written THEN it is refused", async () => {
  const parameters = ["a", "b"].map((name) => ({ name, in: "path", required: true, schema: {} }));
  const operation = await operationOf({ method: "get", parameters }, "/x/{a}{b}/y");
  assert.equal(requestOf(operation, BASE, { a: "v.", b: "w" }).path, "/api/x/v.w/y");
  assert.throws(() => requestOf(operation, BASE, { a: ".", b: "v" }), /`a` holds/u);
  const dotted = await operationOf(
    { method: "get", parameters: parameters.slice(0, 1) },
    "/x/.{a}/y",
  );
  assert.throws(() => requestOf(dotted, BASE, { a: "." }), { name: "ArgumentRefused" });
  const label = {
    name: "a",
    in: "path",
    required: true,
    style: "label",
    explode: true,
    schema: {},
  };
  const labelled = await operationOf({ method: "get", parameters: [label] }, "/x/{a}/y");
  for (const a of ["", ["", ""]])
    assert.throws(() => requestOf(labelled, BASE, { a }), {
      message: "The arguments make a path with `.` or `..` as a segment.",
    });
});

for (const [what, value] of [
  ["a line end", "a\r\nx-admin: 1"],
  ["letters that headers have not", "ä"],
  ["a space at its end", "a "],
] as const) {
  test(`GIVEN ${what} in an argument for a header WHEN a request is written THEN it is refused`, async () => {
    const operation = await operationOf({
      parameters: [{ name: "X-Label", in: "header", schema: { type: "string" } }],
    });
    assert.throws(() => requestOf(operation, BASE, { "X-Label": value }), {
      message: /^The argument `X-Label` goes into a header/u,
    });
  });
}

test("GIVEN headers that belong to the connection or to credentials WHEN a document has them as parameters THEN no argument sets them", async () => {
  const names = [
    "Host",
    "Authorization",
    "Cookie",
    "Content-Length",
    "Transfer-Encoding",
    "Connection",
    "traceparent",
    "X-Forwarded-For",
    "X-Mine",
  ];
  const operation = await operationOf({
    parameters: names.map((name) => ({ name, in: "header", schema: { type: "string" } })),
  });
  assert.deepEqual(Object.keys(operation.tool.inputSchema["properties"] as object), ["X-Mine"]);
});

test("GIVEN half a character WHEN it would go into an address THEN the call is refused, and a body carries it", async () => {
  const operation = await operationOf({
    parameters: [{ name: "q", in: "query", schema: { type: "string" } }],
    requestBody: { content: { "application/json": { schema: { type: "string" } } } },
  });
  assert.throws(() => requestOf(operation, BASE, { q: "\ud800" }), /`q` is no well-formed text/u);
  assert.equal(requestOf(operation, BASE, { body: "\ud800" }).body, '"\\ud800"');
});
