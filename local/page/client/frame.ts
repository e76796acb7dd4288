import { alarmsSection } from "./alarms.ts";
import { dashboardsSection } from "./dashboards.ts";
import { dialogContent } from "./dialogs-content.ts";
import { drillsSection } from "./drills.ts";
import { element, type Element } from "./element.ts";
import { eventsSection } from "./events.ts";
import { moment, number } from "./format.ts";
import { inline } from "./markdown.ts";
import { overview } from "./overview.ts";
import { schemeButton } from "./scheme-button.ts";
import { hashOf, runNow, SECTIONS, type Actions, type Section, type State } from "./state.ts";
import { toolsSection } from "./tools.ts";
import { tracesSection } from "./traces.ts";

const NAMES: Readonly<Record<Section, string>> = {
  overview: "Overview",
  dashboards: "Dashboards",
  alarms: "Alarms",
  traces: "Traces",
  drills: "Drills",
  tools: "Try a tool",
  events: "Events",
};

/** The whole page. */
export function frame(state: State, actions: Actions, pageNow: number): Element {
  const close = (): void => {
    actions.set({ dialog: undefined });
  };
  return element(
    "div",
    { class: "frame" },
    element("a", { class: "skip", href: "#content" }, "Skip to the content"),
    header(state, actions, pageNow),
    navigation(state),
    notices(state, actions),
    element("main", { id: "content", tabindex: -1 }, section(state, actions, pageNow)),
    element(
      "dialog",
      {
        id: "dialog",
        "aria-labelledby": "dialog-title",
        // Escape is a `cancel` at once and a `close` later: keys in between are already the page's.
        oncancel: close,
        onclose: close,
      },
      dialogContent(state, actions),
    ),
    element("div", { class: "unseen", role: "status", "aria-live": "polite" }, state.announced),
  );
}

function header(state: State, actions: Actions, pageNow: number): Element {
  const { snapshot } = state;
  return element(
    "header",
    { class: "header" },
    element(
      "h1",
      { class: "program" },
      element("strong", {}, snapshot?.project ?? "The local target"),
      snapshot !== undefined && element("span", {}, snapshot.stack),
      snapshot !== undefined && element("span", {}, snapshot.region),
    ),
    element(
      "p",
      { class: "clock" },
      element("span", { class: `connection ${state.connection}` }, CONNECTIONS[state.connection]),
      snapshot !== undefined &&
        element(
          "time",
          { title: "Time since the run began, by its own clock" },
          moment(runNow(state, pageNow)),
        ),
      snapshot !== undefined &&
        snapshot.speed !== 1 &&
        element(
          "span",
          { class: "speed", title: `${number(snapshot.speed)} seconds of the run pass in one` },
          `${number(snapshot.speed)}× real time`,
        ),
    ),
    element(
      "p",
      { class: "header-actions" },
      schemeButton(actions),
      element(
        "button",
        {
          type: "button",
          class: "quiet",
          "aria-label": "Keyboard shortcuts",
          onclick: () => {
            actions.set({ dialog: { kind: "shortcuts" } });
          },
        },
        "Keys ",
        element("kbd", {}, "?"),
      ),
    ),
  );
}

const CONNECTIONS: Readonly<Record<State["connection"], string>> = {
  connecting: "Connecting",
  live: "Live",
  lost: "Not connected",
};

function navigation({ place, snapshot }: State): Element {
  const ringing = snapshot?.alarms.filter(
    ({ state, ofScaling }) => state === "ALARM" && !ofScaling,
  );
  return element(
    "nav",
    { class: "sections", "aria-label": "Sections" },
    SECTIONS.map((each) =>
      element(
        "a",
        {
          key: each,
          href: hashOf(each),
          "aria-current": each === place.section ? "page" : undefined,
        },
        NAMES[each],
        each === "alarms" &&
          ringing !== undefined &&
          ringing.length > 0 &&
          element("span", { class: "badge bad" }, `${ringing.length} in alarm`),
        each === "drills" &&
          snapshot?.drill?.state === "running" &&
          element("span", { class: "badge" }, "running"),
      ),
    ),
  );
}

function notices({ connection, problem, snapshot }: State, actions: Actions): Element {
  return element(
    "div",
    { class: "notices", role: "alert" },
    connection === "lost" &&
      element(
        "p",
        { key: "lost", class: "notice" },
        `The run does not answer.${snapshot === undefined ? "" : " What is shown is the last that was heard."} The page goes on trying.`,
      ),
    problem !== undefined &&
      element(
        "p",
        { key: "problem", class: "notice bad" },
        element("span", {}, inline(problem)),
        element(
          "button",
          {
            type: "button",
            class: "quiet",
            onclick: () => {
              actions.set({ problem: undefined });
            },
          },
          "Dismiss",
        ),
      ),
  );
}

function section(state: State, actions: Actions, pageNow: number): Element {
  if (state.snapshot === undefined) {
    return element("p", { class: "empty" }, "Waiting for the run to tell how it is.");
  }
  const now = runNow(state, pageNow);
  switch (state.place.section) {
    case "overview":
      return overview(state, state.snapshot, actions, now);
    case "dashboards":
      return dashboardsSection(state, actions, now);
    case "alarms":
      return alarmsSection(state.snapshot.alarms, now);
    case "traces":
      return tracesSection(state);
    case "drills":
      return drillsSection(state, state.snapshot, actions, now);
    case "tools":
      return toolsSection(state, state.snapshot, actions);
    case "events":
      return eventsSection(state, actions);
  }
}
