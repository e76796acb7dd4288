import { setTimeout } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";

/** Passes when so many seconds have. */
export type Pause = (seconds: number) => Promise<void>;

const pauseForReal: Pause = (seconds) => setTimeout(seconds * 1000);

/** IAM shows a new policy to the services that rely on it within seconds; a minute of them is enough. */
const TRIES = 6;
const SECONDS_BETWEEN_TRIES = 10;

/** 20 seconds are too few (terraform-aws-modules/terraform-aws-ecs#425). */
const SECONDS_UNTIL_ACTIVE = 60;

/** Whether creating a provider failed because IAM does not yet show the policies of its roles, so that another try may do. */
export function mayRetry({
  failedOperation,
  errors,
}: Pick<pulumi.ErrorHookArgs, "failedOperation" | "errors">): boolean {
  const [newest = ""] = errors;
  return (
    failedOperation === "create" &&
    errors.length < TRIES &&
    /not authorized|unable to assume|access ?denied|unauthorizedoperation/iu.test(newest)
  );
}

/** What the hooks do, apart from their registration. */
export function waits(pause: Pause = pauseForReal): {
  readonly retry: pulumi.ErrorHookFunction;
  readonly untilActive: pulumi.ResourceHookFunction;
} {
  return {
    retry: async (args) => {
      if (!mayRetry(args)) return false;
      await pause(SECONDS_BETWEEN_TRIES);
      return true;
    },
    untilActive: () => pause(SECONDS_UNTIL_ACTIVE),
  };
}

/**
 * Hooks around the creation of a capacity provider of Managed Instances. ECS uses its role at once, which IAM may not show yet; and it is some time until
 * the provider is active, before which ECS refuses services on it. The provider package waits for neither (pulumi-aws#5592, #6061; upstream
 * terraform-provider-aws#48741 is open). None where the monitor has no hooks: the SDK's mocks, in which users test their programs.
 */
export function creationHooks(name: string): pulumi.ResourceHookBinding | undefined {
  const monitor: object | undefined = pulumi.runtime.getMonitor();
  if (monitor === undefined || !("registerErrorHook" in monitor)) return undefined;
  const { retry, untilActive } = waits();
  return {
    onError: [new pulumi.ErrorHook(`pulumi-mcp-service:${name}:roles-not-yet-visible`, retry)],
    afterCreate: [
      new pulumi.ResourceHook(`pulumi-mcp-service:${name}:not-yet-active`, untilActive),
    ],
  };
}
