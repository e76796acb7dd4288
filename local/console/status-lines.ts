import type {
  DeploymentSnapshot,
  LoadBalancerSnapshot,
  ServiceSnapshot,
  Snapshot,
  TaskSnapshot,
} from "../snapshot/snapshot.ts";

const NAME_WIDTH = 14;

/** What the page draws, as text: for those who stay in the terminal. */
export function statusLines(snapshot: Snapshot): string[] {
  return [
    "",
    ...snapshot.loadBalancers.map(loadBalancerLine),
    ...snapshot.services.flatMap((service) => serviceLines(service, snapshot)),
    ...alarmLines(snapshot),
    ...(snapshot.drill === undefined
      ? []
      : [row("drill", `${snapshot.drill.name}, ${snapshot.drill.state}`)]),
    "",
  ];
}

function loadBalancerLine({ name, nodes }: LoadBalancerSnapshot): string {
  const total = nodes.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0);
  const each = nodes.map(({ zone, state, requestsPerSecond }) =>
    state === "in service" ? `${zone} ${rate(requestsPerSecond)}` : `${zone} ${state}`,
  );
  return row(name, `${rate(total)} over its nodes: ${each.join(", ")}`);
}

function serviceLines(service: ServiceSnapshot, { lostZones }: Snapshot): string[] {
  const { desired, healthy, minimum, maximum, p50Milliseconds, p99Milliseconds } = service;
  const limits = minimum === undefined ? "" : ` (${minimum} to ${maximum ?? minimum})`;
  const times =
    p50Milliseconds === undefined
      ? ""
      : `, p50 ${p50Milliseconds.toFixed(0)} ms, p99 ${(p99Milliseconds ?? p50Milliseconds).toFixed(0)} ms`;
  const failures =
    service.failuresPerSecond === 0 ? "none fail" : `${rate(service.failuresPerSecond)} fail`;
  return [
    row(
      service.name,
      `${healthy} of ${desired}${limits} healthy, ${rate(service.requestsPerSecond)}, ${failures}${times}`,
    ),
    ...service.deployments.filter(isOfInterest).map(deploymentLine),
    ...service.policies.map(({ text, value }) =>
      row("", `${text}: ${value === undefined ? "no data yet" : round(value)}`),
    ),
    ...service.tasks.map((task) => taskLine(task, lostZones)),
  ];
}

function isOfInterest({ status, rolloutState }: DeploymentSnapshot): boolean {
  return status !== "INACTIVE" && rolloutState !== "COMPLETED";
}

function deploymentLine(deployment: DeploymentSnapshot): string {
  const { revision, rolloutState, stage, desired, healthy, failed, traffic } = deployment;
  return row(
    "",
    `revision ${revision} ${rolloutState}${stage === undefined ? "" : ` ${stage}`}: ${healthy} of ${desired} healthy, ${failed} failed, ${traffic} % of the traffic`,
  );
}

function taskLine(task: TaskSnapshot, lostZones: readonly string[]): string {
  const seen = task.targets.filter(({ state }) => state === "healthy").length;
  const state = lostZones.includes(task.zone)
    ? "no power"
    : `${task.lastStatus}, healthy for ${seen} of ${task.targets.length} nodes`;
  const outstanding = task.targets.reduce((sum, target) => sum + target.outstanding, 0);
  return row(
    "",
    `${task.id.slice(0, 6)}  ${task.zone}  revision ${task.revision}  ${state}  ${rate(task.requestsPerSecond)}, ${outstanding} outstanding`,
  );
}

function alarmLines({ alarms, now }: Snapshot): string[] {
  const ringing = alarms.filter(({ state, ofScaling }) => state === "ALARM" && !ofScaling);
  return [
    row("alarms", `${ringing.length} of ${alarms.length} in ALARM`),
    ...ringing.map(({ name, since, reason }) =>
      row("", `${name} for ${Math.round((now - since) / 1000)} s: ${reason}`),
    ),
  ];
}

function row(name: string, text: string): string {
  return `  ${name.padEnd(NAME_WIDTH)} ${text}`;
}

function rate(perSecond: number): string {
  return `${round(perSecond)}/s`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
