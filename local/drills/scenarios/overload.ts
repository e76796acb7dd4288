import { LocalError } from "../../graph/graph.ts";
import type { Drill, Stage } from "../drill.ts";
import { promised } from "../report/promises.ts";

/** As much as one thread makes, and far more than a laptop's replicas take. */
const MOST_CALLS_PER_SECOND = 640;

/** How long the load is kept once replicas are full. */
const SECONDS_FULL = 6;

export const overload: Drill = {
  name: "overload",
  summary: "more calls come than the replicas take at once",
  speed: 1,
  callsPerSecond: 20,
  planned: false,
  sampleDelayMilliseconds: 700,
  perform: async (stage) => {
    stage.phase("before");
    await stage.observe(4);
    stage.phase("during");
    const rate = await fill(stage);
    stage.step(`replicas are full at ${rate} calls a second, and go on getting as many`);
    await stage.observe(SECONDS_FULL);
    stage.setRate(stage.callsPerSecond);
    stage.step(`back to ${stage.callsPerSecond} calls a second`);
    const [whole] = [await stage.until(() => isQuiet(stage), 30_000)];
    stage.phase("after");
    await stage.observe(4);
    const refused = stage.explained().filter(({ attempt }) => attempt.status === 503);
    const bare = refused.filter(({ attempt }) => attempt.retryAfter === undefined).length;
    const broken = stage
      .explained()
      .filter(({ attempt: { problem, status } }) => problem !== undefined && status !== 503).length;
    return [
      promised(
        "Every refusal is a 503 that says when to come back",
        refused.length > 0 && bare === 0,
        refused.length === 0 ? "nothing was refused" : `${bare} of ${refused.length} did not`,
      ),
      promised(
        "What was let in is answered",
        broken === 0,
        `${broken} requests were neither answered nor refused`,
      ),
      promised("When the load has gone, nothing is refused any more", whole, "refusals went on"),
    ];
  },
  notModelled: [
    "the load balancer grows with its load; here it shares this machine's processor with the replicas",
    "scaling out follows after minutes; the drill `scale-out` shows that",
  ],
};

/** Doubles the load until replicas refuse some of it. */
async function fill(stage: Stage): Promise<number> {
  for (let rate = stage.callsPerSecond * 2; rate <= MOST_CALLS_PER_SECOND; rate *= 2) {
    stage.setRate(rate);
    stage.step(`${rate} calls a second`);
    const before = refusals(stage);
    if (await stage.until(() => refusals(stage) > before, 4000 * stage.run.speed)) return rate;
  }
  throw new LocalError(
    `${MOST_CALLS_PER_SECOND} calls a second did not fill the replicas. Name a slower tool with \`--tool\`, or lower the service's \`maxOngoingRequests\`.`,
  );
}

function refusals(stage: Stage): number {
  return stage.attempts().filter(({ status }) => status === 503).length;
}

/** Nothing was refused for a second. */
function isQuiet(stage: Stage): boolean {
  const since = stage.now() - 1000 * stage.run.speed;
  const recent = stage.attempts().filter(({ endedAt }) => endedAt >= since);
  return recent.length > 0 && recent.every(({ status }) => status === 200);
}
