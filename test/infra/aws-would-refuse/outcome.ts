/** What becomes of a program: it is refused, or it declares a graph. */
import { ArgumentError } from "../../../infra/index.ts";
import { deploy, type Answers, type Declaration } from "../mocks.ts";

export interface Outcome {
  /** Whether the program ran to its end; what it declared then. */
  readonly declaration: Declaration<unknown> | undefined;
  /** Everything that it was refused for, sorted. */
  readonly sentences: readonly string[];
}

/** Runs a program, and collects what constructors throw and what outputs reject with. Anything but an argument's error is thrown on. */
export async function outcomeOf(
  program: () => unknown,
  options: { readonly preview?: boolean; readonly answers?: Answers } = {},
): Promise<Outcome> {
  const event = "unhandledRejection";
  const listeners = process.listeners(event);
  const errors: unknown[] = [];
  const collect = (error: unknown): void => {
    errors.push(error);
  };
  process.removeAllListeners(event);
  process.on(event, collect);
  let declaration: Declaration<unknown> | undefined;
  // Pulumi keeps a stack trace of every output, which takes half of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    declaration = await deploy(program, options);
  } catch (error) {
    errors.push(error);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    // Node reports a rejection only when the turn it happens in is over.
    await new Promise((resolve) => setImmediate(resolve));
    process.removeAllListeners(event);
    for (const listener of listeners) process.on(event, listener);
  }
  const others = errors.filter((error) => !(error instanceof ArgumentError));
  if (others.length > 0) throw new AggregateError(others, "not for an argument");
  const sentences = (errors as ArgumentError[]).map(({ message }) => message);
  return { declaration, sentences: [...new Set(sentences)].sort() };
}
