import { randomUUID } from "node:crypto";
import {
  callback,
  errorCallback,
  readAuthorizationRequest,
  readReturn,
  SignInError,
  type AuthorizationRequest,
  type Return,
} from "./authorization-request.ts";
import { OAuthError } from "./oauth-error.ts";
import type { RunningPool } from "./running-pool.ts";

/** What a browser gets: a page to sign in at, or the way back to the client. */
export type SignInStep =
  | { readonly kind: "page"; readonly request: AuthorizationRequest; readonly requestId: string }
  | { readonly kind: "redirect"; readonly location: string; readonly refusal?: string };

/** Cognito's codes are good for five minutes, and so is its page. */
const CODE_SECONDS = 300;

/**
 * Begins a sign-in (Cognito developer guide, "Authorize endpoint").
 *
 * @param isAutomatic whether the person has signed in already, as it were: no page, and the code at once.
 * @throws {SignInError} where the browser must not be sent anywhere.
 */
export function authorize(
  running: RunningPool,
  parameters: URLSearchParams,
  isAutomatic: boolean,
): SignInStep {
  const back = readReturn(running.pool, parameters);
  try {
    const request = readAuthorizationRequest(running.pool, back, parameters);
    if (isAutomatic) return approve(running, request);
    if (request.silent) throw new OAuthError("login_required", "Nobody has signed in.");
    const requestId = running.requests.issue(request, running.in(CODE_SECONDS));
    return { kind: "page", request, requestId };
  } catch (error) {
    if (error instanceof OAuthError) return refuse(back, error);
    throw error;
  }
}

/**
 * Ends a sign-in whose page a person has answered.
 *
 * @throws {SignInError} where no page waits for that answer.
 */
export function signIn(running: RunningPool, parameters: URLSearchParams): SignInStep {
  const request = running.requests.redeem(parameters.get("request") ?? "");
  if (request === undefined) {
    throw new SignInError("This page is too old, or has been used. Start again from your client.");
  }
  return approve(running, request);
}

function approve(running: RunningPool, request: AuthorizationRequest): SignInStep {
  const { client, redirectUri, scopes, resource, codeChallenge, nonce } = request;
  const code = running.codes.issue(
    {
      clientId: client.id,
      redirectUri,
      scopes,
      resource,
      codeChallenge,
      nonce,
      signedInAt: running.now,
      originId: randomUUID(),
    },
    running.in(CODE_SECONDS),
  );
  return { kind: "redirect", location: callback(request, code) };
}

function refuse(back: Return, { code, message }: OAuthError): SignInStep {
  return { kind: "redirect", location: errorCallback(back, code), refusal: message };
}
