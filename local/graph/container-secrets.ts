import { LocalError, type Graph, type GraphResource } from "./graph.ts";

/** `arn:aws:secretsmanager:region:account:secret:name`, then key, stage and version, all three or none. */
const SECRET =
  /^(?<arn>arn:[^:]*:secretsmanager:(?:[^:]*:){3}[^:]+)(?::(?<key>[^:]*):(?<stage>[^:]*):(?<version>[^:]*))?$/u;

/**
 * The value of a container's secret, as the program declares it.
 *
 * @throws {LocalError} where it does not.
 */
export function secretValue(
  graph: Graph,
  task: GraphResource,
  secret: { name: string; valueFrom: string },
): string {
  const { arn, key, version } = SECRET.exec(secret.valueFrom)?.groups ?? {};
  const value =
    arn === undefined
      ? parameterValue(graph, secret.valueFrom)
      : secretString(graph, arn, version === "" ? undefined : version);
  if (value === undefined) {
    throw new LocalError(
      `The secret \`${secret.name}\` of \`${task.name}\` comes from \`${secret.valueFrom}\`, whose value the program does not declare:` +
        " on AWS the task would not start either, unless somebody else had set it. Declare a version of it in the program.",
    );
  }
  return key === undefined || key === "" ? value : jsonKey(secret, key, value);
}

function secretString(graph: Graph, arn: string, version: string | undefined): string | undefined {
  const found = graph.resources.findLast(
    ({ type, inputs, outputs }) =>
      type === "aws:secretsmanager/secretVersion:SecretVersion" &&
      inputs["secretId"] === arn &&
      (version === undefined || outputs["versionId"] === version),
  );
  const value = found?.inputs["secretString"];
  return typeof value === "string" ? value : undefined;
}

function parameterValue(graph: Graph, valueFrom: string): string | undefined {
  const found = graph.resources.find(
    ({ type, outputs }) =>
      type === "aws:ssm/parameter:Parameter" &&
      (outputs["arn"] === valueFrom || outputs["name"] === valueFrom),
  );
  const value = found?.inputs["value"] ?? found?.inputs["insecureValue"];
  return typeof value === "string" ? value : undefined;
}

function jsonKey(secret: { name: string; valueFrom: string }, key: string, text: string): string {
  let value: unknown;
  try {
    value = (JSON.parse(text) as Record<string, unknown> | null)?.[key];
  } catch {
    // Said below: the text itself must not be repeated.
  }
  if (typeof value === "string") return value;
  throw new LocalError(
    `The secret \`${secret.name}\` asks for the key \`${key}\` of \`${secret.valueFrom}\`, whose value is not a JSON object with that key.`,
  );
}
