import { WaitPeriodNotYetEndedJwkError } from "aws-jwt-verify/error";
import type { PenaltyBox } from "aws-jwt-verify/jwk";
import { RETRY_SECONDS } from "./issuer-metadata.ts";

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

  registerFailedAttempt(): void {
    this.#end = Date.now() + RETRY_SECONDS * 1000;
  }

  registerSuccessfulAttempt(): void {
    this.#end = -Infinity;
  }
}
