/** A run at one moment, as the page, the terminal and the drills see it; plain JSON. Times are milliseconds of the run's clock. */
export interface Snapshot {
  readonly now: number;
  /** How much faster than real time the clock goes. */
  readonly speed: number;
  readonly program: string;
  readonly project: string;
  readonly stack: string;
  readonly region: string;
  /** Gateways first. */
  readonly endpoints: readonly EndpointSnapshot[];
  readonly loadBalancers: readonly LoadBalancerSnapshot[];
  readonly services: readonly ServiceSnapshot[];
  readonly alarms: readonly AlarmSnapshot[];
  readonly lostZones: readonly string[];
  readonly drill: DrillSnapshot | undefined;
}

export interface EndpointSnapshot {
  readonly service: string;
  readonly url: string;
  /** Whether a token is asked for. */
  readonly authorized: boolean;
}

export interface LoadBalancerSnapshot {
  readonly name: string;
  readonly nodes: readonly {
    readonly zone: string;
    /** `shifted`: out of DNS by a zonal shift, or by too few healthy targets. */
    readonly state: "in service" | "shifted" | "lost";
    readonly connections: number;
    readonly requestsPerSecond: number;
  }[];
  readonly rules: readonly {
    readonly name: string;
    readonly priority: number;
    /** Such as `path /mcp, method POST`. */
    readonly conditions: string;
    /** Such as `forward`, `fixed-response 404`. */
    readonly action: string;
    readonly targets: readonly { readonly targetGroup: string; readonly weight: number }[];
  }[];
}

export interface ServiceSnapshot {
  readonly name: string;
  /** ARNs. */
  readonly targetGroups: readonly string[];
  readonly desired: number;
  readonly running: number;
  readonly healthy: number;
  /** Undefined where nothing scales it. */
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly requestsPerSecond: number;
  /** Answers of 500 to 599 and broken ones, of the last ten seconds. */
  readonly failuresPerSecond: number;
  readonly p50Milliseconds: number | undefined;
  readonly p99Milliseconds: number | undefined;
  readonly deployments: readonly DeploymentSnapshot[];
  readonly tasks: readonly TaskSnapshot[];
  readonly policies: readonly PolicySnapshot[];
  /** What a gateway asks; empty for any other service. */
  readonly upstreams: readonly UpstreamSnapshot[];
}

/** An upstream of a gateway, as the gateway's metrics have it: a minute old at most, and the worst of what replicas tell. */
export interface UpstreamSnapshot {
  readonly name: string;
  /** The service of the program that it is; undefined for one elsewhere. */
  readonly service: string | undefined;
  /** `refused`: its breaker is open. `unknown`: no replica has told yet. */
  readonly state: "answers" | "refused" | "not listed" | "unknown";
  readonly healthyAddresses: number | undefined;
  /** Of all replicas, in the latest minute that they have told of; undefined where none has. */
  readonly callsPerMinute: number | undefined;
}

export interface DeploymentSnapshot {
  /** Counts from 1. */
  readonly revision: number;
  readonly status: "PRIMARY" | "ACTIVE" | "INACTIVE";
  readonly rolloutState: "IN_PROGRESS" | "COMPLETED" | "FAILED" | "ROLLED_BACK";
  readonly strategy: string;
  /** A stage of a traffic-shifting deployment, such as `BAKE_TIME`. */
  readonly stage: string | undefined;
  readonly startedAt: number;
  readonly desired: number;
  readonly running: number;
  readonly healthy: number;
  readonly failed: number;
  /** In percent. */
  readonly traffic: number;
  readonly reason: string | undefined;
}

export interface TaskSnapshot {
  readonly id: string;
  readonly revision: number;
  readonly zone: string;
  /** ECS's own word for its lifecycle. */
  readonly lastStatus:
    "PROVISIONING" | "PENDING" | "ACTIVATING" | "RUNNING" | "DEACTIVATING" | "STOPPING" | "STOPPED";
  readonly healthStatus: "HEALTHY" | "UNHEALTHY" | "UNKNOWN";
  /** How each node of the load balancer sees it. */
  readonly targets: readonly {
    readonly nodeZone: string;
    readonly state: string;
    readonly outstanding: number;
  }[];
  readonly requestsPerSecond: number;
  readonly capacityProvider: string;
  /** In percent of what is declared. */
  readonly cpuPercent: number | undefined;
  readonly memoryMib: number | undefined;
  readonly startedAt: number | undefined;
}

export interface PolicySnapshot {
  readonly name: string;
  readonly type: "TargetTrackingScaling" | "StepScaling" | "Scheduled";
  /** What it watches, and what it wants, as a person says it. */
  readonly text: string;
  readonly value: number | undefined;
  readonly target: number | undefined;
  readonly lastActivity: string | undefined;
}

export interface AlarmSnapshot {
  readonly name: string;
  readonly state: "OK" | "ALARM" | "INSUFFICIENT_DATA";
  readonly since: number;
  readonly reason: string;
  readonly description: string;
  /** Of a target-tracking policy, made by Application Auto Scaling. */
  readonly ofScaling: boolean;
}

export interface DrillSnapshot {
  readonly name: string;
  readonly state: "running" | "held" | "broken";
  readonly startedAt: number;
  readonly steps: readonly { readonly at: number; readonly text: string }[];
  readonly counts: Readonly<Record<string, number>>;
  /** The promises, and whether each held; empty while it runs. */
  readonly promises: readonly { readonly text: string; readonly held: boolean }[];
}

/** A line of what happened. */
export interface EventLine {
  readonly at: number;
  readonly source: string;
  readonly text: string;
  readonly level: "information" | "good" | "bad";
}
