import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";
import { ArgumentError } from "../validation.ts";

/** What services need to know of a user pool; every text is empty where a platform has none. */
export interface UserPoolFacts {
  /** The id, such as `eu-central-1_Ab12Cd34E`. */
  id: string;
  /** The ARN. */
  arn: string;
  /** What the pool's tokens have as `iss`. */
  issuer: string;
  /** Where clients get tokens. */
  tokenEndpoint: string;
  /** Where people sign in. */
  authorizationEndpoint: string;
}

/** The facts of a platform without a user pool. */
export const NO_USER_POOL: UserPoolFacts = {
  id: "",
  arn: "",
  issuer: "",
  tokenEndpoint: "",
  authorizationEndpoint: "",
};

/** The facts of a user pool, as they come out. */
export type UserPoolOutputs = Readonly<Record<keyof UserPoolFacts, pulumi.Output<string>>>;

/** A user pool for the services of a platform, into which only an administrator takes people, and a domain for its OAuth endpoints. */
export function createUserPool(
  name: string,
  args: { readonly deletionProtection: pulumi.Input<boolean>; readonly tags: Tags },
  opts: pulumi.CustomResourceOptions,
): UserPoolOutputs {
  const pool = new aws.cognito.UserPool(
    name,
    {
      // The first tier whose tokens for people can be bound to one resource (Cognito guide, "Resource binding").
      userPoolTier: "ESSENTIALS",
      deletionProtection: pulumi
        .output(args.deletionProtection)
        .apply((isActive) => (isActive ? "ACTIVE" : "INACTIVE")),
      adminCreateUserConfig: { allowAdminCreateUserOnly: true },
      usernameAttributes: ["email"],
      usernameConfiguration: { caseSensitive: false },
      autoVerifiedAttributes: ["email"],
      accountRecoverySetting: {
        recoveryMechanisms: [{ name: "verified_email", priority: 1 }],
      },
      tags: args.tags,
    },
    opts,
  );
  const { accountId } = aws.getCallerIdentityOutput({}, opts);
  const domain = new aws.cognito.UserPoolDomain(
    name,
    {
      userPoolId: pool.id,
      domain: accountId.apply((account) => domainPrefix(name, account)),
      managedLoginVersion: 2,
    },
    // Another pool cannot take the prefix while this one has it.
    { ...opts, deleteBeforeReplace: true },
  );
  const { region } = aws.getRegionOutput({}, opts);
  return {
    id: pool.id,
    arn: pool.arn,
    issuer: pulumi.interpolate`https://${pool.endpoint}`,
    ...endpoints(pulumi.interpolate`https://${domain.domain}.auth.${region}.amazoncognito.com`),
  };
}

/** Where a pool's OAuth endpoints are, by what stands before `/oauth2`. */
export function endpoints(
  origin: pulumi.Output<string>,
): Pick<UserPoolOutputs, "tokenEndpoint" | "authorizationEndpoint"> {
  return {
    tokenEndpoint: pulumi.interpolate`${origin}/oauth2/token`,
    authorizationEndpoint: pulumi.interpolate`${origin}/oauth2/authorize`,
  };
}

/** A prefix is one account's alone in its region. Hexadecimal digits never spell the words that Cognito keeps: aws, amazon, cognito. */
export function domainPrefix(name: string, accountId: string): string {
  const digest = createHash("sha256")
    .update([pulumi.getProject(), pulumi.getStack(), name, accountId].join("/"))
    .digest("hex");
  return `mcp-${digest.slice(0, 20)}`;
}

/** Refuses a pool in another region than the one in which its clients would be looked for. */
export function checkPoolRegion(component: string, userPoolId: string, region: string): void {
  const [poolRegion = ""] = userPoolId.split("_");
  if (poolRegion === region) return;
  throw new ArgumentError(
    component,
    `\`userPool.userPoolId\` is \`${userPoolId}\`, a user pool of ${poolRegion}, but the stack is in ${region}, where the clients of services are` +
      " made. Give a pool of that region, or leave `userPool` out to have one made.",
  );
}
