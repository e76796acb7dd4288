/** Marks of an axis from a low to a high value: some three to five round numbers that enclose both. */
export function ticks(low: number, high: number): readonly number[] {
  const span = high > low ? high - low : Math.max(1, Math.abs(high));
  const rough = span / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough;
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil((low + span) / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** A value's place between the ends of an axis, from 0 to 1. */
export function share(value: number, low: number, high: number): number {
  return high === low ? 0 : (value - low) / (high - low);
}

/** Points in unbroken runs: a period without data is a gap, as CloudWatch draws it. */
export function runs(
  points: readonly (readonly [at: number, value: number])[],
  periodMilliseconds: number,
): readonly (readonly (readonly [number, number])[])[] {
  const found: (readonly [number, number])[][] = [];
  for (const point of points) {
    const run = found.at(-1);
    const before = run?.at(-1);
    if (
      run !== undefined &&
      before !== undefined &&
      point[0] - before[0] <= 1.5 * periodMilliseconds
    )
      run.push(point);
    else found.push([point]);
  }
  return found;
}
