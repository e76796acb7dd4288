import type { Container } from "../graph/task-definition.ts";

/** How far a container has come. */
export type ContainerState = "waiting" | "running" | "succeeded" | "failed";

/** The states of a task's containers, by name. */
export type ContainerStates = ReadonlyMap<string, ContainerState>;

/**
 * The containers that may start now (ECS guide, "Container dependencies"). That one is healthy is taken for granted once it has started, as nothing
 * here asks it.
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
          case "HEALTHY":
            return state !== "waiting";
          case "COMPLETE":
            return state === "succeeded" || state === "failed";
          case "SUCCESS":
            return state === "succeeded";
        }
      }),
  );
}

/** Why the task can never be whole: a container waits for the success of one that has failed. */
export function hopeless(
  containers: readonly Container[],
  states: ContainerStates,
): string | undefined {
  for (const { name, dependsOn } of containers) {
    for (const { containerName, condition } of dependsOn) {
      if (condition !== "SUCCESS" || states.get(containerName) !== "failed") continue;
      return `the container \`${name}\` waits for the success of \`${containerName}\`, which has failed`;
    }
  }
  return undefined;
}

/** The containers that may end now: what waited for them has ended. */
export function stoppable(
  containers: readonly Container[],
  states: ContainerStates,
): readonly Container[] {
  const running = containers.filter(({ name }) => states.get(name) === "running");
  return running.filter(
    ({ name }) =>
      !running.some(({ dependsOn }) =>
        dependsOn.some(({ containerName }) => containerName === name),
      ),
  );
}
