import type { Outcome } from "./forward.ts";

/** What the load balancer knows of a request that has ended, as its access log has it (ELB guide, "Access logs"). */
export interface RequestRecord {
  /** When it came, in milliseconds of the clock. */
  readonly receivedAt: number;
  readonly loadBalancer: string;
  /** The zone of the node that took it. */
  readonly nodeZone: string;
  readonly method: string;
  /** Without the query, which may hold secrets. */
  readonly path: string;
  /** The `Root` of its trace. */
  readonly traceId: string;
  /** The rule that decided on it; undefined for the default action. */
  readonly rule: string | undefined;
  /** The ARN of the chosen target group. */
  readonly targetGroup: string | undefined;
  /** The task id of the chosen target, and its zone. */
  readonly target: string | undefined;
  readonly targetZone: string | undefined;
  /** When it was sent to the target; undefined where it was not. */
  readonly sentAt: number | undefined;
  /** From the request's last byte to the target's headers. */
  readonly targetMilliseconds: number | undefined;
  readonly totalMilliseconds: number;
  /** What the client was answered; 460 where it left before, and 0 where its node has lost power, so that nothing can reach it. */
  readonly status: number;
  readonly targetStatus: number | undefined;
  /** Undefined where the load balancer answered by itself, without a target. */
  readonly outcome: Outcome | undefined;
}
