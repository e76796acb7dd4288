import type { RunningTargetGroup } from "../balancer/target-group.ts";
import type { Clock } from "../clock.ts";
import type { AddressPool } from "./addresses.ts";
import type { MetadataEndpoint } from "./metadata.ts";
import type { Reaper } from "./reaper.ts";

/** What a service needs from the machine. */
export interface ServiceSurroundings {
  readonly clock: Clock;
  readonly reaper: Reaper;
  readonly addresses: AddressPool;
  readonly metadata: MetadataEndpoint;
  readonly region: string;
  readonly targetGroup: (arn: string) => RunningTargetGroup | undefined;
  readonly events: ServiceEvents;
}

/** What a service tells of itself. */
export interface ServiceEvents {
  /** Something happened to a task, or to the service as a whole. */
  happened(
    service: string,
    text: string,
    task?: { readonly id: string; readonly zone: string },
  ): void;
  /** A container has written a line. */
  line(service: string, task: string, text: string): void;
  /** Every wanted task is healthy, and no other runs. */
  steady(service: string): void;
  /** The first deployment failed: there is nothing to roll back to. */
  stalled(service: string, reason: string): void;
}
