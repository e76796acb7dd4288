import type { EventLine } from "../../snapshot/snapshot.ts";
import { element, type Element } from "./element.ts";
import { moment } from "./format.ts";
import { judgementMark } from "./marks.ts";
import type { Actions, State } from "./state.ts";

/** Events, newest first, a line each. */
export function eventRows(events: readonly EventLine[]): Element {
  if (events.length === 0) return element("p", { class: "empty" }, "Nothing has happened yet.");
  return element(
    "ol",
    { class: "events", tabindex: 0, "aria-label": "Events, newest first" },
    events.map(({ at, source, text, level }) =>
      element(
        "li",
        { class: level },
        element("time", {}, moment(at)),
        judgementMark(level),
        element("p", {}, element("b", {}, source), " ", text),
      ),
    ),
  );
}

const LEVELS: readonly (readonly [State["eventFilter"]["level"], string])[] = [
  ["all", "All"],
  ["bad", "Bad"],
  ["good", "Good"],
  ["information", "Others"],
];

/** All events that the page has heard of, by words and by level. */
export function eventsSection({ events, eventFilter }: State, actions: Actions): Element {
  const { text, level } = eventFilter;
  const words = text.toLowerCase();
  const shown = events.filter(
    (event) =>
      (level === "all" || event.level === level) &&
      `${event.source} ${event.text}`.toLowerCase().includes(words),
  );
  return element(
    "div",
    { class: "section", key: "events" },
    element(
      "form",
      {
        class: "filter",
        onsubmit: (event) => {
          event.preventDefault();
        },
      },
      element("label", { for: "event-filter" }, "Filter"),
      element("input", {
        id: "event-filter",
        type: "search",
        placeholder: "a service, a zone, a word",
        oninput: ({ target }) => {
          const typed = target instanceof HTMLInputElement ? target.value : "";
          actions.set({ eventFilter: { text: typed, level } });
        },
      }),
      element(
        "div",
        { class: "choice", role: "group", "aria-label": "Level" },
        LEVELS.map(([value, name]) =>
          element(
            "button",
            {
              key: value,
              type: "button",
              "aria-pressed": String(level === value),
              onclick: () => {
                actions.set({ eventFilter: { text, level: value } });
              },
            },
            name,
          ),
        ),
      ),
      element("span", { class: "note" }, `${shown.length} of ${events.length}`),
    ),
    eventRows(shown.toReversed()),
  );
}
