import type { EcsService } from "../../graph/services.ts";
import type { Drill, Stage } from "../drill.ts";
import { promised } from "../report/promises.ts";
import type { Promised } from "../report/report.ts";

/** Three failures, each as long as the grace period and the checks after it; and then some. */
const ROLLBACK_MILLISECONDS = 1_200_000;

/** Grace, and the time that alarms must be quiet. */
const SETTLING_MILLISECONDS = 1_200_000;

/** Revisions that nobody wants, and what their containers run. */
const BAD_REVISIONS = [
  {
    text: "a revision that runs, but never becomes ready",
    command: ["node", "--eval", "setInterval(() => undefined, 1000)"],
  },
  {
    text: "a revision that starts and then fails",
    command: ["node", "--eval", "setTimeout(() => process.exit(1), 500)"],
  },
] as const;

export const badDeploy: Drill = {
  name: "bad-deploy",
  summary: "revisions are deployed that do not become ready, or fail after their start",
  speed: 8,
  callsPerSecond: 20,
  planned: true,
  perform: async (stage) => {
    stage.phase("before");
    stage.step("waiting until the deployment before is complete, its alarms included");
    await stage.until(() => stage.isSettled(), SETTLING_MILLISECONDS);
    await stage.observe(2);
    stage.phase("during");
    const promises: Promised[] = [];
    for (const { text, command } of BAD_REVISIONS) {
      stage.step(`deploying ${text}`);
      promises.push(await rolledBack(stage, text, command));
    }
    stage.phase("after");
    await stage.observe(2);
    return promises;
  },
  notModelled: [
    "each failed start on Fargate takes 20 to 60 s longer, and the time to pull its image, unless the run models that",
  ],
};

async function rolledBack(
  stage: Stage,
  text: string,
  command: readonly string[],
): Promise<Promised> {
  const { name, tasks, deployments } = stage.service();
  const serving = tasks.map(({ id }) => id);
  const before = Math.max(0, ...deployments.map(({ revision }) => revision));
  const begun = stage.now();
  const failed = (): boolean =>
    stage
      .service()
      .deployments.some(
        ({ revision, rolloutState }) =>
          revision > before && (rolloutState === "ROLLED_BACK" || rolloutState === "FAILED"),
      );
  // How it ends is read from the deployments, as an operator would.
  stage.run
    .deployChanged(name, (declared) => withCommand(declared, command))
    .catch(() => undefined);
  await stage.until(failed, ROLLBACK_MILLISECONDS);
  const bad = stage.service().deployments.find(({ revision }) => revision > before);
  const back = bad?.rolloutState === "ROLLED_BACK";
  if (back) stage.step(`rolled back by itself after ${seconds(stage.now() - begun)}`);
  await stage.until(() => stage.isSettled(), SETTLING_MILLISECONDS);
  const left = stage.service().tasks.map(({ id }) => id);
  return promised(
    `Of ${text}, the old replicas go on serving, and it is rolled back by itself`,
    back && serving.every((id) => left.includes(id)),
    back
      ? "old replicas were replaced"
      : `it was not rolled back (${bad?.rolloutState ?? "no deployment"})`,
  );
}

/** The containers that the load balancer sends to run something else. */
function withCommand(declared: EcsService, command: readonly string[]): EcsService {
  const served = new Set(declared.loadBalancers.map(({ containerName }) => containerName));
  return {
    ...declared,
    task: {
      ...declared.task,
      containers: declared.task.containers.map((container) =>
        served.has(container.name) ? { ...container, command } : container,
      ),
    },
  };
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
