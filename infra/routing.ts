import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Tags } from "./tags.ts";
import { ArgumentError } from "./validation.ts";

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

/** The highest priority a listener rule may have. */
const LAST_PRIORITY = 50_000;

/**
 * A rule's priority, from the path alone: adding or removing a service never renumbers another one's rule, which would
 * collide half-way (pulumi-aws#175). Paths are matched exactly, so their order means nothing.
 */
export function rulePriority(path: string): number {
  return (createHash("sha256").update(path).digest().readUInt32BE() % LAST_PRIORITY) + 1;
}

const claims = new WeakMap<object, Map<number, string>>();

/**
 * Refuses two services at one path of a platform, or whose paths happen to share a priority: AWS would say `PriorityInUse`
 * half-way through an update.
 *
 * @param platform what both services were given as their platform.
 */
export function claimPath(name: string, platform: object, path: string): void {
  const priority = rulePriority(path);
  const taken = claims.get(platform) ?? new Map<number, string>();
  claims.set(platform, taken);
  const holder = taken.get(priority);
  if (holder !== undefined) {
    throw new ArgumentError(
      "McpService",
      `\`${name}\` and \`${holder}\` share a platform, and the rule priority ${priority} of the path \`${path}\`. Give one of them` +
        ` another \`path\`, such as \`/${name}/mcp\`.`,
    );
  }
  taken.set(priority, name);
}

/**
 * The group's own port, which nothing uses: ECS registers each task with the port of its container. A group's port cannot be changed, so the
 * container's would replace the group, and the new one is empty until new replicas are healthy.
 */
const GROUP_PORT = 80;

/** Where a service takes its traffic. */
export interface Routing {
  readonly targetGroup: aws.lb.TargetGroup;
  readonly rule: aws.lb.ListenerRule;
}

/** A target group checked on `/readyz`, and the rule that sends the service's paths to it. */
export function createRouting(
  name: string,
  args: {
    readonly vpcId: pulumi.Input<string>;
    readonly listenerArn: pulumi.Input<string>;
    readonly path: string;
    readonly longestCallSeconds: pulumi.Input<number>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): Routing {
  const targetGroup = new aws.lb.TargetGroup(
    name,
    {
      vpcId: args.vpcId,
      targetType: "ip",
      protocol: "HTTP",
      protocolVersion: "HTTP1",
      port: GROUP_PORT,
      // A replica that fails at once has the fewest outstanding requests: until its health checks notice, that algorithm would send
      // it nearly everything, this one sends it its share.
      loadBalancingAlgorithmType: "round_robin",
      // A replica that leaves keeps its calls this long; a shorter delay would cut the longest ones with a 502.
      deregistrationDelay: args.longestCallSeconds,
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
  const rule = new aws.lb.ListenerRule(
    name,
    {
      listenerArn: args.listenerArn,
      priority: rulePriority(args.path),
      conditions: [{ pathPattern: { values: pathPatterns(args.path) } }],
      actions: [{ type: "forward", targetGroupArn: targetGroup.arn }],
      tags: args.tags,
    },
    // Another load balancer's rule cannot take the group over while this one still has it (TargetGroupAssociationLimit).
    { ...opts, deleteBeforeReplace: true },
  );
  return { targetGroup, rule };
}
