import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import { bakingMinutes, type StrategySettings } from "./deployment-strategy.ts";
import { healthCheckGracePeriod } from "./deployment-times.ts";
import type { InstanceCapacityFacts } from "../capacity/instance-capacity.ts";
import { wholeNumberBetween } from "../validation.ts";

/** What decides on how long Pulumi waits for a deployment. */
export interface WaitSettings extends StrategySettings {
  readonly waitForSteadyState: boolean;
  /** Undefined where the component is to choose. */
  readonly steadyStateTimeoutMinutes: number | undefined;
  readonly startupSeconds: pulumi.Input<number>;
  readonly longestCallSeconds: pulumi.Input<number>;
  /** The instances that the service runs on; undefined on Fargate. */
  readonly instanceCapacity: pulumi.Input<InstanceCapacityFacts | undefined>;
}

/** Refuses times that nobody would wait for. */
export function checkWait(component: string, settings: WaitSettings): void {
  const { steadyStateTimeoutMinutes } = settings;
  if (steadyStateTimeoutMinutes === undefined) return;
  wholeNumberBetween(
    component,
    "steadyStateTimeoutMinutes",
    1,
    10_080,
    "minutes",
  )(steadyStateTimeoutMinutes);
}

/** What image pulls, network interfaces, a second try and AWS's own pace may add to a deployment, in minutes. */
const WAIT_SLACK = 15;

/** What starting instances adds, in minutes: ECS notices that some are missing, EC2 starts them, and they pull large images. */
const INSTANCE_SLACK = 10;

/** Both arguments end here, in seconds; one that is only known later counts as this. */
const LONGEST_KNOWN = 3600;

function secondsOf(value: pulumi.Input<number>): number {
  return typeof value === "number" ? value : LONGEST_KNOWN;
}

/** How long Pulumi waits at most, in minutes: known at once, since it is an option of the resource. */
export function steadyStateTimeout(settings: WaitSettings): number {
  const seconds =
    healthCheckGracePeriod(secondsOf(settings.startupSeconds)) +
    secondsOf(settings.longestCallSeconds);
  return (
    settings.steadyStateTimeoutMinutes ??
    WAIT_SLACK +
      (settings.instanceCapacity === undefined ? 0 : INSTANCE_SLACK) +
      Math.ceil(seconds / 60) +
      bakingMinutes(settings)
  );
}

/**
 * A command that prints what ECS says about a service: its deployments with their reasons, and its last events. It finds the service by the
 * beginning of its name, so that it is known before the service is, and stands where the service's creation fails.
 */
export function eventsCommand(
  name: string,
  region: pulumi.Input<string>,
  clusterName: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi.all([region, clusterName]).apply(([where, cluster]) => {
    const services = `aws ecs list-services --region ${where} --cluster ${cluster} --query "serviceArns[?contains(@, '/${name}-')]" --output text`;
    return (
      `aws ecs describe-services --region ${where} --cluster ${cluster} --services $(${services})` +
      ' --query "services[].{deployments: deployments[].[status, rolloutState, rolloutStateReason], events: events[:10].message}" --output yaml'
    );
  });
}

/** What a user reads beneath the provider's own words when a deployment has failed. */
export function failureMessage(name: string, operation: string, command: string): string {
  return (
    `The deployment of ${name} failed (${operation}). What ECS says about it, and why its tasks stopped, is printed by:\n${command}\n` +
    "The reason of a task that never ran is in `aws ecs describe-tasks`; what its container wrote is in the platform's log group."
  );
}

/**
 * A hook that prints the command when the service's deployment has failed, and asks for no second try. None where the monitor has no such
 * hooks: the SDK's mocks, in which users test their programs.
 */
export function failureHook(
  name: string,
  resource: pulumi.Resource,
  command: pulumi.Output<string>,
): pulumi.ResourceHookBinding | undefined {
  const monitor: object | undefined = pulumi.runtime.getMonitor();
  if (monitor === undefined || !("registerErrorHook" in monitor)) return undefined;
  const tell = async ({ failedOperation }: pulumi.ErrorHookArgs): Promise<boolean> => {
    const known = await new Promise<string>((resolve) => {
      command.apply(resolve);
    });
    await pulumi.log.error(failureMessage(name, failedOperation, known), resource);
    return false;
  };
  const hook = new pulumi.ErrorHook(
    `pulumi-mcp-service:${name}:deployment-failed`,
    // The engine calls from outside of the program, where an inline program (Automation API) has no engine to log to.
    AsyncResource.bind(tell),
  );
  return { onError: [hook] };
}
