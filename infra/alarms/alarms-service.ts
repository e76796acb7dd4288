import type * as pulumi from "@pulumi/pulumi";
import { createReplicaAlarms, type ReplicaAlarmArgs } from "./alarms-replicas.ts";
import { createTokenAlarm, type RequestAlarms } from "./alarms-requests.ts";
import { createRestartAlarm } from "./alarms-restarts.ts";

/** Creates the alarms of a service that cannot be there before it: all but those on what callers get. */
export function createServiceAlarms(
  name: string,
  args: ReplicaAlarmArgs & {
    readonly clusterArn: pulumi.Input<string>;
    readonly serviceName: pulumi.Input<string>;
    /** Where callers need a token, the value of `OTEL_SERVICE_NAME`. */
    readonly metricServiceName: pulumi.Input<string> | undefined;
    readonly alarmRefusedTokenPercent: pulumi.Input<number>;
  },
  opts: pulumi.CustomResourceOptions,
): void {
  const { metricServiceName } = args;
  createReplicaAlarms(name, args, opts);
  createRestartAlarm(name, args, opts);
  if (metricServiceName !== undefined) createTokenAlarm(name, { ...args, metricServiceName }, opts);
}

/**
 * The alarms that take a deployment back beside the user's own: those on errors and latency, unless the user gave another share of errors, whose alarm then
 * stands for that on errors, or turned them off with 0.
 */
export function guardNames(
  alarms: RequestAlarms | undefined,
  rollbackErrorPercent: number | undefined,
): pulumi.Output<string>[] {
  if (alarms === undefined || rollbackErrorPercent === 0) return [];
  return [...(rollbackErrorPercent === undefined ? [alarms.errors.name] : []), alarms.latency.name];
}
