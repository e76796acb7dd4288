/** The program of all features has every argument that there is, so that what holds for it holds for all of them. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "..", "..");
const properties = z.record(z.string(), z.unknown());
const schema = z.object({
  resources: z.record(z.string(), z.object({ inputProperties: properties.default({}) })),
  types: z.record(z.string(), z.object({ properties: properties.optional() })),
});

/** What comes from a platform's outputs, and is written by nobody. */
const OUTPUTS = new Set([
  "McpPlatformHandle",
  "McpServiceEndpoint",
  "DirectRoutingFacts",
  "InstanceCapacityFacts",
  "NamespaceFacts",
  "UserPoolFacts",
]);

/** What excludes others that the program has; test/engine/programs.ts has it. */
const ELSEWHERE = [
  "ExistingVpc.cidrBlocks",
  "ExistingVpc.privateSubnetIds",
  "ExistingVpc.publicSubnetIds",
  "ExistingVpc.vpcId",
  "McpPlatform.certificateArn",
  "McpPlatform.vpc",
  "McpService.instances",
];

test("GIVEN the program of all features WHEN it is read THEN it has every argument of the schema, but for those that exclude them", async () => {
  const { resources, types } = schema.parse(
    JSON.parse(await readFile(join(ROOT, "schema.json"), "utf8")),
  );
  const program = await readFile(join(ROOT, "test", "engine", "programs", "everything.ts"), "utf8");
  const nameOf = (token: string): string => token.split(":").at(-1) ?? "";
  const all = [
    ...Object.entries(resources).map(
      ([token, { inputProperties }]) => [nameOf(token), inputProperties] as const,
    ),
    ...Object.entries(types).map(
      ([token, { properties: of = {} }]) => [nameOf(token), of] as const,
    ),
  ].filter(([name]) => !OUTPUTS.has(name));

  assert.ok(all.length > 10);
  const missing = all.flatMap(([name, of]) =>
    Object.keys(of)
      .filter((argument) => !new RegExp(`\\b${argument}\\b\\s*[:,]`, "u").test(program))
      .map((argument) => `${name}.${argument}`),
  );
  assert.deepEqual(missing.sort(), ELSEWHERE);
});
