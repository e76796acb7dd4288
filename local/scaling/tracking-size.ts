/** How many tasks target tracking may have. */
export interface Limits {
  readonly minimum: number;
  readonly maximum: number;
}

export function clamped(count: number, { minimum, maximum }: Limits): number {
  return Math.min(maximum, Math.max(minimum, count));
}

/**
 * How many tasks a metric above its target wants: in proportion, rounded up. AWS documents the proportion only.
 *
 * @param capacity the tasks that run.
 */
export function sizeOut(capacity: number, metric: number, target: number, limits: Limits): number {
  // Nothing is in no proportion to anything: from none on, the least is added, and one if the least is none.
  if (capacity === 0) return clamped(1, limits);
  return clamped(Math.ceil((capacity * metric) / target), limits);
}

/**
 * How many tasks a metric below its target wants: in proportion, rounded up, so that none goes whose going would put the metric above its target, which is
 * what AWS documents.
 */
export function sizeIn(capacity: number, metric: number, target: number, limits: Limits): number {
  return clamped(Math.ceil((capacity * metric) / target), limits);
}
