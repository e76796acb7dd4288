import type { GatewayUpstream } from "../../graph/gateways.ts";
import { LocalError } from "../../graph/graph.ts";
import type { Run } from "../../run.ts";
import type { Drill, Stage } from "../drill.ts";
import { promised } from "../report/promises.ts";
import type { Promised } from "../report/report.ts";
import { message, toolCall } from "../traffic/message.ts";
import type { CalledTool } from "../traffic/tools.ts";
import { mayRepeat, prefixOf, repeatedTools } from "./repeated-tools.ts";

/** A task starts within a minute or so on Fargate, and images take time to be pulled. */
const RECOVERY_MILLISECONDS = 300_000;
/** So many calls may find out that nobody is there. */
const FINDING_OUT = 5;
/** In real time: a call that has to wait for nothing is answered by the gateway itself. */
const FAST_MILLISECONDS = 1000;

/** A service behind the gateway, and a tool of it. */
interface Behind {
  readonly upstream: GatewayUpstream;
  readonly scheduler: Run["services"][number];
  readonly tool: CalledTool;
}

export const upstreamLoss: Drill = {
  name: "upstream-loss",
  summary: "behind a gateway one replica of a service is killed, then all of another one",
  speed: 1,
  callsPerSecond: 20,
  planned: false,
  sampleDelayMilliseconds: 50,
  service: (run) => run.gateways[0]?.name,
  tool: (run, service) => {
    const gateway = run.gateways.find(({ name }) => name === service);
    return gateway === undefined ? {} : { among: repeatedTools(gateway) };
  },
  perform: async (stage) => {
    stage.phase("before");
    const { kept, lost } = await behind(stage);
    await stage.observe(3);
    stage.phase("during");
    const one = await killOne(stage, kept);
    const all = await killAll(stage, lost);
    stage.phase("after");
    await stage.observe(3);
    return [...one, ...all];
  },
  notModelled: [
    "who asks a task on Fargate that has died waits for a second until the connection is given up; here it is refused at once",
    "a replacement on Fargate takes 20 to 60 s to start, and the time to pull its image, unless the run models that",
    "it is not documented how long ECS takes to notice a dead task; 3 s are assumed",
  ],
};

/** The service that the traffic asks, and another one. */
async function behind(stage: Stage): Promise<{ readonly kept: Behind; readonly lost: Behind }> {
  const { name } = stage.service();
  const gateway = stage.run.gateways.find((each) => each.name === name);
  if (gateway === undefined) {
    throw new LocalError(
      `\`${name}\` is no gateway. Declare an \`McpGateway\` in the program, and name it with \`--service\` where there are several.`,
    );
  }
  const found: Behind[] = [];
  for (const upstream of gateway.upstreams) {
    const declared = stage.run.stack.services.find(({ arn }) => arn === upstream.service);
    const scheduler = stage.run.services.find((service) => service.name === declared?.name);
    if (scheduler === undefined || upstream.prefix === undefined) continue;
    const prefix = prefixOf(upstream);
    const isAsked = stage.tool.name.startsWith(prefix);
    const tool = isAsked ? stage.tool : await stage.findTool({ prefix });
    found.push({ upstream, scheduler, tool });
  }
  const kept = found.find(({ tool }) => tool === stage.tool);
  const lost = found.find((each) => each !== kept);
  if (kept !== undefined && lost !== undefined) {
    checkRepeated(kept);
    return { kept, lost };
  }
  throw new LocalError(
    `The gateway \`${name}\` needs two services of the program behind it, with prefixed tools: one to lose, and one to call meanwhile. It has ${found.length}.`,
  );
}

/** A call that the gateway may not repeat is lost with the replica that had it. */
function checkRepeated({ upstream, tool }: Behind): void {
  if (mayRepeat(upstream, tool.name)) return;
  const own = tool.name.slice(prefixOf(upstream).length);
  throw new LocalError(
    `The gateway may not repeat calls of \`${tool.name}\`: \`idempotentTools\` of \`${upstream.name}\` does not name it. Add \`${own}\` there, or call another tool with \`--tool\`.`,
  );
}

async function killOne(stage: Stage, { scheduler, upstream }: Behind): Promise<Promised[]> {
  const healthy = scheduler.tasks.filter(({ state }) => state === "healthy");
  const [victim] = healthy;
  if (victim === undefined || healthy.length < 2) {
    throw new LocalError(
      `The service \`${scheduler.name}\` has ${healthy.length} healthy replicas; one of two is to be killed. Set its \`minReplicas\` to 2 or more.`,
    );
  }
  const begun = stage.attempts().length;
  scheduler.killTask(victim.task.id);
  stage.step(`killed 1 of ${healthy.length} replicas of ${upstream.name}, which the calls go to`);
  const whole = await stage.until(
    () => isWhole(scheduler, [victim.task.id]),
    RECOVERY_MILLISECONDS,
  );
  if (whole) stage.step("its replacement is healthy");
  const ended = stage.attempts().slice(begun);
  const failed = ended.filter(({ problem }) => problem !== undefined).length;
  return [
    promised(
      "No call fails while one replica of the service that it is for is dead",
      failed === 0 && whole,
      whole ? `${failed} of ${ended.length} requests` : "the replica was not replaced",
    ),
  ];
}

async function killAll(stage: Stage, { scheduler, upstream, tool }: Behind): Promise<Promised[]> {
  const victims = scheduler.tasks.map(({ task }) => task.id);
  const begun = stage.attempts().length;
  for (const id of victims) scheduler.killTask(id);
  stage.step(`killed all ${victims.length} replicas of ${upstream.name}`);

  const refusals: number[] = [];
  let isListed = true;
  let answered = false;
  const giveUp = stage.now() + RECOVERY_MILLISECONDS;
  while (!answered && stage.now() < giveUp) {
    const sentAt = performance.now();
    const { problem } = await stage.send(toolCall("2026-07-28", tool.name, tool.input));
    if (problem === undefined) {
      answered = refusals.length > 0 && isWhole(scheduler, victims);
    } else {
      refusals.push(performance.now() - sentAt);
      if (refusals.length === 1) stage.step(`a call of ${tool.name} is refused: ${problem}`);
      if (refusals.length <= FINDING_OUT) {
        const list = await stage.send(message("2026-07-28", "tools/list"));
        isListed &&= list.body.includes(JSON.stringify(tool.name));
      }
    }
    await stage.wait(PAUSE_MILLISECONDS);
  }
  if (answered)
    stage.step(`${upstream.name} answers again, after ${refusals.length} refused calls`);
  const later = refusals.slice(FINDING_OUT);
  const slowest = Math.max(0, ...later);
  const others = stage.attempts().slice(begun);
  const failed = others.filter(({ problem }) => problem !== undefined).length;
  return [
    promised(
      "The loss of a service fails no call of another one",
      failed === 0,
      `${failed} of ${others.length} requests`,
    ),
    promised(
      "Calls of the lost service are refused, and wait for nothing",
      later.length > 0 && slowest <= FAST_MILLISECONDS,
      later.length === 0
        ? `${refusals.length} were refused`
        : `the slowest of ${later.length} took ${Math.round(slowest)} ms`,
    ),
    promised("Its tools stay listed meanwhile", isListed, "they were gone"),
    promised("It is back by itself", answered, "it does not answer"),
  ];
}

/** Between two calls of what is lost, on the run's clock. */
const PAUSE_MILLISECONDS = 100;

function isWhole(scheduler: Behind["scheduler"], dead: readonly string[]): boolean {
  const healthy = scheduler.tasks.filter(
    ({ state, task }) => state === "healthy" && !dead.includes(task.id),
  );
  return healthy.length >= scheduler.desiredCount;
}
