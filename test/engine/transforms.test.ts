/** The same program through the real engine and through the local evaluation: what transforms made of it must be the same. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import { evaluatedFile } from "../local/evaluated.ts";
import { createStack } from "./harness.ts";

const PROGRAM = join(import.meta.dirname, "programs", "transforms.ts");
const NESTED = join(import.meta.dirname, "programs", "nested-transforms.ts");

/** The types that the program's transforms change. */
const TRANSFORMED = [
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:ecs/taskDefinition:TaskDefinition",
  "aws:iam/role:Role",
  "aws:lb/targetGroup:TargetGroup",
];

/** What holds names that Pulumi or AWS make up, and so is never the same twice. */
const MADE_UP = new Set([
  "name",
  "vpcId",
  "family",
  "executionRoleArn",
  "taskRoleArn",
  "assumeRolePolicy",
]);
const MADE_UP_IN_CONTAINERS = new Set(["image", "environment", "secrets", "logConfiguration"]);

type Inputs = Readonly<Record<string, unknown>>;

function comparable(inputs: Inputs): Inputs {
  const kept = without(inputs, MADE_UP);
  const { containerDefinitions } = kept;
  if (typeof containerDefinitions !== "string") return kept;
  const containers = JSON.parse(containerDefinitions) as Inputs[];
  return {
    ...kept,
    containerDefinitions: containers.map((container) => without(container, MADE_UP_IN_CONTAINERS)),
  };
}

function without(inputs: Inputs, keys: ReadonlySet<string>): Inputs {
  return Object.fromEntries(Object.entries(inputs).filter(([key]) => !keys.has(key)));
}

function byName(
  resources: readonly { readonly type: string; readonly urn: string; readonly inputs: Inputs }[],
): Record<string, Inputs> {
  return Object.fromEntries(
    resources
      .filter(({ type }) => TRANSFORMED.includes(type))
      .map((resource) => [typeAndName(resource), comparable(resource.inputs)]),
  );
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

interface Stored {
  readonly urn: string;
  readonly type: string;
  readonly parent: string;
  readonly inputs: Inputs;
  readonly dependencies?: readonly string[];
  readonly retainOnDelete?: boolean;
}

function stored({ deployment }: Deployment): readonly Stored[] {
  return (deployment as { readonly resources: readonly Stored[] }).resources;
}

function typeAndName({ type, urn }: Pick<Stored, "type" | "urn">): string {
  return `${type} ${nameOf(urn)}`;
}

describe("GIVEN a program that changes a service's resources by transforms", () => {
  test("WHEN the engine deploys it THEN its resources have the inputs that the local evaluation has, and no preview wants another change", async (context) => {
    const local = await evaluatedFile(PROGRAM);
    // A new address each time: a module runs once.
    const engine = await createStack(context, async () => ({
      ...((await import(`./programs/transforms.ts?run=${randomUUID()}`)) as object),
    }));
    await engine.up();

    const deployed = byName(engine.cloud.existing());
    assert.deepEqual(byName(local.resources), deployed);
    const group = deployed["aws:lb/targetGroup:TargetGroup weather"]?.["healthCheck"];
    assert.equal((group as { interval: number }).interval, 10);
    const task = deployed["aws:ecs/taskDefinition:TaskDefinition weather"];
    const [container] = task?.["containerDefinitions"] as { ulimits: unknown }[];
    assert.deepEqual(container?.ulimits, [
      { name: "nofile", softLimit: 65_536, hardLimit: 65_536 },
    ]);
    assert.equal(
      deployed["aws:iam/role:Role weather-task"]?.["permissionsBoundary"],
      "arn:aws:iam::123456789012:policy/boundary",
    );

    const state = stored(await engine.stack.exportStack());
    assert.deepEqual(
      state.filter(({ retainOnDelete }) => retainOnDelete === true).map(typeAndName),
      ["aws:cloudwatch/logGroup:LogGroup weather"],
    );
    assert.deepEqual(await engine.preview(), []);
  });
});

describe("GIVEN transforms at every level", () => {
  test("WHEN the engine runs them THEN order, inputs, parents and dependencies are those of the local evaluation", async (context) => {
    const local = await evaluatedFile(NESTED);
    const engine = await createStack(context, async () => ({
      ...((await import("./programs/nested-transforms.ts")) as object),
    }));
    await engine.up();

    const mine = local.outputs["seen"] as string[];
    const seen = (await engine.stack.outputs())["seen"]?.value as string[];
    for (const name of ["own", "inherited", "untouched", "other"]) {
      const of = (calls: readonly string[]): string[] =>
        calls.filter((call) => call.includes(` ${name}`));
      assert.deepEqual(of(mine), of(seen));
    }
    const state = stored(await engine.stack.exportStack());
    for (const { urn, type, inputs, parent, dependencies } of local.resources) {
      if (!type.startsWith("aws:")) continue;
      const there = state.find(
        (candidate) => typeAndName(candidate) === typeAndName({ urn, type }),
      );
      assert.ok(there);
      assert.equal(there.inputs["retentionInDays"], inputs["retentionInDays"]);
      // Each stack has a name of its own.
      assert.deepEqual(there.parent.split("::")[2], parent.split("::")[2]);
      assert.deepEqual((there.dependencies ?? []).map(nameOf), dependencies.map(nameOf));
    }
  });
});
