import { tmpdir } from "node:os";
import type { Container } from "../../local/graph/task-definition.ts";

/** A container that does nothing, but for what is given. */
export function container(name: string, given: Partial<Container> = {}): Container {
  return {
    name,
    image: "image",
    essential: true,
    command: ["true"],
    folder: tmpdir(),
    environment: {},
    ports: [],
    stopTimeoutSeconds: 30,
    startTimeoutSeconds: 180,
    dependsOn: [],
    healthCheck: undefined,
    restartPolicy: undefined,
    ...given,
  };
}
