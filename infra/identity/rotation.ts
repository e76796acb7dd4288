/** How a resource of a generation is named: the first one bears the plain name. */
export function generationName(name: string, generation: number): string {
  return generation === 1 ? name : `${name}-${generation}`;
}

/**
 * The generations whose values a secret holds: the current one first, then the next, then the previous. With the next one replicas of the
 * generation before already accept what clients get, and open what replicas seal, while a deployment goes on; with the previous one clients
 * have until the step after to change over. A step makes one value, and forgets one.
 */
export function secretGenerations(generation: number): readonly [number, ...number[]] {
  return [generation, generation + 1, ...previous(generation)];
}

/**
 * The generations of OAuth clients that exist: the current one first, then the previous. Each costs money, so that the next one is not made
 * ahead; clients learn of theirs only when the replicas know it.
 */
export function clientGenerations(generation: number): readonly [number, ...number[]] {
  return [generation, ...previous(generation)];
}

function previous(generation: number): readonly number[] {
  return generation > 1 ? [generation - 1] : [];
}
