import type { Snapshot } from "../../snapshot/snapshot.ts";

/** How a service did at one moment: what the small graphs beside its name are drawn from. */
export interface Sample {
  readonly requestsPerSecond: number;
  readonly failuresPerSecond: number;
  readonly p50Milliseconds: number | undefined;
  readonly p99Milliseconds: number | undefined;
}

/** The samples of each service, oldest first. */
export type History = Readonly<Record<string, readonly Sample[]>>;

/** Two minutes, at a sample a second. */
export const SAMPLES = 120;

/** How many milliseconds pass between samples. */
export const SAMPLE_MILLISECONDS = 1000;

/** A history with one more sample of every service of a snapshot; services that have gone are gone from it. */
export function sampled(history: History, { services }: Snapshot): History {
  return Object.fromEntries(
    services.map((service) => [
      service.name,
      [
        ...(history[service.name] ?? []),
        {
          requestsPerSecond: service.requestsPerSecond,
          failuresPerSecond: service.failuresPerSecond,
          p50Milliseconds: service.p50Milliseconds,
          p99Milliseconds: service.p99Milliseconds,
        },
      ].slice(-SAMPLES),
    ]),
  );
}
