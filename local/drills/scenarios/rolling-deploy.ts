import type { Drill } from "../drill.ts";
import { promised } from "../report/promises.ts";

/** What starting, checking and draining twice over take at most. */
const DEPLOYMENT_MILLISECONDS = 900_000;

export const rollingDeploy: Drill = {
  name: "rolling-deploy",
  summary: "a new revision replaces every replica, as `pulumi up` does after a change",
  speed: 10,
  callsPerSecond: 20,
  planned: true,
  perform: async (stage) => {
    stage.phase("before");
    await stage.observe(2);
    const { name, tasks } = stage.service();
    const old = new Set(tasks.map(({ id }) => id));
    stage.phase("during");
    stage.step("a new revision is deployed");
    let done = false;
    const deployed = stage.run
      .deployChanged(name, (declared) => ({ ...declared }))
      .then(() => (done = true));
    deployed.catch(() => undefined);
    const finished = await stage.until(() => done, DEPLOYMENT_MILLISECONDS);
    const replaced = stage.service().tasks.filter(({ id }) => old.has(id)).length === 0;
    if (finished) stage.step("every replica is of the new revision");
    stage.phase("after");
    await stage.observe(2);
    return [
      promised("The deployment comes to its end", finished, "it did not"),
      promised("Every replica is a new one", replaced, "old ones are left"),
    ];
  },
  notModelled: [
    "each batch of replicas on Fargate takes 20 to 60 s longer to start, and the time to pull its image, unless the run models that",
  ],
};
