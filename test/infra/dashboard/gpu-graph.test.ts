import assert from "node:assert/strict";
import { test } from "node:test";
import { gpuWidgets, type GpuFacts } from "../../../infra/dashboard/gpu-graph.ts";
import {
  InstanceManagement,
  type InstanceCapacityFacts,
} from "../../../infra/capacity/instance-capacity.ts";

const CAPACITY: InstanceCapacityFacts = {
  management: InstanceManagement.AutoScalingGroup,
  instanceTypes: ["g6.xlarge"],
  spot: false,
  shareGpu: false,
  networkInterfaceTrunking: false,
};
const FACTS: GpuFacts = {
  clusterName: "mcp",
  serviceName: "weather",
  gpu: 1,
  capacity: CAPACITY,
  containerInsights: "enhanced",
};

test("GIVEN a service without GPUs WHEN its widgets are asked for THEN there are none", () => {
  assert.deepEqual(gpuWidgets({ ...FACTS, gpu: undefined }), []);
  assert.deepEqual(gpuWidgets({ ...FACTS, capacity: undefined }), []);
});

test("GIVEN ECS Managed Instances under enhanced Container Insights WHEN the widgets are asked for THEN they show how busy the GPUs are", () => {
  const capacity = { ...CAPACITY, management: InstanceManagement.ManagedInstances };
  const metric = (metricName: string) => ({
    namespace: "ECS/ContainerInsights",
    metricName,
    dimensions: { ClusterName: "mcp", ServiceName: "weather" },
  });

  assert.deepEqual(gpuWidgets({ ...FACTS, capacity }), [
    {
      title: "GPUs",
      unit: "Percent",
      lines: [
        {
          metric: metric("TaskGPUUtilization"),
          statistic: "Average",
          label: "Utilisation, average",
        },
        {
          metric: metric("TaskGPUUtilization"),
          statistic: "Maximum",
          label: "Utilisation, maximum",
        },
        {
          metric: metric("TaskGPUMemoryUtilization"),
          statistic: "Average",
          label: "Memory, average",
        },
        {
          metric: metric("TaskGPUMemoryUtilization"),
          statistic: "Maximum",
          label: "Memory, maximum",
        },
      ],
    },
  ]);
});

test("GIVEN ECS Managed Instances without it WHEN the widgets are asked for THEN they say what would show the GPUs", () => {
  const capacity = { ...CAPACITY, management: InstanceManagement.ManagedInstances };
  assert.deepEqual(gpuWidgets({ ...FACTS, capacity, containerInsights: "enabled" }), [
    {
      markdown:
        "**GPUs**: ECS Managed Instances tell how busy they are where the platform has `containerInsights: enhanced`.",
    },
  ]);
});

test("GIVEN an Auto Scaling group WHEN the widgets are asked for THEN they show how many GPUs are given out, and say that this is all", () => {
  assert.deepEqual(gpuWidgets(FACTS), [
    {
      title: "GPUs of the cluster that are given out (how busy they are, AWS does not tell here)",
      unit: "Percent",
      lines: [
        {
          metric: {
            namespace: "AWS/ECS",
            metricName: "GPUReservation",
            dimensions: { ClusterName: "mcp" },
          },
          statistic: "Maximum",
          label: "Given out",
        },
      ],
    },
  ]);
});

test("GIVEN GPUs that replicas share WHEN the widgets are asked for THEN they say that nobody counts them", () => {
  assert.deepEqual(gpuWidgets({ ...FACTS, gpu: 0.25, capacity: { ...CAPACITY, shareGpu: true } }), [
    {
      markdown:
        "**GPUs**: those that replicas share are outside what ECS counts. Let the server write how busy they are.",
    },
  ]);
});
