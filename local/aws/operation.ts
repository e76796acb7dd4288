import type { IamRequest } from "../iam/decide.ts";

/** What an operation knows of the request around it. */
export interface OperationContext {
  readonly region: string;
  /**
   * Refuses what the caller's role may not do.
   *
   * @throws {AwsError}
   */
  readonly allow: (request: IamRequest) => void;
  /** A value with the addresses of this machine, as the caller is to see them. */
  readonly atHome: (value: string) => string;
}

/**
 * Answers the body of a request with one.
 *
 * @throws {AwsError}
 */
export type Operation = (body: unknown, context: OperationContext) => object;
