import type { DashboardData } from "../../cloudwatch/widget-data.ts";
import type { EventLine, Snapshot } from "../../snapshot/snapshot.ts";

import type { DrillDescription, ToolAnswer, ToolDescription } from "../source.ts";
import type { Trace, TraceSummary } from "../traces.ts";
import { read, send } from "./api.ts";
import { showDialog } from "./dialogs.ts";
import { frame } from "./frame.ts";
import { patch } from "./patch.ts";
import { SAMPLE_MILLISECONDS, sampled, type History } from "./history.ts";
import { nextScheme, restoreScheme } from "./scheme.ts";
import { shortcut } from "./shortcuts.ts";
import { FIRST_STATE, hashOf, placeOf, withEvents, type Actions, type State } from "./state.ts";
import { drawWires } from "./wires.ts";

let state: State = { ...FIRST_STATE, place: placeOf(location.hash) };
let awaitsFrame = false;

const root = document.querySelector("#page") ?? document.body;

function set(change: Partial<State>): void {
  state = { ...state, ...change };
  if (awaitsFrame) return;
  awaitsFrame = true;
  requestAnimationFrame(render);
}

function render(): void {
  awaitsFrame = false;
  patch(root, [frame(state, actions, performance.now())]);
  showDialog(state, actions);
  drawWires(state);
}

/** Does something that can fail, and shows the sentence where it does. */
function attempt(work: Promise<Partial<State>>): void {
  set({ problem: undefined });
  work.then(set, (error: unknown) => {
    set({ problem: error instanceof Error ? error.message : String(error), calling: false });
  });
}

const path = (...parts: readonly string[]): string =>
  `/api/${parts.map(encodeURIComponent).join("/")}`;

const actions: Actions = {
  set,
  go: (section, item) => {
    location.hash = hashOf(section, item);
  },
  killReplica: (service, task) => {
    attempt(send(path("faults"), { kind: "kill-replica", service, task }).then(() => ({})));
    set({ dialog: undefined });
  },
  loseZone: (zone) => {
    attempt(send(path("faults"), { kind: "lose-zone", zone }).then(() => ({})));
    set({ dialog: undefined });
  },
  restoreZone: (zone) => {
    attempt(send(path("faults"), { kind: "restore-zone", zone }).then(() => ({})));
  },
  startDrill: (name) => {
    attempt(send(path("drills", name), {}).then(() => ({})));
  },
  chooseService: (service) => {
    set({ tool: { service, name: undefined }, answer: undefined });
    attempt(
      read<readonly ToolDescription[]>(path("services", service, "tools")).then((tools) => ({
        tools: { ...state.tools, [service]: tools },
      })),
    );
  },
  callTool: (service, tool, toolArguments) => {
    set({ calling: true, answer: undefined });
    attempt(
      send<ToolAnswer>(path("services", service, "tools", tool), {
        arguments: toolArguments,
      }).then((answer) => ({ answer, calling: false })),
    );
  },
  setMinutes: (minutes) => {
    set({ minutes });
    load();
  },
  nextScheme: () => {
    nextScheme();
    set({});
  },
};

/** Fetches what a section shows beyond the snapshot. */
function load(): void {
  const { section, item } = state.place;
  if (section === "dashboards") attempt(loadDashboard(item));
  if (section === "traces") attempt(loadTraces(item));
  if (section === "drills" && state.drills === undefined) {
    attempt(read<readonly DrillDescription[]>(path("drills")).then((drills) => ({ drills })));
  }
  if (section === "tools" && state.tool.service === undefined) {
    const [first] = state.snapshot?.endpoints ?? [];
    if (first !== undefined) actions.chooseService(first.service);
  }
}

async function loadDashboard(wanted: string | undefined): Promise<Partial<State>> {
  const dashboards = await read<readonly string[]>(path("dashboards"));
  const name = wanted ?? dashboards[0];
  if (name === undefined) return { dashboards, dashboard: undefined };
  const minutes = String(state.minutes);
  const dashboard = await read<DashboardData>(`${path("dashboards", name)}?minutes=${minutes}`);
  return { dashboards, dashboard };
}

async function loadTraces(wanted: string | undefined): Promise<Partial<State>> {
  const traces = await read<readonly TraceSummary[]>(path("traces"));
  return {
    traces,
    trace: wanted === undefined ? undefined : await read<Trace>(path("traces", wanted)),
  };
}

function listen(): void {
  const live = new EventSource("/api/live");
  const on = (name: string, told: (data: unknown) => void): void => {
    live.addEventListener(name, (message: MessageEvent<string>) => {
      told(JSON.parse(message.data));
    });
  };
  // The first of a connection; what was told before comes again.
  on("history", (history) => {
    set({ history: history as History, events: [] });
  });
  on("events", (events) => {
    set(withEvents(state, events as readonly EventLine[]));
  });
  on("snapshot", (data) => {
    const first = state.snapshot === undefined;
    const snapshot = data as Snapshot;
    set({ snapshot, snapshotAt: performance.now(), connection: "live" });
    if (first) load();
  });
  live.addEventListener("error", () => {
    set({ connection: "lost" });
  });
}

restoreScheme();
addEventListener("hashchange", () => {
  const place = placeOf(location.hash);
  if (place.section !== state.place.section) scrollTo(0, 0);
  set({ place, problem: undefined });
  // On a narrow window the sections scroll; after the page is drawn, the chosen one is in view.
  requestAnimationFrame(() => {
    document
      .querySelector(".sections [aria-current]")
      ?.scrollIntoView({ block: "nearest", inline: "center" });
  });
  load();
});
addEventListener("resize", () => {
  drawWires(state);
});
document.addEventListener("keydown", (event) => {
  shortcut(event, state, actions);
});
listen();
render();
setInterval(() => {
  const { snapshot, history, connection } = state;
  // The server keeps the same samples for pages that open later.
  set(
    snapshot === undefined || connection !== "live" ? {} : { history: sampled(history, snapshot) },
  );
}, SAMPLE_MILLISECONDS);
setInterval(() => {
  const { section } = state.place;
  if (state.connection === "live" && (section === "dashboards" || section === "traces")) load();
}, 5000);
