import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";
import { ArgumentError, check, wholeNumberBetween } from "../validation.ts";

/** A web ACL of AWS WAF in front of the services. */
export interface WebAcl {
  /**
   * The requests that one address may send within `rateLimitWindowSeconds`, 10 to 2000000000; more are answered 403. Everybody behind one
   * office's NAT shares an address.
   * Default: 2000.
   */
  rateLimit?: pulumi.Input<number>;
  /**
   * The window that requests are counted over, in seconds: 60, 120, 300 or 600.
   * Default: 300, AWS's own.
   */
  rateLimitWindowSeconds?: pulumi.Input<number>;
}

/** Where a web ACL stands. */
export const WebAclScope = {
  CloudFront: "CLOUDFRONT",
  Regional: "REGIONAL",
} as const;
export type WebAclScope = (typeof WebAclScope)[keyof typeof WebAclScope];

const WINDOWS = [60, 120, 300, 600];

/** Refuses limits that WAF does not know. */
export function checkWebAcl(component: string, webAcl: WebAcl | undefined): void {
  check(
    webAcl?.rateLimit,
    wholeNumberBetween(component, "webAcl.rateLimit", 10, 2_000_000_000, "requests"),
  );
  check(webAcl?.rateLimitWindowSeconds, (seconds) => {
    if (WINDOWS.includes(seconds)) return;
    throw new ArgumentError(
      component,
      `\`webAcl.rateLimitWindowSeconds\` is ${seconds}; WAF counts over ${WINDOWS.join(", ")} seconds alone. Give one of these.`,
    );
  });
}

/**
 * What would block MCP calls, whose bodies are longer than 8 KB and hold code, addresses and markup as a matter of course, or clients
 * that send no `User-Agent`; counted instead. WAF says nothing of a name that it does not know.
 */
export const COUNTED_RULES = [
  "SizeRestrictions_BODY",
  "CrossSiteScripting_BODY",
  "GenericLFI_BODY",
  "GenericRFI_BODY",
  "EC2MetaDataSSRF_BODY",
  "NoUserAgent_HEADER",
] as const;

/** The name of the rule that limits rates. */
export const RATE_LIMIT_RULE = "rate-limit";

/** A rate limit for each address, and AWS's common rules without those that MCP calls break. */
export function createWebAcl(
  name: string,
  args: { readonly scope: WebAclScope; readonly webAcl: WebAcl; readonly tags: Tags },
  opts: pulumi.CustomResourceOptions,
): aws.wafv2.WebAcl {
  const visibility = (metric: string): aws.types.input.wafv2.WebAclVisibilityConfig => ({
    cloudwatchMetricsEnabled: true,
    metricName: `${name}-${metric}`,
    // Samples show whole headers, and with them tokens, to everybody who may look at them.
    sampledRequestsEnabled: false,
  });
  return new aws.wafv2.WebAcl(
    name,
    {
      scope: args.scope,
      // Whatever stands before CloudFront lives there, wherever the stack is (WAF API, `Scope`).
      ...(args.scope === WebAclScope.CloudFront ? { region: "us-east-1" } : {}),
      description: `MCP services of ${name}`,
      defaultAction: { allow: {} },
      rules: [
        {
          name: RATE_LIMIT_RULE,
          priority: 0,
          action: { block: {} },
          statement: {
            rateBasedStatement: {
              aggregateKeyType: "IP",
              limit: args.webAcl.rateLimit ?? 2000,
              evaluationWindowSec: args.webAcl.rateLimitWindowSeconds ?? 300,
            },
          },
          visibilityConfig: visibility(RATE_LIMIT_RULE),
        },
        {
          name: "common",
          priority: 1,
          overrideAction: { none: {} },
          statement: {
            managedRuleGroupStatement: {
              vendorName: "AWS",
              name: "AWSManagedRulesCommonRuleSet",
              ruleActionOverrides: COUNTED_RULES.map((rule) => ({
                name: rule,
                actionToUse: { count: {} },
              })),
            },
          },
          visibilityConfig: visibility("common"),
        },
      ],
      visibilityConfig: visibility("web-acl"),
      tags: args.tags,
    },
    opts,
  );
}
