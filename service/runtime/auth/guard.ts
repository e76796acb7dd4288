import type { IncomingMessage } from "node:http";
import type { Request, RequestHandler, Response } from "express";
import type { AuthInfo } from "@modelcontextprotocol/server";
import type { Caller } from "../caller.ts";
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

/** Who sends a request, as far as that has to be known. */
export interface Identity {
  /** Undefined where nobody has to prove who they are. */
  readonly caller: Caller | undefined;
}

/** Knows callers by their bearer tokens. */
export interface Guard {
  /** Lets a request pass only with a bearer token that is good, and says who calls. */
  readonly handle: RequestHandler;
  /** Tells at once who sends a request; undefined where that takes time, or an answer: then `handle` has to look. */
  readonly identify: (request: IncomingMessage) => Identity | undefined;
}

export function createGuard(options: GuardOptions): Guard {
  const { verify, requiredScopes, resourceMetadataUrl, log } = options;
  /** Of requests that `identify` has left to `handle`. */
  const verdicts = new WeakMap<IncomingMessage, ReturnType<VerifyToken>>();
  const hasRequired = ({ scopes }: Caller): boolean =>
    scopes === "all" || requiredScopes.every((scope) => scopes.includes(scope));

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
    if (!hasRequired(caller)) {
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

  const handle: RequestHandler = (request: AuthenticatedRequest, response, next) => {
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
        const verdict = verdicts.get(request) ?? verify(credentials.token);
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
  return {
    handle,
    identify: (request) => {
      const credentials = readCredentials(request.rawHeaders);
      if (credentials.kind !== "token") return undefined;
      const verdict = verify(credentials.token);
      if ("outcome" in verdict && verdict.outcome === "accepted" && hasRequired(verdict.caller))
        return verdict;
      if (verdict instanceof Promise) verdict.catch(ignore);
      verdicts.set(request, verdict);
      return undefined;
    },
  };
}

function ignore(): void {
  // Whoever waits for the verdict says what is the matter.
}
