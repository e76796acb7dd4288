/** The zones without power: their targets and load balancer nodes neither answer nor refuse. */
export class LostZones {
  readonly #lost = new Set<string>();
  readonly #listeners = new Set<(zone: string, lost: boolean) => void>();

  lose(zone: string): void {
    if (this.#lost.has(zone)) return;
    this.#lost.add(zone);
    for (const listener of this.#listeners) listener(zone, true);
  }

  restore(zone: string): void {
    if (!this.#lost.delete(zone)) return;
    for (const listener of this.#listeners) listener(zone, false);
  }

  isLost(zone: string): boolean {
    return this.#lost.has(zone);
  }

  get zones(): readonly string[] {
    return [...this.#lost].sort();
  }

  onChange(listener: (zone: string, lost: boolean) => void): void {
    this.#listeners.add(listener);
  }
}
