import assert from "node:assert/strict";
import { test } from "node:test";
import { isSpecType } from "@modelcontextprotocol/server";
import { ArgumentCheck } from "../../../../../../../service/servers/gateway/upstreams/application/argument-check.ts";
import { requestOf } from "../../../../../../../service/servers/gateway/upstreams/application/request.ts";
import { mapped, PETSTORE, SHOP } from "../fixtures.ts";

const BASE = new URL("http://shop.test/api/");

test("GIVEN the document that FastAPI generates WHEN it is mapped THEN every operation that takes JSON is a tool of a legal schema", async () => {
  const { operations, leftOut } = await mapped(SHOP);
  assert.deepEqual(
    [...operations.values()].map(({ tool, method, path }) => [tool.name, method, path]),
    [
      ["read_item_items__item_id__get", "GET", "/items/{item_id}"],
      ["put_item_items__item_id__put", "PUT", "/items/{item_id}"],
      ["delete_item_items__item_id__delete", "DELETE", "/items/{item_id}"],
      ["create_item_items__post", "POST", "/items/"],
      ["depth_trees_post", "POST", "/trees"],
      ["pairs_pairs_post", "POST", "/pairs"],
      ["read_file_files__name__get", "GET", "/files/{name}"],
      ["search_search_get", "GET", "/search"],
      ["old_old_get", "GET", "/old"],
      ["picture_picture_get", "GET", "/picture"],
      ["archive_archive_get", "GET", "/archive"],
      ["classify_classify_post", "POST", "/classify"],
      ["translate_translate_post", "POST", "/translate"],
    ],
  );
  assert.deepEqual(leftOut, [
    "`POST /upload` is no tool: Its body is `multipart/form-data`, and only JSON can be sent.",
    "`GET /me` is no tool: It takes the cookie `session`.",
  ]);
  const check = new ArgumentCheck();
  for (const operation of operations.values()) {
    assert.ok(isSpecType.Tool(operation.tool), operation.tool.name);
    check.compile(operation);
  }
});

test("GIVEN parameters and a model of FastAPI's WHEN they are mapped THEN all are arguments of one object, in one place each", async () => {
  const { operations } = await mapped(SHOP);
  const create = operations.get("create_item_items__post");
  assert.ok(create);
  assert.deepEqual(create.tool, {
    name: "create_item_items__post",
    title: "Create Item",
    description: "Create Item",
    inputSchema: {
      type: "object",
      properties: {
        dry_run: { type: "boolean", default: false, title: "Dry Run" },
        name: { type: "string", maxLength: 80, minLength: 1, pattern: "^\\S", title: "Name" },
        price: { type: "number", exclusiveMinimum: 0, title: "Price" },
        tags: { items: { type: "string" }, type: "array", title: "Tags", default: [] },
        note: { anyOf: [{ type: "string" }, { type: "null" }], title: "Note" },
        kind: { type: "string", enum: ["book", "food"], title: "Kind", default: "book" },
      },
      required: ["name", "price"],
      additionalProperties: false,
    },
  });
  assert.deepEqual(requestOf(create, BASE, { dry_run: true, name: "a", price: 1, note: null }), {
    method: "POST",
    path: "/api/items/?dry_run=true",
    headers: { "content-type": "application/json" },
    body: '{"name":"a","price":1,"note":null}',
  });
});

test("GIVEN a model that holds itself WHEN it is mapped THEN it stands in `$defs`, and deep arguments are checked", async () => {
  const { operations } = await mapped(SHOP);
  const depth = operations.get("depth_trees_post");
  assert.ok(depth);
  const check = new ArgumentCheck();
  assert.equal(
    check.problem(depth, { value: 1, children: [{ value: 2, children: [] }] }),
    undefined,
  );
  assert.equal(
    check.problem(depth, { value: 1, children: [{ value: 2, children: [{ value: "3" }] }] }),
    "The arguments are not what the tool takes: arguments/children/0/children/0/value must be integer.",
  );
});

test("GIVEN a document of OpenAPI 3.0 in YAML WHEN it is mapped THEN its schemas are JSON Schema", async () => {
  const { operations } = await mapped(PETSTORE);
  const list = operations.get("listPets");
  assert.deepEqual(list?.tool, {
    name: "listPets",
    title: "All pets",
    description: "All pets\n\nLists them by their names.",
    inputSchema: {
      type: "object",
      properties: {
        limit: {
          type: "integer",
          exclusiveMinimum: 0,
          examples: [10],
          description: "How many at most.",
        },
        "X-Trace": { type: "string" },
        filter_kind: { type: ["string", "null"], enum: ["cat", "dog", null] },
        near: { type: "object", properties: { lat: { type: "number" }, lon: { type: "number" } } },
        tags: { type: "array", items: { type: "string" } },
        where: { type: "object" },
      },
      additionalProperties: false,
    },
    annotations: { readOnlyHint: true },
  });
  assert.deepEqual(operations.get("create_pet")?.tool.inputSchema, {
    type: "object",
    properties: {
      limit: { type: "integer", minimum: 1 },
      "X-Trace": { type: "string" },
      // Python's regular expression is none here, and `shelf-mark` is a format that nobody knows.
      name: { type: "string" },
      born: { type: ["string", "null"], format: "date" },
      owner: {
        anyOf: [
          { allOf: [{ type: "object", properties: { name: { type: "string" } } }] },
          { type: "null" },
        ],
      },
      mother: { $ref: "#/$defs/Pet" },
      shelf: { type: "string" },
    },
    required: ["name"],
    additionalProperties: false,
    $defs: {
      Pet: {
        type: "object",
        required: ["name"],
        properties: {
          name: { type: "string" },
          born: { type: ["string", "null"], format: "date" },
          owner: {
            anyOf: [
              { allOf: [{ type: "object", properties: { name: { type: "string" } } }] },
              { type: "null" },
            ],
          },
          mother: { $ref: "#/$defs/Pet" },
          shelf: { type: "string" },
        },
      },
    },
  });
});

test("GIVEN operations without names or of one name WHEN they are mapped THEN each has a name of its own, whatever their order", async () => {
  const { operations } = await mapped(PETSTORE);
  assert.deepEqual(
    [...operations].map(([name, { method, path }]) => `${name} ${method} ${path}`),
    [
      "listPets GET /pets",
      "create_pet POST /pets",
      "GET_pets_petId GET /pets/{petId}",
      "same_d6a95861 PUT /pets/{petId}",
      "same_5ee3b767 DELETE /pets/{petId}",
      "words POST /words",
    ],
  );
});

test("GIVEN operations that no call could make WHEN a document is mapped THEN each is left out with a sentence, and the others are there", async () => {
  const { leftOut } = await mapped(PETSTORE);
  assert.deepEqual([...leftOut].sort(), [
    "`GET /hosted` is no tool: It has `servers` of its own, and the address is fixed.",
    "`GET /lost/{id}` is no tool: It has no parameter for `{id}` in its path.",
    "`GET /session` is no tool: It takes the cookie `sid`.",
    "`HEAD /pets/{petId}` is no tool: Its method is not one that tools are made of.",
    "`POST /outside` is no tool: The reference `https://elsewhere.example.com/pet.json` leads out of the document, where the gateway does not follow it.",
    "`POST /pets/{petId}/photo` is no tool: Its body is `multipart/form-data`, and only JSON can be sent.",
  ]);
});

test("GIVEN a body that has the name of a parameter, or is no object WHEN it is mapped THEN it is one argument", async () => {
  const { operations } = await mapped(PETSTORE);
  const replace = [...operations.values()].find(({ method }) => method === "PUT");
  const words = operations.get("words");
  assert.ok(replace && words);
  assert.deepEqual(replace.tool["annotations"], { idempotentHint: true });
  assert.equal(replace.tool["description"], "Deprecated. Replaces a pet.");
  assert.deepEqual(requestOf(replace, BASE, { petId: "7", body: { petId: "8" } }), {
    method: "PUT",
    path: "/api/pets/7",
    headers: { "content-type": "application/merge-patch+json" },
    body: '{"petId":"8"}',
  });
  assert.deepEqual(words.tool.inputSchema, {
    type: "object",
    properties: {
      body: { description: "The words.", type: "array", items: { type: "string" } },
    },
    required: ["body"],
    additionalProperties: false,
  });
});

test("GIVEN styles of parameters WHEN a request is written THEN it has what OpenAPI shows for each", async () => {
  const { operations } = await mapped(PETSTORE);
  const list = operations.get("listPets");
  assert.ok(list);
  const { path, headers } = requestOf(list, new URL("http://shop.test/v1?key=1"), {
    limit: 5,
    "X-Trace": "on",
    filter_kind: "cat",
    near: { lat: 1.5, lon: -2 },
    tags: ["a|b", "c"],
    where: { name: "x" },
  });
  assert.equal(
    path,
    "/v1/pets?key=1&limit=5&filter%5Bkind%5D=cat&near%5Blat%5D=1.5&near%5Blon%5D=-2&tags=a%7Cb%7Cc&where=%7B%22name%22%3A%22x%22%7D",
  );
  assert.deepEqual(headers, { "x-trace": "on" });
});

test("GIVEN a header that the gateway proves itself with WHEN a document has it as a parameter THEN it is no argument", async () => {
  const { operations } = await mapped(PETSTORE, "x-trace");
  const { properties } = operations.get("listPets")?.tool.inputSchema ?? {};
  assert.equal(Object.hasOwn(properties as object, "X-Trace"), false);
});

for (const [what, text, message] of [
  ["Swagger 2.0", '{"swagger":"2.0","paths":{}}', /Swagger 2\.0/u],
  ["another version", '{"openapi":"4.0.0","paths":{}}', /neither 3\.0 nor 3\.1/u],
  ["no paths", '{"openapi":"3.1.0"}', /no `paths`/u],
  ["a page", "<html><p>Not found</p></html>", /no object|neither JSON nor YAML/u],
  [
    "an alias bomb",
    `a: &a [x,x]\nb: &b [${"*a,".repeat(50)}]\nc: &c [${"*b,".repeat(50)}]\nd: [${"*c,".repeat(50)}]`,
    /neither JSON nor YAML/u,
  ],
] as const) {
  test(`GIVEN ${what} in the place of a document WHEN it is read THEN a sentence says what it is`, async () => {
    await assert.rejects(mapped(text), { name: "Unmappable", message });
  });
}

test("GIVEN schemas that would be endless written out WHEN they are mapped THEN the tool has each once", async () => {
  const schemas = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [
      `S${index}`,
      {
        type: "object",
        properties: {
          l: { $ref: `#/components/schemas/S${index + 1}` },
          r: { $ref: `#/components/schemas/S${index + 1}` },
        },
      },
    ]),
  );
  const body = {
    required: true,
    content: { "application/json": { schema: { $ref: "#/components/schemas/S0" } } },
  };
  const { operations } = await mapped(
    JSON.stringify({
      openapi: "3.1.0",
      paths: { "/deep": { post: { operationId: "deep", requestBody: body } } },
      components: { schemas: { ...schemas, S30: { type: "integer" } } },
    }),
  );
  const deep = operations.get("deep");
  assert.ok(deep);
  assert.equal(Object.keys(deep.tool.inputSchema["$defs"] as object).length, 31);
  assert.deepEqual(Object.keys(deep.tool.inputSchema["properties"] as object), ["l", "r"]);
  const check = new ArgumentCheck();
  assert.equal(check.problem(deep, { l: { r: {} } }), undefined);
  assert.match(check.problem(deep, { l: { r: 1 } }) ?? "", /arguments\/l\/r must be object/u);
});

test("GIVEN names that objects have by themselves WHEN they are properties THEN they are properties and nothing else", async () => {
  const { operations } = await mapped(
    `{"openapi":"3.1.0","paths":{"/x":{"post":{"operationId":"x","parameters":[{"name":"constructor","in":"query","schema":{"type":"string"}}],
      "requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"__proto__":{"type":"integer"}}}}}}}}}}`,
  );
  const x = operations.get("x");
  assert.ok(x);
  const given = JSON.parse('{"body":{"__proto__":1}}') as Record<string, unknown>;
  assert.equal(new ArgumentCheck().problem(x, given), undefined);
  assert.deepEqual(requestOf(x, BASE, given), {
    method: "POST",
    path: "/api/x",
    headers: { "content-type": "application/json" },
    body: '{"__proto__":1}',
  });
});

test("GIVEN a body of a GET WHEN it is mapped THEN it is left out, or the operation where it demands one", async () => {
  const get = (required: boolean): object => ({
    get: {
      requestBody: { required, content: { "application/json": { schema: { type: "object" } } } },
    },
  });
  const paths = { "/may": get(false), "/must": get(true) };
  const { operations, leftOut } = await mapped(JSON.stringify({ openapi: "3.1.0", paths }));
  assert.deepEqual(operations.get("GET_may")?.tool.inputSchema, {
    type: "object",
    properties: {},
    additionalProperties: false,
  });
  assert.deepEqual(leftOut, [
    "`GET /must` is no tool: It demands a body, and its method is `GET`.",
  ]);
});
