import { z } from "zod";
import { LocalError, type GraphResource } from "../graph/graph.ts";
import { inputsOf } from "../graph/inputs.ts";
import { checkCallbackUrls } from "./callback-url.ts";
import { readTokenValidity, tokenValidityInputs } from "./token-validity.ts";
import { OAuthFlow, STANDARD_SCOPES, type UserPoolClient } from "./user-pool.ts";

const clientInputs = tokenValidityInputs.extend({
  generateSecret: z.boolean().default(false),
  allowedOauthFlows: z.array(z.string()).default([]),
  allowedOauthFlowsUserPoolClient: z.boolean().default(false),
  allowedOauthScopes: z.array(z.string()).default([]),
  callbackUrls: z.array(z.string()).default([]),
  explicitAuthFlows: z.array(z.string()).default([]),
  refreshTokenRotation: z
    .object({
      feature: z.enum(["ENABLED", "DISABLED"]),
      retryGracePeriodSeconds: z.number().min(0).max(60).default(0),
    })
    .optional(),
});

type ClientInputs = z.output<typeof clientInputs>;

const MAX_SCOPES = 50;

/** @throws {LocalError} where Cognito would refuse the client, or give it no token. */
export function readUserPoolClient(resource: GraphResource): UserPoolClient {
  const inputs = inputsOf(resource, clientInputs);
  const flows = readFlows(resource, inputs);
  if (flows.includes(OAuthFlow.ClientCredentials)) checkMachine(resource, inputs);
  checkCallbackUrls(resource, inputs.callbackUrls);
  if (flows.includes(OAuthFlow.Code) && inputs.callbackUrls.length === 0) {
    throw refused(
      resource,
      "has the flow `code` and no callback URL: Cognito could send nobody back. Give it `callbackUrls`.",
    );
  }
  const { refreshTokenRotation: rotation } = inputs;
  const rotates = rotation?.feature === "ENABLED";
  if (rotates && inputs.explicitAuthFlows.includes("ALLOW_REFRESH_TOKEN_AUTH")) {
    throw refused(
      resource,
      "rotates refresh tokens and has `ALLOW_REFRESH_TOKEN_AUTH`, which would give them out without rotation; Cognito refuses both together." +
        " Leave one out.",
    );
  }
  return {
    name: resource.name,
    id: resource.id,
    secret: inputs.generateSecret ? secretOf(resource) : undefined,
    flows,
    scopes: inputs.allowedOauthScopes,
    callbackUrls: inputs.callbackUrls,
    ...readTokenValidity(resource, inputs),
    rotationGraceSeconds: rotates ? rotation.retryGracePeriodSeconds : undefined,
  };
}

function secretOf(resource: GraphResource): string {
  const secret = resource.outputs["clientSecret"];
  if (typeof secret === "string" && secret !== "") return secret;
  throw new Error(`The answer to \`${resource.urn}\` holds no client secret.`);
}

function readFlows(resource: GraphResource, inputs: ClientInputs): readonly OAuthFlow[] {
  const { allowedOauthFlows: names, allowedOauthScopes: scopes } = inputs;
  const flows = names.map((name) => {
    if (name === "implicit") {
      throw refused(
        resource,
        "has the flow `implicit`, which is not modelled here: OAuth 2.1 has dropped it, and no MCP client uses it. Take `code`.",
      );
    }
    const flow = Object.values(OAuthFlow).find((known) => known === name);
    if (flow !== undefined) return flow;
    throw refused(
      resource,
      `has the flow \`${name}\`, which Cognito does not know. Take \`code\` or \`client_credentials\`.`,
    );
  });
  if (!inputs.allowedOauthFlowsUserPoolClient) {
    if (flows.length === 0 && scopes.length === 0 && inputs.callbackUrls.length === 0) return [];
    throw refused(
      resource,
      "has flows, scopes or callback URLs without `allowedOauthFlowsUserPoolClient: true`: Cognito would answer `invalid_grant` to it. Set that.",
    );
  }
  if (flows.length === 0 || scopes.length === 0) {
    throw refused(
      resource,
      `may use OAuth, but has no ${flows.length === 0 ? "flow" : "scope"}; Cognito wants at least one of \`allowedOauthFlows\` and of \`allowedOauthScopes\`.`,
    );
  }
  if (scopes.length > MAX_SCOPES) {
    throw refused(
      resource,
      `has ${scopes.length} scopes; Cognito takes ${MAX_SCOPES} a client. Declare fewer.`,
    );
  }
  return flows;
}

/** What machines need to get tokens for themselves (Cognito developer guide, "Machine-to-machine authorization"). */
function checkMachine(resource: GraphResource, inputs: ClientInputs): void {
  if (inputs.allowedOauthFlows.length > 1) {
    throw refused(
      resource,
      "has the flow `client_credentials` beside others; Cognito takes it alone. Declare a client for machines, and another one for people.",
    );
  }
  if (!inputs.generateSecret) {
    throw refused(
      resource,
      "has the flow `client_credentials` and no secret, so that it could not prove who it is. Set `generateSecret: true`.",
    );
  }
  const standard = inputs.allowedOauthScopes.find((scope) => STANDARD_SCOPES.includes(scope));
  if (standard === undefined) return;
  throw refused(
    resource,
    `has the flow \`client_credentials\` and the scope \`${standard}\`, which is about people. Machines get scopes of resource servers alone.`,
  );
}

/** A refusal of a client, as a sentence that begins with its name. */
export function refused(resource: GraphResource, what: string): LocalError {
  return new LocalError(`The UserPoolClient \`${resource.name}\` ${what}`);
}
