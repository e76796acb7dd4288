import type { Trace, TraceSummary } from "../traces.ts";
import { element, type Element } from "./element.ts";
import { count, duration, moment } from "./format.ts";
import { judgementMark } from "./marks.ts";
import { spanTree, type PlacedSpan } from "./span-tree.ts";
import { hashOf, type State } from "./state.ts";

/** The latest traces, and one of them as a waterfall. */
export function tracesSection({ traces, trace }: State): Element {
  return element(
    "div",
    { class: "section wide traces", key: "traces" },
    element(
      "section",
      { "aria-labelledby": "traces-title" },
      element("h2", { id: "traces-title" }, "Latest traces"),
      traces === undefined
        ? element("p", { class: "empty" }, "Asking for the traces.")
        : traces.length === 0
          ? element(
              "p",
              { class: "empty" },
              "No trace has come in yet. Try a tool, or start a drill, and see whether the program samples traces.",
            )
          : element(
              "ul",
              { class: "trace-list" },
              traces.map((each) => summary(each, each.id === trace?.id)),
            ),
    ),
    element(
      "section",
      { class: "waterfall", "aria-labelledby": "waterfall-title" },
      trace === undefined
        ? [
            element("h2", { id: "waterfall-title" }, "Choose a trace"),
            element(
              "p",
              { class: "note" },
              "Its spans will stand here, as they followed each other.",
            ),
          ]
        : waterfall(trace),
    ),
  );
}

function summary(
  { id, name, service, startedAt, durationMilliseconds, spans, failed }: TraceSummary,
  chosen: boolean,
): Element {
  return element(
    "li",
    { key: id },
    element(
      "a",
      { href: hashOf("traces", id), "aria-current": chosen ? "true" : undefined },
      judgementMark(failed ? "bad" : "good"),
      element("b", {}, name),
      element("span", { class: "number" }, duration(durationMilliseconds)),
      element(
        "span",
        { class: "note" },
        `${service}, ${count(spans, "span")}${failed ? ", failed" : ""}`,
      ),
      element("time", {}, moment(startedAt)),
    ),
  );
}

function waterfall({ id, spans }: Trace): Element[] {
  const start = Math.min(...spans.map(({ startedAt }) => startedAt));
  const end = Math.max(...spans.map((span) => span.startedAt + span.durationMilliseconds));
  return [
    element("h2", { id: "waterfall-title" }, "Trace ", element("code", {}, id)),
    element("p", { class: "note" }, `${count(spans.length, "span")} over ${duration(end - start)}`),
    element(
      "ol",
      { class: "spans" },
      spanTree(spans).map((placed) => spanRow(placed, start, end)),
    ),
  ];
}

function spanRow({ span, depth }: PlacedSpan, start: number, end: number): Element {
  const whole = Math.max(0.001, end - start);
  const percent = (value: number): string => `${((100 * value) / whole).toFixed(2)}%`;
  const failed = span.status === "ERROR";
  const words: readonly (readonly [string, string])[] = [
    ["kind", span.kind],
    ["status", [span.status, span.statusMessage].filter(Boolean).join(": ")],
    ...Object.entries(span.attributes).map(([name, value]) => [name, String(value)] as const),
  ];
  return element(
    "li",
    { key: span.id, "--depth": depth },
    element(
      "details",
      {},
      element(
        "summary",
        {},
        element(
          "span",
          { class: "span-name" },
          failed && judgementMark("bad"),
          element("b", {}, span.name),
          element("small", {}, span.service),
        ),
        element(
          "span",
          { class: "span-line" },
          element("i", {
            class: failed ? "failed" : span.kind.toLowerCase(),
            "--start": percent(span.startedAt - start),
            "--length": percent(span.durationMilliseconds),
          }),
        ),
        element(
          "span",
          { class: "number" },
          `${failed ? "failed, " : ""}${duration(span.durationMilliseconds)}`,
        ),
      ),
      element(
        "dl",
        {},
        words.map(([name, value]) =>
          element("div", {}, element("dt", {}, name), element("dd", {}, value)),
        ),
      ),
    ),
  );
}
