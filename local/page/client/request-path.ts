import type { LoadBalancerSnapshot, ServiceSnapshot, Snapshot } from "../../snapshot/snapshot.ts";
import { element, type Element } from "./element.ts";
import { count, rate } from "./format.ts";
import { replica } from "./replica-plate.ts";
import { serviceFacts } from "./service-facts.ts";
import type { Actions, State } from "./state.ts";

/**
 * The way of a request, as engineers draw a power network: a supply line to the load balancer's nodes, from these a trunk to each service, and along
 * its line the replicas, in columns of zones. What has no traffic is a hairline; what has no power is dark. `wires.ts` draws the lines between what stands here.
 */
export function requestPath(
  state: State,
  snapshot: Snapshot,
  actions: Actions,
  now: number,
): Element {
  const zones = zonesOf(snapshot);
  const { lostZones, loadBalancers, services } = snapshot;
  return element(
    "div",
    { class: "path", "--zones": zones.length, id: "path" },
    element("svg", { class: "wires", id: "wires", "aria-hidden": "true" }),
    element(
      "div",
      { class: "path-row zone-heads" },
      legend(),
      zones.map((zone) => zoneHead(zone, lostZones.includes(zone), actions)),
    ),
    loadBalancers.map((each) => loadBalancerRow(each, zones, lostZones)),
    services.map((each) => serviceRow(state, each, zones, snapshot, actions, now)),
  );
}

/** Every zone that anything is in, or was lost. */
function zonesOf({ loadBalancers, services, lostZones }: Snapshot): readonly string[] {
  const zones = [
    ...loadBalancers.flatMap(({ nodes }) => nodes.map(({ zone }) => zone)),
    ...services.flatMap(({ tasks }) => tasks.map(({ zone }) => zone)),
    ...lostZones,
  ];
  return [...new Set(zones)].sort();
}

function legend(): Element {
  return element(
    "p",
    { class: "legend" },
    "Requests a second",
    element(
      "span",
      { class: "legend-lines" },
      [1, 10, 100].map((value) =>
        element("span", {}, element("i", { class: `weight-${value}` }), String(value)),
      ),
    ),
  );
}

function zoneHead(zone: string, lost: boolean, actions: Actions): Element {
  return element(
    "div",
    { key: zone, class: lost ? "zone-head lost" : "zone-head" },
    element("h2", {}, zone),
    lost && element("strong", { class: "no-power" }, "no power"),
    element(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-label": lost ? `Restore the zone ${zone}` : `Lose the zone ${zone}`,
        onclick: () => {
          if (lost) actions.restoreZone(zone);
          else actions.set({ dialog: { kind: "zone", zone } });
        },
      },
      lost ? "Restore" : "Lose",
    ),
  );
}

function loadBalancerRow(
  { name, nodes, rules }: LoadBalancerSnapshot,
  zones: readonly string[],
  lostZones: readonly string[],
): Element {
  const total = nodes.reduce((sum, node) => sum + node.requestsPerSecond, 0);
  return element(
    "div",
    { key: `balancer ${name}`, class: "path-row balancer", "data-balancer": name },
    element(
      "div",
      { class: "facts" },
      element("h3", {}, name, element("small", {}, "load balancer")),
      element(
        "p",
        { class: "rate" },
        element("b", {}, rate(total)),
        " requests/s",
        element("span", { class: "spaced" }, count(rules.length, "rule")),
      ),
    ),
    zones.map((zone) => {
      const lost = lostZones.includes(zone);
      return element(
        "div",
        { key: zone, class: lost ? "cell lost" : "cell", "data-cell": true },
        nodes
          .filter((node) => node.zone === zone)
          .map((node) =>
            element(
              "div",
              {
                class: `node ${lost ? "no-power" : `node-${node.state.replace(" ", "-")}`}`,
                "data-node": zone,
                "data-rate": lost ? 0 : node.requestsPerSecond,
              },
              element("b", {}, "node"),
              element("span", {}, lost ? "no power" : `${rate(node.requestsPerSecond)}/s`),
              element(
                "small",
                {},
                node.state === "in service"
                  ? count(node.connections, "connection")
                  : { shifted: "shifted away", lost: "lost" }[node.state],
              ),
            ),
          ),
      );
    }),
  );
}

function serviceRow(
  state: State,
  service: ServiceSnapshot,
  zones: readonly string[],
  { lostZones, alarms, services }: Snapshot,
  actions: Actions,
  now: number,
): Element {
  const { name, tasks, deployments } = service;
  const newest = Math.max(0, ...deployments.map(({ revision }) => revision));
  const changing = deployments.some(
    ({ rolloutState, status }) => rolloutState === "IN_PROGRESS" && status !== "INACTIVE",
  );
  return element(
    "section",
    {
      key: `service ${name}`,
      class: "path-row service",
      "data-service": name,
      "data-rate": service.requestsPerSecond,
      "data-failures": service.failuresPerSecond,
      "aria-label": `Service ${name}`,
    },
    serviceFacts(service, state.history[name] ?? [], { alarms, services }, now),
    zones.map((zone) => {
      const here = tasks
        .filter((task) => task.zone === zone && task.lastStatus !== "STOPPED")
        .toSorted((left, right) => left.revision - right.revision || order(left.id, right.id));
      return element(
        "div",
        {
          key: zone,
          class: `cell ${lostZones.includes(zone) ? "lost" : ""} ${here.length > 4 ? "dense" : ""}`,
          "data-cell": true,
        },
        here.map((task) =>
          replica(task, lostZones, changing && task.revision === newest, () => {
            actions.set({ dialog: { kind: "replica", service: name, task: task.id } });
          }),
        ),
      );
    }),
  );
}

function order(left: string, right: string): number {
  return left < right ? -1 : 1;
}
