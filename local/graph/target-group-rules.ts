import { LocalError } from "./graph.ts";
import type { TargetGroupInputs } from "./target-groups.ts";

/**
 * Refuses what AWS would refuse (ELB guide, "Edit target group attributes", "Target group health"), and what would run here otherwise than there.
 *
 * @throws {LocalError}
 */
export function checkTargetGroup(name: string, inputs: TargetGroupInputs): void {
  const problem =
    slowStart(inputs) ??
    anomalyMitigation(inputs) ??
    stickiness(inputs) ??
    healthChecks(inputs) ??
    thresholds(inputs);
  if (problem !== undefined) throw new LocalError(`The target group \`${name}\` ${problem}`);
}

function slowStart({
  slowStart: seconds,
  loadBalancingAlgorithmType: algorithm,
}: TargetGroupInputs): string | undefined {
  if (seconds === 0) return undefined;
  if (seconds < 30 || seconds > 900) {
    return `has \`slowStart\` ${seconds}. Give 30 to 900 seconds, or 0 for none.`;
  }
  return algorithm === "round_robin"
    ? undefined
    : `has \`slowStart\` ${seconds} with the algorithm \`${algorithm}\`. AWS allows it with \`round_robin\` alone: change \`loadBalancingAlgorithmType\`, or leave \`slowStart\` out.`;
}

function anomalyMitigation({
  loadBalancingAnomalyMitigation: mitigation,
  loadBalancingAlgorithmType: algorithm,
}: TargetGroupInputs): string | undefined {
  return mitigation === "off" || algorithm === "weighted_random"
    ? undefined
    : `has \`loadBalancingAnomalyMitigation\` \`on\` with the algorithm \`${algorithm}\`. AWS allows it with \`weighted_random\` alone: change \`loadBalancingAlgorithmType\`, or switch it off.`;
}

function stickiness({ stickiness: { enabled } }: TargetGroupInputs): string | undefined {
  return enabled
    ? "has `stickiness`, which is not modelled here. Switch it off with `enabled: false`: MCP needs none."
    : undefined;
}

function healthChecks({
  healthCheck: { enabled, protocol },
}: TargetGroupInputs): string | undefined {
  if (!enabled) {
    return "has `healthCheck.enabled` false. AWS allows that for Lambda functions alone: leave it out.";
  }
  return protocol === "HTTP"
    ? undefined
    : `has \`healthCheck.protocol\` \`${protocol}\`. Containers speak \`HTTP\` here: give that, or leave it out.`;
}

/** Nodes must leave DNS before traffic goes to unhealthy targets, not after. */
function thresholds({
  targetGroupHealth: { dnsFailover, unhealthyStateRouting },
}: TargetGroupInputs): string | undefined {
  for (const key of ["minimumHealthyTargetsCount", "minimumHealthyTargetsPercentage"] as const) {
    const [dns, routing] = [dnsFailover[key], unhealthyStateRouting[key]];
    if (typeof dns !== "number" || typeof routing !== "number" || dns >= routing) continue;
    return `has \`${key}\` ${dns} in \`dnsFailover\` and ${routing} in \`unhealthyStateRouting\`. The first must be at least as high as the second.`;
  }
  return undefined;
}
