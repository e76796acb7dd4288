import { OAuthError, parameter, required, type OAuthErrorCode } from "./oauth-error.ts";
import { requestedScopes } from "./requested-scopes.ts";
import { OAuthFlow, type UserPool, type UserPoolClient } from "./user-pool.ts";

/** What a client asks a person for. */
export interface AuthorizationRequest {
  readonly client: UserPoolClient;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly scopes: readonly string[];
  /** What the access token shall be bound to. */
  readonly resource: string | undefined;
  readonly codeChallenge: string | undefined;
  readonly nonce: string | undefined;
  /** Whether nobody may be shown a page: only a session that lasts counts. */
  readonly silent: boolean;
}

/** Where an answer goes, good or bad. */
export interface Return {
  readonly client: UserPoolClient;
  readonly redirectUri: string;
  readonly state: string | undefined;
}

/** A request that comes from nowhere known, so that the error is for the person alone. */
export class SignInError extends Error {
  override readonly name = "SignInError";
}

/** @throws {SignInError} where the client or its callback URL is not known: nobody may be sent there. */
export function readReturn({ clients }: UserPool, parameters: URLSearchParams): Return {
  const [clientId, redirectUri, state] = ["client_id", "redirect_uri", "state"].map((name) =>
    only(parameters, name),
  );
  const client = clients.find(({ id }) => id === clientId);
  if (client === undefined) {
    throw new SignInError(
      "The user pool has no client of the id that the request names (`client_id`).",
    );
  }
  // Host, port and path are compared to the letter: `127.0.0.1` is not `localhost`.
  if (redirectUri === undefined || !client.callbackUrls.includes(redirectUri)) {
    const known = client.callbackUrls.map((url) => `\`${url}\``).join(", ");
    throw new SignInError(
      `redirect_mismatch: the \`redirect_uri\` of the request is \`${redirectUri ?? ""}\`; the client \`${client.name}\` has ${known || "none"}.`,
    );
  }
  return { client, redirectUri, state };
}

function only(parameters: URLSearchParams, name: string): string | undefined {
  const values = parameters.getAll(name);
  return values.length === 1 ? values[0] : undefined;
}

/** @throws {OAuthError} for the client, where Cognito would not let a person sign in for it. */
export function readAuthorizationRequest(
  { bindsResources }: UserPool,
  back: Return,
  parameters: URLSearchParams,
): AuthorizationRequest {
  const { client } = back;
  for (const name of ["client_id", "redirect_uri", "state"]) parameter(parameters, name);
  const responseType = required(parameters, "response_type");
  if (responseType !== "code" && responseType !== "token") {
    throw new OAuthError("invalid_request", "The `response_type` is neither `code` nor `token`.");
  }
  if (responseType === "token" || !client.flows.includes(OAuthFlow.Code)) {
    throw new OAuthError(
      "unauthorized_client",
      `The client \`${client.name}\` has no flow for the \`response_type\` \`${responseType}\`.`,
    );
  }
  const resource = readResource(parameters);
  return {
    ...back,
    scopes: requestedScopes(client, parameter(parameters, "scope")),
    resource: bindsResources ? resource : undefined,
    codeChallenge: readChallenge(parameters),
    nonce: parameter(parameters, "nonce"),
    silent: parameter(parameters, "prompt")?.split(" ").includes("none") ?? false,
  };
}

function readChallenge(parameters: URLSearchParams): string | undefined {
  const challenge = parameter(parameters, "code_challenge");
  const method = parameter(parameters, "code_challenge_method");
  if (challenge === undefined && method === undefined) return undefined;
  if (method !== "S256") {
    throw new OAuthError("invalid_request", "The `code_challenge_method` is not `S256`.");
  }
  if (challenge === undefined || !/^[\w-]{43}$/u.test(challenge)) {
    throw new OAuthError(
      "invalid_request",
      "The `code_challenge` is not a SHA-256 digest in base64url.",
    );
  }
  return challenge;
}

/** On AWS a loopback address has the name `localhost`; here it stands for the https address that the program declares. */
function readResource(parameters: URLSearchParams): string | undefined {
  const resource = parameter(parameters, "resource");
  if (resource === undefined) return undefined;
  const url = URL.parse(resource);
  const isPlain = url?.protocol === "http:" && !["localhost", "127.0.0.1"].includes(url.hostname);
  if (url !== null && !isPlain) return resource;
  throw new OAuthError(
    "invalid_request",
    "The `resource` is neither an https address, one of `http://localhost` nor one of a scheme of its own.",
  );
}

/** Where a person is sent with a code. */
export function callback({ redirectUri, state }: Return, code: string): string {
  return returnAddress(redirectUri, { code, state });
}

/** Where a person is sent with an error. */
export function errorCallback({ redirectUri, state }: Return, error: OAuthErrorCode): string {
  return returnAddress(redirectUri, { error, state });
}

function returnAddress(
  redirectUri: string,
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const address = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) address.searchParams.append(name, value);
  }
  return address.href;
}
