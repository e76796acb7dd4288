import { INVALID_PARAMS } from "@modelcontextprotocol/server";
import {
  RelayError,
  type JsonObject,
  type RelayContext,
  type RelayRequest,
} from "../../../../runtime/relay.ts";
import type { UpstreamConfiguration } from "../../upstream-configuration.ts";
import type { Upstream, UpstreamListing } from "../../upstream.ts";
import type { Address } from "../addresses/address.ts";
import { Addresses } from "../addresses/addresses.ts";
import { Breaker, PROBE_MILLISECONDS } from "../breaker.ts";
import { Calls } from "../calls.ts";
import { createCredentials } from "../credentials/index.ts";
import { Deadline } from "../deadline.ts";
import { send, sendAuthorized } from "../http/send.ts";
import { completeSurroundings, type UpstreamSurroundings } from "../surroundings.ts";
import { ApplicationFailure, readAnswer, readSignOfLife } from "./answer.ts";
import { declaredSource } from "./declared-source.ts";
import { DocumentSource, type AskApplication } from "./openapi/document-source.ts";
import { cut, isObject } from "./operation.ts";
import type { Known, OperationSource } from "./operation-source.ts";
import { requestOf, type OperationRequest } from "./request.ts";
import { isReadable, problem, resultOf } from "./result.ts";
import { ArgumentRefused } from "./styles.ts";

const LIST_MILLISECONDS = 10_000;
const NEVER = new AbortController().signal;
const ACCEPT = "application/json, text/*;q=0.9, image/*;q=0.8, */*;q=0.1";

/** Opens a plain HTTP application, whose operations are tools. Nothing is asked of it before it is needed. */
export function createApplicationUpstream(
  name: string,
  configuration: UpstreamConfiguration,
  given: UpstreamSurroundings,
): Upstream {
  const surroundings = completeSurroundings(given);
  const { clock, clientInfo, log, maxAnswerBytes } = surroundings;
  const url = new URL(configuration.url);
  const userAgent = `${clientInfo.name}/${clientInfo.version}`;
  const ownHeaders = { host: url.host, "user-agent": userAgent, "accept-encoding": "identity" };
  const credentials = createCredentials(configuration.auth, surroundings);
  const addresses = new Addresses(
    name,
    { url, discovery: configuration.discovery },
    surroundings,
    answers,
  );
  const breaker = new Breaker(
    clock,
    async () => {
      const probes = addresses.all.map(answers);
      return (await Promise.all(probes)).includes(true);
    },
    (from, to) => {
      log[to === "open" ? "warn" : "info"]({ upstream: name, from, to }, "breaker");
      surroundings.events.breaker?.({ upstream: name, from, to });
    },
  );
  const { maxOngoingRequests } = configuration;
  const calls = new Calls({ upstream: name, maxOngoingRequests, addresses, breaker }, surroundings);
  const source = sourceOf();

  function sourceOf(): OperationSource {
    const { kind, documentUrl, tools } = configuration;
    if (kind !== "openapi") return declaredSource(name, tools, surroundings);
    // The configuration is not read without one.
    const address = new URL(documentUrl ?? url);
    return new DocumentSource(
      {
        upstream: name,
        documentUrl: address,
        ask: address.origin === url.origin ? ask : undefined,
        credentialHeader: credentialHeader(configuration),
      },
      surroundings,
    );
  }

  /** Whether an address answers HTTP at all: an error of the client's, or of its own, is an answer, too. Without credentials, since that is enough. */
  async function answers(address: Address): Promise<boolean> {
    const deadline = new Deadline(clock, PROBE_MILLISECONDS);
    try {
      await send(address, signOfLife(), deadline, readSignOfLife);
      return true;
    } catch {
      return false;
    } finally {
      deadline.end();
    }
  }

  function signOfLife(): OperationRequest {
    return { method: "GET", path: url.pathname + url.search, headers: ownHeaders };
  }

  const ask: AskApplication = (request, timeoutMilliseconds) =>
    calls.run(
      "GET",
      { signal: NEVER, timeoutMilliseconds, repeatable: true },
      (address, deadline) => {
        const whole: OperationRequest = {
          method: "GET",
          path: request.path,
          headers: { ...ownHeaders, ...request.headers },
        };
        const reading = readAnswer(maxAnswerBytes);
        // The document is the same for all: in no caller's name.
        if (credentials.perCaller) return send(address, whole, deadline, reading);
        const context = { callerToken: undefined };
        return sendAuthorized(address, whole, { credentials, context, deadline }, reading);
      },
    );

  async function list(signal: AbortSignal): Promise<UpstreamListing> {
    if (!(await source.refresh())) {
      const limits = { signal, timeoutMilliseconds: LIST_MILLISECONDS, repeatable: true };
      await calls.run("GET", limits, (address, deadline) =>
        send(address, signOfLife(), deadline, readSignOfLife),
      );
    }
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

  async function call(
    { method, params }: RelayRequest,
    context: RelayContext,
    limits: Parameters<Upstream["send"]>[2],
  ): Promise<JsonObject> {
    if (source.known === undefined) await source.refresh();
    const { name: tool, arguments: parameters } = params;
    const operation =
      method === "tools/call" && typeof tool === "string"
        ? source.known?.operations.get(tool)
        : undefined;
    if (operation === undefined || source.known === undefined)
      throw new RelayError(`The upstream \`${name}\` has no tool \`${cut(String(tool), 200)}\`.`, {
        code: INVALID_PARAMS,
        outcome: "protocol_error",
      });
    const prepared = prepare(source.known, operation, parameters ?? {});
    if ("refused" in prepared) return problem(prepared.refused);
    const request: OperationRequest = {
      ...prepared.request,
      headers: {
        ...prepared.request.headers,
        ...ownHeaders,
        accept: ACCEPT,
        ...context.carrier,
      },
    };
    const { callerToken } = context;
    const repeatable = limits.repeatable || request.method === "GET";
    try {
      const answer = await calls.run(
        request.method,
        { signal: context.signal, timeoutMilliseconds: limits.timeoutMilliseconds, repeatable },
        (address, deadline) =>
          sendAuthorized(
            address,
            request,
            { credentials, context: { callerToken }, deadline },
            readAnswer(maxAnswerBytes, isReadable),
          ),
      );
      return resultOf(answer);
    } catch (error) {
      // What the application says of its failure is worth more than that there is one.
      const cause = error instanceof RelayError ? error.cause : undefined;
      if (cause instanceof ApplicationFailure) return resultOf(cause.answer);
      throw error;
    }
  }

  function prepare(
    { check }: Known,
    operation: Parameters<typeof requestOf>[0],
    parameters: unknown,
  ): { readonly request: OperationRequest } | { readonly refused: string } {
    if (!isObject(parameters)) return { refused: "The arguments are no object." };
    try {
      const wrong = check.problem(operation, parameters);
      if (wrong !== undefined) return { refused: wrong };
    } catch (error) {
      log.error({ upstream: name, tool: operation.tool.name, err: error }, "unusable schema");
      return {
        refused:
          "The schema of this tool cannot be used, so nothing was sent. That is a mistake of the application's description.",
      };
    }
    try {
      return { request: requestOf(operation, url, parameters) };
    } catch (error) {
      if (error instanceof ArgumentRefused) return { refused: error.message };
      throw error;
    }
  }

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await calls.close();
    breaker.close();
    await source.close();
    await addresses.close();
    await credentials.close();
  }

  return {
    name,
    get state() {
      return {
        breaker: breaker.state,
        era: "http" as const,
        healthyAddresses: addresses.healthy,
        addresses: addresses.all.length,
      };
    },
    list,
    send: call,
    // An application tells nobody that it has changed: that is what its lists are asked for.
    onChange: () => () => undefined,
    watchResources: () => undefined,
    close: () => (closing ??= close()),
  };
}

/** The header that carries the proof, in lower case, where it is known beforehand. */
function credentialHeader({ auth }: UpstreamConfiguration): string | undefined {
  return auth.mode === "header" ? auth.header?.toLowerCase() : undefined;
}
