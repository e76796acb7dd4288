import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  checkContainerDefinitionsSize,
  checkVariablesSize,
} from "../../../infra/task/task-definition-size.ts";
import { assertRefused, rejectionsOf } from "../mocks.ts";

const ROOM = 65_536 - 2048;
const WAY_OUT =
  "Put large values into the image, or into a parameter or secret that the container reads itself.";

test("GIVEN container definitions WHEN their size is checked THEN they pass up to what ECS registers, in bytes, and no further", () => {
  checkContainerDefinitionsSize("McpService", "x".repeat(ROOM));
  for (const definitions of ["x".repeat(ROOM + 1), "é".repeat(ROOM / 2) + "x"]) {
    assertRefused(
      () => {
        checkContainerDefinitionsSize("McpService", definitions);
      },
      `McpService: the containers have ${ROOM + 1} bytes of definitions, and ECS registers a task definition of at most 65536, of which 2048 are for the rest of` +
        ` it. Most of it is \`environment\`, \`secrets\` and \`command\`. ${WAY_OUT}`,
    );
  }
});

/** What stands around the value. */
const FRAME = JSON.stringify([{ name: "LARGE", value: "" }]).length;

test("GIVEN variables WHEN their size is checked THEN they pass as long as they fit, whatever is not known yet", () => {
  const LARGE = "x".repeat(ROOM - FRAME);
  checkVariablesSize("McpService", undefined, undefined);
  checkVariablesSize("McpService", { LARGE }, undefined);
  checkVariablesSize("McpService", { LARGE, LATE: pulumi.output("x") }, {});
});

test("GIVEN variables that are too large WHEN their size is checked THEN they are refused, and so are outputs", async () => {
  const sentence = (bytes: number): string =>
    `McpService: \`environment\` and \`secrets\` have ${bytes} bytes in the task definition, and ECS registers one of at most 65536, of which 2048 are for` +
    ` the rest of it. ${WAY_OUT}`;
  const LARGE = "x".repeat(ROOM - FRAME);
  assertRefused(
    () => {
      checkVariablesSize("McpService", { LARGE: `${LARGE}x` }, undefined);
    },
    sentence(ROOM + 1),
  );
  assertRefused(
    () => {
      checkVariablesSize("McpService", { LARGE }, { KEY: "arn" });
    },
    sentence(ROOM + JSON.stringify({ name: "KEY", valueFrom: "arn" }).length + 1),
  );
  assert.deepEqual(
    await rejectionsOf(() => {
      checkVariablesSize("McpService", pulumi.output({ LARGE: `${LARGE}x` }), undefined);
    }),
    [sentence(ROOM + 1)],
  );
});
