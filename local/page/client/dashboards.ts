import { element, type Element } from "./element.ts";
import { hashOf, type Actions, type State } from "./state.ts";
import { widget } from "./widget.ts";

const RANGES = [5, 15, 60, 180];

/** The declared CloudWatch dashboards, drawn from what was measured here. */
export function dashboardsSection(state: State, actions: Actions, now: number): Element {
  const { dashboards, dashboard, minutes } = state;
  return element(
    "div",
    { class: "section wide", key: "dashboards" },
    element(
      "div",
      { class: "bar-of-choices" },
      element(
        "nav",
        { class: "choice", "aria-label": "Dashboards" },
        (dashboards ?? []).map((name) =>
          element(
            "a",
            {
              key: name,
              href: hashOf("dashboards", name),
              "aria-current": name === dashboard?.name ? "true" : undefined,
            },
            name,
          ),
        ),
      ),
      element(
        "div",
        { class: "choice", role: "group", "aria-label": "Range" },
        RANGES.map((range) =>
          element(
            "button",
            {
              key: String(range),
              type: "button",
              "aria-pressed": String(range === minutes),
              onclick: () => {
                actions.setMinutes(range);
              },
            },
            range < 60 ? `${range} min` : `${range / 60} h`,
          ),
        ),
      ),
    ),
    element(
      "p",
      { class: "note" },
      "As the program declares them, from what this machine measured. CloudWatch would draw the same widgets.",
    ),
    dashboard === undefined
      ? element(
          "p",
          { class: "empty" },
          dashboards?.length === 0
            ? "The program declares no dashboard."
            : "Asking for the dashboard.",
        )
      : element(
          "div",
          { class: "dashboard", key: dashboard.name },
          dashboard.widgets.map((each) =>
            widget(each, { from: dashboard.from, to: dashboard.to, now }),
          ),
        ),
  );
}
