import { spread } from "../statistics.ts";
import { at, type Bench, type Check, type Contender } from "./bench.ts";
import { addCall, type Era } from "./call.ts";
import { BARE, LOGGED } from "./contenders.ts";
import { Figures, median, noFailures, printColumns } from "./figures.ts";

/** Calls a second, which none of them is busy with. */
const RATE = 400;
/** Until there are enough calls for a 99th percentile. */
const LEAST_SECONDS = 1.5;
const PEER_ROUNDS = 2;

/** How long calls take at a rate that is far from what any of the servers can take. */
export async function measureLatency(
  bench: Bench,
  contenders: readonly Contender[],
): Promise<readonly Check[]> {
  const figures = new Figures();
  const seconds = Math.max(LEAST_SECONDS, bench.seconds);
  for (let round = 0; round < bench.rounds; round++) {
    const measured = contenders.filter(({ isPeer }) => !isPeer || round < PEER_ROUNDS);
    for (const contender of round % 2 === 0 ? measured : measured.toReversed()) {
      const call = addCall(eraOf(contender), bench.token);
      const report = await bench.generator.send({
        ...at(contender),
        call,
        pace: { rate: RATE, seconds },
      });
      figures.add(contender.name, report);
    }
  }
  console.log(`\ntools/call at ${RATE} calls a second, in ms`);
  printColumns("", ["p50", "p99", "CPU per call in µs"]);
  for (const { name } of contenders) {
    const reports = figures.of(name);
    printColumns(name, [
      spread(reports.map((each) => each.median)),
      spread(reports.map((each) => each.tail)),
      spread(figures.cpu(name), 0),
    ]);
  }
  const bare = figures.of(BARE);
  const ratios = figures.of(LOGGED).map(({ tail }, round) => tail / (bare[round]?.tail ?? NaN));
  return [
    {
      what: `p99 at ${RATE} calls a second over the bare server's, ${spread(ratios)}`,
      figure: median(ratios),
      most: 2,
    },
    noFailures("latency", figures),
  ];
}

const eraOf = ({ eras }: Contender): Era => eras[0] ?? "modern";
