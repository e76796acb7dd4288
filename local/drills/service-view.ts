import type { Run } from "../run.ts";
import type { DeploymentSnapshot, PolicySnapshot } from "../snapshot/snapshot.ts";

/** A task, as each node of the load balancer sees it. */
export interface TaskSeen {
  readonly id: string;
  readonly zone: string;
  readonly targets: readonly { readonly nodeZone: string; readonly state: string }[];
}

/** What a drill looks at, many times a second: less than a snapshot of the whole run. */
export interface ServiceView {
  readonly name: string;
  readonly desired: number;
  /** Undefined where nothing scales it. */
  readonly maximum: number | undefined;
  readonly tasks: readonly TaskSeen[];
  readonly deployments: readonly DeploymentSnapshot[];
  readonly policies: readonly PolicySnapshot[];
}

export function viewService(run: Run, name: string): ServiceView {
  const scheduler = run.services.find((each) => each.name === name);
  const declared = run.stack.services.find((each) => each.name === name);
  const seen = (declared?.loadBalancers ?? []).flatMap(
    ({ targetGroupArn }) => targetGroup(run, targetGroupArn)?.targets ?? [],
  );
  return {
    name,
    desired: scheduler?.desiredCount ?? 0,
    maximum: run.scaling.limits(name)?.maximum,
    tasks: (scheduler?.tasks ?? []).map(({ task: { id }, zone }) => ({
      id,
      zone,
      targets: seen
        .filter((target) => target.id === id)
        .flatMap(({ nodes }) => nodes.map((node) => ({ nodeZone: node.zone, state: node.state }))),
    })),
    deployments: scheduler?.deployments ?? [],
    policies: run.scaling.policies(name),
  };
}

function targetGroup({ loadBalancers }: Run, arn: string) {
  for (const { surroundings } of loadBalancers.all) {
    const found = surroundings.targetGroup(arn);
    if (found !== undefined) return found;
  }
  return undefined;
}
