import * as pulumi from "@pulumi/pulumi";
import { ArgumentError, check } from "./validation.ts";

/** Environment variables as a program gives them. */
export type Variables = pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;

/**
 * Refuses variables of a container that stand in both places, or that would show or miss a secret.
 *
 * @param variables.bundled what a bundled server sets itself.
 * @param at what stands before the names of the two arguments: the container that they belong to, where it is not the server.
 */
export function checkContainerVariables(
  component: string,
  variables: {
    readonly environment: Variables;
    readonly secrets: Variables;
    readonly bundled?: Readonly<Record<string, string>>;
  },
  at = "",
): void {
  const { environment, secrets, bundled } = variables;
  refuseSecretValues(component, environment, at);
  check(environment ?? {}, (plain) => {
    check(secrets, (secret) => {
      const both = Object.keys(secret).filter(
        (name) => Object.hasOwn(plain, name) || (bundled && Object.hasOwn(bundled, name)),
      );
      if (both.length === 0) return;
      throw new ArgumentError(
        component,
        `${both.map((name) => `\`${name}\``).join(", ")} stands in \`${at}secrets\` and in \`${at}environment\`` +
          `${bundled === undefined ? "" : " (or among a bundled server's own variables)"}; ECS takes each name once. Keep one of them.`,
      );
    });
  });
  check(secrets, (all) => {
    for (const [name, valueFrom] of Object.entries(all)) {
      check(valueFrom, (text) => {
        checkValueFrom(component, `${at}secrets.${name}`, text);
      });
    }
  });
}

/** A task definition can be read by everybody who may describe it: a value that Pulumi keeps secret must not get there. */
function refuseSecretValues(component: string, environment: Variables, at: string): void {
  if (environment === undefined) return;
  const values = pulumi.output(environment);
  pulumi.output(pulumi.isSecret(values)).apply((isSecret) => {
    if (!isSecret) return;
    throw new ArgumentError(
      component,
      `\`${at}environment\` has a secret value, which would stand in plain text in the task definition. Put it into Secrets Manager or a parameter, and` +
        ` name its ARN in \`${at}secrets\`.`,
    );
  });
}

/** A Secrets Manager secret, with key, stage and version or without, or an SSM parameter (ECS guide, "Pass sensitive data"). */
const VALUE_FROM =
  /^arn:[^:\s]+:(?:secretsmanager:[^:\s]+:\d{12}:secret:[^:\s]+(?::[^:\s]*:[^:\s]*:[^:\s]*)?|ssm:[^:\s]+:\d{12}:parameter\/[^:\s]+)$/u;

/** Says nothing of the value: the obvious mistake is to give the secret itself. */
function checkValueFrom(component: string, argument: string, valueFrom: string): void {
  if (VALUE_FROM.test(valueFrom)) return;
  throw new ArgumentError(
    component,
    `\`${argument}\` is not the ARN of a secret; give the ARN of a Secrets Manager secret, followed by \`:key::\` for one key of a JSON value, or the` +
      " ARN of an SSM parameter.",
  );
}
