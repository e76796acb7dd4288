import type { Implementation } from "@modelcontextprotocol/server";
import type { Offers, Relay, RelayedMethod } from "../relay.ts";
import type { ServerDefinition } from "../server.ts";
import { bearerToken } from "../protocol/bearer-token.ts";
import type { Answer } from "../protocol/answer.ts";
import { capabilitiesOf, indexOf } from "../protocol/offers.ts";
import { hasParameterHeaders, parameterHeaders } from "../protocol/parameter-headers.ts";
import { askRelay } from "../protocol/relay-call.ts";
import { discoverResult, listResult } from "../protocol/relay-lists.ts";
import { serverInfoOf } from "../protocol/relay-server.ts";
import type { Answerer, HotCall, Plan } from "./answerer.ts";
import type { Recognised } from "./recognise.ts";

/** Gives the answerer of a relay, the same one for the same relay; none where there is no relay. */
export function relayAnswerers(
  definition: ServerDefinition,
  callTimeoutSeconds: number,
): (relay: Relay | undefined) => Answerer | undefined {
  let known: { readonly relay: Relay; readonly answerer: Answerer } | undefined;
  return (relay) => {
    if (relay === undefined) return undefined;
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
    { params }: Recognised,
    method: RelayedMethod,
    serverInfo: Implementation,
    { open, exchange, headers, signal, notify }: HotCall,
  ): Promise<Answer> =>
    askRelay(
      relay,
      { method, params, parameterHeaders: parameterHeaders(headers) },
      {
        open,
        exchange,
        signal,
        notify,
        serverInfo,
        callTimeoutSeconds,
        callerToken: bearerToken(exchange.caller, headers.authorization),
      },
    );

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
          const result = texts.read(method, offers, era);
          if (result === undefined) return undefined;
          return { isOffered: false, answer: () => ({ kind: "text", result }) };
        }
      }
    },
  };
}

/** What has been written down of the offers, for as long as their `ttlMs` says the same. */
interface Written {
  readonly ttlMs: number;
  readonly serverInfo: Implementation;
  readonly texts: Map<string, string>;
}

type WrittenMethod = Exclude<Recognised["method"], RelayedMethod>;

/** The results that follow from the offers alone, serialised once for each object of offers. */
function writtenDown(definition: ServerDefinition) {
  const { announcesChanges = false } = definition;
  const known = new WeakMap<Offers, Written>();
  const of = (offers: Offers): Written => {
    const { ttlMs } = offers.cache;
    let written = known.get(offers);
    // What is left of the time runs down while the offers stay the same.
    if (written?.ttlMs !== ttlMs) {
      written = { ttlMs, serverInfo: serverInfoOf(definition, offers), texts: new Map() };
      known.set(offers, written);
    }
    return written;
  };
  const capabilities = (
    offers: Offers,
    era: Recognised["era"],
  ): ReturnType<typeof capabilitiesOf> => capabilitiesOf(offers, { announcesChanges, era });

  const write = (
    method: WrittenMethod,
    offers: Offers,
    era: Recognised["era"],
    serverInfo: Implementation,
  ): string | undefined => {
    const has = capabilities(offers, era);
    switch (method) {
      case "server/discover":
        return JSON.stringify(
          discoverResult(offers, has, offers.instructions ?? definition.instructions, serverInfo),
        );
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
    return JSON.stringify(listResult(method, offers, era, serverInfo));
  };

  return {
    capabilities,
    serverInfo: (offers: Offers): Implementation => of(offers).serverInfo,
    read: (method: WrittenMethod, offers: Offers, era: Recognised["era"]): string | undefined => {
      const { serverInfo, texts } = of(offers);
      const key = `${era} ${method}`;
      let text = texts.get(key);
      if (text === undefined) {
        text = write(method, offers, era, serverInfo);
        if (text !== undefined) texts.set(key, text);
      }
      return text;
    },
  };
}
