import type { Implementation, ServerCapabilities } from "@modelcontextprotocol/server";
import type { Caller } from "../caller.ts";
import type { ServerParts } from "../protocol/make-server.ts";
import { capabilitiesOf } from "../protocol/offers.ts";
import { serverInfoOf } from "../protocol/relay-server.ts";
import { capabilities } from "../protocol/server.ts";
import type { ServerDefinition } from "../server.ts";

/** What a subscription has to know of its server. */
export interface DescribedServer {
  readonly capabilities: ServerCapabilities;
  readonly serverInfo: Implementation;
}

/** What the server that would be made for a request of 2026-07-28 says of itself. @throws what a relay's `offers` throws. */
export function describeServer(
  definition: ServerDefinition,
  { relay: relayNow, contents }: Pick<ServerParts, "relay" | "contents">,
  caller: Caller | undefined,
): DescribedServer {
  const era = "modern";
  const { announcesChanges = false, name, title = name, version } = definition;
  const relay = relayNow?.();
  if (relay === undefined) {
    return {
      capabilities: capabilities(definition, contents(), era),
      serverInfo: { name, title, version },
    };
  }
  const offers = relay.offers(caller);
  return {
    capabilities: capabilitiesOf(offers, { announcesChanges, era }),
    serverInfo: serverInfoOf(definition, offers),
  };
}
