/** A program's resources, as the engine would have been asked to create them. */
export interface Graph {
  readonly project: string;
  readonly stack: string;
  readonly region: string;
  readonly resources: readonly GraphResource[];
  /** What the program exports. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** One registered resource. */
export interface GraphResource {
  readonly urn: string;
  /** The type token, such as `aws:ecs/service:Service`. */
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What AWS would have answered; made up, but unique, so that references can be followed. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly id: string;
  readonly dependencies: readonly string[];
  readonly ignoreChanges: readonly string[];
}

/** A program, a graph or a command line that cannot be run here; its message says what to change. */
export class LocalError extends Error {
  override readonly name = "LocalError";
}
