import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { readStack } from "../../local/graph/stack.ts";
import { evaluatedFile } from "./evaluated.ts";

const PROGRAM = "test/engine/programs/transforms.ts";

const place = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const read = (path: string): Promise<string> => readFile(place(path), "utf8");

test("GIVEN docs/customising.md WHEN its code is compared with the program that tests deploy THEN the program is made of it", async () => {
  const blocks = [...(await read("docs/customising.md")).matchAll(/```ts\n(.*?)```/gsu)].map(
    ([, code = ""]) => code,
  );
  const program = (await read(PROGRAM))
    .replace("../../../infra/index.ts", "pulumi-mcp-service")
    .replace(/^\/\*\*.*\*\/\n/u, "");
  const rest = blocks.reduce((left, block) => {
    assert.ok(left.includes(block), block);
    return left.replace(block, "");
  }, program);
  assert.equal(rest.trim(), "export const url = weather.url;");
});

test("GIVEN that program WHEN it runs on this machine THEN its health checks come as its transform says", async () => {
  const program = fileURLToPath(place(PROGRAM));
  const { targetGroups } = readStack(await evaluatedFile(program), program);
  assert.deepEqual(
    targetGroups.map(({ healthCheck }) => healthCheck.intervalSeconds),
    [10],
  );
});
