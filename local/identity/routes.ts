import type { IncomingMessage, ServerResponse } from "node:http";
import { SignInError } from "./authorization-request.ts";
import { authorize, signIn, type SignInStep } from "./authorize-endpoint.ts";
import { discoveryDocument } from "./discovery.ts";
import { readForm } from "./form.ts";
import { OAuthError } from "./oauth-error.ts";
import type { RunningPool } from "./running-pool.ts";
import { sendError, sendJson, sendPage, sendPreflight, sendRedirect } from "./send.ts";
import { errorPage, signInPage } from "./sign-in-page.ts";
import { exchange } from "./token-endpoint.ts";
import { userInfo } from "./user-info.ts";

/** What the endpoints need to know beside the pools. */
export interface RouteOptions {
  readonly signIn: "page" | "automatic";
  readonly onRefusal: (sentence: string) => void;
}

/** Answers one request; rejects only by a mistake of ours. */
export type Routes = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

interface Endpoint {
  readonly method: "GET" | "POST";
  readonly handle: (exchange: Exchange) => Promise<void> | void;
}

/** The endpoints of some pools: the issuer's under the pool's id, those of OAuth under its domains. */
export function createRoutes(pools: readonly RunningPool[], options: RouteOptions): Routes {
  const endpoints = new Map(pools.flatMap((pool) => endpointsOf(pool, options)));
  return async (request, response) => {
    const host = request.headers.host ?? "";
    const { localPort } = request.socket;
    // A page whose own name leads here (DNS rebinding) is none of this machine's.
    if (host !== `127.0.0.1:${localPort ?? 0}` && host !== `localhost:${localPort ?? 0}`) {
      sendError(request, response, 421, "misdirected_request");
      return;
    }
    const url = URL.parse(request.url ?? "", `http://${host}`);
    const endpoint = endpoints.get(url?.pathname ?? "");
    if (url === null || endpoint === undefined) {
      sendError(request, response, 404, "not_found");
    } else if (request.method === "OPTIONS") {
      sendPreflight(response, endpoint.method);
    } else if (request.method !== endpoint.method) {
      response.setHeader("Allow", endpoint.method);
      sendError(request, response, 405, "method_not_allowed");
    } else {
      await endpoint.handle({ request, response, url });
    }
  };
}

function endpointsOf(running: RunningPool, options: RouteOptions): [string, Endpoint][] {
  const { pool, issuer } = running;
  const origin = issuer.slice(0, -pool.id.length - 1);
  // Of a pool that exists already the domain may not be known.
  const domains = pool.domains.length === 0 ? [pool.id] : pool.domains.map(({ domain }) => domain);
  const [domain = ""] = domains;
  const get = (handle: Endpoint["handle"]): Endpoint => ({ method: "GET", handle });
  const post = (handle: Endpoint["handle"]): Endpoint => ({ method: "POST", handle });
  return [
    [
      `/${pool.id}/.well-known/openid-configuration`,
      get(({ response }) => {
        sendJson(response, 200, discoveryDocument({ issuer, domain: `${origin}/${domain}` }));
      }),
    ],
    [
      `/${pool.id}/.well-known/jwks.json`,
      get(({ response }) => {
        sendJson(response, 200, running.keys.jwks);
      }),
    ],
    ...domains.flatMap((path): [string, Endpoint][] => [
      [`/${path}/oauth2/token`, post((exchanged) => giveToken(running, options, exchanged))],
      [
        `/${path}/oauth2/authorize`,
        get((exchanged) => {
          step(exchanged.response, options, `/${path}/login`, () =>
            authorize(running, exchanged.url.searchParams, options.signIn === "automatic"),
          );
        }),
      ],
      [
        `/${path}/login`,
        post(async ({ request, response }) => {
          const form = await readForm(request).catch((error: unknown) => {
            if (error instanceof OAuthError) return new URLSearchParams();
            throw error;
          });
          step(response, options, "", () => signIn(running, form));
        }),
      ],
      [
        `/${path}/oauth2/userInfo`,
        get(({ request, response }) => {
          tellPerson(running, request, response);
        }),
      ],
    ]),
  ];
}

async function giveToken(
  running: RunningPool,
  { onRefusal }: RouteOptions,
  { request, response }: Exchange,
): Promise<void> {
  try {
    const parameters = await readForm(request);
    sendJson(response, 200, exchange(running, parameters, request.headers.authorization));
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    onRefusal(`The token endpoint answered \`${error.code}\`. ${error.message}`);
    sendError(request, response, 400, error.code, error.description);
  }
}

function step(
  response: ServerResponse,
  { onRefusal }: RouteOptions,
  action: string,
  take: () => SignInStep,
): void {
  try {
    const next = take();
    if (next.kind === "page") {
      sendPage(response, 200, signInPage(next.request, action, next.requestId));
      return;
    }
    if (next.refusal !== undefined) onRefusal(`Nobody can sign in. ${next.refusal}`);
    sendRedirect(response, next.location);
  } catch (error) {
    if (!(error instanceof SignInError)) throw error;
    onRefusal(`Nobody can sign in. ${error.message}`);
    sendPage(response, 400, errorPage(error.message));
  }
}

function tellPerson(
  running: RunningPool,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const info = userInfo(running, request.headers.authorization);
  if (info.kind === "person") sendJson(response, 200, info.claims);
  else {
    const error = info.status === 400 ? "invalid_request" : "invalid_token";
    sendJson(response, info.status, { error }, { "WWW-Authenticate": info.challenge });
  }
}
