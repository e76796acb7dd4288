/** The errors of Cognito's endpoints (developer guide, "Token endpoint" and "Authorize endpoint"). */
export type OAuthErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "invalid_scope"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "login_required";

/** A request that Cognito would refuse. The message says why, which Cognito does not; it never holds a secret. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  readonly code: OAuthErrorCode;
  /** The few words that Cognito adds to some errors. */
  readonly description: string | undefined;

  constructor(code: OAuthErrorCode, message: string, description?: string) {
    super(message);
    this.code = code;
    this.description = description;
  }
}

/** The value of a parameter; undefined where it is not there, or empty (RFC 6749, 3.1). */
export function parameter(parameters: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = parameters.getAll(name);
  if (more.length > 0) {
    throw new OAuthError("invalid_request", `The parameter \`${name}\` comes more than once.`);
  }
  return value === "" ? undefined : value;
}

/** The value of a parameter that must be there. */
export function required(parameters: URLSearchParams, name: string): string {
  const value = parameter(parameters, name);
  if (value !== undefined) return value;
  throw new OAuthError("invalid_request", `The parameter \`${name}\` is missing.`);
}
