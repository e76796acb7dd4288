import type { EcsService } from "../../graph/services.ts";
import type { Container } from "../../graph/task-definition.ts";
import type { Reaper } from "../reaper.ts";
import { installPackages } from "./install.ts";
import { prepareModels } from "./models.ts";

/** What preparing needs. */
interface Surroundings {
  readonly reaper: Reaper;
  readonly signal: AbortSignal | undefined;
  readonly tell: (service: string, text: string) => void;
  /** Where installations are kept. Default: in this user's cache. */
  readonly cache?: string;
  /** Where models are. Default: `MODELS_PATH` of this shell, else this user's cache. */
  readonly models?: string;
}

/** Installs what the images of services would hold, and lets their processes find it. A service whose models are not on this machine says so in `missing`. */
export async function preparePackages(
  services: readonly EcsService[],
  given: Surroundings,
): Promise<EcsService[]> {
  // What several of them share is installed once.
  const installed = new Map<string, Promise<string[]>>();
  const libraries = new Map<string, Promise<string>>();
  const withPrograms = async (service: string, container: Container): Promise<Container> => {
    const { name, packages } = container;
    if (packages === undefined) return container;
    const key = JSON.stringify(packages);
    const folders = installed.get(key) ?? installPackages(name, packages, telling(given, service));
    installed.set(key, folders);
    return { ...container, programFolders: await folders };
  };
  return Promise.all(
    services.map(async (service): Promise<EcsService> => {
      const containers = await Promise.all(
        service.task.containers.map((container) => withPrograms(service.name, container)),
      );
      return withModels({ ...service, task: { ...service.task, containers } }, given, libraries);
    }),
  );
}

async function withModels(
  service: EcsService,
  given: Surroundings,
  installed: Map<string, Promise<string>>,
): Promise<EcsService> {
  const containers: Container[] = [];
  for (const container of service.task.containers) {
    const { models } = container;
    const prepared =
      models === undefined
        ? { container }
        : await prepareModels(container, models, { ...telling(given, service.name), installed });
    if ("missing" in prepared) {
      given.tell(service.name, prepared.missing);
      return { ...service, missing: prepared.missing };
    }
    containers.push(prepared.container);
  }
  return { ...service, task: { ...service.task, containers } };
}

function telling(
  given: Surroundings,
  service: string,
): Omit<Surroundings, "tell"> & {
  readonly tell: (text: string) => void;
} {
  return {
    ...given,
    tell: (text) => {
      given.tell(service, text);
    },
  };
}
