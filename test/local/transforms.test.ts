import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Graph, GraphResource } from "../../local/graph/graph.ts";
import { evaluated, IMPORTS } from "./evaluated.ts";

/** A component with a log group in a component with a password. */
const COMPONENTS = `${IMPORTS}
const called = [];
const note = (who) => ({ type, name }) => { called.push(who + " " + type.split(":").at(-1) + " " + name); return undefined; };
class Inner extends pulumi.ComponentResource {
  constructor(name, opts, own) {
    super("test:index:Inner", name, {}, opts);
    this.logs = new aws.cloudwatch.LogGroup(name, { retentionInDays: 30 }, { parent: this, ...own });
  }
}
class Outer extends pulumi.ComponentResource {
  constructor(name, opts, inner, own) {
    super("test:index:Outer", name, {}, opts);
    this.inner = new Inner(name, { parent: this, ...inner }, own);
  }
}
`;

function logs({ resources }: Graph): GraphResource {
  const found = resources.find(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup");
  assert.ok(found);
  return found;
}

describe("GIVEN transforms at every level", () => {
  test("WHEN resources are registered THEN their own come first, then their parents' from the nearest up, then the stack's, in the order given", async (context) => {
    const { outputs } = await evaluated(
      context,
      `${COMPONENTS}
      pulumi.runtime.registerResourceTransform(note("stack 1"));
      pulumi.runtime.registerStackTransform(note("stack 2"));
      const outer = new Outer("x", { transforms: [note("outer 1"), note("outer 2")] }, { transforms: [note("inner")] }, { transforms: [note("own")] });
      export const seen = outer.inner.logs.id.apply(() => called);`,
    );
    assert.deepEqual(outputs["seen"], [
      ...["outer 1 Outer x", "outer 2 Outer x", "stack 1 Outer x", "stack 2 Outer x"],
      ...["inner Inner x", "outer 1 Inner x", "outer 2 Inner x", "stack 1 Inner x"],
      ...["stack 2 Inner x", "own LogGroup x", "inner LogGroup x", "outer 1 LogGroup x"],
      ...["outer 2 LogGroup x", "stack 1 LogGroup x", "stack 2 LogGroup x"],
    ]);
  });

  test("WHEN each changes what the one before it made THEN the graph and the program see the result", async (context) => {
    const graph = await evaluated(
      context,
      `${COMPONENTS}
      const times = (factor) => async ({ type, props, opts }) => type.startsWith("aws:")
        ? { props: { ...props, retentionInDays: pulumi.output(props.retentionInDays).apply((days) => days * factor + 1) }, opts }
        : undefined;
      pulumi.runtime.registerResourceTransform(times(1000));
      const outer = new Outer("x", { transforms: [times(10)] }, {}, { transforms: [times(2)] });
      export const days = outer.inner.logs.retentionInDays;`,
    );
    assert.deepEqual(logs(graph).inputs, { retentionInDays: 611_001 });
    assert.equal(graph.outputs["days"], 611_001);
  });

  test("WHEN none answers anything THEN the graph is as without them", async (context) => {
    const program = (opts: string): string => `${COMPONENTS}
      const group = new aws.cloudwatch.LogGroup("other", { tags: { hidden: pulumi.secret("value") } });
      new Outer("x", {}, {}, { dependsOn: [group], ignoreChanges: ["tags"], ${opts} });
      new aws.ssm.Parameter("name", { type: "String", value: group.name, tags: { name: group.name } }, { ${opts} });`;
    assert.deepEqual(
      await evaluated(context, program("transforms: [note('own')]")),
      await evaluated(context, program("")),
    );
  });
});

describe("GIVEN a transform", () => {
  test("WHEN inputs are secrets or outputs THEN it sees outputs, and the values survive it", async (context) => {
    const { resources, outputs } = await evaluated(
      context,
      `${IMPORTS}
      const group = new aws.cloudwatch.LogGroup("logs", {});
      const seen = {};
      const parameter = new aws.ssm.Parameter("parameter", {
        type: "SecureString",
        value: pulumi.secret("hidden"),
        description: group.name,
        tags: { nested: pulumi.secret("hidden too"), plain: "seen" },
      }, { transforms: [({ props, opts }) => {
        for (const [key, value] of Object.entries(props)) seen[key] = pulumi.Output.isInstance(value);
        return { props: { ...props, value: pulumi.interpolate\`\${props.value}!\` }, opts };
      }] });
      export const kinds = parameter.id.apply(() => seen);
      export const isSecret = pulumi.output(parameter.id).apply(() => parameter.value.isSecret);`,
    );
    const named = (name: string) => resources.find((resource) => resource.name === name);
    assert.deepEqual(named("parameter")?.inputs, {
      type: "SecureString",
      value: "hidden!",
      description: named("logs")?.outputs["name"],
      tags: { nested: "hidden too", plain: "seen" },
    });
    assert.deepEqual(outputs, {
      kinds: { type: false, value: true, description: true, tags: false },
      isSecret: true,
    });
    assert.deepEqual(named("parameter")?.dependencies, [named("logs")?.urn]);
  });

  test("WHEN it changes options THEN the graph has them, and a changed parent is ignored, as under the engine", async (context) => {
    const graph = await evaluated(
      context,
      `${COMPONENTS}
      const other = new aws.ssm.Parameter("other", { type: "String", value: "x" });
      new Outer("x", {}, {}, { transforms: [({ props, opts }) => ({
        props,
        opts: pulumi.mergeOptions(opts, { ignoreChanges: ["retentionInDays"], dependsOn: [other], protect: true, parent: other }),
      })] });`,
    );
    const { ignoreChanges, dependencies, parent } = logs(graph);
    assert.deepEqual(ignoreChanges, ["retentionInDays"]);
    assert.deepEqual(dependencies, ["urn:pulumi:dev::test::aws:ssm/parameter:Parameter::other"]);
    assert.equal(parent, "urn:pulumi:dev::test::test:index:Outer$test:index:Inner::x");
  });

  test("WHEN it takes an input away THEN the graph has it no more", async (context) => {
    const graph = await evaluated(
      context,
      `${COMPONENTS}
      new Outer("x", { transforms: [({ props: { retentionInDays, ...props }, opts }) => ({ props, opts })] });`,
    );
    assert.deepEqual(logs(graph).inputs, {});
  });

  test("WHEN it waits for another resource THEN that one is registered meanwhile", async (context) => {
    const graph = await evaluated(
      context,
      `${COMPONENTS}
      let later;
      const found = new Promise((resolve) => { later = resolve; });
      new Outer("x", {}, {}, { transforms: [async ({ props, opts }) => ({ props: { ...props, kmsKeyId: await found }, opts })] });
      new aws.kms.Key("key", {}).arn.apply((arn) => { later(arn); });`,
    );
    assert.match(
      String(logs(graph).inputs["kmsKeyId"]),
      /^arn:aws:kms:us-east-1:123456789012:key\//u,
    );
  });

  const failures: [what: string, transform: string, message: RegExp][] = [
    [
      "throws",
      "() => { throw new Error('not like this'); }",
      /: a transform of the aws:cloudwatch\/logGroup:LogGroup `x` failed: Error: not like this$/u,
    ],
    [
      "rejects",
      "async () => { throw new pulumi.RunError('Say it so.'); }",
      /: a transform of the aws:cloudwatch\/logGroup:LogGroup `x` failed: Error: Say it so\.$/u,
    ],
    [
      "answers with no props",
      "({ opts }) => ({ opts })",
      /: a transform of the aws:cloudwatch\/logGroup:LogGroup `x` failed: TypeError: /u,
    ],
  ];
  for (const [what, transform, message] of failures) {
    test(`WHEN it ${what} THEN the evaluation ends with a sentence that names the resource`, async (context) => {
      const text = `${COMPONENTS} new Outer("x", {}, {}, { transforms: [${transform}] });`;
      await assert.rejects(evaluated(context, text), (error) => {
        assert.match((error as Error).message, message);
        return true;
      });
    });
  }
});

describe("GIVEN a transform of lookups", () => {
  test("WHEN something is looked up THEN its arguments are changed before the answer", async (context) => {
    const { outputs } = await evaluated(
      context,
      `${IMPORTS}
      pulumi.runtime.registerInvokeTransform(({ token, args, opts }) =>
        token === "aws:ssm/getParameter:getParameter" ? { args: { ...args, name: "/changed" }, opts } : undefined);
      export const name = aws.ssm.getParameterOutput({ name: "/given" }).name;
      export const region = aws.getRegionOutput().region;`,
    );
    assert.deepEqual(outputs, { name: "/changed", region: "us-east-1" });
  });

  test("WHEN it throws THEN the evaluation ends with a sentence that names the lookup", async (context) => {
    const text = `${IMPORTS}
      pulumi.runtime.registerInvokeTransform(() => { throw new Error("not like this"); });
      aws.getRegionOutput();`;
    await assert.rejects(evaluated(context, text), (error) => {
      assert.match(
        (error as Error).message,
        /: a transform of the lookup aws:index\/getRegion:getRegion failed: Error: not like this$/u,
      );
      return true;
    });
  });
});

describe("GIVEN a transformation of the older kind", () => {
  test("WHEN resources are constructed THEN it changes them as before", async (context) => {
    const graph = await evaluated(
      context,
      `${COMPONENTS}
      pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
        type.startsWith("aws:") ? { props: { ...props, retentionInDays: 7 }, opts } : undefined);
      new Outer("x");`,
    );
    assert.deepEqual(logs(graph).inputs, { retentionInDays: 7 });
  });
});
