import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { deregistrationDelay } from "../deployment/deployment-times.ts";
import { productionRulePriority, rulePriority } from "./rule-priority.ts";
import type { Tags } from "../tags.ts";
import { ArgumentError } from "../validation.ts";

/** The path of the RFC 9728 metadata of a resource at the root. */
const PROTECTED_RESOURCE = "/.well-known/oauth-protected-resource";

/** What RFC 8414 puts before an issuer's path: a container may speak for an authorization server that has no such document. */
const AUTHORIZATION_SERVER = "/.well-known/oauth-authorization-server";

/** The endpoint where clients look first. */
export const DEFAULT_PATH = "/mcp";

/** An ALB looks at 128 characters of a path pattern; the metadata's longest prefix takes its share. */
const LONGEST_PATH = 128 - AUTHORIZATION_SERVER.length;

/** What the container answers beside the endpoint, and the load balancer must not show. */
const TAKEN = /^\/(?:healthz|readyz)$|^\/\.well-known(?:\/|$)/u;

/** Refuses endpoint paths that the rule could not match exactly, or that mean something else. */
export function checkPath(component: string, path: string): void {
  const segments = path.split("/").slice(1);
  // Clients resolve `.` and `..` before they send a path.
  const isPlain =
    /^(?:\/[\w.-]+)+$/u.test(path) && !segments.some((segment) => /^\.{1,2}$/u.test(segment));
  if (!isPlain || path.length > LONGEST_PATH) {
    throw new ArgumentError(
      component,
      `\`path\` is \`${path}\`; give segments of letters, digits and \`._-\`, each after a slash, ${LONGEST_PATH} characters at most,` +
        " such as `/mcp` or `/weather/mcp`.",
    );
  }
  if (TAKEN.test(path)) {
    throw new ArgumentError(
      component,
      `\`path\` is \`${path}\`, where the container answers health checks or metadata; give another, such as \`/mcp\`.`,
    );
  }
}

/**
 * The paths that a service answers: its endpoint, the metadata that belongs to it, and, for the service at `/mcp`, the
 * resource's metadata at the root, where clients look next. AWS allows a rule five.
 */
export function pathPatterns(path: string): string[] {
  return [
    path,
    `${PROTECTED_RESOURCE}${path}`,
    `${AUTHORIZATION_SERVER}${path}`,
    ...(path === DEFAULT_PATH ? [PROTECTED_RESOURCE] : []),
  ];
}

/**
 * The group's own port, which nothing uses: ECS registers each task with the port of its container. A group's port cannot be changed, so the
 * container's would replace the group, and the new one is empty until new replicas are healthy.
 */
const GROUP_PORT = 80;

/** Where a service takes its traffic. */
export interface Routing {
  readonly targetGroup: aws.lb.TargetGroup;
  /** The group of the other revision, where deployments shift traffic. */
  readonly alternateTargetGroup: aws.lb.TargetGroup | undefined;
  readonly rule: aws.lb.ListenerRule;
}

/** Both groups, or the one. */
export function targetGroupsOf({
  targetGroup,
  alternateTargetGroup,
}: Routing): aws.lb.TargetGroup[] {
  return [targetGroup, ...(alternateTargetGroup === undefined ? [] : [alternateTargetGroup])];
}

/** What decides on a service's routing. */
export interface RoutingArgs {
  readonly vpcId: pulumi.Input<string>;
  readonly listenerArn: pulumi.Input<string>;
  readonly path: string;
  /** The host that requests must ask for; any, where there is none. */
  readonly hostName?: string | undefined;
  readonly longestCallSeconds: pulumi.Input<number>;
  /** Whether deployments move traffic between two target groups. */
  readonly shiftsTraffic?: boolean;
  /** Where the replicas' agents say that they have room; none without the target optimizer. */
  readonly targetControlPort?: number | undefined;
  readonly tags: Tags;
}

/** A target group checked on `/readyz`, or two, and the rule that sends the service's paths there. */
export function createRouting(
  name: string,
  args: RoutingArgs,
  opts: pulumi.CustomResourceOptions,
): Routing {
  const targetGroup = createTargetGroup(name, args, {}, opts);
  // Its name is the beginning of the service's, as long as AWS lets a prefix be: Pulumi's own name could grow over 32 characters.
  const alternateTargetGroup =
    args.shiftsTraffic === true
      ? createTargetGroup(
          `${name}-alternate`,
          args,
          { namePrefix: `${name.slice(0, 5).replace(/-$/u, "")}-` },
          opts,
        )
      : undefined;
  const shared = {
    listenerArn: args.listenerArn,
    // Five values in all, of both conditions: as many as a rule may have.
    conditions: [
      { pathPattern: { values: pathPatterns(args.path) } },
      ...(args.hostName === undefined ? [] : [{ hostHeader: { values: [args.hostName] } }]),
    ],
    tags: args.tags,
  };
  // Another load balancer's rule cannot take the group over while this one still has it (TargetGroupAssociationLimit).
  const options = { ...opts, deleteBeforeReplace: true };
  const rule =
    alternateTargetGroup === undefined
      ? new aws.lb.ListenerRule(
          name,
          {
            ...shared,
            priority: rulePriority(args.path, args.hostName),
            actions: [{ type: "forward", targetGroupArn: targetGroup.arn }],
          },
          options,
        )
      : new aws.lb.ListenerRule(
          `${name}-production`,
          {
            ...shared,
            priority: productionRulePriority(args.path, args.hostName),
            // ECS wants both groups on the rule from the start, and from then on the weights are its own (ECS guide, "Application Load Balancer resources for
            // blue/green deployments").
            actions: [
              {
                type: "forward",
                forward: {
                  targetGroups: [
                    { arn: targetGroup.arn, weight: 1 },
                    { arn: alternateTargetGroup.arn, weight: 0 },
                  ],
                },
              },
            ],
          },
          { ...options, ignoreChanges: ["actions"] },
        );
  return { targetGroup, alternateTargetGroup, rule };
}

function createTargetGroup(
  name: string,
  args: RoutingArgs,
  naming: { readonly namePrefix?: string },
  opts: pulumi.CustomResourceOptions,
): aws.lb.TargetGroup {
  return new aws.lb.TargetGroup(
    name,
    {
      ...naming,
      vpcId: args.vpcId,
      targetType: "ip",
      protocol: "HTTP",
      protocolVersion: "HTTP1",
      port: GROUP_PORT,
      ...(args.targetControlPort === undefined
        ? {}
        : { targetControlPort: args.targetControlPort }),
      // A replica that fails at once has the fewest outstanding requests: until its health checks notice, that algorithm would send
      // it nearly everything, this one sends it its share.
      loadBalancingAlgorithmType: "round_robin",
      // A replica that leaves keeps its calls this long; a shorter delay would cut the longest ones with a 502.
      deregistrationDelay: pulumi.output(args.longestCallSeconds).apply(deregistrationDelay),
      healthCheck: {
        path: "/readyz",
        port: "traffic-port",
        protocol: "HTTP",
        matcher: "200",
        // The fastest that AWS allows: a dead replica is seen in 5 to 10 seconds.
        interval: 5,
        timeout: 2,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
      tags: args.tags,
    },
    opts,
  );
}
