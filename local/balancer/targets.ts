import type { Health, TargetState } from "./health.ts";

export type { TargetState } from "./health.ts";

/** What a target is registered with. */
export interface Registration {
  /** The id of its task. */
  readonly id: string;
  readonly address: string;
  readonly port: number;
  readonly zone: string;
}

/** One registered target, as one node of the load balancer sees it. */
export interface Target extends Registration, Health {
  state: TargetState;
  streak: number;
  /** Requests that this node has sent to it and that are not finished. */
  outstanding: number;
  /** When it entered slow start; undefined where it has not, or has left it early. */
  slowStartAt: number | undefined;
  /** Its share beside the others' full ones, as automatic target weights have it. */
  anomalyWeight: number;
  /** Whether it stood out by its errors when this node last compared. */
  anomalous: boolean;
  /** Answers since then. */
  requests: number;
  /** Answers of 500 to 599 and failed connections since then. */
  errors: number;
}

/** A registered target as DescribeTargetHealth tells of it, and how each node sees it. */
export interface TargetHealthDescription extends Registration {
  readonly state: TargetState;
  /** Requests of all nodes. */
  readonly outstanding: number;
  readonly nodes: readonly {
    readonly zone: string;
    readonly state: TargetState;
    readonly outstanding: number;
    readonly anomalous: boolean;
  }[];
}

/** A target that has just been registered, with one node. */
export function newTarget(registration: Registration, state: TargetState = "initial"): Target {
  return {
    ...registration,
    state,
    streak: 0,
    outstanding: 0,
    slowStartAt: undefined,
    anomalyWeight: 1,
    anomalous: false,
    requests: 0,
    errors: 0,
  };
}
