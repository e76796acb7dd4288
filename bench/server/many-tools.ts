import { spread } from "../statistics.ts";
import { at, endAll, startRuntime, type Bench, type Check } from "./bench.ts";
import { addCall } from "./call.ts";
import { warmUp } from "./contenders.ts";
import { Figures, median, noFailures, withShare } from "./figures.ts";

const CONNECTIONS = 8;
const FEW = 2;
const MANY = 200;
const WARM_SECONDS = 3;

/** Whether a server with many tools is as fast as one with few. */
export async function measureManyTools(bench: Bench): Promise<readonly Check[]> {
  const contenders = [
    await startRuntime(bench, `${FEW} tools`, { TOOLS: String(FEW) }),
    await startRuntime(bench, `${MANY} tools`, { TOOLS: String(MANY) }),
  ] as const;
  for (const contender of contenders) await warmUp(bench, contender, WARM_SECONDS);
  const figures = new Figures();
  for (let round = 0; round < bench.rounds; round++)
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed())
      for (const era of contender.eras)
        figures.add(
          `${contender.name} ${era}`,
          await bench.generator.send({
            ...at(contender),
            call: addCall(era, bench.token),
            pace: { connections: CONNECTIONS, seconds: bench.seconds },
          }),
        );
  await endAll(contenders);
  console.log(`\nCPU per call with ${FEW} and ${MANY} tools, ${CONNECTIONS} connections`);
  const checks = contenders[0].eras.map((era) => {
    const [few, many] = [`${FEW} tools ${era}`, `${MANY} tools ${era}`];
    console.log(`${few.padEnd(20)} ${withShare(figures.cpu(few), undefined)}`);
    console.log(`${many.padEnd(20)} ${withShare(figures.cpu(many), undefined)}`);
    const ratios = figures.share(few, many);
    return {
      what: `× the CPU of ${FEW} tools with ${MANY}, ${era}, ${spread(ratios)}`,
      figure: median(ratios),
      most: 1.1,
    };
  });
  return [...checks, noFailures("many tools", figures)];
}
