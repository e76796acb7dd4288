import { cancellationOf } from "../../../../runtime/cancellation.ts";
import type { UpstreamConfiguration } from "../../upstream-configuration.ts";
import type { Upstream, UpstreamChange, UpstreamListing } from "../../upstream.ts";
import { Addresses } from "../addresses/addresses.ts";
import { Breaker, PROBE_MILLISECONDS } from "../breaker.ts";
import { Calls } from "../calls.ts";
import { createCredentials } from "../credentials/index.ts";
import { completeSurroundings, type UpstreamSurroundings } from "../surroundings.ts";
import { Changes } from "./changes.ts";
import { Conversation } from "./conversation.ts";
import { readListing } from "./listing.ts";
import { own, relayed } from "./question.ts";

/** How long all lists may take together, whatever their caller allows. */
const LIST_MILLISECONDS = 10_000;

/** Opens an upstream that speaks MCP, of either era. Nothing is asked of it before it is needed. */
export function createMcpUpstream(
  name: string,
  configuration: UpstreamConfiguration,
  given: UpstreamSurroundings,
): Upstream {
  const surroundings = completeSurroundings(given);
  const url = new URL(configuration.url);
  const credentials = createCredentials(configuration.auth, surroundings);
  const listeners = new Set<(change: UpstreamChange) => void>();
  const tell = (change: UpstreamChange): void => {
    for (const listener of [...listeners]) listener(change);
  };
  const conversation = new Conversation({ upstream: name, url, credentials }, surroundings, () => {
    tell({ kind: "listing" });
  });
  const addresses = new Addresses(
    name,
    { url, discovery: configuration.discovery },
    surroundings,
    (address) => conversation.endpoint.answers(address, PROBE_MILLISECONDS),
  );
  const breaker = new Breaker(surroundings.clock, answers, (from, to) => {
    surroundings.log[to === "open" ? "warn" : "info"]({ upstream: name, from, to }, "breaker");
    surroundings.events.breaker?.({ upstream: name, from, to });
  });
  const { maxOngoingRequests } = configuration;
  const calls = new Calls({ upstream: name, maxOngoingRequests, addresses, breaker }, surroundings);
  const changes = new Changes({ conversation, addresses, credentials, tell }, surroundings);

  /** Whether any address answers. */
  async function answers(): Promise<boolean> {
    const probes = addresses.all.map(async (address) => {
      if (!(await conversation.endpoint.answers(address, PROBE_MILLISECONDS)))
        throw new Error("It does not answer.");
    });
    return Promise.any(probes).then(
      () => true,
      () => false,
    );
  }

  async function list(
    signal: AbortSignal,
    context: Parameters<Upstream["list"]>[1],
  ): Promise<UpstreamListing> {
    const limits = {
      cancellation: cancellationOf(signal),
      timeoutMilliseconds: LIST_MILLISECONDS,
      repeatable: true,
    };
    const listing = await calls.run("list", limits, async (address, deadline) =>
      readListing(
        await conversation.introduction(address, own("server/discover", {}, context), deadline),
        (method, params) => conversation.ask(address, own(method, params, context), deadline),
        surroundings,
      ),
    );
    conversation.parameterHeaders.learn(listing.tools);
    return listing;
  }

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    changes.close();
    await calls.close();
    breaker.close();
    for (const address of addresses.all) conversation.leave(address);
    await addresses.close();
    await credentials.close();
  }

  return {
    name,
    get state() {
      return {
        breaker: breaker.state,
        era: conversation.era,
        healthyAddresses: addresses.healthy,
        addresses: addresses.all.length,
      };
    },
    list,
    send: (request, context, limits) =>
      calls.run(
        request.method,
        {
          cancellation: context.cancellation,
          timeoutMilliseconds: limits.timeoutMilliseconds,
          repeatable: limits.repeatable,
        },
        (address, deadline) => conversation.ask(address, relayed(request, context), deadline),
      ),
    onChange: (listener) => {
      listeners.add(listener);
      changes.start();
      return () => {
        listeners.delete(listener);
      };
    },
    watchResources: (uris) => {
      changes.watch(uris);
    },
    close: () => (closing ??= close()),
  };
}
