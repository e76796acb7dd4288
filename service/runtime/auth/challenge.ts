import type { Response } from "express";
import { markUnavailable } from "../refusals.ts";

/** An answer that asks for another credential. */
export interface Challenge {
  readonly status: 400 | 401 | 403;
  /** Undefined where no credential came (RFC 6750, 3.1). */
  readonly error?: "invalid_request" | "invalid_token" | "insufficient_scope";
  readonly description: string;
  /** The scopes to ask the authorization server for. */
  readonly scopes: readonly string[];
  /** Where the metadata is (RFC 9728, 5.1). */
  readonly resourceMetadataUrl: string;
}

/** The header of a challenge; its parameters come in the order of the MCP SDK's, whose step-up challenges clients see too. */
export function wwwAuthenticate(challenge: Challenge): string {
  const { error, description, scopes, resourceMetadataUrl } = challenge;
  const parameters = [
    ...(error === undefined ? [] : [`error="${error}"`, `error_description="${description}"`]),
    ...(scopes.length === 0 ? [] : [`scope="${scopes.join(" ")}"`]),
    `resource_metadata="${resourceMetadataUrl}"`,
  ];
  return `Bearer ${parameters.join(", ")}`;
}

/** Answers with a challenge. */
export function sendChallenge(response: Response, challenge: Challenge): void {
  response
    .status(challenge.status)
    .set("WWW-Authenticate", wwwAuthenticate(challenge))
    .json({
      error: challenge.error ?? "unauthorized",
      error_description: challenge.description,
    });
}

/** Answers that nobody can tell now. A 401 would make clients throw a good token away. */
export function sendUnavailable(
  response: Response,
  description: string,
  retryAfterSeconds: number,
): void {
  markUnavailable(response);
  response
    .status(503)
    .set("Retry-After", String(retryAfterSeconds))
    .json({ error: "temporarily_unavailable", error_description: description });
}
