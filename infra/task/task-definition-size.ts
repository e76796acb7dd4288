import type * as pulumi from "@pulumi/pulumi";
import { ArgumentError, check } from "../validation.ts";

/** The largest task definition that ECS registers, in bytes (ECS guide, "Service quotas"). */
const LARGEST = 65_536;

/** What a task definition has beside its containers, in bytes, generously: its family, roles, volumes and sizes. */
const FRAME = 2048;

const WAY_OUT =
  "Put large values into the image, or into a parameter or secret that the container reads itself.";

/** Refuses container definitions that are too large to be registered. */
export function checkContainerDefinitionsSize(component: string, definitions: string): void {
  const bytes = Buffer.byteLength(definitions);
  if (bytes <= LARGEST - FRAME) return;
  throw new ArgumentError(
    component,
    `the containers have ${bytes} bytes of definitions, and ECS registers a task definition of at most ${LARGEST}, of which ${FRAME} are for the rest of` +
      ` it. Most of it is \`environment\`, \`secrets\` and \`command\`. ${WAY_OUT}`,
  );
}

type Variables = pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;

/** Refuses variables that are too many already, whatever else is not known yet: an image's address is not before it is built. */
export function checkVariablesSize(
  component: string,
  environment: Variables,
  secrets: Variables,
): void {
  check(environment ?? {}, (plain) => {
    check(secrets ?? {}, (secret) => {
      const bytes = Buffer.byteLength(
        JSON.stringify([
          ...known(plain).map(([name, value]) => ({ name, value })),
          ...known(secret).map(([name, valueFrom]) => ({ name, valueFrom })),
        ]),
      );
      if (bytes <= LARGEST - FRAME) return;
      throw new ArgumentError(
        component,
        `\`environment\` and \`secrets\` have ${bytes} bytes in the task definition, and ECS registers one of at most ${LARGEST}, of which ${FRAME} are for` +
          ` the rest of it. ${WAY_OUT}`,
      );
    });
  });
}

function known(variables: Record<string, pulumi.Input<string>>): [string, string][] {
  return Object.entries(variables).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
}
