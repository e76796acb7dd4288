import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  hopeless,
  startable,
  stoppable,
  type ContainerState,
} from "../../local/ecs/container-order.ts";
import { container } from "./containers.ts";

const names = (containers: readonly { readonly name: string }[]): string[] =>
  containers.map(({ name }) => name);

describe("GIVEN a server that waits for another container", () => {
  const cases = {
    START: { waiting: false, running: true, succeeded: true, failed: true },
    HEALTHY: { waiting: false, running: true, succeeded: true, failed: true },
    COMPLETE: { waiting: false, running: false, succeeded: true, failed: true },
    SUCCESS: { waiting: false, running: false, succeeded: true, failed: false },
  } as const;
  for (const [condition, states] of Object.entries(cases)) {
    for (const [state, starts] of Object.entries(states)) {
      test(`WHEN it waits for ${condition} and the other is ${state} THEN it ${starts ? "starts" : "does not start"}`, () => {
        const containers = [
          container("server", {
            dependsOn: [{ containerName: "other", condition: condition as keyof typeof cases }],
          }),
          container("other"),
        ];
        const known = new Map<string, ContainerState>([
          ["server", "waiting"],
          ["other", state as ContainerState],
        ]);
        assert.equal(names(startable(containers, known)).includes("server"), starts);
        assert.equal(
          hopeless(containers, known),
          condition === "SUCCESS" && state === "failed"
            ? "the container `server` waits for the success of `other`, which has failed"
            : undefined,
        );
      });
    }
  }
});

describe("GIVEN a task of three containers, each waiting for the next", () => {
  const containers = [
    container("server", { dependsOn: [{ containerName: "proxy", condition: "START" }] }),
    container("proxy", { dependsOn: [{ containerName: "log", condition: "HEALTHY" }] }),
    container("log"),
    container("alone"),
  ];
  const states = (...running: string[]): Map<string, ContainerState> =>
    new Map(containers.map(({ name }) => [name, running.includes(name) ? "running" : "succeeded"]));

  test("WHEN it stops THEN each may end only when what waited for it has ended", () => {
    const stopping = (...running: string[]): string[] =>
      names(stoppable(containers, states(...running)));
    assert.deepEqual(stopping("server", "proxy", "log", "alone"), ["server", "alone"]);
    assert.deepEqual(stopping("proxy", "log"), ["proxy"]);
    assert.deepEqual(stopping("log"), ["log"]);
  });
});
