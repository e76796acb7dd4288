import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { z } from "zod";
import type { EcsService } from "../../graph/services.ts";
import { LocalError } from "../../graph/graph.ts";
import type { StartContainer } from "../container-runtime.ts";
import type { Reaper, Remains } from "../reaper.ts";
import { docker } from "./client.ts";
import { DockerContainer } from "./docker-container.ts";
import { prepareImage } from "./images.ts";

/** A Docker engine, for one run. */
export interface DockerEngine {
  readonly startContainer: StartContainer;
  /**
   * Builds and pulls the images of services, each once.
   *
   * @returns the services, whose containers name what to run.
   */
  prepare(
    services: readonly EcsService[],
    tell: (service: string, text: string) => void,
    signal: AbortSignal | undefined,
  ): Promise<EcsService[]>;
}

/** A folder that only this user can read, and the label that is its name. */
export function newRemains(): Remains {
  const folder = mkdtempSync(join(tmpdir(), "mcp-local-"));
  return { folder, label: `mcp-local.run=${basename(folder)}` };
}

const FORMAT =
  '{"system":{{json .OperatingSystem}},"security":{{json .SecurityOptions}},"processors":{{json .NCPU}}}';

const engineInfo = z.object({
  system: z.string(),
  security: z.array(z.string()).nullable(),
  processors: z.number(),
});

/** What a shell ends with where there is no such program. */
const NOT_FOUND = 127;

const INSTEAD = "Without `--containers` replicas run as processes.";

/** @throws {LocalError} where containers cannot run here, that says what is missing. */
export async function openDocker(
  remains: Remains,
  reaper: Reaper,
  platform: NodeJS.Platform = process.platform,
): Promise<DockerEngine> {
  if (platform !== "linux") {
    throw new LocalError(
      `\`--containers\` is given, but this machine runs \`${platform}\`: containers share the machine's network here, which they can on Linux alone. ${INSTEAD}`,
    );
  }
  const { exitCode, output, lastLines } = await docker(["info", "--format", FORMAT], reaper);
  if (exitCode === NOT_FOUND) {
    throw new LocalError(
      `\`--containers\` is given, but there is no \`docker\` on the PATH. Install Docker Engine. ${INSTEAD}`,
    );
  }
  if (exitCode !== 0) {
    throw new LocalError(
      `\`--containers\` is given, but no Docker engine answers: ${lastLines.at(-1) ?? `\`docker info\` ended with exit code ${exitCode}`} ${INSTEAD}`,
    );
  }
  const { system, security, processors } = engineInfo.parse(JSON.parse(output));
  checkNetwork(system, security ?? []);

  let started = 0;
  const run = { ...remains, processors };
  const prefix = basename(remains.folder);
  return {
    startContainer: (container, environment, surroundings, events) => {
      started++;
      return new DockerContainer(container, environment, surroundings, events, {
        run,
        name: `${prefix}-${container.name}-${started}`,
      });
    },
    prepare: async (services, tell, signal) => {
      const ready = new Map<string, Promise<string>>();
      const prepared: EcsService[] = [];
      for (const service of services) {
        const containers = [];
        for (const container of service.task.containers) {
          const key = JSON.stringify(container.settings?.build ?? container.image);
          const image =
            ready.get(key) ??
            prepareImage(container, {
              reaper,
              folder: remains.folder,
              signal,
              tell: (text) => {
                tell(service.name, text);
              },
            });
          ready.set(key, image);
          containers.push({ ...container, image: await image });
        }
        prepared.push({ ...service, task: { ...service.task, containers } });
      }
      return prepared;
    },
  };
}

/** Docker Desktop and rootless engines have a network of their own, which the host network of a container is. */
function checkNetwork(system: string, security: readonly string[]): void {
  const kind = system.includes("Docker Desktop")
    ? "Docker Desktop"
    : security.some((option) => option.startsWith("name=rootless"))
      ? "rootless"
      : undefined;
  if (kind === undefined) return;
  throw new LocalError(
    `\`--containers\` is given, but the Docker engine is ${kind}: its containers do not share this machine's network. Use an engine of the system, such as by \`DOCKER_HOST=unix:///var/run/docker.sock\`. ${INSTEAD}`,
  );
}
