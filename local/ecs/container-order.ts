import type { Container } from "../graph/task-definition.ts";

/** How far a container has come. */
export type ContainerState = "waiting" | "running" | "healthy" | "succeeded" | "failed";

/** The states of a task's containers, by name. */
export type ContainerStates = ReadonlyMap<string, ContainerState>;

/**
 * The containers that may start now (ECS guide, "Container dependencies"). One without a health check is taken for healthy once it has started:
 * a program that waits for it is refused before it comes here.
 */
export function startable(
  containers: readonly Container[],
  states: ContainerStates,
): readonly Container[] {
  return containers.filter(
    ({ name, dependsOn }) =>
      states.get(name) === "waiting" &&
      dependsOn.every(({ containerName, condition }) => {
        const state = states.get(containerName);
        switch (condition) {
          case "START":
            return state !== "waiting";
          case "HEALTHY":
            return isChecked(containers, containerName) ? state === "healthy" : state !== "waiting";
          case "COMPLETE":
            return state === "succeeded" || state === "failed";
          case "SUCCESS":
            return state === "succeeded";
        }
      }),
  );
}

/** Why the task can never be whole: a container waits for the success of one that has failed, or for the health of one that has ended. */
export function hopeless(
  containers: readonly Container[],
  states: ContainerStates,
): string | undefined {
  for (const { name, dependsOn } of containers) {
    if (states.get(name) !== "waiting") continue;
    for (const { containerName, condition } of dependsOn) {
      const state = states.get(containerName);
      if (condition === "SUCCESS" && state === "failed") {
        return `the container \`${name}\` waits for the success of \`${containerName}\`, which has failed`;
      }
      if (
        condition === "HEALTHY" &&
        isChecked(containers, containerName) &&
        (state === "succeeded" || state === "failed")
      ) {
        return `the container \`${name}\` waits for the health of \`${containerName}\`, which has ended`;
      }
    }
  }
  return undefined;
}

/** The containers that wait for more of another than its start, and have not got it. */
export function waitingFor(
  awaited: string,
  containers: readonly Container[],
  states: ContainerStates,
): readonly Container[] {
  const ready = startable(containers, states);
  return containers.filter(
    (container) =>
      states.get(container.name) === "waiting" &&
      !ready.includes(container) &&
      container.dependsOn.some(
        ({ containerName, condition }) => containerName === awaited && condition !== "START",
      ),
  );
}

/** The containers that may end now: what waited for them has ended. */
export function stoppable(
  containers: readonly Container[],
  states: ContainerStates,
): readonly Container[] {
  const running = containers.filter(({ name }) =>
    ["running", "healthy"].includes(states.get(name) ?? ""),
  );
  return running.filter(
    ({ name }) =>
      !running.some(({ dependsOn }) =>
        dependsOn.some(({ containerName }) => containerName === name),
      ),
  );
}

function isChecked(containers: readonly Container[], name: string): boolean {
  return containers.find((container) => container.name === name)?.healthCheck !== undefined;
}
