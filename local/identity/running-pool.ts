import type { Clock } from "../clock.ts";
import type { AuthorizationRequest } from "./authorization-request.ts";
import { OpaqueValues } from "./opaque-values.ts";
import { SigningKeys } from "./signing-keys.ts";
import type { Grant, TokenIssuer } from "./tokens.ts";
import type { UserPool } from "./user-pool.ts";

/** What an authorization code stands for. */
export interface CodeGrant extends Grant {
  readonly redirectUri: string;
  /** The S256 challenge of the request. */
  readonly codeChallenge: string | undefined;
}

/** A user pool at work. */
export class RunningPool implements TokenIssuer {
  /** What the program declares; a deployment may change it. */
  pool: UserPool;
  readonly issuer: string;
  readonly keys: SigningKeys;
  /** Requests that wait for a person to sign in. */
  readonly requests: OpaqueValues<AuthorizationRequest>;
  readonly codes: OpaqueValues<CodeGrant>;
  readonly refreshTokens: OpaqueValues<Grant>;
  readonly #clock: Pick<Clock, "now">;

  private constructor(
    pool: UserPool,
    origin: string,
    keys: SigningKeys,
    clock: Pick<Clock, "now">,
  ) {
    this.pool = pool;
    this.issuer = `${origin}/${pool.id}`;
    this.keys = keys;
    this.requests = new OpaqueValues(clock);
    this.codes = new OpaqueValues(clock);
    this.refreshTokens = new OpaqueValues(clock);
    this.#clock = clock;
  }

  static async create(
    pool: UserPool,
    origin: string,
    clock: Pick<Clock, "now">,
  ): Promise<RunningPool> {
    return new RunningPool(pool, origin, await SigningKeys.create(), clock);
  }

  /** Now, in seconds since 1970, as tokens count. */
  get now(): number {
    return Math.floor(this.#clock.now() / 1000);
  }

  /** The moment of the clock that is that many seconds ahead. */
  in(seconds: number): number {
    return this.#clock.now() + seconds * 1000;
  }
}
