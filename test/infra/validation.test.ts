import assert from "node:assert/strict";
import { test } from "node:test";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  ArgumentError,
  check,
  checkName,
  hostName,
  oneOf,
  wholeNumberBetween,
} from "../../infra/validation.ts";
import { assertRefused, deploy, rejectionsOf } from "./mocks.ts";

test("GIVEN an error about an argument THEN it is a Pulumi error that names the component", () => {
  const error = new ArgumentError("McpPlatform", "`zones` is 1.");

  assert.ok(pulumi.RunError.isInstance(error));
  assert.equal(error.message, "McpPlatform: `zones` is 1.");
});

test("GIVEN a plain value WHEN it is checked THEN the check runs at once", () => {
  const seen: number[] = [];
  check(7, (value) => seen.push(value));

  assert.deepEqual(seen, [7]);
  assertRefused(() => {
    check(7, wholeNumberBetween("Component", "value", 1, 5));
  }, "Component: `value` is 7; give a whole number from 1 to 5.");
});

test("GIVEN no value WHEN it is checked THEN the check does not run", () => {
  check<number>(undefined, () => {
    assert.fail("The check ran.");
  });
});

test("GIVEN an output or a promise WHEN it is checked THEN the check runs once the value is known", async () => {
  const seen: string[] = [];
  await deploy(() => {
    check(pulumi.output("output"), (value) => seen.push(value));
    check(Promise.resolve("promise"), (value) => seen.push(value));
    assert.deepEqual(seen, []);
  });
  await new Promise(setImmediate);

  assert.deepEqual(seen.sort(), ["output", "promise"]);
});

test("GIVEN a bad value in an output or a promise WHEN it is checked THEN the program fails with the same sentence", async () => {
  for (const value of [pulumi.output(9), Promise.resolve(9)]) {
    assert.deepEqual(
      await rejectionsOf(() => {
        check(value, wholeNumberBetween("Component", "value", 1, 5));
      }),
      ["Component: `value` is 9; give a whole number from 1 to 5."],
    );
  }
});

test("GIVEN an unknown output in a preview WHEN it is checked THEN nothing is refused yet", async () => {
  await deploy(
    () => {
      const unknown = new aws.ecs.Cluster("unknown").arn;
      check(unknown, () => {
        assert.fail("The check ran.");
      });
    },
    { preview: true },
  );
});

test("GIVEN a range WHEN numbers are checked THEN the whole ones within it pass, and no others", () => {
  const inRange = wholeNumberBetween("Component", "seconds", 2, 4, "seconds");
  for (const value of [2, 3, 4]) inRange(value);
  for (const value of [1, 5, 2.5, -3, NaN, Infinity]) {
    assertRefused(() => {
      inRange(value);
    }, `Component: \`seconds\` is ${value}; give a whole number of seconds from 2 to 4.`);
  }
});

test("GIVEN an enum WHEN values are checked THEN its values pass, and its keys do not", () => {
  const ofColour = oneOf("Component", "colour", { Red: "red", Green: "green" });
  ofColour("red");
  ofColour("green");
  for (const value of ["Red", "blue", ""]) {
    assertRefused(() => {
      ofColour(value);
    }, `Component: \`colour\` is \`${value}\`; give one of \`red\`, \`green\`.`);
  }
});

const UNFIT =
  "give one of at most 24 lower-case letters, digits and single hyphens, beginning with a letter," +
  " since load balancer, target group and repository are named after it.";

test("GIVEN names that AWS can bear WHEN they are checked THEN they pass", () => {
  for (const name of ["a", "mcp", "weather-2", "a1-b2-c3", "internals", "x".repeat(24)]) {
    checkName("Component", name);
  }
});

test("GIVEN names that AWS cannot bear WHEN they are checked THEN each is refused with a way out", () => {
  const unfit = [
    "",
    "Weather",
    "1st",
    "-a",
    "a-",
    "a--b",
    "a_b",
    "a.b",
    "é",
    "x".repeat(25),
    "a\n",
  ];
  for (const name of unfit) {
    assertRefused(() => {
      checkName("Component", name);
    }, `Component: the name \`${name}\` does not fit; ${UNFIT}`);
  }
  for (const name of ["internal", "internal-tools"]) {
    assertRefused(() => {
      checkName("Component", name);
    }, `Component: the name \`${name}\` does not fit: AWS keeps names beginning with \`internal-\` to itself. Choose another beginning.`);
  }
});

test("GIVEN any name that passes WHEN Pulumi adds its suffix THEN AWS's rules for load balancers hold", () => {
  const letters = "ab-9Z_";
  for (let seed = 0; seed < 5000; seed += 1) {
    const name = Array.from({ length: 1 + (seed % 26) }, (_, index) =>
      letters.charAt((seed * 31 + index * (seed % 17) * 7) % letters.length),
    ).join("");
    try {
      checkName("Component", name);
    } catch {
      continue;
    }
    assert.match(`${name}-0a1b2c3`, /^(?!-)(?!internal-)[A-Za-z0-9-]{1,32}(?<!-)$/u);
  }
});

test("GIVEN host names WHEN they are checked THEN they pass", () => {
  for (const host of [
    "mcp.example.com",
    "MCP.Example.com",
    "localhost",
    "a",
    "1st.example",
    "xn--mnchen-3ya.example",
    "a-b--c.example",
    `${"x".repeat(63)}.example`,
    `${"x".repeat(63)}.`.repeat(3) + "x".repeat(61),
  ]) {
    hostName("Component", "hosts")(host);
  }
});

test("GIVEN text that is no host name WHEN it is checked THEN it is refused", () => {
  for (const host of [
    "",
    "https://mcp.example.com",
    "mcp.example.com:443",
    "mcp.example.com/mcp",
    "mcp.example.com.",
    ".example.com",
    "mcp..example.com",
    "*.example.com",
    "-mcp.example.com",
    "mcp-.example.com",
    "my_host.example.com",
    "münchen.example",
    "a.example,b.example",
    "a.example b.example",
    " a.example",
    "a.example\n",
    "[::1]",
    `${"x".repeat(64)}.example`,
    `${"x".repeat(63)}.`.repeat(3) + "x".repeat(62),
  ]) {
    assertRefused(() => {
      hostName("Component", "hosts")(host);
    }, `Component: \`hosts\` has \`${host}\`; give a host name without scheme, port and path, such as \`mcp.example.com\`.`);
  }
});
