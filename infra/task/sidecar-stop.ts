import { SPOT_STOP_TIMEOUT, type TimeSettings } from "../deployment/deployment-times.ts";
import type { Sidecar } from "./sidecar.ts";
import { ArgumentError, check } from "../validation.ts";

/** Refuses sidecars to which Spot does not leave the time that they want to end. */
export function checkSidecarStop(
  component: string,
  sidecars: readonly Sidecar[],
  {
    fargateSpotWeight,
    instanceCapacity,
  }: Pick<TimeSettings, "fargateSpotWeight" | "instanceCapacity">,
): void {
  for (const { name, stopTimeoutSeconds } of sidecars) {
    check(stopTimeoutSeconds, (seconds) => {
      if (seconds <= SPOT_STOP_TIMEOUT) return;
      const refuseOn = (spot: boolean, wayOut: string): void => {
        if (!spot) return;
        throw new ArgumentError(
          component,
          `\`sidecars.${name}.stopTimeoutSeconds\` is ${seconds}, and Spot leaves a replica ${SPOT_STOP_TIMEOUT}. Give no more than that, or ${wayOut}.`,
        );
      };
      check(fargateSpotWeight, (weight) => {
        refuseOn(weight > 0, "leave `fargateSpotWeight` out");
      });
      check(instanceCapacity, (facts) => {
        refuseOn(facts?.spot === true, "take instances that are not Spot instances");
      });
    });
  }
}
