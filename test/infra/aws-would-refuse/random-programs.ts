/** Programs made at random, from a seed: most arguments are left out, most that are given are fine, some lie on or past an edge. */
import { McpPlatform, McpService, NatGateways } from "../../../infra/index.ts";
import {
  EXPOSURES,
  IMAGES,
  PLATFORM,
  CAPACITY,
  SERVICE,
  TOGETHER,
  type Choices,
} from "./random-arguments.ts";

/** Numbers from 0 to less than 1, the same for the same seed (Mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One program; the same for the same seed. */
export function randomProgram(seed: number): {
  readonly run: () => unknown;
  readonly text: string;
} {
  const random = randomOf(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const some = <T>(choices: Choices<T>, count: number): Partial<T> => {
    const chosen = Array.from({ length: Math.floor(random() * count) }, () =>
      pick(Object.entries<readonly unknown[]>(choices)),
    );
    return Object.fromEntries(chosen.map(([name, values]) => [name, pick(values)])) as Partial<T>;
  };
  const platformName = pick(["p", "mcp", "a-platform-name-that-fit"]);
  const chosen = {
    ...pick([{}, { instanceCapacity: CAPACITY }]),
    ...pick(EXPOSURES),
    ...some(PLATFORM, 3),
  };
  // The mocks' VPC has two zones.
  const platform = chosen.natGateways === NatGateways.Regional ? { ...chosen, zones: 2 } : chosen;
  const services = Array.from({ length: pick([1, 1, 1, 2, 3]) }, (_, index) => ({
    name: pick(["a", "a-b-", "a-service-name-that-fi"].map((name) => `${name}${index}`)),
    args: {
      ...pick(IMAGES),
      ...(index === 0 ? {} : { path: `/${index}/mcp` }),
      ...some(SERVICE, 4),
      ...TOGETHER.map(pick).reduce((all, some) => ({ ...all, ...some })),
    },
  }));
  return {
    run: () => {
      const { handle } = new McpPlatform(platformName, platform);
      for (const { name, args } of services) new McpService(name, { platform: handle, ...args });
    },
    text: JSON.stringify({ seed, platformName, platform, services }),
  };
}
