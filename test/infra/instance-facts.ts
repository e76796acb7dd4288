import {
  InstanceManagement,
  type InstanceCapacityFacts,
} from "../../infra/capacity/instance-capacity.ts";

/** What a service knows of a capacity of which only the instance types are given. */
export function instanceFacts(...instanceTypes: string[]): InstanceCapacityFacts {
  return {
    management: InstanceManagement.AutoScalingGroup,
    instanceTypes,
    spot: false,
    shareGpu: false,
    networkInterfaceTrunking: false,
  };
}
