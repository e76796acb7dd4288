import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { NatGateways } from "../network/nat-gateway.ts";
import { checkPoolRegion, endpoints, type UserPoolOutputs } from "./user-pool.ts";
import { ArgumentError, check } from "../validation.ts";

/** A Cognito user pool that exists: services add their resource servers and clients to it, and nothing else. */
export interface ExistingUserPool {
  /** The id of the pool, such as `eu-central-1_Ab12Cd34E`; it must be in the stack's region. */
  userPoolId: pulumi.Input<string>;
  /** The pool's domain: its prefix, or the whole host name of a domain of its own. For people to sign in it needs version 2 of the managed login. */
  domain: pulumi.Input<string>;
}

/** What decides whether a platform has a user pool, and which. */
export interface UserPoolArgs {
  readonly userPool?: ExistingUserPool;
  readonly createUserPool?: boolean;
  readonly userPoolDeletionProtection?: pulumi.Input<boolean>;
  readonly natGateways?: NatGateways;
  readonly interfaceEndpoints?: readonly string[];
}

/** Whether a platform makes a user pool: without the internet its services could not fetch the pool's keys. */
export function makesUserPool({ userPool, createUserPool, natGateways }: UserPoolArgs): boolean {
  return userPool === undefined && (createUserPool ?? natGateways !== NatGateways.None);
}

/** Refuses user pools that Cognito would not know, that services could not reach, or that contradict each other. */
export function checkUserPool(component: string, args: UserPoolArgs): void {
  const { userPool, createUserPool, natGateways, interfaceEndpoints } = args;
  if (userPool !== undefined && createUserPool !== undefined) {
    throw new ArgumentError(
      component,
      "`createUserPool` is given beside `userPool`, the pool to use. Leave one of them out.",
    );
  }
  const isMade = makesUserPool(args);
  if (args.userPoolDeletionProtection !== undefined && !isMade) {
    throw new ArgumentError(
      component,
      "`userPoolDeletionProtection` is given, but no user pool is made here. Leave it out.",
    );
  }
  if ((userPool !== undefined || isMade) && natGateways === NatGateways.None) {
    throw new ArgumentError(
      component,
      `\`${userPool === undefined ? "createUserPool" : "userPool"}\` is given, but \`natGateways\` is \`none\`: services could not fetch the pool's keys, since Cognito` +
        " serves no pool that has a domain through VPC endpoints. Leave it out, or let tasks reach the internet.",
    );
  }
  if ((userPool !== undefined || isMade) && interfaceEndpoints?.includes("cognito-idp") === true) {
    throw new ArgumentError(
      component,
      "`interfaceEndpoints` has `cognito-idp`, through which Cognito serves no pool that has a domain: services could not fetch the keys of the" +
        " platform's pool. Leave it out, or set `createUserPool` to false.",
    );
  }
  checkExisting(component, userPool);
}

function checkExisting(component: string, userPool: ExistingUserPool | undefined): void {
  check(userPool?.userPoolId, (id) => {
    if (/^[a-z]{2,}(?:-[a-z]+)+-\d_[0-9a-zA-Z]+$/u.test(id)) return;
    throw new ArgumentError(
      component,
      `\`userPool.userPoolId\` is \`${id}\`, which is no id of a user pool; give one such as \`eu-central-1_Ab12Cd34E\`.`,
    );
  });
  check(userPool?.domain, (domain) => {
    const isPrefix = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/u.test(domain);
    const isHost = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/u.test(
      domain,
    );
    if (isPrefix || isHost) return;
    throw new ArgumentError(
      component,
      `\`userPool.domain\` is \`${domain}\`; give the pool's prefix, such as \`my-team\`, or its whole host name, such as \`auth.example.com\`, without` +
        " scheme and path.",
    );
  });
}

/** The facts of a pool that exists, which follow from its id and domain. */
export function useExistingUserPool(
  component: string,
  { userPoolId, domain }: ExistingUserPool,
  opts: pulumi.InvokeOptions,
): UserPoolOutputs {
  const id = pulumi.output(userPoolId);
  const { region } = aws.getRegionOutput({}, opts);
  const { partition, dnsSuffix } = aws.getPartitionOutput({}, opts);
  const { accountId } = aws.getCallerIdentityOutput({}, opts);
  pulumi.all([id, region]).apply(([known, stackRegion]) => {
    checkPoolRegion(component, known, stackRegion);
  });
  return {
    id,
    arn: pulumi.interpolate`arn:${partition}:cognito-idp:${region}:${accountId}:userpool/${id}`,
    issuer: pulumi.interpolate`https://cognito-idp.${region}.${dnsSuffix}/${id}`,
    ...endpoints(
      pulumi
        .all([domain, region])
        .apply(([known, stackRegion]) =>
          known.includes(".")
            ? `https://${known}`
            : `https://${known}.auth.${stackRegion}.amazoncognito.com`,
        ),
    ),
  };
}
