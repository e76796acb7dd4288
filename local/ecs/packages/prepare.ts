import type { EcsService } from "../../graph/services.ts";
import type { Container } from "../../graph/task-definition.ts";
import type { Reaper } from "../reaper.ts";
import { installPackages } from "./install.ts";

/** Installs what the images of services would hold, and puts its programs first on the `PATH` of their processes. */
export async function preparePackages(
  services: readonly EcsService[],
  given: {
    readonly reaper: Reaper;
    readonly signal: AbortSignal | undefined;
    readonly tell: (service: string, text: string) => void;
    /** Where installations are kept. Default: in this user's cache. */
    readonly cache?: string;
  },
): Promise<EcsService[]> {
  // What several of them share is installed once.
  const installed = new Map<string, Promise<string[]>>();
  const prepare = async (service: string, container: Container): Promise<Container> => {
    const { name, packages } = container;
    if (packages === undefined) return container;
    const key = JSON.stringify(packages);
    const tell = (text: string): void => {
      given.tell(service, text);
    };
    const folders = installed.get(key) ?? installPackages(name, packages, { ...given, tell });
    installed.set(key, folders);
    return { ...container, programFolders: await folders };
  };
  return Promise.all(
    services.map(async (service) => ({
      ...service,
      task: {
        ...service.task,
        containers: await Promise.all(
          service.task.containers.map((container) => prepare(service.name, container)),
        ),
      },
    })),
  );
}
