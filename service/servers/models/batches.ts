/** What of an input went wrong: its own call hears of it, and no other one in the same batch. */
export type BatchResult<Output> = { readonly value: Output } | { readonly error: unknown };

/** Runs one batch; results stand in the order of the inputs. Where it rejects, every call in the batch fails. */
export type RunBatch<Input, Output> = (
  inputs: readonly Input[],
) => Promise<readonly BatchResult<Output>[]>;

/** How batches are put together. */
export interface BatchOptions<Input> {
  /** How many inputs one batch has at most. */
  readonly batchSize: number;
  /** How many calls may wait with none of their inputs begun. */
  readonly queueSize: number;
  /** Inputs of different keys never share a batch. */
  readonly keyOf: (input: Input) => string;
}

/** How one call may be given up and watched. */
export interface BatchCall {
  readonly signal: AbortSignal;
  /** Told each time some of the call's inputs are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** No more calls may wait. */
export class QueueFull extends Error {
  override readonly name = "QueueFull";
}

/** The runners have stopped for good. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

/** Of one call: its inputs, and what became of them. */
interface Job<Input, Output> {
  readonly inputs: readonly Input[];
  /** The key of each input: told when the call comes, so that one without a key fails that call alone. */
  readonly keys: readonly string[];
  readonly outputs: Output[];
  begun: number;
  done: number;
  isOver: boolean;
  readonly onProgress: BatchCall["onProgress"];
  readonly settle: (outcome: { readonly outputs: Output[] } | { readonly error: unknown }) => void;
}

/** One input of a job, by its place. */
interface Item<Input, Output> {
  readonly job: Job<Input, Output>;
  readonly index: number;
  readonly input: Input;
}

/**
 * Gathers the inputs of calls into batches for whoever is free: what comes while all runners are busy waits, and goes together into the next
 * batch. Nothing waits on purpose for a batch to fill: a lone call runs at once.
 */
export class Batches<Input, Output> {
  readonly #options: BatchOptions<Input>;
  #waiting: Job<Input, Output>[] = [];
  readonly #free: RunBatch<Input, Output>[] = [];
  #stopReason: Error | undefined;

  constructor(options: BatchOptions<Input>) {
    this.#options = options;
  }

  /** How many calls have inputs that no runner has begun. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes a runner that is free now. It runs batches one after another, until its function rejects; then it is not asked again. */
  add(run: RunBatch<Input, Output>): void {
    this.#free.push(run);
    this.#dispatch();
  }

  /** Forgets a runner that is free; one that runs a batch leaves by rejecting it. */
  remove(run: RunBatch<Input, Output>): void {
    const index = this.#free.indexOf(run);
    if (index !== -1) this.#free.splice(index, 1);
  }

  /** Refuses every call that waits and all that are yet to come. Batches that run go on to their end. */
  stop(reason: Error): void {
    this.#stopReason = reason;
    for (const job of this.#waiting.splice(0)) this.#end(job, { error: reason });
  }

  /**
   * Has inputs computed, perhaps beside those of other calls; the outputs stand in the order of the inputs.
   *
   * @throws {QueueFull} where too many calls wait; the signal's reason once it aborts: inputs that wait are then never begun, and those that
   * run are not waited for; the error of the first input that fails.
   */
  run(inputs: readonly Input[], { signal, onProgress }: BatchCall): Promise<Output[]> {
    const { queueSize, keyOf } = this.#options;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.#stopReason !== undefined) throw this.#stopReason;
      if (inputs.length === 0) {
        resolve([]);
        return;
      }
      if (this.#free.length === 0 && this.#notBegun() >= queueSize) {
        throw new QueueFull(`${queueSize} calls wait already.`);
      }
      const abort = (): void => {
        this.#end(job, { error: signal.reason as unknown });
      };
      const job: Job<Input, Output> = {
        inputs,
        keys: inputs.map((input) => keyOf(input)),
        outputs: Array.from({ length: inputs.length }),
        begun: 0,
        done: 0,
        isOver: false,
        onProgress,
        settle: (outcome) => {
          signal.removeEventListener("abort", abort);
          if ("outputs" in outcome) resolve(outcome.outputs);
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- it is passed on as it came
          else reject(outcome.error);
        },
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.push(job);
      this.#dispatch();
    });
  }

  #notBegun(): number {
    return this.#waiting.filter(({ begun }) => begun === 0).length;
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const run = this.#free.shift();
      if (run === undefined) return;
      void this.#runBatch(run, this.#take());
    }
  }

  /** The inputs that have waited longest, as many as fit, all of the first one's key. */
  #take(): Item<Input, Output>[] {
    const { batchSize } = this.#options;
    const taken: Item<Input, Output>[] = [];
    let key: string | undefined;
    for (const job of this.#waiting) {
      for (; job.begun < job.inputs.length && taken.length < batchSize; job.begun += 1) {
        const input = job.inputs[job.begun] as Input;
        key ??= job.keys[job.begun];
        if (job.keys[job.begun] !== key) break;
        taken.push({ job, index: job.begun, input });
      }
      if (taken.length === batchSize) break;
    }
    this.#waiting = this.#waiting.filter(({ begun, inputs }) => begun < inputs.length);
    return taken;
  }

  async #runBatch(
    run: RunBatch<Input, Output>,
    items: readonly Item<Input, Output>[],
  ): Promise<void> {
    let results: readonly BatchResult<Output>[];
    try {
      results = await run(items.map(({ input }) => input));
    } catch (error) {
      for (const { job } of items) this.#end(job, { error });
      return;
    }
    this.#free.push(run);
    const jobs = new Set<Job<Input, Output>>();
    for (const [place, { job, index }] of items.entries()) {
      const result = results[place] ?? { error: new Error("The model gave no result.") };
      if ("error" in result) {
        this.#end(job, result);
        continue;
      }
      job.outputs[index] = result.value;
      job.done += 1;
      jobs.add(job);
    }
    for (const job of jobs) this.#advance(job);
    this.#dispatch();
  }

  #advance(job: Job<Input, Output>): void {
    if (job.isOver) return;
    if (job.done === job.inputs.length) {
      this.#end(job, { outputs: job.outputs });
      return;
    }
    try {
      job.onProgress?.(job.done, job.inputs.length);
    } catch (error) {
      this.#end(job, { error });
    }
  }

  /** The first outcome counts. */
  #end(job: Job<Input, Output>, outcome: Parameters<Job<Input, Output>["settle"]>[0]): void {
    if (job.isOver) return;
    job.isOver = true;
    this.#waiting = this.#waiting.filter((other) => other !== job);
    job.settle(outcome);
  }
}
