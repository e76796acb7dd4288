/** Every argument about instances, for tools that look at graphs: a group with all options, one with none, and Managed Instances. */
import { InstanceManagement, McpPlatform, NatGateways } from "../../../infra/index.ts";

const platform = new McpPlatform("mcp", {
  natGateways: NatGateways.None,
  instanceCapacity: {
    gpu: {
      instanceTypes: ["g6.xlarge"],
      minInstances: 1,
      maxInstances: 4,
      targetCapacityPercent: 80,
      spot: true,
      shareGpu: true,
      networkInterfaceTrunking: false,
      imageId: "ami-0123456789abcdef0",
      volumeSizeGib: 150,
      enableSessionManager: true,
    },
    arm: {
      management: InstanceManagement.AutoScalingGroup,
      instanceTypes: ["m8g.large", "m7g.large"],
      networkInterfaceTrunking: true,
    },
    managed: {
      management: InstanceManagement.ManagedInstances,
      instanceTypes: ["g6.2xlarge"],
      spot: false,
      volumeSizeGib: 120,
    },
  },
  tags: { team: "weather" },
});

export const loadBalancerDnsName = platform.loadBalancerDnsName;
