import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { LocalError } from "../../local/graph/graph.ts";
import { readProject } from "../../local/graph/project.ts";

/** A folder with these files, removed with the test. */
async function folder(context: TestContext, files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "project-"));
  context.after(() => rm(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  return root;
}

const YAML = `
name: shop
main: infra/program.ts
config:
  size: { type: integer, default: 3, description: how many }
  flag: { default: true }
  plain: text
  aws:region: eu-central-1
  needed: { type: string }
`;

describe("GIVEN a Pulumi project", () => {
  test("WHEN its folder is given THEN program and defaults are found, a stack's values win, and those given here win over both", async (context) => {
    const root = await folder(context, {
      "Pulumi.yaml": YAML,
      "Pulumi.dev.yaml":
        "config:\n  shop:size: 5\n  shop:plain: other\n  shop:token:\n    secure: AAAB\n",
      "infra/program.ts": "",
    });
    assert.deepEqual(await readProject(root, "dev", { plain: "mine", "aws:region": "us-west-2" }), {
      program: join(root, "infra/program.ts"),
      name: "shop",
      stack: "dev",
      config: {
        "shop:size": "5",
        "shop:flag": "true",
        "shop:plain": "mine",
        "aws:region": "us-west-2",
      },
    });
  });

  test("WHEN a program below it is given THEN that one is run, with the project's configuration", async (context) => {
    const root = await folder(context, { "Pulumi.yaml": YAML, "examples/one/other.ts": "" });
    const project = await readProject(join(root, "examples/one/other.ts"), "test", {});
    assert.equal(project.program, join(root, "examples/one/other.ts"));
    assert.equal(project.config["shop:size"], "3");
  });

  test("WHEN it names no program THEN index.ts is it", async (context) => {
    const root = await folder(context, { "Pulumi.yaml": "name: shop\n", "index.ts": "" });
    assert.equal((await readProject(root, "dev", {})).program, join(root, "index.ts"));
  });

  const mistakes: [what: string, files: Record<string, string>, path: string, message: RegExp][] = [
    [
      "the path does not exist",
      {},
      "nowhere.ts",
      /^There is no `.*nowhere\.ts`\. Give a Pulumi program, or a folder that holds a `Pulumi\.yaml`\.$/u,
    ],
    [
      "no Pulumi.yaml is in sight",
      { "a.ts": "" },
      "a.ts",
      /^There is no `Pulumi\.yaml` beside `.*a\.ts` or above it\. /u,
    ],
    [
      "`main` names nothing",
      { "Pulumi.yaml": YAML },
      "",
      /^The `main` of `.*Pulumi\.yaml` names no program: none of `infra\/program\.ts`, .* is a file\.$/u,
    ],
    [
      "the YAML is broken",
      { "Pulumi.yaml": "name: [", "index.ts": "" },
      "",
      /^`.*Pulumi\.yaml` cannot be read: /u,
    ],
    [
      "the name is missing",
      { "Pulumi.yaml": "runtime: nodejs\n", "index.ts": "" },
      "",
      /^`.*Pulumi\.yaml` cannot be read: [^]*name/u,
    ],
  ];
  for (const [what, files, path, message] of mistakes) {
    test(`WHEN ${what} THEN a sentence says so`, async (context) => {
      const root = await folder(context, files);
      await assert.rejects(readProject(join(root, path), "dev", {}), (error) => {
        assert.ok(error instanceof LocalError);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});
