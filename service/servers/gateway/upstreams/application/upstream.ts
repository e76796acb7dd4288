import { INVALID_PARAMS } from "@modelcontextprotocol/server";
import { cancellationOf } from "../../../../runtime/cancellation.ts";
import { RelayError, type JsonObject, type RelayRequest } from "../../../../runtime/relay.ts";
import type { UpstreamConfiguration } from "../../upstream-configuration.ts";
import type { Upstream, UpstreamContext, UpstreamListing } from "../../upstream.ts";
import type { HttpRequest } from "../http/exchange.ts";
import {
  completeSurroundings,
  type CompleteSurroundings,
  type UpstreamSurroundings,
} from "../surroundings.ts";
import { ApplicationFailure } from "./answer.ts";
import { ApplicationConnection } from "./connection.ts";
import { declaredSource } from "./declared-source.ts";
import { DocumentSource } from "./openapi/document-source.ts";
import { cut, isObject, type Operation } from "./operation.ts";
import type { Known, OperationSource } from "./operation-source.ts";
import { requestOf } from "./request.ts";
import { problem, resultOf } from "./result.ts";
import { ArgumentRefused } from "./styles.ts";

const ACCEPT = "application/json, text/*;q=0.9, image/*;q=0.8, */*;q=0.1";

/** Opens a plain HTTP application, whose operations are tools. Nothing is asked of it before it is needed. */
export function createApplicationUpstream(
  name: string,
  configuration: UpstreamConfiguration,
  given: UpstreamSurroundings,
): Upstream {
  const surroundings = completeSurroundings(given);
  const base = new URL(configuration.url);
  const connection = new ApplicationConnection(name, configuration, surroundings);
  const source = createSource(name, configuration, connection, surroundings);

  async function list(signal: AbortSignal): Promise<UpstreamListing> {
    if (!(await source.refresh())) await connection.alive(cancellationOf(signal));
    return {
      tools: [...(source.known?.operations.values() ?? [])].map(({ tool }) => tool),
      resources: [],
      resourceTemplates: [],
      prompts: [],
      completions: false,
      ttlMilliseconds: source.ttlMilliseconds,
      cacheScope: "public",
    };
  }

  async function send(
    request: RelayRequest,
    context: UpstreamContext,
    limits: Parameters<Upstream["send"]>[2],
  ): Promise<JsonObject> {
    if (source.known === undefined) await source.refresh();
    const { known } = source;
    const operation = known === undefined ? undefined : find(known, request);
    if (known === undefined || operation === undefined) throw unknownTool(name, request);
    const prepared = prepare(known, operation, request.params["arguments"] ?? {}, base, (err) => {
      surroundings.log.error({ upstream: name, tool: operation.tool.name, err }, UNUSABLE);
    });
    if ("refused" in prepared) return problem(prepared.refused);
    const { method, headers } = prepared.request;
    const { callerToken, carrier, cancellation } = context;
    try {
      const answer = await connection.call(
        { ...prepared.request, headers: { ...headers, accept: ACCEPT, ...carrier } },
        { callerToken },
        { ...limits, cancellation, repeatable: limits.repeatable || method === "GET" },
      );
      return resultOf(answer);
    } catch (error) {
      // What the application says of its failure is worth more than that there is one.
      const cause = error instanceof RelayError ? error.cause : undefined;
      if (cause instanceof ApplicationFailure) return resultOf(cause.answer);
      throw error;
    }
  }

  let closing: Promise<void> | undefined;
  return {
    name,
    get state() {
      return connection.state;
    },
    list,
    send,
    // An application tells nobody that it has changed: that is what its lists are asked for.
    onChange: () => () => undefined,
    watchResources: () => undefined,
    close: () => (closing ??= connection.close().then(() => source.close())),
  };
}

const UNUSABLE = "the schema of a tool cannot be used";

function createSource(
  name: string,
  configuration: UpstreamConfiguration,
  connection: ApplicationConnection,
  surroundings: CompleteSurroundings,
): OperationSource {
  const { auth, documentUrl, kind, tools, url } = configuration;
  if (kind !== "openapi") return declaredSource(name, tools, surroundings);
  // No configuration is read without one.
  const document = new URL(documentUrl ?? url);
  return new DocumentSource(
    {
      upstream: name,
      documentUrl: document,
      ask:
        document.origin === new URL(url).origin
          ? (request, timeoutMilliseconds) => connection.ask(request, timeoutMilliseconds)
          : undefined,
      credentialHeader: auth.mode === "header" ? auth.header?.toLowerCase() : undefined,
    },
    surroundings,
  );
}

function find({ operations }: Known, { method, params }: RelayRequest): Operation | undefined {
  const { name } = params;
  return method === "tools/call" && typeof name === "string" ? operations.get(name) : undefined;
}

function unknownTool(upstream: string, { params }: RelayRequest): RelayError {
  const { name } = params;
  const named = typeof name === "string" ? ` \`${cut(name, 200)}\`` : " of that name";
  return new RelayError(`The upstream \`${upstream}\` has no tool${named}.`, {
    code: INVALID_PARAMS,
    outcome: "protocol_error",
  });
}

/** The request of a call, or a sentence that says why there is none. */
function prepare(
  { check }: Known,
  operation: Operation,
  parameters: unknown,
  base: URL,
  unusable: (error: unknown) => void,
): { readonly request: HttpRequest } | { readonly refused: string } {
  if (!isObject(parameters)) return { refused: "The arguments are no object." };
  let wrong: string | undefined;
  try {
    wrong = check.problem(operation, parameters);
  } catch (error) {
    unusable(error);
    return {
      refused:
        "The schema of this tool cannot be used, so nothing was sent. That is a mistake in the application's description.",
    };
  }
  if (wrong !== undefined) return { refused: wrong };
  try {
    return { request: requestOf(operation, base, parameters) };
  } catch (error) {
    if (error instanceof ArgumentRefused) return { refused: error.message };
    throw error;
  }
}
