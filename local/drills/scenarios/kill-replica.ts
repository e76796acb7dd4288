import { LocalError } from "../../graph/graph.ts";
import type { Drill } from "../drill.ts";
import { promised } from "../report/promises.ts";
import type { TaskSeen } from "../service-view.ts";

/** A task starts within a minute or so on Fargate, and images take time to be pulled. */
const RECOVERY_MILLISECONDS = 300_000;

export const killReplica: Drill = {
  name: "kill-replica",
  summary: "a replica's processes are killed while it serves",
  speed: 1,
  callsPerSecond: 20,
  planned: false,
  sampleDelayMilliseconds: 150,
  perform: async (stage) => {
    stage.phase("before");
    await stage.observe(3);
    const { name, tasks } = stage.service();
    const victim = tasks.find(({ targets }) => targets.some(({ state }) => state === "healthy"));
    if (victim === undefined) {
      throw new LocalError(`The service \`${name}\` has no healthy replica to kill.`);
    }
    stage.phase("during");
    stage.broke({ kind: "task", at: stage.now(), target: victim.id });
    stage.run.services.find((service) => service.name === name)?.killTask(victim.id);
    stage.step(`killed replica ${victim.id.slice(0, 6)} in ${victim.zone}`);
    const gone = await stage.until(
      () => !isSeen(stage.service().tasks, victim.id),
      RECOVERY_MILLISECONDS,
    );
    if (gone) stage.step("no node of the load balancer sends to it any more");
    const whole = await stage.until(() => stage.isWhole(), RECOVERY_MILLISECONDS);
    if (whole) stage.step("its replacement is healthy");
    stage.phase("after");
    await stage.observe(3);
    return [promised("The replica is replaced by itself", whole, "fewer healthy ones than wanted")];
  },
  notModelled: [
    "a replacement on Fargate takes 20 to 60 s to start, and the time to pull its image, unless the run models that",
    "it is not documented how long ECS takes to notice a dead task; 3 s are assumed",
  ],
};

function isSeen(tasks: readonly TaskSeen[], id: string): boolean {
  return tasks.some(
    (task) => task.id === id && task.targets.some(({ state }) => state === "healthy"),
  );
}
