import type { Deployment } from "./deployment.ts";
import type { ServiceSurroundings } from "./surroundings.ts";

/** Gives a revision a share of the test or the production traffic, in percent, and the other revision the rest. */
export function sendTraffic(
  { revision, isAlternate }: Deployment,
  traffic: "test" | "production",
  percent: number,
  shiftTraffic: ServiceSurroundings["shiftTraffic"],
): void {
  for (const { targetGroupArn, shift } of revision.loadBalancers) {
    const rule = traffic === "test" ? shift?.testListenerRuleArn : shift?.productionListenerRuleArn;
    if (rule === undefined || shift === undefined) continue;
    const alternate = isAlternate ? percent : 100 - percent;
    shiftTraffic(rule, [
      { targetGroupArn, weight: 100 - alternate },
      { targetGroupArn: shift.alternateTargetGroupArn, weight: alternate },
    ]);
  }
}
