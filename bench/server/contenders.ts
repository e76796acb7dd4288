import { isDeepStrictEqual } from "node:util";
import { at, startOther, startRuntime, type Bench, type Contender } from "./bench.ts";
import { PROGRAMS } from "./bundle.ts";
import { addCall, writeCall, type Era } from "./call.ts";

export const BARE = "bare node:http";
export const UNLOGGED = "runtime, no access log";
export const LOGGED = "runtime";
export const SDK = "SDK on Express";
export const V1 = "SDK v1 on Express";

const BOTH: readonly Era[] = ["modern", "legacy"];
const WARM_SECONDS = 4;
const PEER_WARM_SECONDS = 5;

/** Starts everything that is asked to add; what is asked is answered, and the bare server's answer is checked to be the runtime's. */
export async function startContenders(bench: Bench): Promise<readonly Contender[]> {
  const contenders = [
    await startOther(bench, BARE, PROGRAMS.bare, { eras: BOTH, isPeer: false }),
    await startRuntime(bench, UNLOGGED, { LOG_LEVEL: "warn" }),
    await startRuntime(bench, LOGGED),
    await startOther(bench, SDK, PROGRAMS.sdkExpress, { eras: BOTH, isPeer: true }),
    await startOther(bench, V1, PROGRAMS.v1Express, { eras: ["legacy"], isPeer: true }),
  ];
  for (const era of BOTH) await requireSameAnswers(bench, contenders, era);
  for (const contender of contenders)
    await warmUp(bench, contender, contender.isPeer ? PEER_WARM_SECONDS : WARM_SECONDS);
  return contenders;
}

/** The first thousands of requests of a process are slow: code is compiled. */
export async function warmUp(bench: Bench, contender: Contender, seconds: number): Promise<void> {
  const { eras } = contender;
  for (const era of eras) {
    const call = addCall(era, bench.token);
    const pace = { connections: 8, seconds: seconds / eras.length };
    const { failed, failure } = await bench.generator.send({ ...at(contender), call, pace });
    if (failed > 0) throw new Error(`${contender.name} fails (${era}): ${String(failure)}`);
  }
}

async function requireSameAnswers(
  bench: Bench,
  contenders: readonly Contender[],
  era: Era,
): Promise<void> {
  const call = addCall(era, bench.token);
  const { body } = writeCall(call, 0);
  const answers = await Promise.all(
    [BARE, LOGGED].map(async (name) => {
      const origin = contenders.find((each) => each.name === name)?.process.origin ?? "";
      const response = await fetch(`${origin}/mcp`, {
        method: "POST",
        headers: call.headers,
        body,
      });
      return messageOf(await response.text());
    }),
  );
  const [bare, runtime] = answers;
  if (isDeepStrictEqual(bare, runtime)) return;
  throw new Error(
    `The bare server must answer as the runtime does (${era}), and it does not: ${JSON.stringify(answers)}`,
  );
}

/** The message of an answer, be it JSON or the one event of a stream. */
function messageOf(text: string): unknown {
  return JSON.parse(/^data: (?<data>.*)$/mu.exec(text)?.groups?.["data"] ?? text);
}
