import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TaskAddress } from "../../../local/ecs/addresses.ts";
import { healthCommand } from "../../../local/ecs/health-command.ts";

const OWN: TaskAddress = {
  host: "127.3.1.2",
  port: (declared) => declared,
  release: () => undefined,
};
const MOVED: TaskAddress = { ...OWN, host: "127.0.0.1", port: (declared) => declared + 2000 };

describe("GIVEN a health check that asks the loopback address of its task", () => {
  const cases: [what: string, declared: string[], own: string[], moved: string[]][] = [
    [
      "a program",
      ["CMD", "node", "-e", 'fetch("http://127.0.0.1:8080/healthz")'],
      ["node", "-e", 'fetch("http://127.3.1.2:8080/healthz")'],
      ["node", "-e", 'fetch("http://127.0.0.1:10080/healthz")'],
    ],
    [
      "a line for the shell",
      ["CMD-SHELL", "curl -f http://localhost:8080/ || exit 1"],
      ["/bin/sh", "-c", "curl -f http://127.3.1.2:8080/ || exit 1"],
      ["/bin/sh", "-c", "curl -f http://127.0.0.1:10080/ || exit 1"],
    ],
    [
      "no port beside the address",
      ["CMD", "nc", "-z", "localhost", "8080"],
      ["nc", "-z", "127.3.1.2", "8080"],
      ["nc", "-z", "127.0.0.1", "8080"],
    ],
    [
      "IPv6",
      ["CMD", "wget", "http://[::1]:8080/"],
      ["wget", "http://127.3.1.2:8080/"],
      ["wget", "http://127.0.0.1:10080/"],
    ],
    [
      "other addresses",
      ["CMD", "check", "http://my-localhost:80/", "http://localhost.example:80/", "10.127.0.0.1"],
      ["check", "http://my-localhost:80/", "http://localhost.example:80/", "10.127.0.0.1"],
      ["check", "http://my-localhost:80/", "http://localhost.example:80/", "10.127.0.0.1"],
    ],
  ];
  for (const [what, declared, own, moved] of cases) {
    test(`WHEN it is ${what} THEN it asks the address that the task has here`, () => {
      assert.deepEqual(healthCommand(declared, OWN), own);
      assert.deepEqual(healthCommand(declared, MOVED), moved);
    });
  }
});
