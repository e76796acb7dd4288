import type { MetricContent, SeriesData } from "../../cloudwatch/widget-data.ts";
import { runs, share, ticks } from "./axis.ts";
import { element, type Element } from "./element.ts";
import { number, wholeSeconds } from "./format.ts";

const WIDTH = 400;
const HEIGHT = 120;

/** How many series have a look of their own. */
export const LOOKS = 6;

/** Lines over time, in the widget's own width and height: the words stand beside the drawing, so that they keep their size. */
export function chart(content: MetricContent, from: number, to: number, title: string): Element {
  const { series, horizontal, vertical, yAxis, periodSeconds } = content;
  const left = series.filter((each) => each.yAxis === "left");
  const right = series.filter((each) => each.yAxis === "right");
  const scale = scaleOf(
    left,
    yAxis.left,
    horizontal.map(({ value }) => value),
  );
  const other = scaleOf(right, yAxis.right, []);
  const x = (at: number): number => share(at, from, to) * WIDTH;
  const line = (each: SeriesData, index: number): readonly (Element | false)[] => {
    const { low, high } = each.yAxis === "left" ? scale : other;
    const y = (value: number): number => HEIGHT - share(value, low, high) * HEIGHT;
    return runs(each.points, periodSeconds * 1000).map((run) => {
      const d = run.map(([at, value]) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("L");
      return element("path", {
        class: `series look-${index % LOOKS}`,
        // A run of one point is a dot.
        d: run.length === 1 ? `M${d}h.01` : `M${d}`,
        "--colour": each.colour,
      });
    });
  };
  return element(
    "div",
    { class: "chart" },
    element(
      "div",
      { class: "y-axis", "aria-hidden": "true" },
      scale.marks.toReversed().map((mark) => element("span", {}, number(mark))),
    ),
    element(
      "svg",
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": `${title}: ${series.map(spoken).join("; ")}`,
      },
      scale.marks.map((mark) => {
        const y = HEIGHT - share(mark, scale.low, scale.high) * HEIGHT;
        return element("path", { class: "grid-line", d: `M0 ${y.toFixed(1)}H${WIDTH}` });
      }),
      vertical.map(({ at }) =>
        element("path", { class: "threshold", d: `M${x(at).toFixed(1)} 0V${HEIGHT}` }),
      ),
      horizontal.map(({ value }) => {
        const y = HEIGHT - share(value, scale.low, scale.high) * HEIGHT;
        return element("path", { class: "threshold", d: `M0 ${y.toFixed(1)}H${WIDTH}` });
      }),
      series.map(line),
    ),
    element(
      "div",
      { class: "x-axis", "aria-hidden": "true" },
      [from, (from + to) / 2].map((at) => element("span", {}, `${wholeSeconds(to - at)} ago`)),
      element("span", {}, "now"),
    ),
  );
}

interface Scale {
  readonly low: number;
  readonly high: number;
  readonly marks: readonly number[];
}

function scaleOf(
  series: readonly SeriesData[],
  { minimum, maximum }: MetricContent["yAxis"]["left"],
  others: readonly number[],
): Scale {
  const values = [...series.flatMap(({ points }) => points.map(([, value]) => value)), ...others];
  const marks = ticks(minimum ?? Math.min(0, ...values), maximum ?? Math.max(0, ...values));
  return { low: marks[0] ?? 0, high: marks.at(-1) ?? 1, marks };
}

function spoken({ label, points }: SeriesData): string {
  const last = points.at(-1);
  return `${label} ${last === undefined ? "no data" : number(last[1])}`;
}
