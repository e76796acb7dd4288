/** No resource of any program is given `undefined`, nor a text that only looks like a value. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { parse } from "yaml";
import type { Graph } from "../../local/graph/graph.ts";
import { PROGRAMS } from "../engine/programs.ts";
import { evaluatedFile, IMPORTS, programFolder } from "./evaluated.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const CHECK = join(import.meta.dirname, "programs", "without-undefined.ts");
const FOLDER = join(ROOT, "test", "engine", "programs");

/** What `String` makes of what was never there, or was no text. */
const NONSENSE = /\bundefined\b|\bNaN\b|\[object \w+\]|Calling \[toString\]/u;

async function check(
  program: string,
  config: Readonly<Record<string, string>> = {},
): Promise<Graph> {
  const graph = await evaluatedFile(CHECK, { "without-undefined:program": program, ...config });
  for (const { urn, inputs } of graph.resources) {
    const [found] = NONSENSE.exec(JSON.stringify(inputs)) ?? [];
    if (found !== undefined) assert.fail(`${urn} has ${found} in ${JSON.stringify(inputs)}`);
  }
  return graph;
}

/** The defaults of `Pulumi.yaml`, for the project that is evaluated. */
async function defaults(): Promise<Record<string, string>> {
  const { config } = parse(await readFile(join(ROOT, "Pulumi.yaml"), "utf8")) as {
    readonly config: Readonly<Record<string, { readonly default: unknown }>>;
  };
  return Object.fromEntries(
    Object.entries(config).map(([key, entry]) => [
      key.replace(/^(?:[\w-]+:)?/u, "test:"),
      String(entry.default),
    ]),
  );
}

describe("GIVEN a program of this repository", () => {
  test("WHEN `infra/program.ts` is evaluated THEN no input is undefined", async () => {
    const { resources } = await check(join(ROOT, "infra", "program.ts"), await defaults());
    assert.ok(resources.length > 30);
  });

  for (const { name } of PROGRAMS.slice(1)) {
    test(`WHEN ${name} is evaluated THEN no input is undefined`, async () => {
      const program = join(ROOT, "test", "engine", "programs.ts");
      const { resources } = await check(program, { "without-undefined:name": name });
      assert.ok(resources.length > 10);
    });
  }

  test("WHEN those that tests deploy are evaluated THEN no input is undefined", async () => {
    for (const file of (await readdir(FOLDER)).sort()) {
      if (!file.endsWith(".ts")) continue;
      const { resources } = await check(join(FOLDER, file));
      assert.ok(resources.length > 1, file);
    }
  });
});

describe("GIVEN a program with a mistake", () => {
  const mistakes: [what: string, inputs: string, message: RegExp][] = [
    [
      "an argument is undefined",
      "{ kmsKeyId: undefined }",
      /: `kmsKeyId` of LogGroup logs is undefined\.$/u,
    ],
    [
      "an output becomes undefined",
      "{ namePrefix: pulumi.output({}).apply(({ missing }) => missing) }",
      /: `namePrefix` of aws:cloudwatch\/logGroup:LogGroup logs is undefined\.$/u,
    ],
    [
      "something within is undefined",
      "{ tags: { team: undefined } }",
      /: `tags\.team` of aws:cloudwatch\/logGroup:LogGroup logs is undefined\.$/u,
    ],
    [
      "an output within becomes undefined",
      "{ tags: { team: pulumi.output({}).apply(({ missing }) => missing) } }",
      /: `tags\.team` of aws:cloudwatch\/logGroup:LogGroup logs is undefined\.$/u,
    ],
    [
      "a text is made of what is not there",
      "{ tags: { team: pulumi.interpolate`${pulumi.output({}).apply(({ missing }) => missing)}` } }",
      /:LogGroup::logs has undefined in \{"tags":\{"team":"undefined"\}\}$/u,
    ],
  ];
  for (const [what, inputs, message] of mistakes) {
    test(`WHEN ${what} THEN it is found`, async (context: TestContext) => {
      const program = join(await programFolder(context), "program.ts");
      await writeFile(program, `${IMPORTS} new aws.cloudwatch.LogGroup("logs", ${inputs});`);
      await assert.rejects(check(program), (error) => {
        assert.match((error as Error).message, message);
        return true;
      });
    });
  }
});
