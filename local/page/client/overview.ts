import type { Snapshot } from "../../snapshot/snapshot.ts";
import { alarmRows } from "./alarms.ts";
import { drillStrip } from "./drills.ts";
import { element, type Element } from "./element.ts";
import { eventRows } from "./events.ts";
import { requestPath } from "./request-path.ts";
import { hashOf, type Actions, type State } from "./state.ts";

/** How many of the latest events are beside the drawing; all are in their own section. */
const EVENTS = 60;

/** The request path with its services, and beside it what rings and what happened. */
export function overview(state: State, snapshot: Snapshot, actions: Actions, now: number): Element {
  // Alarms of policies ring whenever a service scales: they come after those that ask for a person.
  const alarms = snapshot.alarms.toSorted((left, right) => urgency(left) - urgency(right));
  return element(
    "div",
    { class: "overview", key: "overview" },
    element(
      "section",
      { class: "drawing", "aria-label": "Request path" },
      requestPath(state, snapshot, actions, now),
    ),
    element(
      "aside",
      { class: "aside" },
      snapshot.drill !== undefined && drillStrip(snapshot.drill, now),
      element(
        "section",
        { key: "alarms", class: "aside-part", "aria-labelledby": "alarms-title" },
        element(
          "h2",
          { id: "alarms-title" },
          "Alarms ",
          element("a", { href: hashOf("alarms") }, `all ${snapshot.alarms.length}`),
        ),
        alarmRows(
          alarms.filter(({ state: each, ofScaling }) => each === "ALARM" || !ofScaling),
          now,
        ),
      ),
      element(
        "section",
        { key: "events", class: "aside-part grows", "aria-labelledby": "events-title" },
        element(
          "h2",
          { id: "events-title" },
          "Events ",
          element("a", { href: hashOf("events") }, "all"),
        ),
        eventRows(state.events.slice(-EVENTS).toReversed()),
      ),
    ),
  );
}

function urgency({ state, ofScaling }: Snapshot["alarms"][number]): number {
  const byState = { ALARM: 0, INSUFFICIENT_DATA: 2, OK: 4 };
  return byState[state] + (ofScaling ? 1 : 0);
}
