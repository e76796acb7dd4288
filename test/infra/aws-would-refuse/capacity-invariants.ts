/** What holds of the instances that services run on. */
import {
  at,
  broken,
  listAt,
  named,
  ofType,
  textAt,
  twice,
  type Graph,
  type Violation,
} from "./graph.ts";

export const PROVIDER = "aws:ecs/capacityProvider:CapacityProvider";

/** Whether AWS may take back what a provider starts, with two minutes' notice. */
export function isSpot(graph: Graph, name: string): boolean {
  if (name.startsWith("FARGATE")) return name === "FARGATE_SPOT";
  const provider = ofType(graph, PROVIDER).find((known) => name.startsWith(known.name));
  const arn = textAt(provider?.inputs, "autoScalingGroupProvider", "autoScalingGroupArn");
  const group = named(graph, "aws:autoscaling/group:Group", arn);
  const onDemand = at(
    group?.inputs,
    "mixedInstancesPolicy",
    "instancesDistribution",
    "onDemandPercentageAboveBaseCapacity",
  );
  return (
    onDemand === 0 ||
    at(
      provider?.inputs,
      "managedInstancesProvider",
      "instanceLaunchTemplate",
      "capacityOptionType",
    ) === "SPOT"
  );
}

/** Rules 13, 14, 15 and 54. */
export function* capacityInvariants(graph: Graph): Iterable<Violation> {
  const groups: string[] = [];
  for (const provider of ofType(graph, PROVIDER)) {
    const { inputs } = provider;
    const name = textAt(inputs, "name") || provider.name;
    if (/^(?:aws|ecs|fargate)/iu.test(name) || name.length > 247) yield broken(13, provider, name);
    const scaled = at(inputs, "autoScalingGroupProvider");
    const managed = at(inputs, "managedInstancesProvider");
    if (managed !== undefined && (scaled !== undefined || textAt(inputs, "cluster") === ""))
      yield broken(54, provider, "no cluster, or a group beside");
    if (scaled === undefined) continue;
    const arn = textAt(scaled, "autoScalingGroupArn");
    groups.push(arn);
    const group = named(graph, "aws:autoscaling/group:Group", arn);
    if (
      at(scaled, "managedTerminationProtection") === "ENABLED" &&
      (at(scaled, "managedScaling", "status") !== "ENABLED" ||
        at(group?.inputs, "protectFromScaleIn") !== true)
    )
      yield broken(14, provider, "protects what is not protected");
    if (twice(groups).length > 0) yield broken(15, provider, "a group of two providers");
    for (const override of listAt(
      group?.inputs,
      "mixedInstancesPolicy",
      "launchTemplate",
      "overrides",
    ))
      if (override["weightedCapacity"] !== undefined) yield broken(15, provider, "a weight");
  }
}
