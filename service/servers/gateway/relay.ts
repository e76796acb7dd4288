import { performance } from "node:perf_hooks";
import {
  type JsonObject,
  type Relay,
  type RelayContext,
  type RelayRequest,
} from "../../runtime/relay.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import { failureOf } from "./errors.ts";
import type { Routing } from "./routing.ts";
import type { SearchTools } from "./search/search-tools.ts";
import type { UpstreamContext } from "./upstream.ts";
import type { UpstreamTelemetry } from "./telemetry/upstream-telemetry.ts";

export interface GatewayRelayOptions {
  readonly catalogue: Catalogue;
  readonly routing: Routing;
  /** Undefined: all tools are listed. */
  readonly search: SearchTools | undefined;
  readonly telemetry: UpstreamTelemetry;
}

/** The gateway as the runtime serves it. Lists come from memory; a call asks its upstream for nothing but itself. */
export function createGatewayRelay({
  catalogue,
  routing,
  search,
  telemetry,
}: GatewayRelayOptions): Relay {
  const send = async (request: RelayRequest, context: RelayContext): Promise<JsonObject> => {
    const finding = routing.route(request, context);
    const routed = finding instanceof Promise ? await finding : finding;
    const { member } = routed.route;
    const { upstream } = member.connection;
    const started = performance.now();
    const operation = {
      upstream: member.name,
      method: request.method,
      name: routed.name,
      protocolVersion: context.protocolVersion,
    };
    const active = telemetry.begin(operation, context.carrier);
    try {
      const result = await active.run(context.carrier, (carrier) =>
        upstream.send(routed.request, within(context, carrier), routed.limits),
      );
      const outcome = outcomeOf(result);
      active.end({ outcome, durationMilliseconds: performance.now() - started });
      return result;
    } catch (error) {
      const failure = failureOf(member.name, error);
      // Whether it is gone, a list tells; the next one would come only with its time.
      if (failure.status === 503) member.connection.own?.suspect();
      active.end({
        outcome: failure.outcome,
        errorCode: failure.code,
        durationMilliseconds: performance.now() - started,
      });
      throw failure;
    }
  };
  const find = async (
    tools: SearchTools,
    request: RelayRequest,
    context: RelayContext,
  ): Promise<JsonObject> => {
    await catalogue.prepare(context);
    const answer = tools.answer(request, catalogue.view(context.caller));
    return "result" in answer ? answer.result : send(answer.request, context);
  };
  return {
    passesUnknown: true,
    prepare: (asker) => catalogue.prepare(asker),
    offers: (caller) => catalogue.offers(caller),
    scopes: () => catalogue.scopes,
    send: (request, context) =>
      search?.isFor(request) === true ? find(search, request, context) : send(request, context),
    watchResources: (uris) => {
      catalogue.watchResources(uris);
    },
  };
}

/** The same call, as part of another span. */
function within(context: RelayContext, carrier: RelayContext["carrier"]): UpstreamContext {
  if (carrier === context.carrier) return context;
  const { cancellation, caller, callerToken, era, protocolVersion } = context;
  const { clientCapabilities, progress, message } = context;
  return {
    cancellation,
    caller,
    callerToken,
    era,
    protocolVersion,
    clientCapabilities,
    carrier,
    progress,
    message,
  };
}

function outcomeOf(result: JsonObject): "ok" | "tool_error" | "input_required" {
  if (result["resultType"] === "input_required") return "input_required";
  return result["isError"] === true ? "tool_error" : "ok";
}
