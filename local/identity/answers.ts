import { randomBytes } from "node:crypto";
import { ACCOUNT, type Answers } from "../graph/answers/names.ts";
import { userPoolEndpoint } from "./user-pool.ts";

/** Cognito. */
export const COGNITO: Answers = {
  "aws:cognito/userPool:UserPool": (names, _asked, { region }) => {
    const id = `${region}_${names.hash.slice(0, 9)}`;
    return {
      id,
      outputs: {
        arn: names.arn("cognito-idp", `userpool/${id}`),
        endpoint: userPoolEndpoint(id),
        name: names.physical,
      },
    };
  },
  "aws:cognito/userPoolDomain:UserPoolDomain": (_, { inputs }) => ({
    id: String(inputs["domain"]),
    outputs: { awsAccountId: ACCOUNT },
  }),
  "aws:cognito/resourceServer:ResourceServer": (names, { inputs }) => {
    const identifier = String(inputs["identifier"]);
    return {
      id: `${String(inputs["userPoolId"])}|${identifier}`,
      outputs: {
        name: names.physical,
        scopeIdentifiers: scopeNames(inputs["scopes"]).map((name) => `${identifier}/${name}`),
      },
    };
  },
  "aws:cognito/userPoolClient:UserPoolClient": (names, { inputs }) => ({
    id: BigInt(`0x${names.hash}`).toString(36).slice(0, 26),
    outputs: {
      name: names.physical,
      // Nothing to derive: whoever knew the program would know the secret.
      clientSecret: inputs["generateSecret"] === true ? randomBytes(26).toString("hex") : "",
    },
  }),
};

function scopeNames(scopes: unknown): readonly string[] {
  if (!Array.isArray(scopes)) return [];
  return (scopes as readonly { readonly scopeName?: unknown }[]).map(({ scopeName }) =>
    String(scopeName),
  );
}
