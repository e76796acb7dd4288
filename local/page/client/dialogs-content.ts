import { element, type Child, type Element } from "./element.ts";
import { count, number, rate, wholeSeconds } from "./format.ts";
import { stateMark } from "./marks.ts";
import { replicaState } from "./replica.ts";
import { SHORTCUTS } from "./shortcuts.ts";
import type { Actions, State } from "./state.ts";

/** What is in front of the page, if anything is. */
export function dialogContent(state: State, actions: Actions): readonly Element[] {
  switch (state.dialog?.kind) {
    case undefined:
      return [];
    case "shortcuts":
      return [
        title("Keys"),
        element(
          "dl",
          { class: "keys" },
          SHORTCUTS.map(([key, does]) =>
            element("div", {}, element("dt", {}, element("kbd", {}, key)), element("dd", {}, does)),
          ),
        ),
        buttons(actions),
      ];
    case "zone":
      return zone(state, state.dialog.zone, actions);
    case "replica":
      return replica(state, state.dialog, actions);
  }
}

function zone({ snapshot }: State, name: string, actions: Actions): Element[] {
  const inside = (snapshot?.services ?? []).flatMap(({ tasks }) =>
    tasks.filter((task) => task.zone === name && task.lastStatus === "RUNNING"),
  );
  return [
    title(`Lose ${name}?`),
    element(
      "p",
      {},
      `Its load balancer node and ${count(inside.length, "replica")} will neither answer nor refuse, as in a zone without power, until you restore it. What is in flight there is lost.`,
    ),
    buttons(
      actions,
      element(
        "button",
        {
          type: "button",
          class: "danger",
          onclick: () => {
            actions.loseZone(name);
          },
        },
        "Lose the zone",
      ),
    ),
  ];
}

function replica(
  { snapshot }: State,
  { service, task: id }: { readonly service: string; readonly task: string },
  actions: Actions,
): Element[] {
  const task = snapshot?.services
    .find(({ name }) => name === service)
    ?.tasks.find((each) => each.id === id);
  if (snapshot === undefined || task === undefined) return [title("This replica has gone")];
  const state = replicaState(task, snapshot.lostZones);
  const since = task.startedAt === undefined ? undefined : snapshot.now - task.startedAt;
  const facts: readonly (readonly [string, Child])[] = [
    ["State", [stateMark(state), " ", state]],
    ["ECS says", `${task.lastStatus}, ${task.healthStatus}`],
    ["Zone", task.zone],
    ["Revision", String(task.revision)],
    ["Capacity", task.capacityProvider],
    ["Running", since === undefined ? "not yet" : wholeSeconds(since)],
    ["Requests", `${rate(task.requestsPerSecond)}/s`],
    ["CPU", task.cpuPercent === undefined ? "not measured" : `${number(task.cpuPercent)} %`],
    ["Memory", task.memoryMib === undefined ? "not measured" : `${number(task.memoryMib)} MiB`],
  ];
  return [
    title(service, element("code", {}, id)),
    element(
      "dl",
      { class: "facts-list" },
      facts.map(([name, value]) =>
        element("div", {}, element("dt", {}, name), element("dd", {}, value)),
      ),
    ),
    element("h3", {}, "As each load balancer node sees it"),
    task.targets.length === 0
      ? element("p", { class: "note" }, "It is registered with no target group.")
      : element(
          "table",
          {},
          element(
            "thead",
            {},
            element("tr", {}, ["Node", "Target health", "Outstanding"].map(heading)),
          ),
          element(
            "tbody",
            {},
            task.targets.map((target) =>
              element(
                "tr",
                { key: target.nodeZone },
                element("td", {}, target.nodeZone),
                element("td", {}, target.state),
                element("td", { class: "number" }, target.outstanding),
              ),
            ),
          ),
        ),
    buttons(
      actions,
      element(
        "button",
        {
          type: "button",
          class: "danger",
          disabled: state === "stopped",
          title: "Sends SIGKILL to its processes, as if it had crashed",
          onclick: () => {
            actions.killReplica(service, id);
          },
        },
        "Kill this replica",
      ),
    ),
  ];
}

function heading(name: string): Element {
  return element("th", { scope: "col" }, name);
}

function title(...words: readonly Child[]): Element {
  return element("h2", { id: "dialog-title" }, words);
}

function buttons(actions: Actions, ...others: readonly Element[]): Element {
  return element(
    "p",
    { class: "dialog-actions" },
    element(
      "button",
      {
        type: "button",
        onclick: () => {
          actions.set({ dialog: undefined });
        },
      },
      "Close",
    ),
    others,
  );
}
