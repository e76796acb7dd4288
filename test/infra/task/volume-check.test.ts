import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { Volume } from "../../../infra/task/volume.ts";
import { checkVolumes } from "../../../infra/task/volume-check.ts";
import { assertRefused, rejectionsOf } from "../mocks.ts";

const DATA: Volume = { name: "data", containerPath: "/data" };

const GIVEN: Partial<Volume> = {
  fileSystemId: "fs-0123456789abcdef0",
  securityGroupId: "sg-0123456789abcdef0",
};

function checked(...volumes: readonly Partial<Volume>[]): void {
  checkVolumes(
    "McpService",
    volumes.map((volume) => ({ ...DATA, ...volume })),
  );
}

function refused(volumes: readonly Partial<Volume>[], message: string): void {
  assertRefused(() => {
    checked(...volumes);
  }, `McpService: ${message}`);
}

test("GIVEN volumes that EFS can make WHEN they are checked THEN they pass", () => {
  checked();
  checked({});
  checked(
    { readOnly: true, backup: false, retainOnDelete: false },
    { name: "models-2", containerPath: "/mnt/models.d/_x" },
    { name: "given", containerPath: "/given", ...GIVEN },
    {
      name: "point",
      containerPath: "/point",
      ...GIVEN,
      accessPointId: pulumi.output("fsap-0123456789abcdef0"),
    },
  );
  for (const infrequentAccessAfterDays of [0, 1, 7, 14, 30, 60, 90, 180, 270, 365]) {
    checked({ infrequentAccessAfterDays });
  }
});

test("GIVEN names that are none, or that are taken WHEN they are checked THEN each is refused", () => {
  for (const name of ["", "Data", "1a", "a--b", "a-", "a_b", "x".repeat(25), "ssm-agent-logs"]) {
    refused(
      [{ name }],
      `a volume has the name \`${name}\`; give at most 24 lower-case letters, digits and single hyphens, beginning with a letter, and not with \`ssm-agent-\`.`,
    );
  }
  refused(
    [{}, { containerPath: "/more" }],
    "two volumes have the name `data`; give each one of its own.",
  );
});

test("GIVEN places where nothing can be mounted WHEN they are checked THEN each is refused", () => {
  for (const containerPath of ["", "/", "data", "/data/", "/a/../b", "/a b", "C:\\data"]) {
    refused(
      [{ containerPath }],
      `\`volumes.data.containerPath\` has \`${containerPath}\`; give a folder's full path, such as \`/data\`.`,
    );
  }
  for (const containerPath of ["/tmp", "/var/log/amazon/ssm", "/var/lib/amazon/ssm"]) {
    refused(
      [{ containerPath }],
      `\`volumes.data.containerPath\` has \`${containerPath}\`, where the container has something else. Give another folder, such as \`/data\`.`,
    );
  }
  refused(
    [{}, { name: "more" }],
    "`volumes.more.containerPath` has `/data`, where the container has something else. Give another folder, such as `/data`.",
  );
});

test("GIVEN ids that are none WHEN they are checked THEN each is refused with an example", () => {
  const cases = [
    ["fileSystemId", "fs-xyz", "a file system", "fs-"],
    ["accessPointId", "fs-0123456789abcdef0", "an access point", "fsap-"],
    ["securityGroupId", "default", "a security group", "sg-"],
  ] as const;
  for (const [argument, id, what, prefix] of cases) {
    refused(
      [{ ...GIVEN, [argument]: id }],
      `\`volumes.data.${argument}\` is \`${id}\`; give the id of ${what}, such as \`${prefix}0123456789abcdef0\`.`,
    );
  }
});

test("GIVEN arguments of a file system that is made beside one that is given, or the other way WHEN they are checked THEN each is refused", () => {
  for (const [argument, value] of [
    ["backup", true],
    ["infrequentAccessAfterDays", 30],
    ["retainOnDelete", false],
  ] as const) {
    refused(
      [{ ...GIVEN, [argument]: value }],
      `\`volumes.data.${argument}\` is given beside \`fileSystemId\`, whose file system is as it is. Leave it out.`,
    );
  }
  for (const [argument, value] of [
    ["accessPointId", "fsap-0123456789abcdef0"],
    ["securityGroupId", "sg-0123456789abcdef0"],
  ] as const) {
    refused(
      [{ [argument]: value }],
      `\`volumes.data.${argument}\` is given without \`fileSystemId\`, to which it belongs. Give that too, or leave it out to have a file system made.`,
    );
  }
});

test("GIVEN a file system that replicas could not reach, or days that EFS does not know WHEN they are checked THEN they are refused", () => {
  refused(
    [{ fileSystemId: "fs-0123456789abcdef0" }],
    "`volumes.data.fileSystemId` is given without `securityGroupId`: the replicas could not reach the file system. Give the security group of its mount" +
      " targets.",
  );
  refused(
    [{ infrequentAccessAfterDays: 2 }],
    "`volumes.data.infrequentAccessAfterDays` is 2; EFS knows only 1, 7, 14, 30, 60, 90, 180, 270, 365 days, and 0 means never.",
  );
});

test("GIVEN bad values that are outputs WHEN they are checked THEN the program fails with the same sentences", async () => {
  assert.deepEqual(
    await rejectionsOf(() => {
      checked(
        { containerPath: pulumi.output("/tmp") },
        { name: "given", containerPath: "/given", ...GIVEN, fileSystemId: pulumi.output("x") },
      );
    }),
    [
      "McpService: `volumes.data.containerPath` has `/tmp`, where the container has something else. Give another folder, such as `/data`.",
      "McpService: `volumes.given.fileSystemId` is `x`; give the id of a file system, such as `fs-0123456789abcdef0`.",
    ],
  );
});
