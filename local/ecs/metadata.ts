import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a task learns of itself (ECS guide, "Task metadata endpoint version 4"). */
export interface TaskMetadata {
  readonly cluster: string;
  readonly taskArn: string;
  readonly family: string;
  readonly launchType: string;
  readonly zone: string;
}

/** The task metadata endpoint, one for all tasks of this machine. */
export interface MetadataEndpoint {
  /** The value of `ECS_CONTAINER_METADATA_URI_V4` for a task. */
  address(id: string, metadata: TaskMetadata): string;
  forget(id: string): void;
  close(): Promise<void>;
}

/** Answers `/v4/<id>/task`, as the ECS agent does. */
export async function startMetadataEndpoint(): Promise<MetadataEndpoint> {
  const tasks = new Map<string, TaskMetadata>();
  const server = createServer((request, response) => {
    const id = /^\/v4\/([\w-]+)\/task$/u.exec(request.url ?? "")?.[1];
    const task = tasks.get(id ?? "");
    if (task === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "Content-Type": "application/json" }).end(
      JSON.stringify({
        Cluster: task.cluster,
        TaskARN: task.taskArn,
        Family: task.family,
        AvailabilityZone: task.zone,
        LaunchType: task.launchType,
      }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    address: (id, metadata) => {
      tasks.set(id, metadata);
      return `http://127.0.0.1:${port}/v4/${id}`;
    },
    forget: (id) => {
      tasks.delete(id);
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
