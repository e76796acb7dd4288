import * as pulumi from "@pulumi/pulumi";
import type { McpServiceEndpoint } from "./endpoint.ts";
import { AuthMode } from "../identity/identity.ts";
import { UpstreamAuthMode, type UpstreamAuth } from "./upstream-args.ts";
import { upstreamAuthMode } from "./upstream-auth-check.ts";
import { ArgumentError } from "../validation.ts";

/** How the gateway proves who it is, as its configuration has it (service/servers/gateway/upstream-configuration.ts). */
export type ConfiguredAuth = Readonly<Record<string, unknown>> & { readonly mode: string };

type SecretReference = { readonly secretArn: string; readonly isList?: boolean };

/** What a program says of an upstream's `auth`. */
export function givenAuth(
  auth: UpstreamAuth | undefined,
  stackRegion: pulumi.Input<string>,
): pulumi.Output<ConfiguredAuth> {
  return pulumi
    .all([pulumi.output(auth ?? {}), stackRegion])
    .apply(([known, region]) => configuredAuth(known, region));
}

function configuredAuth(auth: pulumi.Unwrap<UpstreamAuth>, stackRegion: string): ConfiguredAuth {
  const { header, service, secretArn, region = stackRegion, ...token } = auth;
  const mode = upstreamAuthMode(auth);
  switch (mode) {
    case UpstreamAuthMode.None:
      return { mode };
    case UpstreamAuthMode.Header:
      return { mode, ...(header === undefined ? {} : { header }), value: { secretArn } };
    case UpstreamAuthMode.ClientCredentials:
    case UpstreamAuthMode.TokenExchange:
      return { ...token, mode, clientSecret: { secretArn } };
    case UpstreamAuthMode.SigV4:
      return { mode, service, region };
  }
}

/** Refuses services whose tokens are not to be had with what the program has made. */
export function checkServiceAuth(component: string, name: string, authMode: AuthMode): void {
  if (authMode !== AuthMode.Oidc) return;
  throw new ArgumentError(
    component,
    `the service \`${name}\` takes tokens of another authorization server, and the gateway has no client there. Give \`serviceSettings.${name}.auth\`: a client's` +
      " id and secret, or a token exchange.",
  );
}

/** What a service of the program demands, with what it made for that. */
export function serviceAuth(endpoint: McpServiceEndpoint): ConfiguredAuth {
  switch (endpoint.authMode) {
    case AuthMode.None:
    // Refused above.
    case AuthMode.Oidc:
      return { mode: UpstreamAuthMode.None };
    case AuthMode.StaticToken: {
      const value: SecretReference = { secretArn: endpoint.tokenSecretArn, isList: true };
      return { mode: UpstreamAuthMode.Header, value };
    }
    case AuthMode.Cognito: {
      const clientSecret: SecretReference = { secretArn: endpoint.clientSecretArn };
      return {
        mode: UpstreamAuthMode.ClientCredentials,
        tokenEndpoint: endpoint.tokenEndpoint,
        clientId: endpoint.clientId,
        clientSecret,
        scope: endpoint.scope,
      };
    }
  }
}

/** The ARNs of the secrets that configurations name. */
export function secretArns(auths: readonly ConfiguredAuth[]): string[] {
  const arns = auths.flatMap(({ value, clientSecret }) =>
    [value, clientSecret].flatMap((reference) =>
      typeof reference === "object" && reference !== null && "secretArn" in reference
        ? [String(reference.secretArn)]
        : [],
    ),
  );
  return [...new Set(arns)].sort();
}
