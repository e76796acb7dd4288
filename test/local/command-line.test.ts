import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseCommandLine } from "../../local/command-line.ts";
import { LocalError } from "../../local/graph/graph.ts";

describe("GIVEN a command line", () => {
  test("WHEN it is empty THEN everything has its default", () => {
    assert.deepEqual(parseCommandLine([]), {
      program: ".",
      stack: "dev",
      port: 8000,
      config: {},
      sampleData: false,
      containers: false,
      readyFile: undefined,
      logs: false,
      speed: 1,
      pagePort: undefined,
    });
  });

  test("WHEN every option is given THEN each one counts", () => {
    assert.deepEqual(
      parseCommandLine(
        "infra/x.ts --port 0 --sample-data --containers --ready-file r.json --stack prod --config a=1 --config b:c=d=e --logs --speed 2.5 --page-port 0".split(
          " ",
        ),
      ),
      {
        program: "infra/x.ts",
        stack: "prod",
        port: 0,
        config: { a: "1", "b:c": "d=e" },
        sampleData: true,
        containers: true,
        readyFile: "r.json",
        logs: true,
        speed: 2.5,
        pagePort: 0,
      },
    );
  });

  test("WHEN no page is wanted THEN there is none", () => {
    const options = parseCommandLine(["--no-page"]);
    assert.equal(options !== "help" && options.pagePort, false);
  });

  test("WHEN help is asked for THEN nothing else matters", () => {
    assert.equal(parseCommandLine(["--port", "x", "-h"]), "help");
  });

  for (const [words, message] of [
    [
      "--port eighty",
      "`--port` is `eighty`; give a number from 0 to 65535, where 0 takes any free port.",
    ],
    [
      "--port 70000",
      "`--port` is `70000`; give a number from 0 to 65535, where 0 takes any free port.",
    ],
    [
      "--config size",
      "`--config` is `size`; give a key and a value, such as `--config minReplicas=3`.",
    ],
    [
      "--page-port=-1x",
      "`--page-port` is `-1x`; give a number from 0 to 65535, where 0 takes any free port.",
    ],
    [
      "--no-page --page-port 7071",
      "`--page-port` is `7071`, but `--no-page` asks for no page. Give one of them.",
    ],
    ["--speed 0.5", "`--speed` is `0.5`; give a number from 1 to 100."],
    ["--speed fast", "`--speed` is `fast`; give a number from 1 to 100."],
    ["a.ts b.ts", "One program is run at a time, but `a.ts`, `b.ts` were given."],
  ] as const) {
    test(`WHEN it is \`${words}\` THEN a sentence says what is wrong`, () => {
      assert.throws(() => parseCommandLine(words.split(" ")), new LocalError(message));
    });
  }

  test("WHEN an option is unknown THEN it is named, and the usage follows", () => {
    assert.throws(
      () => parseCommandLine(["--prot", "1"]),
      /--prot[^]*npm start -- \[program\] \[options\]/u,
    );
  });
});
