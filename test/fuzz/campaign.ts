import { makeInput, type Input } from "./input.ts";
import { Lane } from "./lane.ts";

/** A server to send inputs to. */
export interface Destination {
  readonly port: number;
  readonly authorization: string | undefined;
}

/** An input to which something was wrong. */
export interface Failure {
  readonly index: number;
  /** The input that came before it from the same client to the same destination, and may be what did the harm. */
  readonly before: number | undefined;
  readonly input: Input;
  readonly wrong: readonly string[];
}

/** What came of a campaign. */
export interface Outcome {
  /** How often each status came. */
  readonly statuses: ReadonlyMap<number, number>;
  /** How many inputs there were of each kind. */
  readonly labels: ReadonlyMap<string, number>;
  readonly failures: readonly Failure[];
}

/** How a campaign is led. */
export interface Plan {
  readonly seed: number;
  /** Which inputs of the seed are sent. */
  readonly indices: readonly number[];
  /** How many clients send at once. */
  readonly clients: number;
  /** How many failures end it. Default: 10, since what goes wrong once mostly goes wrong a thousand times. */
  readonly mostFailures?: number;
  /** Called after every input. */
  readonly between?: (index: number) => Promise<void>;
}

/** Sends inputs to the destinations in turn. */
export async function campaign(destinations: readonly Destination[], plan: Plan): Promise<Outcome> {
  const { seed, clients, mostFailures = 10, between } = plan;
  const statuses = new Map<number, number>();
  const labels = new Map<string, number>();
  const failures: Failure[] = [];
  // All clients take from it, and so share the work evenly.
  const indices = plan.indices.values();
  const client = async (): Promise<void> => {
    const lanes = destinations.map((destination) => ({
      ...destination,
      lane: new Lane(destination.port),
      before: undefined as number | undefined,
    }));
    for (const index of indices) {
      const to = lanes[index % lanes.length];
      if (to === undefined) throw new Error("There is no destination.");
      const input = makeInput(seed, index, to.authorization);
      const { answers, wrong } = await to.lane.send(input);
      count(labels, input.label);
      for (const { status } of answers) count(statuses, status);
      if (wrong.length > 0) failures.push({ index, before: to.before, input, wrong });
      to.before = index;
      if (failures.length >= mostFailures) break;
      await between?.(index);
    }
    for (const { lane } of lanes) lane.close();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { statuses, labels, failures };
}

/** Everything that it takes to see a failure again. */
export function replay(seed: number, { index, before, input, wrong }: Failure): string {
  const sent = input.pieces.map((piece) => JSON.stringify(piece.toString("latin1").slice(0, 4000)));
  const only = before === undefined ? String(index) : `${before},${index}`;
  return [
    `Input ${index} of seed ${seed} (${input.label}, ${input.kind}); again with FUZZ_SEED=${seed} FUZZ_ONLY=${only}:`,
    ...wrong.map((each) => `  ${each}`),
    ...sent.map((piece) => `  sent ${piece}`),
  ].join("\n");
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
