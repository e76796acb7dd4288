import { resolve } from "node:path";
import { z } from "zod";
import { LocalError, type Graph, type GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";

/** What a task runs. */
export interface TaskDefinition {
  readonly arn: string;
  readonly family: string;
  readonly containers: readonly Container[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  readonly command: readonly string[];
  /** The folder that the image is built from: where its command finds its files on this machine. */
  readonly folder: string;
  /** Environment and secrets together, as the process sees them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly stopTimeoutSeconds: number;
}

const taskDefinitionInputs = z.object({ family: z.string(), containerDefinitions: z.string() });

/** ECS's own default is 30 seconds. */
const containerDefinition = z.object({
  name: z.string(),
  image: z.string(),
  essential: z.boolean().default(true),
  command: z.array(z.string()).optional(),
  environment: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  secrets: z.array(z.object({ name: z.string(), valueFrom: z.string() })).default([]),
  portMappings: z.array(z.object({ containerPort: z.number() })).default([]),
  stopTimeout: z.number().default(30),
});

const imageInputs = z.object({ context: z.string().default(".") });

/** Reads a task definition, its secrets resolved and its images traced to the folders they are built from. */
export function readTaskDefinition(
  graph: Graph,
  resource: GraphResource,
  programFolder: string,
): TaskDefinition {
  const { family, containerDefinitions } = inputsOf(resource, taskDefinitionInputs);
  return {
    arn: resource.id,
    family,
    containers: parseContainers(resource.name, containerDefinitions).map((definition) => {
      const { name, image, essential, command, environment, secrets, portMappings, stopTimeout } =
        definition;
      const folder = buildFolder(graph, resource, name, image, programFolder);
      if (command === undefined || command.length === 0) {
        throw new LocalError(
          `The container \`${name}\` of \`${resource.name}\` declares no command, and without its image nothing here knows one.` +
            ' Give the whole command as `command`, such as `["node", "server.js"]`.',
        );
      }
      return {
        name,
        image,
        essential,
        command,
        folder,
        environment: Object.fromEntries([
          ...environment.map((variable) => [variable.name, variable.value] as const),
          ...secrets.map((secret) => [secret.name, secretValue(graph, resource, secret)] as const),
        ]),
        ports: portMappings.map(({ containerPort }) => containerPort),
        stopTimeoutSeconds: stopTimeout,
      };
    }),
  };
}

function parseContainers(name: string, json: string): z.output<typeof containerDefinition>[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw new LocalError(`The \`containerDefinitions\` of \`${name}\` are not JSON.`);
  }
  const result = z.array(containerDefinition).min(1).safeParse(parsed);
  if (result.success) return result.data;
  throw new LocalError(
    `The containers of \`${name}\` cannot run here: ${z.prettifyError(result.error)}`,
  );
}

function buildFolder(
  graph: Graph,
  task: GraphResource,
  container: string,
  image: string,
  programFolder: string,
): string {
  const build = graph.resources.find(
    ({ type, outputs }) => type === "awsx:ecr:Image" && outputs["imageUri"] === image,
  );
  if (build === undefined) {
    throw new LocalError(
      `The container \`${container}\` of \`${task.name}\` runs the image \`${image}\`, which the program does not build: without Docker` +
        " it cannot run here. Build it in the program with `build`, and its folder serves as the image.",
    );
  }
  return resolve(programFolder, inputsOf(build, imageInputs).context);
}

/** `arn:aws:secretsmanager:region:account:secret:name`, then key, stage and version, all three or none. */
const SECRET =
  /^(?<arn>arn:[^:]*:secretsmanager:(?:[^:]*:){3}[^:]+)(?::(?<key>[^:]*):(?<stage>[^:]*):(?<version>[^:]*))?$/u;

function secretValue(
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
  const value = found?.inputs["value"];
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
