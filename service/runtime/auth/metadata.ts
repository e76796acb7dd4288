import type { RequestHandler, Response } from "express";
import type { AuthConfiguration } from "./configuration.ts";
import { sendUnavailable } from "./challenge.ts";
import { RETRY_SECONDS, type IssuerMetadata, type IssuerMetadataCache } from "./issuer-metadata.ts";
import { operationScopes } from "./scopes.ts";

/** Where RFC 9728 puts the metadata of a resource: the well-known segment before the resource's own path. */
const PROTECTED_RESOURCE = "/.well-known/oauth-protected-resource";
const AUTHORIZATION_SERVER = "/.well-known/oauth-authorization-server";
const OPENID_CONFIGURATION = "/.well-known/openid-configuration";

/** What the metadata is about. */
export interface Resource {
  /** The address that clients use. */
  readonly publicUrl: URL;
  /** The path that the endpoint has here; a balancer may show clients another one. */
  readonly path: string;
  /** What people call the server. */
  readonly title: string;
  /** The scopes that tools, prompts and resources declare, without the prefix. */
  readonly scopes: () => readonly string[];
}

/** The address of the metadata, for challenges. */
export function resourceMetadataUrl(publicUrl: URL): string {
  return new URL(PROTECTED_RESOURCE + pathOf(publicUrl.pathname), publicUrl).href;
}

/** The RFC 9728 document of the endpoint. A static token has no authorization server, so none is named. */
export function protectedResourceMetadata(
  { publicUrl, title, scopes }: Resource,
  auth: AuthConfiguration,
): Record<string, unknown> {
  const common = {
    resource: publicUrl.href,
    resource_name: title,
    bearer_methods_supported: ["header"],
  };
  if (auth.mode !== "oidc") return common;
  const supported = operationScopes(scopes(), {
    prefix: auth.scopePrefix,
    required: auth.requiredScopes,
  });
  return {
    ...common,
    authorization_servers: [
      auth.authorizationServerMetadata === "self" ? publicUrl.href : auth.issuer,
    ],
    ...(supported.length === 0 ? {} : { scopes_supported: supported }),
  };
}

/**
 * The RFC 8414 document of this server as its own authorization server: the issuer's, under our name, since clients compare it with the
 * address that they asked. Cognito does not say that it knows PKCE (it does), and MCP clients must refuse servers that do not say so.
 */
export function authorizationServerMetadata(
  publicUrl: URL,
  issuer: IssuerMetadata,
): Record<string, unknown> {
  return { code_challenge_methods_supported: ["S256"], ...issuer, issuer: publicUrl.href };
}

/** Gives one document. */
type Document = (response: Response) => Promise<void> | void;

/** Serves the documents: without a token, to pages of every origin, and nothing where nobody has to prove who they are. */
export function serveMetadata(
  resource: Resource,
  auth: AuthConfiguration,
  issuer: IssuerMetadataCache | undefined,
): RequestHandler {
  const documents = documentsByPath(resource, auth, issuer);
  return (request, response, next) => {
    const document = documents.get(pathOf(request.path));
    if (document === undefined) {
      next();
      return;
    }
    response.set("Access-Control-Allow-Origin", "*");
    switch (request.method) {
      case "GET":
      case "HEAD":
        return document(response);
      case "OPTIONS":
        // MCP clients in browsers send `MCP-Protocol-Version`, which makes them ask first.
        response
          .status(204)
          .set("Access-Control-Allow-Methods", "GET")
          .set("Access-Control-Allow-Headers", "*")
          .set("Access-Control-Max-Age", "600")
          .end();
        return;
      default:
        response.status(405).set("Allow", "GET").json({ error: "method_not_allowed" });
    }
  };
}

function documentsByPath(
  resource: Resource,
  auth: AuthConfiguration,
  issuer: IssuerMetadataCache | undefined,
): ReadonlyMap<string, Document> {
  const { publicUrl } = resource;
  const documents = new Map<string, Document>();
  if (auth.mode === "none") return documents;
  const paths = [publicUrl.pathname, resource.path].map(pathOf);
  // The root, too: clients try it where the path made from the resource's own has nothing.
  for (const path of [...paths, ""]) {
    documents.set(PROTECTED_RESOURCE + path, (response) => {
      response.json(protectedResourceMetadata(resource, auth));
    });
  }
  const isSelf = auth.mode === "oidc" && auth.authorizationServerMetadata === "self";
  if (!isSelf || issuer === undefined) return documents;
  // The places that clients try for an authorization server with a path (MCP, "Authorization Server Metadata Discovery").
  for (const path of paths) {
    for (const place of [
      AUTHORIZATION_SERVER + path,
      OPENID_CONFIGURATION + path,
      path + OPENID_CONFIGURATION,
    ]) {
      documents.set(place, (response) => sendIssuerMetadata(response, publicUrl, issuer));
    }
  }
  return documents;
}

async function sendIssuerMetadata(
  response: Response,
  publicUrl: URL,
  issuer: IssuerMetadataCache,
): Promise<void> {
  try {
    response.json(authorizationServerMetadata(publicUrl, await issuer.get()));
  } catch {
    // The cache has logged it.
    sendUnavailable(
      response,
      "The metadata of the authorization server is out of reach. Try again.",
      RETRY_SECONDS,
    );
  }
}

function pathOf(pathname: string): string {
  return pathname.replace(/\/$/u, "");
}
