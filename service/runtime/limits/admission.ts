/** Counts what is being worked on, and lets no more in than there is room for. */
export interface Admission {
  /** How much is being worked on now, in the unit of the weights. */
  readonly ongoing: number;
  /** Takes room; it must be given back by calling what is returned, once or more often. Undefined: there is none left. */
  admit(weight?: number): (() => void) | undefined;
}

/**
 * Room for so many requests, or bytes. It refuses at once instead of queueing: a queue in front of a busy replica only adds waiting to
 * every call in it, while another replica may be free, and goodput falls as callers give up on work that is then done for nobody.
 *
 * @param most how much there is room for, a whole number of at least 1. What weighs more than that is never let in.
 * @throws {RangeError} where `most`, or the weight given to `admit` (default 1), is not a whole number of at least 1.
 */
export function createAdmission(most: number): Admission {
  requireCount("most", most);
  let ongoing = 0;
  return {
    get ongoing() {
      return ongoing;
    },
    admit: (weight = 1) => {
      requireCount("weight", weight);
      if (ongoing + weight > most) return undefined;
      ongoing += weight;
      let held = weight;
      return () => {
        ongoing -= held;
        held = 0;
      };
    },
  };
}

function requireCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(
      `\`${name}\` is \`${value}\`, but must be a whole number of at least 1: it counts what is worked on at once.`,
    );
  }
}
