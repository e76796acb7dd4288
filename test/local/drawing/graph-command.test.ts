import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { before, describe, it, type TestContext } from "node:test";
import { graphCommand } from "../../../local/drawing/graph-command.ts";

const PACKAGES = join(import.meta.dirname, "..", "..", "..", "node_modules");

/** What the command prints, and its exit code. */
async function printed(words: readonly string[]): Promise<{ code: number; text: string }> {
  let text = "";
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  return { code: await graphCommand(words, stdout), text };
}

/** The sentence of an error. */
async function refused(context: TestContext, words: readonly string[]): Promise<string> {
  const error = context.mock.method(console, "error", () => undefined);
  const { code, text } = await printed(words);
  assert.deepEqual([code, text], [1, ""]);
  return String(error.mock.calls[0]?.arguments[0]);
}

function git(folder: string, ...words: readonly string[]): string {
  const who = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  return execFileSync("git", ["-C", folder, ...who, ...words], { encoding: "utf8" });
}

/** A program in a folder of a repository, with a port, and a rule that refers to its target group. */
const program = (port: number, team: string): string => `
import * as aws from "@pulumi/aws"; import * as random from "@pulumi/random"; import * as pulumi from "@pulumi/pulumi";
const team = new pulumi.Config().require("team");
const group = new aws.lb.TargetGroup("group", { port: ${port}, protocol: "HTTP", vpcId: "vpc-0123456789abcdef0", tags: { team, kind: "${team}" } });
new aws.lb.ListenerRule("rule", {
  listenerArn: "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/a/b/c", priority: 1,
  conditions: [{ pathPattern: { values: ["/mcp"] } }], actions: [{ type: "forward", targetGroupArn: group.arn }],
});
const password = new random.RandomPassword("password", { length: 40 });
new aws.secretsmanager.SecretVersion("version", { secretId: "arn:aws:secretsmanager:us-east-1:123456789012:secret:a-b", secretString: password.result });
export const shown = password.result;
`;

async function repository(context: TestContext): Promise<{ root: string; project: string }> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "graph-command-")));
  context.after(() => rm(root, { recursive: true }));
  const project = join(root, "stacks", "weather");
  await mkdir(project, { recursive: true });
  await symlink(PACKAGES, join(root, "node_modules"));
  await writeFile(join(root, ".gitignore"), "node_modules\n");
  await writeFile(join(root, "package.json"), '{ "type": "module" }');
  await writeFile(
    join(project, "Pulumi.yaml"),
    "name: weather\nruntime: nodejs\nmain: program.ts\n",
  );
  await writeFile(join(project, "Pulumi.dev.yaml"), "config:\n  weather:team: before\n");
  await writeFile(join(project, "program.ts"), program(80, "old"));
  git(root, "init", "--quiet", "--initial-branch=main");
  git(root, "add", ".");
  git(root, "commit", "--quiet", "--message=before");
  await writeFile(join(project, "Pulumi.dev.yaml"), "config:\n  weather:team: after\n");
  await writeFile(join(project, "program.ts"), program(81, "new"));
  return { root, project };
}

describe("GIVEN a program that has changed since a commit", () => {
  it("WHEN it is compared THEN each side has its own program and configuration, and nothing is left behind", async (context) => {
    const { root, project } = await repository(context);

    const { code, text } = await printed([project, "--diff", "main", "--json"]);

    assert.equal(code, 0);
    const commit = git(root, "rev-parse", "main").trim();
    const urn = (type: string, name: string): string => `urn:pulumi:dev::weather::${type}::${name}`;
    assert.deepEqual(JSON.parse(text), {
      program: "stacks/weather/program.ts",
      stack: "dev",
      from: { reference: "main", commit },
      unchanged: 3,
      outputs: [],
      steps: [
        {
          action: "replace",
          urn: urn("aws:lb/targetGroup:TargetGroup", "group"),
          because: ["port"],
          notes: ["the new one is made before the old one is deleted"],
          changes: [
            { path: "port", kind: "changed", before: 80, after: 81 },
            { path: "tags.kind", kind: "changed", before: "old", after: "new" },
            { path: "tags.team", kind: "changed", before: "before", after: "after" },
          ],
          follows: [],
        },
        {
          action: "update",
          urn: urn("aws:lb/listenerRule:ListenerRule", "rule"),
          because: [],
          notes: [],
          changes: [],
          follows: [{ path: "actions[0].targetGroupArn", of: ["TargetGroup group"] }],
        },
      ],
    });
    assert.equal(git(root, "worktree", "list").trim().split("\n").length, 1);
    assert.equal(git(root, "status", "--porcelain").trim().split("\n").length, 2);
  });

  it("WHEN git does not keep the stack's configuration THEN both sides have that of the working tree", async (context) => {
    const { root, project } = await repository(context);
    git(root, "rm", "--quiet", "--cached", join(project, "Pulumi.dev.yaml"));
    await writeFile(join(root, ".gitignore"), "node_modules\nPulumi.dev.yaml\n");
    await writeFile(join(project, "program.ts"), program(81, "old"));
    git(root, "commit", "--quiet", "--all", "--message=without");

    const { code, text } = await printed([project, "--diff", "HEAD"]);

    assert.equal(code, 0);
    assert.match(text, /^no resource changes; 5 unchanged$/mu);
  });

  it("WHEN its evaluation fails at the commit THEN the sentence says where, and nothing is left behind", async (context) => {
    const { root, project } = await repository(context);
    git(root, "commit", "--quiet", "--all", "--message=after");
    await writeFile(join(project, "program.ts"), "throw new Error('broken');");
    git(root, "commit", "--quiet", "--all", "--message=broken");
    await writeFile(join(project, "program.ts"), program(82, "new"));

    const sentence = await refused(context, [project, "--diff", "HEAD"]);

    assert.match(sentence, /^At `HEAD`: The program .* cannot be evaluated: Error: broken/su);
    assert.equal(git(root, "worktree", "list").trim().split("\n").length, 1);
  });

  it("WHEN there was no program at the commit THEN all of it is new", async (context) => {
    const { root, project } = await repository(context);
    const younger = join(root, "younger");
    await mkdir(younger);
    for (const file of ["Pulumi.yaml", "Pulumi.dev.yaml", "program.ts"])
      execFileSync("cp", [join(project, file), younger]);

    const { text } = await printed([younger, "--diff", "main"]);

    assert.match(text, /^younger\/program\.ts, stack dev: from main/u);
    assert.match(text, /\+ {2}create {2}aws\.lb\.TargetGroup group/u);
    assert.doesNotMatch(text, /replace |update /u);
  });
});

describe("GIVEN words that make no sense", () => {
  let folder: string;
  before(() => {
    folder = tmpdir();
  });

  it("WHEN they are given THEN a sentence names them, and the way out", async (context) => {
    for (const [words, sentence] of [
      [["a", "b"], /^One program is drawn at a time, but `a`, `b` were given\.$/u],
      [["--markdown"], /^`--markdown` is for a change; give `--diff`, too\.$/u],
      [
        ["--mermaid", "--cost"],
        /^`--mermaid` draws the graph alone; leave out the other options\.$/u,
      ],
      [["--diff", ""], /^`--diff` is empty; give a git commit, branch or tag\.$/u],
      [["--config", "x"], /^`--config` is `x`; give a key and a value/u],
      [["--nonsense"], /Unknown option '--nonsense'/u],
      [[join(folder, "nowhere-at-all")], /^There is no `.*nowhere-at-all`\./u],
      [[".", "--diff", "no-such-commit"], /^`--diff` is `no-such-commit`, which is no commit of/u],
      [[".", "--diff", "--all"], /argument is ambiguous/u],
    ] as const)
      assert.match(await refused(context, words), sentence);
  });

  it("WHEN help is wanted THEN it is printed", async () => {
    const { code, text } = await printed(["--help"]);

    assert.equal(code, 0);
    assert.match(text, /^Prints what a Pulumi program declares/u);
  });
});
