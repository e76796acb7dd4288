import { spread } from "../statistics.ts";
import { at, type Bench, type Check, type Contender } from "./bench.ts";
import { addCall, type Era } from "./call.ts";
import { BARE, LOGGED, SDK, UNLOGGED, V1 } from "./contenders.ts";
import { Figures, median, noFailures, printColumns, withShare } from "./figures.ts";

const CONNECTIONS = [1, 8, 32];
const ERAS: readonly Era[] = ["modern", "legacy"];
const PEER_ROUNDS = 2;

/** CPU time per call and throughput per core, at as many calls as the connections carry. */
export async function measureThroughput(
  bench: Bench,
  contenders: readonly Contender[],
): Promise<readonly Check[]> {
  const figures = new Figures();
  const key = (name: string, era: Era, connections: number): string =>
    `${name} ${era} ${connections}`;
  for (let round = 0; round < bench.rounds; round++) {
    // Whoever comes second finds the machine as the first one left it: they take turns.
    const measured = contenders.filter(({ isPeer }) => !isPeer || round < PEER_ROUNDS);
    const order = round % 2 === 0 ? measured : measured.toReversed();
    for (const era of ERAS)
      for (const connections of CONNECTIONS)
        for (const contender of order) {
          if (!contender.eras.includes(era)) continue;
          const call = addCall(era, bench.token);
          const pace = { connections, seconds: bench.seconds };
          const report = await bench.generator.send({ ...at(contender), call, pace });
          figures.add(key(contender.name, era, connections), report);
        }
  }
  for (const era of ERAS) {
    console.log(
      `\ntools/call, ${era}: CPU of the process per call, and throughput per core as a share of the bare server's`,
    );
    printColumns(
      "",
      CONNECTIONS.map((connections) => `${connections} connections`),
    );
    for (const { name, eras } of contenders) {
      if (!eras.includes(era)) continue;
      const texts = CONNECTIONS.map((connections) =>
        withShare(
          figures.cpu(key(name, era, connections)),
          name === BARE
            ? undefined
            : figures.share(key(name, era, connections), key(BARE, era, connections)),
        ),
      );
      printColumns(name, texts);
      printColumns(
        "  calls a second",
        CONNECTIONS.map((connections) => spread(figures.rate(key(name, era, connections)), 0)),
      );
    }
  }
  const checks = ERAS.flatMap((era) =>
    CONNECTIONS.flatMap((connections): Check[] => {
      const share = (name: string, base: string): number =>
        median(figures.share(key(name, era, connections), key(base, era, connections)));
      const where = `${era}, ${connections} connection${connections === 1 ? "" : "s"}`;
      return [
        { what: `× bare, without access log, ${where}`, figure: share(UNLOGGED, BARE), least: 0.8 },
        { what: `× bare, with access log, ${where}`, figure: share(LOGGED, BARE), least: 0.65 },
        { what: `× the SDK on Express, ${where}`, figure: share(LOGGED, SDK), least: 8 },
        ...(era === "legacy"
          ? [{ what: `× v1 on Express, ${where}`, figure: share(LOGGED, V1), least: 8 }]
          : []),
      ];
    }),
  );
  return [...checks, noFailures("throughput", figures)];
}
