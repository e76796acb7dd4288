import type { Request, RequestHandler, Response } from "express";
import type { AuthInfo } from "@modelcontextprotocol/server";
import type { Logger } from "../log.ts";
import { authInfoOf } from "./auth-info.ts";
import { sendChallenge, sendUnavailable, type Challenge } from "./challenge.ts";
import { readCredentials } from "./credentials.ts";
import { RETRY_SECONDS } from "./issuer-metadata.ts";
import { REFUSALS, type Refusal } from "./refusal.ts";
import type { Verdict, VerifyToken } from "./verdict.ts";

/** A request that the guard has let through; the MCP SDK's handlers look for `auth`. */
export type AuthenticatedRequest = Request & { auth?: AuthInfo };

/** What a guard needs to know. */
export interface GuardOptions {
  readonly verify: VerifyToken;
  /** The scopes that every caller needs, as they stand in tokens. */
  readonly requiredScopes: readonly string[];
  readonly resourceMetadataUrl: string;
  readonly log: Logger;
}

/** Lets a request pass only with a bearer token that is good, and says who calls. */
export function createGuard(options: GuardOptions): RequestHandler {
  const { verify, requiredScopes, resourceMetadataUrl, log } = options;

  const challenge = (
    response: Response,
    answer: Omit<Challenge, "scopes" | "resourceMetadataUrl">,
  ): void => {
    sendChallenge(response, { ...answer, scopes: requiredScopes, resourceMetadataUrl });
  };
  const refuse = (response: Response, refusal: Refusal): void => {
    log.debug({ refusal }, "token refused");
    challenge(response, {
      status: 401,
      error: "invalid_token",
      description: REFUSALS[refusal],
    });
  };

  /** Whether the request may go on; otherwise it has been answered. */
  const settle = (request: AuthenticatedRequest, response: Response, verdict: Verdict): boolean => {
    if (verdict.outcome === "refused") {
      refuse(response, verdict.refusal);
      return false;
    }
    if (verdict.outcome === "unavailable") {
      sendUnavailable(
        response,
        "The keys of the authorization server are out of reach, so that no token can be checked. Try again.",
        RETRY_SECONDS,
      );
      return false;
    }
    const { caller, expiresAt } = verdict;
    const { scopes } = caller;
    if (scopes !== "all" && !requiredScopes.every((scope) => scopes.includes(scope))) {
      challenge(response, {
        status: 403,
        error: "insufficient_scope",
        description: "The token does not carry every scope that this server needs.",
      });
      return false;
    }
    request.auth = authInfoOf(caller, resourceMetadataUrl, expiresAt);
    return true;
  };

  return (request: AuthenticatedRequest, response, next) => {
    const credentials = readCredentials(request.rawHeaders);
    switch (credentials.kind) {
      case "none":
        challenge(response, { status: 401, description: "This server needs a bearer token." });
        return;
      case "ambiguous":
        challenge(response, {
          status: 400,
          error: "invalid_request",
          description: "The request has more than one Authorization header.",
        });
        return;
      case "oversized":
      case "malformed":
        refuse(response, credentials.kind);
        return;
      case "token": {
        const verdict = verify(credentials.token);
        if (!(verdict instanceof Promise)) {
          if (settle(request, response, verdict)) next();
          return;
        }
        verdict.then((late) => {
          if (settle(request, response, late)) next();
        }, next);
      }
    }
  };
}
