import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { AuthMode, authMode, type Auth } from "../identity/identity.ts";
import { tokenRulePriority } from "./rule-priority.ts";
import type { Tags } from "../tags.ts";
import { ArgumentError, check } from "../validation.ts";

/** What the load balancer asks of a token, beside its signature and its time. */
export interface TokenValidation {
  readonly issuer: pulumi.Input<string>;
  readonly jwksUri: pulumi.Input<string>;
  readonly claims: readonly {
    readonly name: string;
    readonly format: "single-string" | "space-separated-values";
    readonly value: pulumi.Input<string>;
  }[];
}

/** How long an issuer, an address of keys and the value of a claim may be (ELB API, `JwtValidationActionConfig`). */
const LONGEST = 256;

/** Refuses what AWS would refuse, as far as the service's own arguments tell. */
export function checkEdgeTokenValidation(
  component: string,
  args: {
    readonly auth: Auth | undefined;
    /** Whether the service is on a platform that was given; its own one has a listener for HTTP. */
    readonly hasPlatform: boolean;
    readonly shiftsTraffic: boolean;
    readonly path: string;
    readonly hostName: string | undefined;
  },
): void {
  const { auth, path, hostName } = args;
  if (auth?.edgeTokenValidation !== true) return;
  if (args.shiftsTraffic) {
    throw new ArgumentError(
      component,
      "`auth.edgeTokenValidation` is true, but `deploymentStrategy` shifts traffic: ECS moves the weights of one rule, and this takes another one beside it." +
        " Leave one of them out.",
    );
  }
  if (!args.hasPlatform) checkListenerProtocol(component, "HTTP");
  if (authMode(auth) === AuthMode.Oidc) checkKeys(component, auth);
  if (tokenRulePriority(path, hostName) > 0) return;
  throw new ArgumentError(
    component,
    `\`auth.edgeTokenValidation\` is true, but \`path\` \`${path}\` of \`hostName\` \`${hostName ?? ""}\` has the first of all rule priorities, and the rule for tokens must come` +
      " before it. Choose another path.",
  );
}

function checkKeys(component: string, { issuer, jwksUri }: Auth): void {
  if (jwksUri === undefined) {
    throw new ArgumentError(
      component,
      "`auth.edgeTokenValidation` is true, but `auth.jwksUri` is missing: the load balancer reads no discovery document. Give it the `jwks_uri` of the" +
        " issuer's.",
    );
  }
  check(jwksUri, (address) => {
    if (address.startsWith("https://") && address.length <= LONGEST) return;
    throw new ArgumentError(
      component,
      `\`auth.jwksUri\` is \`${address}\`; with \`auth.edgeTokenValidation\` give an https address of at most ${LONGEST} characters, which the load balancer fetches.`,
    );
  });
  check(issuer, (known) => {
    if (known.length <= LONGEST) return;
    throw new ArgumentError(
      component,
      `\`auth.issuer\` has ${known.length} characters; with \`auth.edgeTokenValidation\` a load balancer takes ${LONGEST}. Leave \`auth.edgeTokenValidation\` out.`,
    );
  });
}

/** Refuses listeners that AWS lets validate nothing. */
export function checkListenerProtocol(component: string, protocol: string): void {
  if (protocol === "HTTPS") return;
  throw new ArgumentError(
    component,
    "`auth.edgeTokenValidation` is true, but the platform's listener speaks HTTP, where AWS validates no tokens. Set the platform's `exposure` to `domain`, or" +
      " give an `internal` one a `domainName` and a certificate.",
  );
}

/**
 * The rule that takes requests with a bearer token first, and lets those with a good one through. Everything else goes on to the service's own
 * rule: without a token the service says where to get one, and its metadata needs none.
 */
export function createTokenRule(
  name: string,
  args: {
    readonly listenerArn: pulumi.Input<string>;
    readonly path: string;
    readonly hostName: string | undefined;
    readonly targetGroupArn: pulumi.Input<string>;
    readonly validation: TokenValidation;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): aws.lb.ListenerRule {
  const { path, hostName, validation } = args;
  for (const { value } of validation.claims) check(value, checkClaim);
  return new aws.lb.ListenerRule(
    `${name}-tokens`,
    {
      listenerArn: args.listenerArn,
      priority: tokenRulePriority(path, hostName),
      conditions: [
        { pathPattern: { values: [path] } },
        { httpHeader: { httpHeaderName: "Authorization", values: ["Bearer *"] } },
        ...(hostName === undefined ? [] : [{ hostHeader: { values: [hostName] } }]),
      ],
      actions: [
        {
          type: "jwt-validation",
          order: 1,
          jwtValidation: {
            issuer: validation.issuer,
            jwksEndpoint: validation.jwksUri,
            ...(validation.claims.length === 0
              ? {}
              : {
                  additionalClaims: validation.claims.map(({ name: claim, format, value }) => ({
                    name: claim,
                    format,
                    values: [value],
                  })),
                }),
          },
        },
        { type: "forward", order: 2, targetGroupArn: args.targetGroupArn },
      ],
      tags: args.tags,
    },
    // As the service's own rule: another load balancer's cannot take the group over while this one still has it.
    { ...opts, deleteBeforeReplace: true },
  );
}

function checkClaim(value: string): void {
  if (value.length <= LONGEST) return;
  throw new ArgumentError(
    "McpService",
    `\`auth.edgeTokenValidation\` is true, but the scope \`${value}\` has ${value.length} characters; a load balancer takes ${LONGEST}. Choose a shorter` +
      " `path` or `hostName`.",
  );
}
