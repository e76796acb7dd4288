import { createHash, timingSafeEqual } from "node:crypto";
import type { RequestHandler, Response } from "express";
import type { AuthConfiguration, RuntimeConfiguration } from "./configuration.ts";

/** Where RFC 9728 puts the metadata of a resource: the well-known segment before the resource's own path. */
const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** The paths that serve the metadata: the one made from the endpoint's path, then the root that clients try next. */
export function metadataPaths(path: string): readonly string[] {
  return path === "/" ? [WELL_KNOWN] : [`${WELL_KNOWN}${path}`, WELL_KNOWN];
}

/** The RFC 9728 document of the endpoint. A static token has no authorization server, so none is named. */
export function protectedResourceMetadata(publicUrl: URL, title: string): Record<string, unknown> {
  return {
    resource: publicUrl.href,
    resource_name: title,
    bearer_methods_supported: ["header"],
  };
}

/** Lets a request pass only with a bearer token that the configuration knows. */
export function requireAuth(configuration: RuntimeConfiguration): RequestHandler {
  const { auth } = configuration;
  if (auth.mode === "none") {
    return (_request, _response, next) => {
      next();
    };
  }
  const isKnown = tokenCheck(auth);
  const metadataUrl = new URL(
    `${WELL_KNOWN}${configuration.publicUrl.pathname.replace(/\/$/u, "")}`,
    configuration.publicUrl,
  );
  return (request, response, next) => {
    const token = bearerToken(request.headers.authorization);
    if (token !== undefined && isKnown(token)) {
      next();
      return;
    }
    challenge(response, metadataUrl, token !== undefined);
  };
}

/** The token of an `Authorization: Bearer …` header; the scheme is case-insensitive (RFC 9110, 11.1). */
function bearerToken(header: string | undefined): string | undefined {
  return /^bearer +([\w.~+/=-]+)$/iu.exec(header ?? "")?.[1];
}

function tokenCheck(
  auth: AuthConfiguration & { mode: "static-token" },
): (token: string) => boolean {
  // Digests have one length, so that the comparison's time tells nothing about the tokens, not even theirs.
  const digests = auth.tokens.map(digest);
  return (token) => {
    const given = digest(token);
    return digests.map((known) => timingSafeEqual(known, given)).includes(true);
  };
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** RFC 6750: no error code where no token came, `invalid_token` where a wrong one did. */
function challenge(response: Response, metadataUrl: URL, tokenGiven: boolean): void {
  const description = tokenGiven
    ? "The bearer token is not valid for this server."
    : "This server needs a bearer token.";
  response
    .status(401)
    .set(
      "WWW-Authenticate",
      `Bearer ${tokenGiven ? `error="invalid_token", error_description="${description}", ` : ""}resource_metadata="${metadataUrl.href}"`,
    )
    .json({ error: tokenGiven ? "invalid_token" : "unauthorized", error_description: description });
}
