import type {
  MetricContent,
  SeriesData,
  WidgetContent,
  WidgetData,
} from "../../cloudwatch/widget-data.ts";
import { alarmRows } from "./alarms.ts";
import { share } from "./axis.ts";
import { chart, LOOKS } from "./chart.ts";
import { element, type Child, type Element } from "./element.ts";
import { number } from "./format.ts";
import { inline, markdown } from "./markdown.ts";

/** A widget of a dashboard, at its place on the grid of 24 columns. */
export function widget(
  data: WidgetData,
  { from, to, now }: { readonly from: number; readonly to: number; readonly now: number },
): Element {
  return element(
    "section",
    {
      class: `widget ${data.type}`,
      "--column": data.x + 1,
      "--columns": data.width,
      "--row": data.y + 1,
      "--rows": data.height,
      "aria-label": data.title === "" ? data.type : data.title,
    },
    data.title !== "" && element("h3", {}, data.title, data.type === "metric" && unit(data)),
    content(data, { from, to, now, title: data.title }),
  );
}

function unit({ yAxis }: MetricContent): Child {
  return yAxis.left.label !== undefined && element("small", {}, yAxis.left.label);
}

function content(
  data: WidgetContent,
  { from, to, now, title }: { from: number; to: number; now: number; title: string },
): Child {
  switch (data.type) {
    case "text":
      return element("div", { class: "markdown" }, markdown(data.markdown));
    case "metric":
      return [metric(data, from, to, title), problems(data.problems)];
    case "alarm":
      return [alarmRows(data.alarms, now), problems(data.problems)];
    case "log":
      return [
        element("p", { class: "note" }, inline(data.reason)),
        element("pre", { tabindex: 0 }, data.query),
      ];
    case "unmodelled":
      return element("p", { class: "note" }, inline(data.reason));
  }
}

function problems(sentences: readonly string[]): Child {
  return sentences.map((sentence) => element("p", { class: "note problem" }, inline(sentence)));
}

function metric(content: MetricContent, from: number, to: number, title: string): Child {
  const { series, view, yAxis, horizontal } = content;
  if (series.every(({ points }) => points.length === 0)) {
    return element("p", { class: "empty" }, "No data in this range.");
  }
  if (view === "singleValue" || view === "table") {
    return element("dl", { class: "values" }, series.map(singleValue));
  }
  if (view === "gauge" || view === "bar" || view === "pie") {
    const lasts = series.map(({ points }) => points.at(-1)?.[1] ?? 0);
    const high = yAxis.left.maximum ?? Math.max(1e-9, ...lasts);
    return element(
      "ul",
      { class: `bars as-${view}` },
      series.map((each, index) => bar(each, index, yAxis.left.minimum ?? 0, high)),
    );
  }
  return [
    chart(content, from, to, title),
    element(
      "ul",
      { class: "chart-legend" },
      series.map((each, index) => legend(each, index)),
      horizontal.map(({ label, value }) =>
        element("li", {}, element("i", { class: "key-threshold" }), `${label} ${number(value)}`),
      ),
    ),
    content.stacked &&
      series.length > 1 &&
      element("p", { class: "note" }, "Declared as stacked; here each line stands for itself."),
  ];
}

function legend({ label, points, colour }: SeriesData, index: number): Element {
  const last = points.at(-1);
  return element(
    "li",
    {},
    element("svg", { viewBox: "0 0 20 4", class: "key", "aria-hidden": "true" }, [
      element("path", { class: `series look-${index % LOOKS}`, d: "M0 2H20", "--colour": colour }),
    ]),
    label,
    " ",
    element("b", {}, last === undefined ? "no data" : number(last[1])),
  );
}

function singleValue({ label, points }: SeriesData): Element {
  const last = points.at(-1);
  return element(
    "div",
    {},
    element("dt", {}, label),
    element("dd", {}, last === undefined ? "no data" : number(last[1])),
  );
}

function bar({ label, points }: SeriesData, index: number, low: number, high: number): Element {
  const last = points.at(-1)?.[1];
  const part = last === undefined ? 0 : Math.min(1, Math.max(0, share(last, low, high)));
  return element(
    "li",
    {},
    element("span", {}, label),
    element("b", {}, last === undefined ? "no data" : number(last)),
    element("span", {
      class: `share look-${index % LOOKS}`,
      "--share": `${(part * 100).toFixed(1)}%`,
    }),
  );
}
