import type { ScopeChallengeHandler } from "@modelcontextprotocol/server";
import type { RequestHandler } from "express";
import type { Caller } from "../caller.ts";
import type { Logger } from "../log.ts";
import type { AuthConfiguration } from "./configuration.ts";
import { createGuard, type Guard } from "./guard.ts";
import { IssuerMetadataCache, jwksUriOf } from "./issuer-metadata.ts";
import { fetchDocument, IssuerError, type IssuerRequest } from "./issuer-request.ts";
import { KeySet } from "./key-set.ts";
import { serveMetadata, resourceMetadataUrl, type Resource } from "./metadata.ts";
import { hasScopes, operationScopes, scopeChallenge, type ScopeNames } from "./scopes.ts";
import { verifyOidcTokens } from "./oidc-tokens.ts";
import { verifyStaticTokens } from "./static-tokens.ts";
import type { VerifyToken } from "./verdict.ts";

export { callerOf } from "./auth-info.ts";
export type { AuthenticatedRequest, Identity } from "./guard.ts";

/** What it takes to know callers. */
export interface AuthOptions {
  readonly configuration: AuthConfiguration;
  /** The address that clients use: the `resource` of the metadata; never derived from `Host`. */
  readonly publicUrl: URL;
  /** The path of the MCP endpoint. Default: that of `publicUrl`. */
  readonly path?: string;
  /** What people call the server. */
  readonly title: string;
  /** The scopes that tools, prompts and resources declare, for the metadata. Default: none. */
  readonly scopes?: () => readonly string[];
  readonly log: Logger;
  /** What asks the issuer. Default: Node's own. */
  readonly fetch?: typeof globalThis.fetch;
}

/** Knows callers, and tells clients how to become known. */
export interface Auth {
  /** Lets good tokens through, with `auth` on the request; answers others with 400, 401, 403 or 503. */
  readonly guard: RequestHandler;
  /** Knows at once whom the guard would let through, where that can be told without waiting. */
  readonly identify: Guard["identify"];
  /** Serves the documents of RFC 9728 and RFC 8414; mount it at the root of the application, before the endpoint's own guards. */
  readonly metadata: RequestHandler;
  /** Asks callers without the scopes that an operation declares to step up. */
  challenge(scopes: readonly string[]): ScopeChallengeHandler;
  /** Whether a caller has the scopes that an operation declares. */
  permits(caller: Caller | undefined, scopes: readonly string[]): boolean;
  /** Fetches the issuer's keys in the background, so that the first call need not wait for them. It fails silently but for the log. */
  warmUp(): void;
  /** Ends requests to the issuer and their timer. */
  close(): void;
}

/** Makes the guard of the configured mode. */
export function createAuth(options: AuthOptions): Auth {
  const { configuration, publicUrl, log } = options;
  const resource: Resource = {
    publicUrl,
    path: options.path ?? publicUrl.pathname,
    title: options.title,
    scopes: options.scopes ?? (() => []),
  };
  const guarded = (verify: VerifyToken, requiredScopes: readonly string[]): Guard =>
    createGuard({
      verify,
      requiredScopes,
      resourceMetadataUrl: resourceMetadataUrl(publicUrl),
      log,
    });
  switch (configuration.mode) {
    case "none":
      return withoutIssuer(OPEN);
    case "static-token":
      return withoutIssuer(guarded(verifyStaticTokens(configuration.tokens), []));
    case "oidc": {
      const closing = new AbortController();
      const request = { fetch: options.fetch ?? fetch, signal: closing.signal };
      const issuer = new IssuerMetadataCache(configuration.issuer, request, log);
      const keys = new KeySet(
        configuration.issuer,
        async () => fetchKeys(configuration.jwksUri ?? jwksUriOf(await issuer.get()), request),
        log,
      );
      const guard = guarded(verifyOidcTokens(configuration, keys), configuration.requiredScopes);
      return {
        guard: guard.handle,
        identify: guard.identify,
        metadata: serveMetadata(resource, configuration, issuer),
        ...scopeChecks({
          prefix: configuration.scopePrefix,
          required: configuration.requiredScopes,
        }),
        warmUp: () => void keys.refresh(),
        close: () => {
          keys.close();
          closing.abort();
        },
      };
    }
  }

  function withoutIssuer({ handle, identify }: Guard): Auth {
    return {
      guard: handle,
      identify,
      metadata: serveMetadata(resource, configuration, undefined),
      ...scopeChecks({ prefix: "", required: [] }),
      warmUp: () => undefined,
      close: () => undefined,
    };
  }
}

const NOBODY = { caller: undefined };

/** Lets everybody through. */
const OPEN: Guard = {
  handle: (_request, _response, next) => {
    next();
  },
  identify: () => NOBODY,
};

async function fetchKeys(address: string, request: IssuerRequest): Promise<ArrayBuffer> {
  const bytes = await fetchDocument(address, request);
  if (bytes === undefined) throw new IssuerError(`The issuer has no keys at ${address}.`);
  return bytes;
}

function scopeChecks(names: ScopeNames): Pick<Auth, "challenge" | "permits"> {
  return {
    challenge: (scopes) => scopeChallenge(scopes, names),
    permits: (caller, scopes) => hasScopes(caller, operationScopes(scopes, names)),
  };
}
