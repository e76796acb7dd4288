import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { evaluated, IMPORTS } from "./evaluated.ts";

describe("GIVEN a Pulumi program", () => {
  test("WHEN it is evaluated THEN its resources come with references, dependencies, secrets unwrapped and outputs", async (context) => {
    const graph = await evaluated(
      context,
      `${IMPORTS}
      const group = new aws.cloudwatch.LogGroup("logs", {}, { ignoreChanges: ["tags"] });
      const password = new random.RandomPassword("password", { length: 20 });
      new aws.ssm.Parameter("parameter", { type: "SecureString", value: pulumi.interpolate\`\${group.name}/\${password.result}\` });
      await new Promise((resolve) => setTimeout(resolve, 10));
      group.name.apply((name) => setTimeout(() => new aws.ssm.Parameter("late", { type: "String", value: name }), 20));
      export const size = new pulumi.Config().requireNumber("size");`,
    );
    const named = (name: string) => graph.resources.find((resource) => resource.name === name);
    const password = named("password")?.outputs["result"];
    assert.match(String(password), /^[A-Za-z0-9]{20}$/u);
    assert.equal(
      named("parameter")?.inputs["value"],
      `${String(named("logs")?.outputs["name"])}/${String(password)}`,
    );
    assert.deepEqual(named("logs")?.ignoreChanges, ["tags"]);
    assert.ok(named("parameter")?.dependencies.includes(named("logs")?.urn ?? ""));
    assert.ok(named("late"), "A resource made by a timer in an apply counts.");
    assert.deepEqual(graph.outputs, { size: 3 });
    assert.equal(graph.region, "us-east-1");
  });

  const mistakes: [what: string, text: string, message: RegExp][] = [
    [
      "throws",
      "throw new Error('no such thing');",
      /cannot be evaluated: Error: no such thing\n +at .*program\.ts/u,
    ],
    ["has a syntax error", "const x = ;", /SyntaxError/u],
    [
      "fails in an apply",
      `${IMPORTS}pulumi.output(1).apply(() => { throw new pulumi.RunError("Say it so."); });`,
      /: Say it so\.$/u,
    ],
    ["waits for ever", "await new Promise(() => {});", /it waits for something that never comes/u],
    ["rejects with nothing", "await Promise.reject(undefined);", /it was rejected with undefined/u],
    [
      "uses one name twice",
      `${IMPORTS}new aws.cloudwatch.LogGroup("logs", {}); new aws.cloudwatch.LogGroup("logs", {});`,
      /two resources have the URN urn:pulumi:dev::test::aws:cloudwatch\/logGroup:LogGroup::logs\. Give one of them another name\./u,
    ],
    [
      "ends its process",
      "process.exit(3);",
      /it ended with exit code 3 before all of its resources were declared/u,
    ],
  ];
  for (const [what, text, message] of mistakes) {
    test(`WHEN it ${what} THEN the reason is told`, async (context) => {
      await assert.rejects(evaluated(context, text), (error) => {
        assert.match((error as Error).message, message);
        return true;
      });
    });
  }

  test("WHEN it never ends and its evaluation is aborted THEN it is ended", async (context) => {
    const abort = new AbortController();
    const pending = evaluated(context, "setImmediate(() => { while (true); });", abort.signal);
    abort.abort();
    await assert.rejects(pending, /it ended with SIGKILL/u);
  });
});
