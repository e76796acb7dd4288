import type { TaskSnapshot } from "../../snapshot/snapshot.ts";
import { element, type Element } from "./element.ts";
import { rate, shortId } from "./format.ts";
import { stateMark } from "./marks.ts";
import { outstanding, replicaState } from "./replica.ts";

/** As many strokes as are counted at a glance; more are a number. */
const STROKES = 8;

/** A replica on its service's line: its state, revision, rate and CPU, and a stroke for each request it has not answered yet. */
export function replica(
  task: TaskSnapshot,
  lostZones: readonly string[],
  isNew: boolean,
  open: () => void,
): Element {
  const state = replicaState(task, lostZones);
  const waiting = outstanding(task);
  const dark = state === "no power";
  return element(
    "button",
    {
      key: task.id,
      type: "button",
      class: `replica ${state.replace(" ", "-")} ${isNew ? "new" : ""}`,
      "data-replica": task.id,
      "data-rate": dark ? 0 : task.requestsPerSecond,
      "aria-label": `Replica ${shortId(task.id)}, revision ${task.revision}, ${task.zone}, ${state}, ${rate(task.requestsPerSecond)} requests a second, ${waiting} outstanding. Details`,
      onclick: open,
    },
    element(
      "span",
      { class: "replica-head" },
      stateMark(state),
      element("code", {}, shortId(task.id)),
      element("span", { class: "revision" }, `r${task.revision}`),
    ),
    element(
      "span",
      { class: "replica-load" },
      state === "healthy" || state === "partly healthy"
        ? `${rate(task.requestsPerSecond)}/s`
        : state,
      element(
        "span",
        { class: "strokes", title: `${waiting} outstanding` },
        waiting > STROKES
          ? String(waiting)
          : Array.from({ length: waiting }, (_, index) => element("i", { key: String(index) })),
      ),
    ),
    element("span", {
      class: "cpu",
      "--share": `${Math.min(100, dark ? 0 : (task.cpuPercent ?? 0)).toFixed(0)}%`,
    }),
  );
}
