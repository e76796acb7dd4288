import { createHash, timingSafeEqual } from "node:crypto";
import { OAuthError, parameter } from "./oauth-error.ts";
import type { UserPool, UserPoolClient } from "./user-pool.ts";

/** How a client names itself, and proves it where it has a secret. */
interface Credentials {
  readonly clientId: string;
  readonly secret: string | undefined;
}

/**
 * The client that asks: by `client_secret_basic`, `client_secret_post`, or its id alone where it is public.
 *
 * @throws {OAuthError} where it is not known, or does not prove who it is.
 */
export function authenticateClient(
  { clients }: UserPool,
  parameters: URLSearchParams,
  authorization: string | undefined,
): UserPoolClient {
  const { clientId, secret } = readCredentials(parameters, authorization);
  const client = clients.find(({ id }) => id === clientId);
  if (client === undefined) {
    throw new OAuthError("invalid_client", "The user pool has no client of that id.");
  }
  if (client.secret === undefined && secret !== undefined) {
    throw new OAuthError(
      "invalid_client",
      `The client \`${client.name}\` is public, but the request brings a secret.`,
    );
  }
  if (client.secret !== undefined && !isSame(client.secret, secret ?? "")) {
    throw new OAuthError(
      "invalid_client",
      `The client \`${client.name}\` has a secret, and the request brings ${secret === undefined ? "none" : "another one"}.`,
    );
  }
  return client;
}

function readCredentials(
  parameters: URLSearchParams,
  authorization: string | undefined,
): Credentials {
  const clientId = parameter(parameters, "client_id");
  const secret = parameter(parameters, "client_secret");
  if (authorization === undefined) {
    if (clientId !== undefined) return { clientId, secret };
    throw new OAuthError("invalid_request", "The request does not say which client asks.");
  }
  const basic = readBasic(authorization);
  if (basic === undefined) {
    throw new OAuthError(
      "invalid_client",
      "The `Authorization` header is not of the form `Basic …`.",
    );
  }
  if (secret !== undefined) {
    throw new OAuthError(
      "invalid_request",
      "The client's secret comes in the `Authorization` header and in the body.",
    );
  }
  if (clientId !== undefined && clientId !== basic.clientId) {
    throw new OAuthError(
      "invalid_client",
      "The `Authorization` header names another client than the body.",
    );
  }
  return basic;
}

function readBasic(authorization: string): Credentials | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/]+=*)$/iu.exec(authorization) ?? [];
  const [, clientId, secret] =
    /^([^:]*):(.*)$/su.exec(Buffer.from(encoded ?? "", "base64").toString()) ?? [];
  return clientId === undefined ? undefined : { clientId, secret };
}

/** In the same time, however much of it is right. */
function isSame(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
