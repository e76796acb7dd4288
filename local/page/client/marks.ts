import { element, type Element } from "./element.ts";
import type { ReplicaState } from "./replica.ts";

/** Shapes, so that colour is never the only sign. */
const SHAPES: Readonly<Record<ReplicaState, readonly Element[]>> = {
  healthy: [element("circle", { cx: 6, cy: 6, r: 4.5, class: "filled" })],
  "partly healthy": [
    element("circle", { cx: 6, cy: 6, r: 4.25 }),
    element("path", { d: "M6 1.75a4.25 4.25 0 0 1 0 8.5z", class: "filled" }),
  ],
  unhealthy: [element("path", { d: "M2 2l8 8M10 2l-8 8" })],
  starting: [element("circle", { cx: 6, cy: 6, r: 4.25, "stroke-dasharray": "2 1.6" })],
  draining: [element("path", { d: "M2 3h8l-4 6.5z" })],
  stopping: [element("path", { d: "M2 3h8l-4 6.5z" })],
  stopped: [element("path", { d: "M2 6h8" })],
  "no power": [element("circle", { cx: 6, cy: 6, r: 4.25 }), element("path", { d: "M2 10l8-8" })],
};

export function stateMark(state: ReplicaState): Element {
  return mark(state.replace(" ", "-"), SHAPES[state]);
}

export type Judgement = "good" | "bad" | "unknown" | "information";

const JUDGEMENTS: Readonly<Record<Judgement, readonly Element[]>> = {
  good: [element("path", { d: "M2 6.5l2.8 3L10 2.8" })],
  bad: [element("path", { d: "M6 1.2l5 9H1z", class: "filled" })],
  unknown: [element("path", { d: "M2.5 6h7" })],
  information: [element("circle", { cx: 6, cy: 6, r: 1.6, class: "filled" })],
};

export function judgementMark(judgement: Judgement): Element {
  return mark(judgement, JUDGEMENTS[judgement]);
}

function mark(name: string, shapes: readonly Element[]): Element {
  return element(
    "svg",
    { class: `mark ${name}`, viewBox: "0 0 12 12", "aria-hidden": "true" },
    shapes,
  );
}
