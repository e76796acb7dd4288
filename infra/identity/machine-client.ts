import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { clientGenerations, generationName } from "./rotation.ts";

/** What a client of a service has of its user pool. */
export interface ClientArgs {
  readonly userPoolId: pulumi.Input<string>;
  /** As they stand in tokens. */
  readonly scopes: readonly pulumi.Input<string>[];
  readonly accessTokenMinutes: pulumi.Input<number>;
}

/** For how long a sign-in lasts, in days: Cognito's own. */
const REFRESH_TOKEN_DAYS = 30;

/** How long tokens are good, units included: what is left out comes back from AWS as a difference. */
export function tokenValidity(
  accessTokenMinutes: pulumi.Input<number>,
): Pick<
  aws.cognito.UserPoolClientArgs,
  "accessTokenValidity" | "idTokenValidity" | "refreshTokenValidity" | "tokenValidityUnits"
> {
  return {
    accessTokenValidity: accessTokenMinutes,
    idTokenValidity: accessTokenMinutes,
    refreshTokenValidity: REFRESH_TOKEN_DAYS,
    tokenValidityUnits: { accessToken: "minutes", idToken: "minutes", refreshToken: "days" },
  };
}

/** The clients by which machines get tokens: of the current generation first, then of the one before. */
export function createMachineClients(
  name: string,
  args: ClientArgs & { readonly generation: number },
  opts: pulumi.CustomResourceOptions,
): readonly [aws.cognito.UserPoolClient, ...aws.cognito.UserPoolClient[]] {
  const create = (generation: number): aws.cognito.UserPoolClient =>
    new aws.cognito.UserPoolClient(
      generationName(`${name}-machine`, generation),
      {
        userPoolId: args.userPoolId,
        generateSecret: true,
        allowedOauthFlowsUserPoolClient: true,
        allowedOauthFlows: ["client_credentials"],
        allowedOauthScopes: [...args.scopes],
        // None by which a person signs in: left out, Cognito would allow sign-ins by password.
        explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
        ...tokenValidity(args.accessTokenMinutes),
        enableTokenRevocation: true,
        preventUserExistenceErrors: "ENABLED",
      },
      opts,
    );
  const [current, ...previous] = clientGenerations(args.generation);
  return [create(current), ...previous.map(create)];
}
