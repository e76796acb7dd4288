import { writeFile } from "node:fs/promises";

/** How variables get into a container without being an argument, which every user of the machine could read. */
export interface ContainerVariables {
  /** The text of a file for `--env-file`. */
  readonly file: string;
  /** What `--env NAME` takes from the client's own environment. */
  readonly passed: Readonly<Record<string, string>>;
}

/** The client reads such a file by lines of at most 64 KiB (bufio.Scanner), and drops a carriage return at the end of one. */
const LONGEST = 60_000;

/** Splits by what a line of a file can hold. */
export function containerVariables(
  environment: Readonly<Record<string, string>>,
): ContainerVariables {
  const fits = ([name, value]: readonly [string, string]): boolean =>
    !/[\n\r]/u.test(value) && Buffer.byteLength(name + value) < LONGEST;
  const all = Object.entries(environment);
  return {
    file: all
      .filter(fits)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
    passed: Object.fromEntries(all.filter((variable) => !fits(variable))),
  };
}

/** For nobody else to read. */
export async function writeEnvironmentFile(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600, flag: "wx" });
}
