/** The parts of the tests; each is run by a process of its own, `part.ts`. */
export interface Part {
  /** The glob of its files, from the repository's root. */
  readonly files: string;
  /** How many of its files run at once, each in a process of its own; undefined: one after another, in one process. */
  readonly atOnce?: number;
  /** Whether unhandled errors need not be told by test; see `lean-promises.ts`. */
  readonly lean: boolean;
}

export type PartName = "infra" | "others" | "engine";

export const PARTS: Readonly<Record<PartName, Part>> = {
  // Loading the AWS package takes longer than most of these tests.
  infra: { files: "test/infra/**/*.test.ts", lean: true },
  // They start servers and replicas, whose health checks must come in time.
  others: {
    files: "test/{service,local,e2e,conformance,fuzz}/**/*.test.ts",
    atOnce: 2,
    lean: false,
  },
  // Each waits for one process at a time, the engine's or the program's.
  engine: { files: "test/engine/**/*.test.ts", atOnce: 2, lean: true },
};

/** The files that take longest, longest first: none of them is to begin when the others are done, and leave a processor idle. */
const LONGEST: readonly string[] = [
  "test/e2e/wiring.test.ts",
  "test/e2e/clients-python.test.ts",
  "test/e2e/resilience.test.ts",
  "test/e2e/command-line.test.ts",
  "test/fuzz/endpoint.test.ts",
  "test/e2e/clients-inspector.test.ts",
  "test/e2e/clients-mcp-remote.test.ts",
  "test/e2e/deployment.test.ts",
  "test/e2e/page.test.ts",
  "test/e2e/service-scheduler.test.ts",
  "test/engine/lifecycle.test.ts",
  "test/engine/identity.test.ts",
  "test/engine/capacity.test.ts",
];

/** The files in the order in which they begin. */
export function inOrder(files: readonly string[]): string[] {
  const rank = (file: string): number => {
    const index = LONGEST.indexOf(file);
    return index === -1 ? LONGEST.length : index;
  };
  return files.toSorted((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
}

export function isPartName(name: string): name is PartName {
  return Object.hasOwn(PARTS, name);
}
