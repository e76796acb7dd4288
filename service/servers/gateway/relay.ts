import { performance } from "node:perf_hooks";
import type { Relay, RelayContext, RelayRequest, JsonObject } from "../../runtime/relay.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import { failureOf } from "./errors.ts";
import type { Routing } from "./routing.ts";
import type { SearchTools } from "./search/search-tools.ts";
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
    const routed = await routing.route(request, context);
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
        upstream.send(routed.request, { ...context, carrier }, routed.limits),
      );
      active.end({ outcome: outcomeOf(result), durationMilliseconds: performance.now() - started });
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
  return {
    passesUnknown: true,
    prepare: (asker) => catalogue.prepare(asker),
    offers: (caller) => catalogue.offers(caller),
    send: async (request, context) => {
      if (search?.isFor(request) !== true) return send(request, context);
      await catalogue.prepare(context);
      const answer = search.answer(request, catalogue.view(context.caller));
      return "result" in answer ? answer.result : send(answer.request, context);
    },
    watchResources: (uris) => {
      catalogue.watchResources(uris);
    },
  };
}

function outcomeOf(result: JsonObject): "ok" | "tool_error" | "input_required" {
  if (result["resultType"] === "input_required") return "input_required";
  return result["isError"] === true ? "tool_error" : "ok";
}
