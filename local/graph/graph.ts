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
  /** Only what draws a graph reads these; a graph that a test makes up may leave them out. */
  readonly options?: ResourceOptions;
}

/** What the engine is told about a resource besides its inputs. */
export interface ResourceOptions {
  readonly kind: "resource" | "component" | "remote component" | "read";
  /** URNs under which it may be in a state already, those by way of its parents included. */
  readonly aliases: readonly string[];
  readonly deleteBeforeReplace?: boolean;
  readonly replaceOnChanges: readonly string[];
  readonly retainOnDelete: boolean;
  readonly protect: boolean;
  /** Inputs that are secret; a path of keys and indices each. */
  readonly secretInputs: readonly (readonly string[])[];
  readonly secretOutputs: readonly string[];
}

/** A program, a graph or a command line that cannot be run here; its message says what to change. */
export class LocalError extends Error {
  override readonly name = "LocalError";
}
