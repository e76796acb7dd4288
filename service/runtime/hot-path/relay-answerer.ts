import type { Implementation } from "@modelcontextprotocol/server";
import type { JsonObject, Offers, Relay, RelayedMethod } from "../relay.ts";
import type { ServerDefinition } from "../server.ts";
import type { Answer } from "../protocol/answer.ts";
import { capabilitiesOf, indexOf } from "../protocol/offers.ts";
import { hasParameterHeaders, parameterHeaders } from "../protocol/parameter-headers.ts";
import { askRelay } from "../protocol/relay-call.ts";
import { discoverResult, listResult } from "../protocol/relay-lists.ts";
import { serverInfoOf } from "../protocol/relay-server.ts";
import type { Answerer, HotCall, Plan } from "./answerer.ts";
import type { Recognised } from "./recognise.ts";
import { keptForAnswers } from "./written-answer.ts";

/** Gives the answerer of a relay, the same one for the same relay. */
export function relayAnswerers(
  definition: ServerDefinition,
  callTimeoutSeconds: number,
): (relay: Relay) => Answerer {
  let known: { readonly relay: Relay; readonly answerer: Answerer } | undefined;
  return (relay) => {
    if (known?.relay !== relay)
      known = { relay, answerer: relayAnswerer(definition, relay, callTimeoutSeconds) };
    return known.answerer;
  };
}

/** Answers from a relay: lists and descriptions as they were written down before, everything else by passing it on. */
function relayAnswerer(
  definition: ServerDefinition,
  relay: Relay,
  callTimeoutSeconds: number,
): Answerer {
  const texts = writtenDown(definition);

  const pass = (
    { params, argumentsText }: Recognised,
    method: RelayedMethod,
    serverInfo: Implementation,
    call: HotCall,
  ): Promise<Answer> => {
    const { open, exchange, headers, leaving } = call;
    return askRelay(
      relay,
      {
        method,
        params,
        ...(argumentsText === undefined ? {} : { argumentsText }),
        parameterHeaders: parameterHeaders(headers),
      },
      {
        open,
        exchange,
        leaving,
        client: call,
        serverInfo,
        callTimeoutSeconds,
        authorization: headers.authorization,
      },
    );
  };

  return {
    plan: (request, caller) => {
      const { method, params, era } = request;
      const offers = relay.offers(caller);
      const passing = (relayed: RelayedMethod, isOffered: boolean): Plan => ({
        isOffered,
        answer: (call) => pass(request, relayed, texts.serverInfo(offers), call),
      });
      switch (method) {
        case "tools/call": {
          const tool = indexOf(offers).tools.get(String(params["name"]));
          if (tool === undefined) return undefined;
          if (era === "modern" && hasParameterHeaders(tool)) return undefined;
          return passing(method, true);
        }
        case "prompts/get":
          return indexOf(offers).prompts.has(String(params["name"]))
            ? passing(method, true)
            : undefined;
        case "resources/read":
          return texts.capabilities(offers, era).resources === undefined
            ? undefined
            : passing(method, indexOf(offers).resources.has(String(params["uri"])));
        case "completion/complete":
          return offers.completions ? passing(method, false) : undefined;
        case "server/discover":
        case "tools/list":
        case "resources/list":
        case "resources/templates/list":
        case "prompts/list": {
          const answer = texts.read(method, offers, era);
          return answer === undefined ? undefined : { isOffered: false, answer: () => answer };
        }
      }
    },
  };
}

/** What has been written down of the offers. */
interface Written {
  readonly serverInfo: Implementation;
  /** Without what they say of how long they are good, which runs down while the offers stay the same. */
  readonly results: Map<string, WrittenResult>;
}

interface WrittenResult {
  /** Whether the result says how long it is good. */
  readonly hasTtl: boolean;
  /** Behind the brace that opens the result. */
  readonly rest: string | Buffer;
}

type WrittenMethod = Exclude<Recognised["method"], RelayedMethod>;

/** The results that follow from the offers alone, serialised once for each object of offers. */
function writtenDown(definition: ServerDefinition) {
  const { announcesChanges = false } = definition;
  const known = new WeakMap<Offers, Written>();
  const of = (offers: Offers): Written => {
    let written = known.get(offers);
    if (written === undefined) {
      written = { serverInfo: serverInfoOf(definition, offers), results: new Map() };
      known.set(offers, written);
    }
    return written;
  };
  const capabilities = (
    offers: Offers,
    era: Recognised["era"],
  ): ReturnType<typeof capabilitiesOf> => capabilitiesOf(offers, { announcesChanges, era });

  const result = (
    method: WrittenMethod,
    offers: Offers,
    era: Recognised["era"],
    serverInfo: Implementation,
  ): JsonObject | undefined => {
    const has = capabilities(offers, era);
    switch (method) {
      case "server/discover": {
        const { instructions = definition.instructions } = offers;
        return discoverResult(offers, has, instructions, serverInfo);
      }
      case "tools/list":
        if (has.tools === undefined) return undefined;
        break;
      case "prompts/list":
        if (has.prompts === undefined) return undefined;
        break;
      case "resources/list":
      case "resources/templates/list":
        if (has.resources === undefined) return undefined;
    }
    return listResult(method, offers, era, serverInfo);
  };

  const write = (given: JsonObject): WrittenResult => {
    const { ttlMs, ...others } = given;
    return {
      hasTtl: ttlMs !== undefined,
      rest: keptForAnswers(JSON.stringify(others).slice(1)),
    };
  };

  return {
    capabilities,
    serverInfo: (offers: Offers): Implementation => of(offers).serverInfo,
    read: (method: WrittenMethod, offers: Offers, era: Recognised["era"]): Answer | undefined => {
      const { serverInfo, results } = of(offers);
      const key = `${era} ${method}`;
      let written = results.get(key);
      if (written === undefined) {
        const given = result(method, offers, era, serverInfo);
        if (given === undefined) return undefined;
        written = write(given);
        results.set(key, written);
      }
      const { hasTtl, rest } = written;
      const begin = hasTtl ? `{"ttlMs":${offers.cache.ttlMs},` : "{";
      return typeof rest === "string"
        ? { kind: "text", result: begin + rest }
        : { kind: "bytes", begin, rest };
    },
  };
}
