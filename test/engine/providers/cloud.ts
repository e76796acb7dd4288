import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One thing that exists. */
export interface Existing {
  readonly type: string;
  readonly urn: string;
  readonly id: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
}

/** What the stand-in of one provider keeps between operations: the part of AWS that a program can see. */
export interface CloudState {
  /** In the order of their creation. */
  existing: Existing[];
  /** Every change, as `create aws:ecs/service:Service weather`. */
  log: string[];
  /** Creations that fail once: `aws:ecs/service:Service weather`. */
  failures: string[];
  /** How many revisions each family of task definitions has had. */
  revisions: Record<string, number>;
}

const EMPTY: CloudState = { existing: [], log: [], failures: [], revisions: {} };

/** The packages that have a stand-in with resources of its own; each is a process, and has a file. */
export const PACKAGES = ["aws", "random", "docker-build"] as const;

/** A cloud in a folder. */
export class Cloud {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(name: string): CloudState {
    const path = this.#path(name);
    return existsSync(path)
      ? (JSON.parse(readFileSync(path, "utf8")) as CloudState)
      : structuredClone(EMPTY);
  }

  /** Everything that exists, of every package. */
  existing(): Existing[] {
    return PACKAGES.flatMap((name) => this.read(name).existing);
  }

  /** Nothing comes between reading and writing: a package's file is written by one process, and without waiting. */
  change<T>(name: string, edit: (state: CloudState) => T): T {
    const state = this.read(name);
    const result = edit(state);
    writeFileSync(this.#path(name), JSON.stringify(state, null, 1));
    return result;
  }

  #path(name: string): string {
    return join(this.#folder, `${name}.json`);
  }
}
