/** Waits for a word from each of several. */
export class Awaited {
  readonly all: Promise<void>;
  /** Who waits now; set when a later deployment begins. */
  next: Awaited | undefined;
  readonly #missing: Set<string>;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(names: readonly string[]) {
    this.#missing = new Set(names);
    this.all = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who wants to know awaits it; a failure that nobody awaits must not end the process.
    this.all.catch(() => undefined);
    if (names.length === 0) this.#resolve();
  }

  arrived(name: string): void {
    if (this.next !== undefined) {
      this.next.arrived(name);
      return;
    }
    this.#missing.delete(name);
    if (this.#missing.size === 0) this.#resolve();
  }

  failed(error: Error): void {
    if (this.next === undefined) this.#reject(error);
    else this.next.failed(error);
  }
}
