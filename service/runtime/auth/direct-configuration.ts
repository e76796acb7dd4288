import { z } from "zod";
import { ConfigurationError } from "../configuration-error.ts";
import { list, readVariables, type Environment } from "../environment.ts";
import { scopePrefix, scopes, type AuthConfiguration } from "./configuration.ts";

const schema = z.object({
  AUTH_DIRECT_AUDIENCES: list,
  AUTH_DIRECT_REQUIRED_SCOPES: scopes,
  AUTH_DIRECT_SCOPE_PREFIX: scopePrefix.optional(),
});

/** Refuses variables that nothing would heed: somebody relies on them. */
export function refuseDirectAuth(environment: Environment, why: string): void {
  const idle = Object.keys(schema.shape).find((name) => environment[name] !== undefined);
  if (idle === undefined) return;
  throw new ConfigurationError(
    `\`${idle}\` is set, but ${why}, so that it would change nothing. Unset it.`,
  );
}

/**
 * Reads what tokens of a gateway's callers must say, where it differs from what those of the server's own callers must: the issuer is the same, the audience is
 * the gateway.
 *
 * @param own how the server's own callers prove who they are.
 * @param url the gateway's address: the default audience.
 * @throws {ConfigurationError} that names every variable that is wrong, its value and the way out.
 */
export function readDirectAuth(
  environment: Environment,
  own: AuthConfiguration,
  url: URL,
): AuthConfiguration {
  if (own.mode !== "oidc") {
    refuseDirectAuth(environment, `\`AUTH_MODE\` is \`${own.mode}\``);
    return own;
  }
  const variables = readVariables(schema, environment, new Set());
  const given = variables.AUTH_DIRECT_AUDIENCES;
  const audiences = given.length === 0 ? [url.href] : given;
  const required = variables.AUTH_DIRECT_REQUIRED_SCOPES;
  // An authorization server that makes scopes of a resource's address, as Cognito does, says by them what `aud` says elsewhere.
  const bindingScopes = required.filter((scope) =>
    audiences.some((audience) => scope.startsWith(`${audience.replace(/\/$/u, "")}/`)),
  );
  return {
    ...own,
    audiences,
    // Whom such a scope was given to is the gateway's client; the server's own clients are others.
    clientIds: bindingScopes.length === 0 ? own.clientIds : [],
    bindingScopes,
    requiredScopes: required.length === 0 ? own.requiredScopes : required,
    scopePrefix: variables.AUTH_DIRECT_SCOPE_PREFIX ?? own.scopePrefix,
  };
}
