import type { Graph, GraphResource } from "../../graph/graph.ts";
import { textAt, textsAt } from "../fields.ts";
import { counted, label } from "../labels.ts";
import { costItem, type CostItem, type Unpriced } from "./item.ts";
import {
  COGNITO_CLIENT,
  COGNITO_TOKEN,
  IMAGE_STORAGE,
  LARGE_PARAMETER,
  LARGE_PARAMETER_BYTES,
  SECRET,
} from "./prices.ts";
import { ofType, USAGE } from "./usage.ts";

export const IDENTITY_TYPES = [
  "aws:cognito/userPoolClient:UserPoolClient",
  "aws:cognito/userPool:UserPool",
  "aws:secretsmanager/secret:Secret",
  "aws:ssm/parameter:Parameter",
  "awsx:ecr:Repository",
  "aws:ecr/repository:Repository",
] as const;

/** Clients of user pools, secrets, parameters and images. */
export function identityCost(graph: Graph): (CostItem | Unpriced)[] {
  const machines = ofType(graph, "aws:cognito/userPoolClient:UserPoolClient").filter(({ inputs }) =>
    textsAt(inputs, "allowedOauthFlows").includes("client_credentials"),
  );
  const people = ofType(graph, "aws:cognito/userPoolClient:UserPoolClient").filter(
    (client) => !machines.includes(client),
  );
  const secrets = ofType(graph, "aws:secretsmanager/secret:Secret");
  const parameters = ofType(graph, "aws:ssm/parameter:Parameter").filter(isLarge);
  const images = [
    ...ofType(graph, "awsx:ecr:Repository"),
    ...ofType(graph, "aws:ecr/repository:Repository"),
  ];
  return [
    ...(machines.length === 0
      ? []
      : [
          costItem(
            counted(
              machines.length,
              "Cognito app client for machines",
              "Cognito app clients for machines",
            ),
            machines.map(label),
            machines.length,
            COGNITO_CLIENT,
          ),
          costItem(
            `Tokens of Cognito, ${USAGE.tokensPerClient} a client`,
            machines.map(label),
            (machines.length * USAGE.tokensPerClient) / 1_000,
            COGNITO_TOKEN,
            "usage",
          ),
        ]),
    ...(people.length === 0
      ? []
      : [
          {
            what: "People who sign in with Cognito",
            of: people.map(label),
            why: "a price by active user, which is not in the table",
          },
        ]),
    ...(secrets.length === 0
      ? []
      : [costItem(counted(secrets.length, "secret"), secrets.map(label), secrets.length, SECRET)]),
    ...(parameters.length === 0
      ? []
      : [
          costItem(
            counted(parameters.length, "parameter above 4 kB", "parameters above 4 kB"),
            parameters.map(label),
            parameters.length,
            LARGE_PARAMETER,
          ),
        ]),
    ...(images.length === 0
      ? []
      : [
          costItem(
            counted(images.length, "image repository", "image repositories"),
            images.map(label),
            images.length * USAGE.gigabytesPerImage,
            IMAGE_STORAGE,
            "usage",
          ),
        ]),
  ];
}

function isLarge({ inputs }: GraphResource): boolean {
  const value = textAt(inputs, "value") ?? textAt(inputs, "insecureValue") ?? "";
  return textAt(inputs, "tier") === "Advanced" || Buffer.byteLength(value) > LARGE_PARAMETER_BYTES;
}
