import type { Graph, GraphResource } from "../../graph/graph.ts";

/** What a month's use is taken to be; real use is another. */
export const USAGE = {
  calls: 1_000_000,
  /** Of a call and its answer, together. */
  kilobytesPerCall: 5,
  /** In CloudWatch's log group. */
  logKilobytesPerCall: 2,
  /** A client that keeps its token asks for one an hour. */
  tokensPerClient: 730,
  /** Of an image, all its versions together. */
  gigabytesPerImage: 1,
} as const;

export const GIGABYTES_OF_LOGS = (USAGE.calls * USAGE.logKilobytesPerCall) / 1_000_000;
export const GIGABYTES_OF_CALLS = (USAGE.calls * USAGE.kilobytesPerCall) / 1_000_000;

/** The same as sentences. */
export const ASSUMPTIONS: readonly string[] = [
  `${USAGE.calls.toLocaleString("en-GB")} calls a month over all services, ${USAGE.kilobytesPerCall} kB each with their answers, and as much again that tools fetch`,
  `${USAGE.logKilobytesPerCall} kB of logs a call`,
  "a client that keeps its token for an hour: 730 tokens a month",
  `${USAGE.gigabytesPerImage} GB of images a repository`,
  "a month of 730 hours, prices of us-east-1 in US dollars without taxes; an account's free allowances are not taken off, but CloudFront's",
];

export function ofType(graph: Graph, type: string): GraphResource[] {
  return graph.resources.filter((resource) => resource.type === type);
}
