/** A public price of us-east-1 in US dollars, without taxes. */
export interface Price {
  readonly amount: number;
  readonly unit: string;
  /** When the source said so. */
  readonly date: string;
  readonly source: string;
}

/** As AWS counts a month where it quotes one. */
export const HOURS_A_MONTH = 730;

const QUOTED = "AWS's price list, as quoted by third parties";
const UNVERIFIED = "AWS's price list, unverified";

function price(amount: number, unit: string, date: string, source = QUOTED): Price {
  return { amount, unit, date, source };
}

/** Fargate, by architecture, a vCPU and a GB of memory each. */
export const FARGATE = {
  X86_64: {
    cpu: price(0.04048, "vCPU-hour", "2026-09"),
    memory: price(0.004445, "GB-hour", "2026-09"),
  },
  ARM64: {
    cpu: price(0.03238, "vCPU-hour", "2026-09"),
    memory: price(0.00356, "GB-hour", "2026-09"),
  },
} as const;

/** The share of the price that Spot leaves: "up to 70 % off", 68 % when it was seen; it moves. */
export const FARGATE_SPOT = price(0.32, "of the price without Spot", "2026");
/** Above the 20 GB that are in a task's price. */
export const FARGATE_STORAGE = price(0.000111, "GB-hour", "2026", UNVERIFIED);
export const FARGATE_STORAGE_FREE_GIB = 20;

export const LOAD_BALANCER = price(0.0225, "hour", "2026-10");
export const LOAD_BALANCER_CAPACITY = price(0.008, "LCU-hour", "2026-10");
export const PUBLIC_ADDRESS = price(0.005, "hour", "2026-09");
export const NAT_GATEWAY = price(0.045, "hour", "2026-09");
export const NAT_DATA = price(0.045, "GB", "2026-09");
export const INTERFACE_ENDPOINT = price(0.01, "zone and hour", "2026", UNVERIFIED);
export const EGRESS = price(0.09, "GB", "2026-09");

/** Above the 10 million requests and 1 TB that are free every month. */
export const CLOUDFRONT = price(0.085, "GB", "2026-09");

export const ALARM = price(0.1, "metric and month", "2026-06");
/** One that looks more than once a minute. */
export const FAST_ALARM = price(0.3, "metric and month", "2026-06");
export const DASHBOARD = price(3, "month", "2026-06");
export const CUSTOM_METRIC = price(0.3, "metric and month", "2026-06");
export const INSIGHTS_METRIC = price(0.07, "metric and month", "2026");
export const LOGS_IN = price(0.5, "GB", "2026-06");
export const LOGS_KEPT = price(0.03, "GB and month", "2026-06");
export const TRACES = price(5, "million traces recorded", "2026", UNVERIFIED);

export const COGNITO_CLIENT = price(6, "app client and month", "2025-05");
export const COGNITO_TOKEN = price(2.25, "1,000 tokens", "2025-05");
export const SECRET = price(0.4, "secret and month", "2026", UNVERIFIED);
export const HOSTED_ZONE = price(0.5, "hosted zone and month", "2026", UNVERIFIED);
export const DNS_QUERIES = price(0.4, "million queries", "2026-09");
/** One above 4 kB; smaller ones are free. */
export const LARGE_PARAMETER = price(0.05, "parameter and month", "2026", UNVERIFIED);
export const LARGE_PARAMETER_BYTES = 4096;
export const IMAGE_STORAGE = price(0.1, "GB and month", "2026", UNVERIFIED);
export const WEB_ACL = price(5, "web ACL and month", "2026");
export const WEB_ACL_RULE = price(1, "rule and month", "2026");
export const WEB_ACL_REQUESTS = price(0.6, "million requests", "2026");

/** Instances on demand. */
export const INSTANCES: Readonly<Record<string, Price>> = {
  "g4dn.xlarge": price(0.526, "hour", "2026-09"),
  "g5.xlarge": price(1.006, "hour", "2026-09"),
  "g6.xlarge": price(0.8048, "hour", "2026-09"),
  "g6f.large": price(0.202, "hour", "2026-09"),
  "g6f.xlarge": price(0.2375, "hour", "2026-09"),
  "g6f.2xlarge": price(0.475, "hour", "2026-09"),
  "g6f.4xlarge": price(0.95, "hour", "2026-09", "inferred from the size below"),
};
export const GP3 = price(0.08, "GB and month", "2026", UNVERIFIED);
