import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";

/** Omitting a policy would mean TLS 1.0; this one is what AWS's console proposes (ELB guide, "Security policies"). */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09";

/** The listener that services add their rules to, HTTPS where there is a certificate; the other one only sends people there. */
export function createListeners(
  name: string,
  args: {
    readonly loadBalancerArn: pulumi.Input<string>;
    readonly certificateArn: pulumi.Input<string> | undefined;
    readonly redirect: boolean;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): aws.lb.Listener {
  const { loadBalancerArn, certificateArn, tags } = args;
  if (args.redirect) {
    new aws.lb.Listener(
      `${name}-redirect`,
      {
        loadBalancerArn,
        port: 80,
        protocol: "HTTP",
        defaultActions: [
          {
            type: "redirect",
            // AWS has no 308: clients of MCP, whose calls are POSTs, must be given the HTTPS address.
            redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" },
          },
        ],
        tags,
      },
      opts,
    );
  }
  return new aws.lb.Listener(
    name,
    {
      loadBalancerArn,
      ...(certificateArn === undefined
        ? { port: 80, protocol: "HTTP" }
        : { port: 443, protocol: "HTTPS", certificateArn, sslPolicy: TLS_POLICY }),
      defaultActions: [
        {
          type: "fixed-response",
          fixedResponse: {
            statusCode: "404",
            contentType: "application/json",
            messageBody: '{"error":"not_found"}',
          },
        },
      ],
      tags,
    },
    opts,
  );
}
