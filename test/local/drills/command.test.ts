import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { drillCommand } from "../../../local/drills/command.ts";
import { DRILL_USAGE, parseDrillCommandLine } from "../../../local/drills/command-line.ts";

describe("GIVEN the command line of a drill", () => {
  test("WHEN only the drill is named THEN everything has a default", () => {
    assert.deepEqual(parseDrillCommandLine(["kill-replica"]), {
      drill: "kill-replica",
      program: ".",
      stack: "dev",
      port: 0,
      config: {},
      sampleData: false,
      containers: false,
      service: undefined,
      tool: undefined,
      input: undefined,
      speed: undefined,
      callsPerSecond: undefined,
      json: false,
    });
  });

  test("WHEN everything is given THEN it is read", () => {
    const words =
      "zone-loss app --stack prod --port 8000 --config a=b=c --sample-data --containers --service notes --tool find --speed 2.5 --rate 30 --json";
    assert.deepEqual(parseDrillCommandLine([...words.split(" "), "--arguments", '{"text": "x"}']), {
      drill: "zone-loss",
      program: "app",
      stack: "prod",
      port: 8000,
      config: { a: "b=c" },
      sampleData: true,
      containers: true,
      service: "notes",
      tool: "find",
      input: { text: "x" },
      speed: 2.5,
      callsPerSecond: 30,
      json: true,
    });
  });

  const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      "the drill does not exist",
      ["fire"],
      /^There is no drill `fire`\. Give one of `kill-replica`/u,
    ],
    ["no drill is named", ["--json"], /^Name a drill\./u],
    ["two programs are given", ["scopes", "a", "b"], /`a`, `b` were given\.$/u],
    [
      "the rate is none",
      ["scopes", "--rate", "0"],
      /^`--rate` is `0`; give a number from 1 to 1000\.$/u,
    ],
    [
      "the speed is none",
      ["scopes", "--speed", "fast"],
      /^`--speed` is `fast`; give a number from 1 to 100\.$/u,
    ],
    [
      "arguments have no tool",
      ["scopes", "--arguments", "{}"],
      /^`--arguments` belong to a tool\./u,
    ],
    [
      "arguments are no object",
      ["scopes", "--tool", "t", "--arguments", "[1]"],
      /^`--arguments` is `\[1\]`; give a JSON object/u,
    ],
    ["an option is unknown", ["scopes", "--fast"], /--fast/u],
    [
      "a configuration value has no key",
      ["scopes", "--config", "x"],
      /^`--config` is `x`; give a key and a value/u,
    ],
  ];
  for (const [what, words, message] of mistakes) {
    test(`WHEN ${what} THEN a sentence says so`, () => {
      assert.throws(() => parseDrillCommandLine(words), { message });
    });
  }
});

describe("GIVEN the command", () => {
  test("WHEN help is asked for THEN the drills are listed, with exit code 0", async () => {
    const stdout = new PassThrough();
    assert.equal(await drillCommand(["--help"], stdout), 0);
    stdout.end();
    assert.equal(await text(stdout), `${DRILL_USAGE}\n`);
    assert.match(DRILL_USAGE, /^ {2}zone-loss +a zone loses power/mu);
  });

  test("WHEN the command line is wrong THEN the exit code is 2, and nothing is run", async (context) => {
    const told = context.mock.method(process.stderr, "write", () => true);
    assert.equal(await drillCommand(["fire"], new PassThrough()), 2);
    assert.match(String(told.mock.calls[0]?.arguments[0]), /^There is no drill `fire`\./u);
  });
});
