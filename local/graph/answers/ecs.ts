import { byArn, byName, lastSegment, type Answers } from "./names.ts";

/** ECS and what scales its services. */
export const ECS: Answers = {
  "aws:ecs/cluster:Cluster": byArn("ecs", (names) => `cluster/${names.physical}`),
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": (_, { inputs }) => ({
    id: String(inputs["clusterName"]),
    outputs: {},
  }),
  "aws:ecs/taskDefinition:TaskDefinition": byArn(
    "ecs",
    (_, { inputs }) => `task-definition/${String(inputs["family"])}:1`,
    () => ({ revision: 1 }),
  ),
  "aws:ecs/service:Service": byArn(
    "ecs",
    (names, { inputs }) => `service/${lastSegment(inputs["cluster"])}/${names.physical}`,
  ),
  "aws:appautoscaling/policy:Policy": (names, { inputs }) => ({
    id: names.physical,
    outputs: {
      name: names.physical,
      arn: names.arn(
        "autoscaling",
        `scalingPolicy:${names.uuid()}:resource/${String(inputs["serviceNamespace"])}/${String(inputs["resourceId"])}:policyName/${names.physical}`,
      ),
    },
  }),
  "aws:appautoscaling/target:Target": (_, { inputs }) => ({
    id: String(inputs["resourceId"]),
    outputs: {},
  }),
  "aws:ecs/capacityProvider:CapacityProvider": byArn(
    "ecs",
    (names) => `capacity-provider/${names.physical}`,
  ),
  "aws:appautoscaling/scheduledAction:ScheduledAction": byName((names, { inputs }) =>
    names.arn(
      "autoscaling",
      `scheduledAction:${names.uuid()}:resource/${String(inputs["serviceNamespace"])}/${String(inputs["resourceId"])}:scheduledActionName/${names.physical}`,
    ),
  ),
};
