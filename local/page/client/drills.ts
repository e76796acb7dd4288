import type { DrillSnapshot, Snapshot } from "../../snapshot/snapshot.ts";
import { element, type Element } from "./element.ts";
import { moment, wholeSeconds } from "./format.ts";
import { judgementMark } from "./marks.ts";
import { hashOf, type Actions, type State } from "./state.ts";

const WORDS: Readonly<Record<DrillSnapshot["state"], string>> = {
  running: "under way",
  held: "every promise held",
  broken: "a promise broke",
};

/** The drill in a line, beside the drawing. */
export function drillStrip(drill: DrillSnapshot, now: number): Element {
  const last = drill.steps.at(-1);
  return element(
    "section",
    {
      key: "drill",
      class: `aside-part drill-strip ${drill.state}`,
      "aria-labelledby": "drill-title",
    },
    element(
      "h2",
      { id: "drill-title" },
      `Drill ${drill.name} `,
      element("a", { href: hashOf("drills") }, "details"),
    ),
    element(
      "p",
      {},
      verdictMark(drill),
      element("b", {}, WORDS[drill.state]),
      drill.state === "running" && `, ${wholeSeconds(now - drill.startedAt)}`,
    ),
    last !== undefined && element("p", { class: "note" }, last.text),
  );
}

/** The drills to choose from, and how the latest one goes or went. */
export function drillsSection(
  state: State,
  { drill }: Snapshot,
  actions: Actions,
  now: number,
): Element {
  const running = drill?.state === "running";
  return element(
    "div",
    { class: "section drills", key: "drills" },
    element(
      "section",
      { "aria-labelledby": "drills-title" },
      element("h2", { id: "drills-title" }, "Break it, and watch it come back"),
      element(
        "p",
        { class: "note" },
        "A drill sends real MCP requests through the load balancer, breaks something, and counts what became of every request.",
      ),
      state.drills === undefined
        ? element("p", { class: "empty" }, "Asking for the drills.")
        : element(
            "ul",
            { class: "drill-list" },
            state.drills.map(({ name, description }) =>
              element(
                "li",
                { key: name },
                element("div", {}, element("h3", {}, name), element("p", {}, description)),
                element(
                  "button",
                  {
                    type: "button",
                    disabled: running,
                    "aria-label": `Start the drill ${name}`,
                    onclick: () => {
                      actions.startDrill(name);
                    },
                  },
                  running && drill.name === name ? "Running" : "Start",
                ),
              ),
            ),
          ),
    ),
    element(
      "section",
      { class: "drill-report", "aria-labelledby": "report-title" },
      drill === undefined
        ? [
            element("h2", { id: "report-title" }, "No drill has run yet"),
            element("p", { class: "note" }, "Its steps, counts and promises will stand here."),
          ]
        : report(drill, now),
    ),
  );
}

function report(drill: DrillSnapshot, now: number): Element[] {
  return [
    element(
      "h2",
      { id: "report-title" },
      verdictMark(drill),
      `${drill.name}: ${WORDS[drill.state]}`,
      drill.state === "running" && element("small", {}, wholeSeconds(now - drill.startedAt)),
    ),
    element(
      "ul",
      { class: "promises", role: "status" },
      drill.promises.map(({ text, held }) =>
        element(
          "li",
          { class: held ? "held" : "broken" },
          judgementMark(held ? "good" : "bad"),
          element("span", {}, element("b", {}, held ? "Held. " : "Broken. "), text),
        ),
      ),
    ),
    element(
      "dl",
      { class: "counts" },
      Object.entries(drill.counts).map(([name, value]) =>
        element(
          "div",
          { key: name },
          element("dt", {}, name),
          element("dd", {}, value.toLocaleString("en-GB")),
        ),
      ),
    ),
    element(
      "ol",
      { class: "steps" },
      drill.steps.map(({ at, text }) =>
        element("li", {}, element("time", {}, moment(at)), element("span", {}, text)),
      ),
    ),
  ];
}

function verdictMark({ state }: DrillSnapshot): Element {
  return judgementMark(state === "running" ? "information" : state === "held" ? "good" : "bad");
}
