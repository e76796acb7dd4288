import * as pulumi from "@pulumi/pulumi";
import type { Auth } from "./identity.ts";
import { ArgumentError, check } from "../validation.ts";

/** An example for sentences. */
const EXAMPLE = "`https://login.example.com/realms/tools`";

/** Refuses what the container would refuse when it starts, by the same rules (service/runtime/auth/configuration.ts), or read as something else. */
export function checkOidc(component: string, auth: Auth): void {
  if (auth.issuer === undefined) {
    throw new ArgumentError(
      component,
      "`auth.mode` is `oidc`, but `auth.issuer` is missing: no token could be checked. Give it what the tokens of your callers have as `iss`, such as" +
        ` ${EXAMPLE}.`,
    );
  }
  check(auth.issuer, (issuer) => {
    checkAddress(component, "auth.issuer", issuer);
    if (!issuer.includes("?")) return;
    throw new ArgumentError(
      component,
      `\`auth.issuer\` is \`${issuer}\`, which has a query; no issuer may have one. Give it what tokens have as \`iss\`, such as ${EXAMPLE}.`,
    );
  });
  check(auth.jwksUri, (address) => {
    checkAddress(component, "auth.jwksUri", address);
  });
  for (const argument of ["audiences", "clientIds", "requiredScopes"] as const) {
    checkList(component, argument, auth[argument]);
  }
  check(auth.scopePrefix, (prefix) => {
    if (prefix === "" || isScope(prefix)) return;
    throw new ArgumentError(
      component,
      `\`auth.scopePrefix\` is \`${prefix}\`, with characters that no scope may hold. Give printable ASCII without spaces, \`"\` and \`\\\`.`,
    );
  });
}

function checkAddress(component: string, argument: string, address: string): void {
  if (isSafeAddress(address)) return;
  throw new ArgumentError(
    component,
    `\`${argument}\` is \`${withoutPassword(address)}\`, which is not an https address without user and fragment (http is for loopback hosts only): keys that` +
      ` came in plain text could be anybody's. Give one such as ${EXAMPLE}.`,
  );
}

function checkList(
  component: string,
  argument: "audiences" | "clientIds" | "requiredScopes",
  list: pulumi.Input<pulumi.Input<string>[]> | undefined,
): void {
  check(list, (items) => {
    for (const item of items) {
      check(item, (text) => {
        // The container reads lists that are separated by commas, and drops blanks around what they separate.
        const isItem = text !== "" && text.trim() === text && !text.includes(",");
        if (isItem && (argument !== "requiredScopes" || isScope(text))) return;
        throw new ArgumentError(
          component,
          argument === "requiredScopes"
            ? `\`auth.requiredScopes\` has \`${text}\`, which is no scope. Give each by itself: printable ASCII without spaces, commas, \`"\` and \`\\\`.`
            : `\`auth.${argument}\` has \`${text}\`; give each by itself, not empty, without commas and without blanks at its ends.`,
        );
      });
    }
  });
}

/** RFC 6749, 3.3, `scope-token`. */
function isScope(text: string): boolean {
  return /^[\x21\x23-\x5B\x5D-\x7E]+$/u.test(text);
}

function isSafeAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.hash !== "" || url.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/u.test(hostname);
}

function withoutPassword(text: string): string {
  return text.replace(/(?<user>:\/\/[^/?#@:]*):[^/?#@]*@/u, "$<user>:…@");
}

/** What the container is told of another issuer than Cognito. */
export function oidcEnvironment(auth: Auth): Record<string, pulumi.Input<string>> {
  const { issuer, jwksUri, scopePrefix, authorizationServerMetadata: metadata } = auth;
  return {
    ...(issuer === undefined ? {} : { AUTH_ISSUER: issuer }),
    ...(jwksUri === undefined ? {} : { AUTH_JWKS_URI: jwksUri }),
    ...listVariable("AUTH_AUDIENCES", auth.audiences),
    ...listVariable("AUTH_CLIENT_IDS", auth.clientIds),
    ...listVariable("AUTH_REQUIRED_SCOPES", auth.requiredScopes),
    ...(scopePrefix === undefined ? {} : { AUTH_SCOPE_PREFIX: scopePrefix }),
    ...(metadata === undefined ? {} : { AUTH_AUTHORIZATION_SERVER_METADATA: metadata }),
  };
}

/** An empty list is what the container takes for none. */
function listVariable(
  name: string,
  list: pulumi.Input<pulumi.Input<string>[]> | undefined,
): Record<string, pulumi.Input<string>> {
  return list === undefined
    ? {}
    : { [name]: pulumi.output(list).apply((items) => items.join(",")) };
}
