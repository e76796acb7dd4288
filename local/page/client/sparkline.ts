import { element, type Element } from "./element.ts";
import { SAMPLES, type Sample } from "./history.ts";

const WIDTH = 120;
const HEIGHT = 26;

/** Two minutes of p50 and p99: the line is p50, the space up to p99 is filled, and a failing second is a mark at the foot. */
export function sparkline(samples: readonly Sample[]): Element {
  const highest = Math.max(1, ...samples.map(({ p99Milliseconds }) => p99Milliseconds ?? 0));
  const x = (index: number): number => ((index + SAMPLES - samples.length) / (SAMPLES - 1)) * WIDTH;
  const y = (value: number): number => HEIGHT - 3 - (value / highest) * (HEIGHT - 6);
  const known = samples.flatMap(({ p50Milliseconds: p50, p99Milliseconds: p99 }, index) =>
    p50 === undefined || p99 === undefined ? [] : [{ x: x(index), p50: y(p50), p99: y(p99) }],
  );
  const line = (points: readonly (readonly [number, number])[]): string =>
    points.map(([left, top]) => `${left.toFixed(1)} ${top.toFixed(1)}`).join("L");
  const upper = known.map((point) => [point.x, point.p99] as const);
  const lower = known.map((point) => [point.x, point.p50] as const);
  return element(
    "svg",
    {
      class: "sparkline",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": "p50 and p99 of the last two minutes",
    },
    known.length > 1 && [
      element("path", { class: "spread", d: `M${line([...upper, ...lower.toReversed()])}Z` }),
      element("path", { class: "p99", d: `M${line(upper)}` }),
      element("path", { class: "p50", d: `M${line(lower)}` }),
    ],
    samples.map(
      ({ failuresPerSecond }, index) =>
        failuresPerSecond > 0 &&
        element("path", { class: "failing", d: `M${x(index).toFixed(1)} ${HEIGHT}v-4` }),
    ),
  );
}
