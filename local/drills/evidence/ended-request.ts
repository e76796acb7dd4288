import type { RequestRecord } from "../../balancer/request-record.ts";

/** A record of the load balancer, and when it was written on the run's clock: the record's own durations are real ones. */
export interface EndedRequest extends RequestRecord {
  readonly endedAt: number;
}
