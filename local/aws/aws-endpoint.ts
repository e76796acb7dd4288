import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { devNull } from "node:os";
import type { Graph } from "../graph/graph.ts";
import type { PolicyStatement } from "../iam/policy-document.ts";
import { allStatements } from "../iam/role-statements.ts";
import { AwsError } from "./aws-error.ts";
import { authorize, type Caller } from "./caller.ts";
import { valueAtHome } from "./home.ts";
import type { Operation } from "./operation.ts";
import { parameterOperations } from "./parameter-operations.ts";
import { ParameterStore } from "./parameter-store.ts";
import { secretOperations } from "./secret-operations.ts";
import { SecretStore } from "./secret-store.ts";
import { TaskCredentials } from "./task-credentials.ts";

/** What stands in for Systems Manager and Secrets Manager, and gives tasks the credentials for them. */
export interface AwsEndpoint {
  /** The variables by which the AWS SDKs of a task find it. */
  variables(caller: Caller): Readonly<Record<string, string>>;
  /** A task has ended: its credentials are good for nothing. */
  forget(taskId: string): void;
  /** Serves what the program declares now. */
  update(graph: Graph): void;
  close(): Promise<void>;
}

export interface AwsEndpointOptions {
  /** What addresses are here, as the tasks of a service see them; the first that fits counts. */
  readonly addresses: (service: string) => readonly (readonly [string, string])[];
  /** Hears why a request was refused. Never told a value. */
  readonly onRefusal: (sentence: string) => void;
}

/** AWS takes 4 KB of parameters' names, and little more of others. */
const MAX_BODY_BYTES = 64 * 1024;

const CREDENTIALS = "/v2/credentials/";

/** Starts it. Only this machine reaches it, and only tasks of this run have credentials. */
export async function startAwsEndpoint(
  graph: Graph,
  { addresses, onRefusal }: AwsEndpointOptions,
): Promise<AwsEndpoint> {
  const credentials = new TaskCredentials();
  const parameters = new ParameterStore();
  const secrets = new SecretStore();
  const operations: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
    AmazonSSM: parameterOperations(parameters),
    secretsmanager: secretOperations(secrets),
  };
  let statements: ReadonlyMap<string, readonly PolicyStatement[]> = new Map();
  const told = new Set<string>();
  const update = (next: Graph): void => {
    statements = allStatements(next);
    parameters.update(next, Date.now());
    secrets.update(next);
  };
  // First, since a policy or a parameter that is none ends the start.
  update(graph);

  const call = (request: IncomingMessage, body: string): object => {
    const target = String(request.headers["x-amz-target"] ?? "");
    const [service = "", name = ""] = target.split(".");
    const caller = credentials.callerOf(
      request.headers.authorization,
      request.headers["x-amz-security-token"]?.toString(),
    );
    const operation = Object.hasOwn(operations, service) ? operations[service] : undefined;
    if (operation === undefined || !Object.hasOwn(operation, name))
      throw new AwsError("UnknownOperationException", `\`${target}\` is not modelled here.`);
    return (
      operation[name]?.(parsed(body), {
        region: graph.region,
        allow: (asked) => {
          authorize(caller, statements.get(caller.roleArn) ?? [], asked);
        },
        atHome: (value) => valueAtHome(value, addresses(caller.service)),
      }) ?? {}
    );
  };

  const server = createServer((request, response) => {
    void (async (): Promise<void> => {
      try {
        const path = request.url ?? "";
        if (request.method === "GET" && path.startsWith(CREDENTIALS)) {
          const document = credentials.document(path.slice(CREDENTIALS.length), Date.now());
          send(response, document === undefined ? 404 : 200, document ?? {}, "application/json");
          return;
        }
        send(response, 200, call(request, await bodyOf(request)));
      } catch (error) {
        if (response.destroyed) return;
        const known = error instanceof AwsError;
        const sentence = `A request was refused: ${error instanceof Error ? error.message : String(error)}`;
        // A task that polls would be refused again and again.
        if (!told.has(sentence)) onRefusal(sentence);
        told.add(sentence);
        const { status, type, message } = known
          ? error
          : new AwsError("InternalServerError", "The stand-in failed.", 500);
        send(response, status, { __type: type, message });
      }
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    variables: (caller) => ({
      AWS_ENDPOINT_URL_SSM: origin,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: origin,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${origin}${CREDENTIALS}${credentials.issue(caller)}`,
      // A container has no profiles, which the SDKs would take before its role's credentials: those of a person's home stay out of it.
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
    }),
    forget: (taskId) => {
      credentials.forget(taskId);
    },
    update,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES)
      throw new AwsError("RequestEntityTooLargeException", "The request is too large.", 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new AwsError("SerializationException", "The request is no JSON.");
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  type = "application/x-amz-json-1.1",
): void {
  response.writeHead(status, { "Content-Type": type }).end(JSON.stringify(body));
}
