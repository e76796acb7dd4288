import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentError, check } from "../validation.ts";

/** The scope that every caller of a service needs. */
export const CALL_SCOPE = "call";

/** A client takes 50 scopes (Cognito guide, "Quotas"): those of the sign-in, `call`, and these. */
const MOST_SCOPES = 45;

/** Refuses scopes that Cognito would refuse, or that every service has. */
export function checkScopes(
  component: string,
  scopes: Readonly<Record<string, pulumi.Input<string>>> = {},
): void {
  const names = Object.keys(scopes);
  if (names.length > MOST_SCOPES) {
    throw new ArgumentError(
      component,
      `\`auth.scopes\` has ${names.length} scopes; a client of Cognito takes ${MOST_SCOPES} beside those that it has anyhow. Give fewer.`,
    );
  }
  for (const name of names) {
    if (name === CALL_SCOPE) {
      throw new ArgumentError(
        component,
        "`auth.scopes` has `call`, which every service has and every caller needs. Leave it out.",
      );
    }
    if (!/^[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]{1,256}$/u.test(name)) {
      throw new ArgumentError(
        component,
        `\`auth.scopes\` has \`${name}\`; Cognito takes 1 to 256 printable ASCII characters without spaces, \`"\`, \`\\\` and \`/\`.`,
      );
    }
    check(scopes[name], (description) => {
      if (description.length >= 1 && description.length <= 256) return;
      throw new ArgumentError(
        component,
        `\`auth.scopes.${name}\` describes the scope in ${description.length} characters; Cognito takes 1 to 256.`,
      );
    });
  }
}

/** What Cognito takes as an identifier. */
const LONGEST_ADDRESS = 256;

/** Refuses addresses that Cognito would not take as an identifier. */
export function checkAddress(component: string, url: string): void {
  if (url.length <= LONGEST_ADDRESS) return;
  throw new ArgumentError(
    component,
    `the service's address \`${url}\` has ${url.length} characters; as the identifier of a resource server Cognito takes ${LONGEST_ADDRESS}. Choose a shorter` +
      " `path` or `hostName`.",
  );
}

/** A service as an API of a user pool. */
export interface ServiceApi {
  /** What every caller needs, as it stands in tokens. */
  readonly callScope: pulumi.Output<string>;
  /** All scopes, as they stand in tokens. */
  readonly scopes: readonly pulumi.Output<string>[];
  /** What stands before a tool's scopes in tokens. */
  readonly scopePrefix: pulumi.Output<string>;
}

/**
 * The resource server of a service. Its identifier is the address that clients name as their `resource`: Cognito gives tokens for an address
 * to people only where a resource server has it. Another address is another resource server, made before the clients change over to it.
 */
export function createResourceServer(
  name: string,
  args: {
    readonly userPoolId: pulumi.Input<string>;
    readonly url: pulumi.Input<string>;
    readonly scopes: Readonly<Record<string, pulumi.Input<string>>>;
  },
  opts: pulumi.CustomResourceOptions,
): ServiceApi {
  const scopes = Object.entries(args.scopes);
  const server = new aws.cognito.ResourceServer(
    name,
    {
      userPoolId: args.userPoolId,
      identifier: args.url,
      scopes: [
        { scopeName: CALL_SCOPE, scopeDescription: "Call the MCP endpoint" },
        ...scopes.map(([scopeName, scopeDescription]) => ({ scopeName, scopeDescription })),
      ],
    },
    opts,
  );
  // Not from `scopeIdentifiers`: a preview does not foresee what a change of the scopes makes of them.
  const scope = (scopeName: string): pulumi.Output<string> =>
    pulumi.interpolate`${server.identifier}/${scopeName}`;
  return {
    callScope: scope(CALL_SCOPE),
    scopes: [CALL_SCOPE, ...scopes.map(([scopeName]) => scopeName)].map(scope),
    scopePrefix: pulumi.interpolate`${server.identifier}/`,
  };
}
