import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { tokenValidity, type ClientArgs } from "./machine-client.ts";
import { ArgumentError, check } from "../validation.ts";

/** How people sign in. */
export interface SignIn {
  /**
   * Where people are sent back to by the programs that they sign in from, to the letter, 1 to 100: https addresses, or http ones of `localhost`,
   * `127.0.0.1` and `[::1]`. docs/identity.md lists those of Claude, the MCP Inspector, `mcp-remote` and VS Code.
   */
  callbackUrls: pulumi.Input<pulumi.Input<string>[]>;
}

const MOST_CALLBACK_URLS = 100;
const LONGEST_CALLBACK_URL = 1024;
const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The standard's own scopes: MCP clients ask for those that Cognito's discovery document names, and would be refused without them. */
const PERSON_SCOPES = ["email", "openid", "phone", "profile"] as const;

/** Refuses callback URLs that Cognito would refuse, or that MCP forbids. */
export function checkSignIn(component: string, signIn: SignIn | undefined): void {
  check(signIn?.callbackUrls, (urls) => {
    if (urls.length === 0 || urls.length > MOST_CALLBACK_URLS) {
      throw new ArgumentError(
        component,
        `\`auth.signIn.callbackUrls\` has ${urls.length} addresses; give 1 to ${MOST_CALLBACK_URLS}, where the programs of your people wait for them.`,
      );
    }
    for (const url of urls) {
      check(url, (known) => {
        const what = unfit(known);
        if (what === undefined) return;
        throw new ArgumentError(
          component,
          `\`auth.signIn.callbackUrls\` has \`${known}\`, which ${what}. Give an https address, or for programs on people's own machines one of` +
            " `http://localhost`, `http://127.0.0.1` or `http://[::1]` with its port.",
        );
      });
    }
  });
}

function unfit(text: string): string | undefined {
  if (text.length > LONGEST_CALLBACK_URL)
    return `is longer than ${LONGEST_CALLBACK_URL} characters`;
  const url = URL.parse(text);
  if (url === null) return "is no absolute URL";
  if (text.includes("#")) return "has a fragment";
  if (url.protocol === "https:") return undefined;
  if (url.protocol !== "http:") return "MCP forbids: any program could claim its scheme";
  return LOOPBACK.has(url.hostname) ? undefined : "would show the code to the network";
}

/** Refuses people at an address for which Cognito gives them no token (Cognito guide, "Resource binding"). */
export function checkSignInAddress(component: string, url: string): void {
  if (!url.startsWith("http://")) return;
  throw new ArgumentError(
    component,
    `\`auth.signIn\` is given, but the service's address is \`${url}\`: Cognito gives people tokens for https addresses alone. Give the platform a` +
      " `domainName` and a certificate, or leave `auth.signIn` out.",
  );
}

/** The public client by which people sign in, with PKCE, in the pool's pages. */
export function createSignInClient(
  name: string,
  args: ClientArgs & { readonly signIn: SignIn },
  opts: pulumi.CustomResourceOptions,
): aws.cognito.UserPoolClient {
  const client = new aws.cognito.UserPoolClient(
    `${name}-sign-in`,
    {
      userPoolId: args.userPoolId,
      generateSecret: false,
      allowedOauthFlowsUserPoolClient: true,
      allowedOauthFlows: ["code"],
      allowedOauthScopes: [...PERSON_SCOPES, ...args.scopes],
      callbackUrls: args.signIn.callbackUrls,
      supportedIdentityProviders: ["COGNITO"],
      // Not ALLOW_REFRESH_TOKEN_AUTH, which would give out tokens without replacing the refresh token; Cognito refuses both together.
      explicitAuthFlows: ["ALLOW_USER_SRP_AUTH"],
      // OAuth 2.1 wants it of public clients; the old one is good for a while, should the answer get lost.
      refreshTokenRotation: { feature: "ENABLED", retryGracePeriodSeconds: 60 },
      ...tokenValidity(args.accessTokenMinutes),
      enableTokenRevocation: true,
      preventUserExistenceErrors: "ENABLED",
    },
    opts,
  );
  // Version 2 of the managed login shows an error to clients without one.
  new aws.cognito.ManagedLoginBranding(
    `${name}-sign-in`,
    { userPoolId: args.userPoolId, clientId: client.id, useCognitoProvidedValues: true },
    opts,
  );
  return client;
}
