import type { Logger } from "pino";
import { machineClock, type Clock } from "../../../runtime/telemetry/clock.ts";
import type { AddressResolver } from "./addresses/resolver.ts";
import type { AwsCredentials } from "./credentials/sigv4.ts";
import type { UpstreamEvents } from "./events.ts";

/** What upstreams take from the process around them; everything but the first two has a default. */
export interface UpstreamSurroundings {
  readonly log: Logger;
  /** What the gateway calls itself where it speaks for no client. */
  readonly clientInfo: { readonly name: string; readonly version: string };
  /** Where `variable` secrets are read from. Default: `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** A number of [0, 1). Default: `Math.random`. */
  readonly random?: () => number;
  /** Default: the name servers of the machine, and its hosts file where these know nothing. */
  readonly resolveAddresses?: AddressResolver;
  /** Reads a secret by its ARN. Default: Secrets Manager. */
  readonly readSecret?: (arn: string) => Promise<string>;
  /** Default: the AWS SDK's provider chain, which is the task's role on ECS. */
  readonly awsCredentials?: () => Promise<AwsCredentials>;
  readonly events?: UpstreamEvents;
  /** Whether an address takes a connection, asked when it has been silent; `ip` is undefined where the host name is used. Default: one is made. */
  readonly takesConnections?: (ip: string | undefined) => Promise<boolean>;
  /** How long a connection may take to be made, in milliseconds. Default 1000: inside a VPC it takes one, and a lost address answers never. */
  readonly connectMilliseconds?: number;
  /** The longest answer, or event of an answer, in bytes. Default 16 MiB. */
  readonly maxAnswerBytes?: number;
}

/** {@link UpstreamSurroundings} with every default in place. */
export interface CompleteSurroundings extends UpstreamSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: UpstreamEvents;
  readonly connectMilliseconds: number;
  readonly maxAnswerBytes: number;
}

const CONNECT_MILLISECONDS = 1000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Puts the defaults in. */
export function completeSurroundings(given: UpstreamSurroundings): CompleteSurroundings {
  return {
    ...given,
    environment: given.environment ?? process.env,
    clock: given.clock ?? machineClock,
    random: given.random ?? Math.random,
    events: given.events ?? {},
    connectMilliseconds: given.connectMilliseconds ?? CONNECT_MILLISECONDS,
    maxAnswerBytes: given.maxAnswerBytes ?? MAX_ANSWER_BYTES,
  };
}
