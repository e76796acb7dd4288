import type { Operations } from "./operation.ts";
import type { ArgumentCheck } from "./argument-check.ts";

/** What the operations of an application are now, and what holds arguments against them. */
export interface Known {
  readonly operations: Operations;
  readonly check: ArgumentCheck;
}

/** Where the operations of an application come from. */
export interface OperationSource {
  /** Undefined as long as nothing is known. */
  readonly known: Known | undefined;
  /** For how long, in milliseconds, what is known is good without a question. */
  readonly ttlMilliseconds: number;
  /**
   * Asks anew where it is time to.
   *
   * @returns whether the application itself was asked, and answered.
   * @throws {RelayError} where nothing is known, or the application does not answer.
   */
  refresh(): Promise<boolean>;
  /** Ends what is under way. */
  close(): Promise<void>;
}
