import { LocalError } from "../../graph/graph.ts";
import type { Drill } from "../drill.ts";
import { promised } from "../report/promises.ts";

/** Detection by health checks, and replacements elsewhere. */
const RECOVERY_MILLISECONDS = 600_000;

/** For how long resolvers hand out the dead node's address. */
const DNS_TTL_MILLISECONDS = 60_000;

export const zoneLoss: Drill = {
  name: "zone-loss",
  summary: "a zone loses power, with its replicas and its node of the load balancer",
  speed: 4,
  callsPerSecond: 20,
  planned: false,
  sampleDelayMilliseconds: 150,
  perform: async (stage) => {
    stage.phase("before");
    await stage.observe(4);
    const { name, tasks } = stage.service();
    const zone = tasks[0]?.zone;
    if (zone === undefined) throw new LocalError(`The service \`${name}\` has no replica.`);
    if (tasks.every((task) => task.zone === zone)) {
      throw new LocalError(
        `Every replica of \`${name}\` is in \`${zone}\`: with it, all would be lost. Give the service more replicas, or more zones.`,
      );
    }
    const hit = tasks.filter((task) => task.zone === zone).map(({ id }) => id);
    stage.phase("during");
    stage.broke({ kind: "zone", at: stage.now(), zone, until: undefined });
    stage.run.lostZones.lose(zone);
    stage.step(`${zone} has lost power, and ${hit.length} of ${tasks.length} replicas with it`);
    const whole = await stage.until(() => stage.isWhole(), RECOVERY_MILLISECONDS);
    if (whole) stage.step("as many replicas as wanted are healthy in the other zones");
    await stage.wait(DNS_TTL_MILLISECONDS);
    stage.phase("after");
    await stage.observe(4);
    stage.run.lostZones.restore(zone);
    stage.repaired(zone);
    stage.step(`${zone} has power again`);
    await stage.observe(2);
    return [
      promised("The replicas are replaced in other zones", whole, "fewer healthy ones than wanted"),
    ];
  },
  notModelled: [
    "replacements on Fargate take 20 to 60 s to start, and the time to pull their image, unless the run models that",
    "it may take longer where many customers replace what was in the same zone",
  ],
};
