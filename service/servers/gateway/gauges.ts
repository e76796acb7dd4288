import type { Clock } from "../../runtime/telemetry/clock.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { GatewayGauges } from "./telemetry/upstream-telemetry.ts";

/**
 * How all upstreams are at the moment.
 *
 * @param unused how many upstreams have a configuration that was not understood.
 */
export function readGauges(
  { members, problems }: Catalogue,
  unused: number,
  clock: Clock,
): GatewayGauges {
  return {
    problems: unused + problems,
    upstreams: members.map((member) => {
      const { upstream, own } = member.connection;
      const { breaker, healthyAddresses } = upstream.state;
      return {
        upstream: member.name,
        // What belongs to callers alone is listed as long as somebody asks.
        isListed: own === undefined || member.accepted !== undefined,
        breaker,
        healthyAddresses,
        listAgeSeconds:
          own?.kept === undefined ? undefined : (clock.now() - own.kept.askedAt) / 1000,
      };
    }),
  };
}
