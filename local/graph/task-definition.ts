import { z } from "zod";
import { isCollectorOf, withoutAbsentCollector } from "./absent-collector.ts";
import {
  checkHealthDependencies,
  parseContainers,
  type ContainerDefinition,
  type ContainerDependency,
  type HealthCheck,
  type RestartPolicy,
} from "./container-definition.ts";
import { secretValue } from "./container-secrets.ts";
import { containerSettings, imageBuild, type ContainerSettings } from "./container-settings.ts";
import { imageModels, withoutGpu, type ImageModels } from "./image-models.ts";
import { imagePackages, type ImagePackages } from "./image-packages.ts";
import { differences } from "./differences.ts";
import { LocalError, type Graph, type GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";
import { readTargetOptimizer, type TargetOptimizer } from "./target-optimizer.ts";
import { taskResources, type TaskResources } from "./task-resources.ts";

/** What a task runs. */
export interface TaskDefinition {
  readonly arn: string;
  readonly family: string;
  /** Where it runs on AWS, as the task metadata says. */
  readonly launchType: string;
  /** The ARN of the role that its containers have; absent where they have none. */
  readonly roleArn?: string;
  /** What it takes of an instance, whether all of its containers run here or not. */
  readonly resources: TaskResources;
  /** The containers that run here. */
  readonly containers: readonly Container[];
  /** The load balancer's agent, which does not run here. */
  readonly optimizer: TargetOptimizer | undefined;
  /** What is otherwise here than on AWS, a line each. */
  readonly differences: readonly string[];
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
  /** How long those that wait for its health or its end do so, before the task gives up. */
  readonly startTimeoutSeconds: number;
  /** What it waits for, of what runs here. */
  readonly dependsOn: readonly ContainerDependency[];
  readonly healthCheck: HealthCheck | undefined;
  readonly restartPolicy: RestartPolicy | undefined;
  /** How a container engine runs it; absent where it runs as a process. */
  readonly settings?: ContainerSettings;
  /** What the build of its image installs, where it runs as a process; absent where that is nothing. */
  readonly packages?: ImagePackages;
  /** The folders of programs that its packages bring, once they are installed here. */
  readonly programFolders?: readonly string[];
  /** The models that the build of its image fetches, where it runs as a process; absent where that is none. */
  readonly models?: ImageModels;
}

const taskDefinitionInputs = z.object({
  family: z.string(),
  taskRoleArn: z.string().optional(),
  containerDefinitions: z.string(),
  requiresCompatibilities: z.array(z.string()).default([]),
  cpu: z.string().optional(),
  memory: z.string().optional(),
  volumes: z.array(z.looseObject({ name: z.string() })).default([]),
});

/**
 * Reads a task definition, its secrets resolved and its images traced to the folders they are built from. Containers that the program does not build
 * are left out, unless the load balancer sends to them, or a container engine runs them.
 *
 * @param served names of the containers that a load balancer sends to.
 * @param inContainers whether a container engine runs them. Collectors are left out all the same: what they take goes to the run's page.
 */
export function readTaskDefinition(
  graph: Graph,
  resource: GraphResource,
  programFolder: string,
  served: readonly string[],
  inContainers = false,
): TaskDefinition {
  const inputs = inputsOf(resource, taskDefinitionInputs);
  const { family, requiresCompatibilities, taskRoleArn } = inputs;
  const all = parseContainers(resource.name, inputs.containerDefinitions);
  const optimizer = readTargetOptimizer(resource.name, all);
  const candidates = all.filter(({ name }) => name !== optimizer?.agent);
  const known = candidates.filter(
    (container) =>
      served.includes(container.name) ||
      buildOf(graph, container.image) !== undefined ||
      (inContainers && !isCollectorOf(container, candidates)),
  );
  // Where nothing is known, the first of them says what is missing.
  const running = known.length > 0 ? known : candidates;
  checkHealthDependencies(resource.name, running);
  const names = new Set(running.map(({ name }) => name));
  const absent = all.filter(({ name }) => !names.has(name));
  const resources = taskResources(inputs, all);
  return {
    arn: resource.id,
    family,
    launchType: requiresCompatibilities[0] ?? "FARGATE",
    ...(taskRoleArn === undefined ? {} : { roleArn: taskRoleArn }),
    resources,
    containers: running
      .map((definition) => ({
        ...readContainer(graph, resource, definition, names, {
          ...(inContainers
            ? { folder: programFolder }
            : builtHere(graph, resource, definition, programFolder)),
          needsCommand: !inContainers,
        }),
        ...(inContainers && {
          settings: containerSettings(
            definition,
            buildOf(graph, definition.image),
            resources,
            programFolder,
          ),
        }),
      }))
      .map((container) => ({
        ...container,
        environment: withoutAbsentCollector(container.environment, absent),
      })),
    optimizer,
    differences: differences({
      requiresCompatibilities,
      mounted: inputs.volumes
        .filter((volume) => Object.keys(volume).length > 1)
        .map(({ name }) => name),
      optimizer,
      running,
      absent,
      inContainers,
      built: running.filter(({ image }) => buildOf(graph, image) !== undefined),
    }),
  };
}

function readContainer(
  graph: Graph,
  task: GraphResource,
  definition: ContainerDefinition,
  running: ReadonlySet<string>,
  here: BuiltHere & { readonly needsCommand: boolean },
): Container {
  const { name, image, environment, secrets, portMappings } = definition;
  const { command = [] } = definition;
  if (here.needsCommand && command.length === 0) {
    throw new LocalError(
      `The container \`${name}\` of \`${task.name}\` declares no command, and without its image nothing here knows one.` +
        ' Give the whole command as `command`, such as `["node", "server.js"]`.',
    );
  }
  return {
    name,
    image,
    essential: definition.essential,
    command,
    folder: here.folder,
    environment: withoutGpu(
      Object.fromEntries([
        ...environment.map((variable) => [variable.name, variable.value] as const),
        ...secrets.map((secret) => [secret.name, secretValue(graph, task, secret)] as const),
      ]),
    ),
    ports: portMappings.map(({ containerPort }) => containerPort),
    stopTimeoutSeconds: definition.stopTimeout,
    startTimeoutSeconds: definition.startTimeout,
    dependsOn: definition.dependsOn.filter(({ containerName }) => running.has(containerName)),
    // ECS asks nothing where the command is ["NONE"] (API HealthCheck).
    healthCheck: definition.healthCheck?.command[0] === "NONE" ? undefined : definition.healthCheck,
    restartPolicy: definition.restartPolicy,
    ...(here.packages && { packages: here.packages }),
    ...(here.models && { models: here.models }),
  };
}

/** What stands for an image where there is none. */
interface BuiltHere {
  readonly folder: string;
  readonly packages?: ImagePackages | undefined;
  readonly models?: ImageModels | undefined;
}

function buildOf(graph: Graph, image: string): GraphResource | undefined {
  return graph.resources.find(
    ({ type, outputs }) => type === "awsx:ecr:Image" && outputs["imageUri"] === image,
  );
}

function builtHere(
  graph: Graph,
  task: GraphResource,
  { name, image }: ContainerDefinition,
  programFolder: string,
): BuiltHere {
  const build = buildOf(graph, image);
  if (build === undefined) {
    throw new LocalError(
      `The container \`${name}\` of \`${task.name}\` runs the image \`${image}\`, which the program does not build: it runs only as a container.` +
        " Give `--containers`, where a Docker engine is, or build it in the program with `build`, and its folder serves as the image.",
    );
  }
  const built = imageBuild(build, programFolder);
  return { folder: built.context, packages: imagePackages(built), models: imageModels(built) };
}
