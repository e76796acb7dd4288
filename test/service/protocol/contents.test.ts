import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { ConfigurationError } from "../../../service/runtime/configuration-error.ts";
import { readContents, watchContents } from "../../../service/runtime/protocol/contents.ts";
import type { PromptArguments } from "../../../service/runtime/prompt.ts";
import type { ServerContents } from "../../../service/runtime/server.ts";
import { defineTool, type Tool } from "../../../service/runtime/tool.ts";

function tool(name: string, input: z.ZodObject = z.object({})): Tool {
  return defineTool({ name, description: "For the tests.", input, run: () => "done" });
}

const header = (name: unknown) => ({ "x-mcp-header": name });

describe("GIVEN what a server offers", () => {
  test("WHEN it is read THEN every list is sorted by name, in code units", () => {
    const contents = readContents(
      { tools: [tool("b"), tool("B")] },
      { tools: [tool("a"), tool("a2"), tool("a10")] },
    );
    assert.deepEqual(
      contents.tools.map(({ name }) => name),
      ["B", "a", "a10", "a2", "b"],
    );
  });

  const read = () => "";
  const refused: [what: string, contents: ServerContents, message: string][] = [
    [
      "two tools of one name",
      { tools: [tool("a"), tool("a")] },
      "Two tools have the name `a`. Give each a name of its own.",
    ],
    [
      "two resources of one address",
      {
        resources: [
          { name: "x", uri: "docs://a", read },
          { name: "y", uri: "docs://a", read },
        ],
      },
      "Two resources have the uri `docs://a`. Give each a uri of its own.",
    ],
    [
      "a resource without a scheme",
      { resources: [{ name: "x", uri: "guide.md", read }] },
      "The resource `uri` `guide.md` is not an absolute URI. Give one, such as `docs://guide`.",
    ],
    [
      "a tool name with a space",
      { tools: [tool("get alerts")] },
      "The tool `get alerts` does not have a name of 1 to 128 letters, digits and `_.-`. Clients refuse others; rename it.",
    ],
    [
      "a header with an underscore, which the specification allows and an ALB drops",
      { tools: [tool("t", z.object({ region: z.string().meta(header("Cloud_Region")) }))] },
      'In the tool `t`, `x-mcp-header` of the argument `region` is "Cloud_Region", which load balancers drop. Use 1 to 64 letters, digits and hyphens.',
    ],
    [
      "a header that is no text",
      { tools: [tool("t", z.object({ region: z.string().meta(header(7)) }))] },
      "In the tool `t`, `x-mcp-header` of the argument `region` is 7, which load balancers drop. Use 1 to 64 letters, digits and hyphens.",
    ],
    [
      "a header for a list",
      { tools: [tool("t", z.object({ ids: z.array(z.string()).meta(header("Ids")) }))] },
      'In the tool `t`, `x-mcp-header` of the argument `ids` is "Ids", but the argument is neither a string nor an integer nor a boolean. Leave the annotation out.',
    ],
    [
      "one header for two arguments, the second nested",
      {
        tools: [
          tool(
            "t",
            z.object({
              a: z.string().meta(header("Region")),
              where: z.object({ b: z.int().meta(header("REGION")) }),
            }),
          ),
        ],
      },
      'In the tool `t`, `x-mcp-header` of the argument `where.b` is "REGION", which another argument has already. Give each a header of its own.',
    ],
    [
      "a header on the items of a list, where clients do not look",
      { tools: [tool("t", z.object({ ids: z.array(z.string().meta(header("Id"))) }))] },
      "In the tool `t`, `x-mcp-header` stands on something else than an argument or a property of one, where clients do not look for it. Leave the annotation out.",
    ],
    [
      "a tool of a name that every object has",
      { tools: [tool("__proto__")] },
      "A tool has the name `__proto__`. Give it another one.",
    ],
    [
      "a tool without a function",
      { tools: [{ name: "t", description: "d" } as unknown as Tool] },
      "The tool `t` has no `run`. Give the function that does it.",
    ],
    [
      "a tool that is nothing",
      { tools: [null as unknown as Tool] },
      "One tool is `null`. Give an object.",
    ],
    [
      "an object of tools",
      { tools: { a: tool("a") } as unknown as Tool[] },
      "`tools` is not a list. Give an array.",
    ],
    [
      "a raw shape as its input",
      { tools: [tool("t", { a: z.string() } as unknown as z.ZodObject)] },
      "The tool `t` has an `input` that is no zod object. Use `z.object({ … })` of zod 4.",
    ],
    [
      "a date among its arguments",
      { tools: [tool("t", z.object({ when: z.date() }))] },
      "The tool `t` has an `input` that JSON Schema cannot describe, and so clients could not read: Date cannot be represented in JSON Schema. Use what JSON has, such as a text for a date.",
    ],
    [
      "a scope that no token carries",
      { tools: [{ ...tool("t"), scopes: ["a b"] }] },
      "The tool `t` has the scope `a b`, which no token can carry. Use printable ASCII without spaces, quotes and backslashes.",
    ],
    [
      "a template that is none",
      { resourceTemplates: [{ name: "t", uriTemplate: "docs://{a", read }] },
      "The resource template `t` has the `uriTemplate` `docs://{a`, which is no RFC 6570 template with a variable. Give one, such as `docs://{page}`.",
    ],
    [
      "a template that takes minutes to match",
      { resourceTemplates: [{ name: "t", uriTemplate: "docs://{+a}/{+b}/end", read }] },
      "The resource template `t` has the `uriTemplate` `docs://{+a}/{+b}/end`, with more than one expression that matches slashes or lists; matching them takes too long. Use plain ones, such as `{page}`, for all but one.",
    ],
    [
      "a completer for a variable that is not there",
      {
        resourceTemplates: [
          { name: "t", uriTemplate: "docs://{a}", complete: { b: () => [] }, read },
        ],
      },
      "The resource template `t` completes `b`, but has no such variable. It has: a.",
    ],
    [
      "a time to live below nothing",
      { resources: [{ name: "r", uri: "docs://r", cache: { ttlMs: -1 }, read }] },
      'The resource `r` has the `cache` `{"ttlMs":-1}`. Give `ttlMs` as whole milliseconds, and `cacheScope` as `public` or `private`.',
    ],
    [
      "a prompt with a number",
      {
        prompts: [
          {
            name: "p",
            arguments: z.object({ n: z.number() }) as unknown as PromptArguments,
            render: () => "",
          },
        ],
      },
      "The prompt `p` has the argument `n`, which is no string: clients send nothing else. Use `z.string()`.",
    ],
  ];
  for (const [what, contents, message] of refused) {
    test(`WHEN it has ${what} THEN the message says what to change`, () => {
      assert.throws(() => readContents(contents), new ConfigurationError(message));
    });
  }

  test("WHEN headers are such as balancers pass THEN they are taken", () => {
    const input = z.object({
      region: z.string().meta(header("Region")),
      count: z.int().optional().meta(header("Count")),
      dry: z.boolean().meta(header("Dry-Run")),
    });
    assert.equal(readContents({ tools: [tool("t", input)] }).tools.length, 1);
  });
});

describe("GIVEN contents that an author may replace", () => {
  test("WHEN a list gives way to another THEN the new one counts; what cannot be used is reported and changes nothing", () => {
    const started: { tools: readonly Tool[] } = { tools: [tool("a")] };
    const reported: unknown[] = [];
    const contents = watchContents([{}, started], (error) => reported.push(error));
    const names = () => contents().tools.map(({ name }) => name);
    const before = contents();
    assert.equal(contents(), before);

    started.tools = [tool("b"), tool("a")];
    assert.deepEqual(names(), ["a", "b"]);

    started.tools = [tool("c"), tool("c")];
    assert.deepEqual(
      [names(), names()],
      [
        ["a", "b"],
        ["a", "b"],
      ],
    );
    assert.equal(reported.length, 1);

    started.tools = [tool("c")];
    assert.deepEqual(names(), ["c"]);
  });
});
