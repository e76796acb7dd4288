import type { WeightedTargetGroup } from "../graph/rule-actions.ts";

/**
 * The target group of a request: by weight, at random. One without healthy targets keeps its share, as on AWS.
 *
 * @param random at least 0, and less than 1.
 * @returns undefined where no group has a weight.
 */
export function chooseTargetGroup(
  groups: readonly WeightedTargetGroup[],
  random: number,
): string | undefined {
  let rest = random * groups.reduce((sum, { weight }) => sum + weight, 0);
  for (const { targetGroupArn, weight } of groups) {
    rest -= weight;
    if (rest < 0) return targetGroupArn;
  }
  return undefined;
}
