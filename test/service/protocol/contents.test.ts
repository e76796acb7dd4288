import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { ConfigurationError } from "../../../service/runtime/configuration-error.ts";
import { readContents, watchContents } from "../../../service/runtime/protocol/contents.ts";
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
      "The tool name `get alerts` is not 1 to 128 letters, digits and `_.-`. Clients refuse others; rename it.",
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
