import * as pulumi from "@pulumi/pulumi";
import { agentMountPoints } from "./execute-command.ts";
import { ContainerCondition, type SidecarContainer } from "./sidecar.ts";
import { ArgumentError, check } from "../validation.ts";

/** The name of the container of AWS's agent. */
export const TARGET_CONTROL_AGENT = "target-control-agent";

/** Where the agent takes requests from the load balancer. */
export const TARGET_CONTROL_DATA_PORT = 9080;

/** Where the agent tells the load balancer that there is room for another request. */
export const TARGET_CONTROL_PORT = 9081;

/** The most requests at once that the agent knows (ELB guide, "Target optimizer"). */
const MOST_CONCURRENCY = 1000;

/** The agent stands before every request: it must not wait for a server that computes. */
export const TARGET_CONTROL_CPU_SHARE = 1 / 8;

/** How long the agent may take to end, in seconds: the server has ended by then, and nothing is in flight. */
const STOP_TIMEOUT = 5;

/** Refuses an agent that could not be fetched twice the same, and more requests at once than it knows. */
export function checkTargetOptimizer(
  component: string,
  image: pulumi.Input<string> | undefined,
  maxOngoingRequests: pulumi.Input<number>,
): void {
  if (image === undefined) return;
  check(image, (address) => {
    if (/@sha256:[0-9a-f]{64}$/u.test(address)) return;
    throw new ArgumentError(
      component,
      `\`targetOptimizerImage\` is \`${address}\`; give the agent with its digest, as every request goes through it:` +
        " `public.ecr.aws/aws-elb/target-optimizer/target-control-agent@sha256:…`.",
    );
  });
  check(maxOngoingRequests, (requests) => {
    if (requests <= MOST_CONCURRENCY) return;
    throw new ArgumentError(
      component,
      `\`maxOngoingRequests\` is ${requests}, but the load balancer's target optimizer knows at most ${MOST_CONCURRENCY}. Give no more than that, or leave` +
        " `targetOptimizerImage` out.",
    );
  });
}

/** The agent between load balancer and server. */
export function targetControlAgent(args: {
  readonly image: pulumi.Input<string>;
  /** Of the server. */
  readonly port: pulumi.Input<number>;
  readonly maxOngoingRequests: pulumi.Input<number>;
  /** Of the whole task, in CPU units. */
  readonly taskCpu: pulumi.Input<number>;
  readonly enableExecuteCommand: boolean;
}): pulumi.Output<SidecarContainer> {
  return pulumi
    .output({ ...args })
    .apply(({ image, port, maxOngoingRequests, taskCpu }): SidecarContainer => ({
      name: TARGET_CONTROL_AGENT,
      image,
      command: undefined,
      essential: true,
      cpu: Math.floor(taskCpu * TARGET_CONTROL_CPU_SHARE),
      ports: [TARGET_CONTROL_DATA_PORT, TARGET_CONTROL_PORT],
      environment: {
        TARGET_CONTROL_CONTROL_ADDRESS: `0.0.0.0:${TARGET_CONTROL_PORT}`,
        TARGET_CONTROL_DATA_ADDRESS: `0.0.0.0:${TARGET_CONTROL_DATA_PORT}`,
        TARGET_CONTROL_DESTINATION_ADDRESS: `127.0.0.1:${port}`,
        TARGET_CONTROL_MAX_CONCURRENCY: String(maxOngoingRequests),
      },
      secrets: {},
      healthCheck: undefined,
      dependsOn: [],
      // So that at the end it outlives the server, whose last answers go through it.
      serverWaitsFor: ContainerCondition.Start,
      stopTimeout: STOP_TIMEOUT,
      readonlyRootFilesystem: true,
      mountPoints: args.enableExecuteCommand ? agentMountPoints(TARGET_CONTROL_AGENT) : [],
    }));
}
