import { LocalError } from "../../graph/graph.ts";
import type { Drill } from "../drill.ts";
import { promised } from "../report/promises.ts";
import { withTargetsPerRealMinute } from "./targets-per-real-minute.ts";

/** Three datapoints of a minute, as much again until they are published and evaluated (AWS measured 363 s from load to alarm), and a minute more. */
const RULE_MILLISECONDS = 480_000;

/** Until what was started is healthy. */
const START_MILLISECONDS = 300_000;

/** By how much the target is exceeded. */
const EXCESS = 1.6;

export const scaleOut: Drill = {
  name: "scale-out",
  summary: "the load grows above what the autoscaler aims at, and stays",
  speed: 10,
  callsPerSecond: 20,
  planned: true,
  prepare: {
    text: "calls do not go faster with the clock, so targets of requests a minute are divided by the speed: they stand for as many a second as declared",
    change: withTargetsPerRealMinute,
  },
  perform: async (stage) => {
    stage.phase("before");
    await stage.observe(3);
    const { policies, desired, maximum = desired } = stage.service();
    const policy = policies.find(
      ({ type, target, text }) =>
        type === "TargetTrackingScaling" && target !== undefined && /request/iu.test(text),
    );
    if (policy?.target === undefined) {
      throw new LocalError(
        "The service is not scaled by its requests, so that more of them need not add replicas. Give it a `requestCountPerTarget`.",
      );
    }
    if (maximum <= desired) {
      throw new LocalError(
        `The service has ${desired} replicas already, as many as it may. Raise \`maxReplicas\`.`,
      );
    }
    const rate = Math.ceil((policy.target * desired * EXCESS * stage.run.speed) / 60);
    const begun = stage.now();
    stage.phase("during");
    stage.setRate(rate);
    stage.step(`${rate} calls a second: ${EXCESS} times what ${desired} replicas are meant for`);
    const grew = await stage.until(() => stage.service().desired > desired, RULE_MILLISECONDS);
    const after = Math.round((stage.now() - begun) / 1000);
    const { desired: now } = stage.service();
    if (grew) stage.step(`after ${after} s ${now} replicas are wanted`);
    const whole = grew && (await stage.until(() => stage.isWhole(), START_MILLISECONDS));
    if (whole) stage.step("all of them are healthy");
    stage.phase("after");
    await stage.observe(3);
    return [
      promised(
        `Replicas are added within ${RULE_MILLISECONDS / 60_000} minutes`,
        grew,
        `${now} are wanted after ${after} s`,
      ),
      promised("Added replicas become healthy", whole, "they did not"),
    ];
  },
  notModelled: [
    "added replicas on Fargate take 20 to 60 s to start, and the time to pull their image, unless the run models that",
  ],
};
