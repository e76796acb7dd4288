import { WaitPeriodNotYetEndedJwkError } from "aws-jwt-verify/error";
import type { PenaltyBox } from "aws-jwt-verify/jwk";
import { RETRY_SECONDS } from "./issuer-metadata.ts";

/** So short because good tokens of a key that was published a moment ago are refused meanwhile; a request a second is no burden. */
const UNKNOWN_KEY_MILLISECONDS = 1000;

/**
 * Bounds how often tokens of unknown keys, which anybody can send, make us ask the issuer. Unlike the package's own `SimplePenaltyBox` it
 * asks the clock instead of starting timers, one of which may end the pause that a later one began.
 */
export class KeyRequestPause implements PenaltyBox {
  #end = -Infinity;

  /** @throws {WaitPeriodNotYetEndedJwkError} during a pause: nobody's call is held up for it. */
  wait(): Promise<void> {
    return Date.now() >= this.#end
      ? Promise.resolve()
      : Promise.reject(
          new WaitPeriodNotYetEndedJwkError("The issuer was asked for its keys a moment ago."),
        );
  }

  /** The issuer does not publish a key that was asked for. */
  registerFailedAttempt(): void {
    this.#begin(UNKNOWN_KEY_MILLISECONDS);
  }

  /** The issuer cannot be asked. */
  registerOutage(): void {
    this.#begin(RETRY_SECONDS * 1000);
  }

  registerSuccessfulAttempt(): void {
    this.#end = -Infinity;
  }

  #begin(milliseconds: number): void {
    this.#end = Date.now() + milliseconds;
  }
}
