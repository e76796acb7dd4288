import { element, type Element as Wanted } from "./element.ts";
import { patch } from "./patch.ts";
import type { State } from "./state.ts";
import { drop, join, RADIUS, weight, type Wire } from "./wire.ts";

/** Draws the lines of the request path between what stands on the page, wherever the window's width has put it. */
export function drawWires({ place }: State): void {
  const path = document.querySelector<HTMLElement>("#path");
  const svg = document.querySelector("#wires");
  if (place.section !== "overview" || path === null || svg === null) return;
  const frame = path.getBoundingClientRect();
  const wires = [
    ...balancerWires(path, frame),
    ...trunkWires(path, frame),
    ...serviceWires(path, frame),
  ];
  svg.setAttribute("width", String(frame.width));
  svg.setAttribute("height", String(frame.height));
  // Thin lines first, so that the heavy ones lie over their ends.
  patch(
    svg,
    wires.toSorted((left, right) => left.rate - right.rate).flatMap((wire) => drawn(wire)),
  );
}

/** How far from the drawing's left edge the trunk runs. */
const TRUNK = 8;

/** How far before a crossing the trunk turns. */
const CORNER = 10;

/** From the supply line down into each node, and from the nodes to the collecting line beneath, which goes to the trunk. */
function balancerWires(path: HTMLElement, frame: DOMRect): Wire[] {
  return [...path.querySelectorAll<HTMLElement>(".balancer")].flatMap((row, index) => {
    const line = lineOf(row, frame);
    const foot = footOf(row, frame);
    const nodes = nodesOf(row).map((node) => {
      const box = node.getBoundingClientRect();
      return {
        key: `node ${index} ${node.dataset["node"] ?? ""}`,
        x: box.left - frame.left + box.width / 2,
        top: box.top - frame.top,
        bottom: box.bottom - frame.top,
        rate: rateOf(node),
        dark: node.classList.contains("no-power"),
      };
    });
    return [
      ...along(`supply ${index}`, 0, line, nodes, (node) => drop(node.x, line, node.top)),
      ...collected(`collect ${index}`, foot, nodes),
    ];
  });
}

/** Down the left edge: heavier past each load balancer; from the last one on, what the services below take. */
function trunkWires(path: HTMLElement, frame: DOMRect): Wire[] {
  const balancers = [...path.querySelectorAll<HTMLElement>(".balancer")];
  const services = [...path.querySelectorAll<HTMLElement>(".service")];
  // Nodes and services are measured apart, and differ while a zone is being lost: neither is subtracted from the other.
  const stops = [
    ...balancers.map((row, index) => ({
      y: footOf(row, frame) + CORNER,
      rate:
        index === balancers.length - 1
          ? sumOf(services)
          : sumOf(balancers.slice(0, index + 1).flatMap(nodesOf)),
    })),
    ...services.map((row, index) => ({
      y: lineOf(row, frame) - CORNER,
      rate: sumOf(services.slice(index + 1)),
    })),
  ];
  return stops.flatMap(({ y, rate }, index) => {
    const end = stops[index + 1]?.y;
    if (balancers.length === 0 || end === undefined || end <= y) return [];
    return [{ key: `trunk ${index}`, d: `M${TRUNK} ${y}V${end}`, rate, kind: "traffic" as const }];
  });
}

function nodesOf(row: HTMLElement): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>("[data-node]")];
}

function sumOf(elements: readonly HTMLElement[]): number {
  return elements.reduce((sum, each) => sum + rateOf(each), 0);
}

/** From the trunk along each service's line, down into each of its replicas. */
function serviceWires(path: HTMLElement, frame: DOMRect): Wire[] {
  return [...path.querySelectorAll<HTMLElement>(".service")].flatMap((row, index) => {
    const line = lineOf(row, frame);
    const replicas = [...row.querySelectorAll<HTMLElement>("[data-replica]")].map((plate) => {
      const box = plate.getBoundingClientRect();
      return {
        key: `replica ${plate.dataset["replica"] ?? ""}`,
        x: box.left - frame.left + 14,
        top: box.top - frame.top,
        rate: rateOf(plate),
        dark: plate.classList.contains("no-power"),
      };
    });
    const failures = Number(row.dataset["failures"]);
    const end = Math.max(TRUNK + 40, ...replicas.filter(({ dark }) => !dark).map(({ x }) => x));
    return [
      {
        key: `turn ${index}`,
        d: `M${TRUNK} ${line - CORNER}Q${TRUNK} ${line} ${TRUNK + CORNER} ${line}`,
        rate: rateOf(row),
        kind: "traffic" as const,
      },
      ...along(`line ${index}`, TRUNK + CORNER, line, replicas, (each) =>
        drop(each.x, line, each.top),
      ),
      ...(failures > 0
        ? [
            {
              key: `failures ${index}`,
              d: `M${TRUNK + CORNER + 4} ${line + weight(rateOf(row)) / 2 + 2.5}H${end - 8}`,
              rate: failures,
              kind: "failing" as const,
            },
          ]
        : []),
    ];
  });
}

/** From the nodes along the line that gathers them, heavier past each, and around the corner into the trunk. */
function collected(
  key: string,
  line: number,
  nodes: readonly (Stop & { readonly bottom: number })[],
): Wire[] {
  const sorted = nodes.toSorted((left, right) => right.x - left.x);
  let rate = 0;
  return sorted.flatMap((node, index) => {
    rate += node.rate;
    const end = sorted[index + 1]?.x;
    const dark = node.dark ? ("dark" as const) : ("traffic" as const);
    return [
      { key: `${node.key} out`, d: join(node.x, node.bottom, line), rate: node.rate, kind: dark },
      {
        key: `${key} ${node.key}`,
        d:
          end === undefined
            ? `M${node.x - RADIUS} ${line}H${TRUNK + CORNER}Q${TRUNK} ${line} ${TRUNK} ${line + CORNER}`
            : `M${node.x - RADIUS} ${line}H${end - RADIUS}`,
        rate,
        kind: "traffic" as const,
      },
    ];
  });
}

interface Stop {
  readonly key: string;
  readonly x: number;
  readonly rate: number;
  readonly dark: boolean;
}

/** A line past its stops, thinner after each by what went down there. */
function along<S extends Stop>(
  key: string,
  from: number,
  line: number,
  stops: readonly S[],
  down: (stop: S) => string,
): Wire[] {
  const sorted = stops.toSorted((left, right) => left.x - right.x);
  let left = sorted.reduce((sum, { rate }) => sum + rate, 0);
  let x = from;
  const wires: Wire[] = [];
  for (const stop of sorted) {
    if (stop.x - RADIUS > x) {
      wires.push({
        key: `${key} ${stop.key}`,
        d: `M${x} ${line}H${stop.x - RADIUS}`,
        rate: left,
        kind: "traffic",
      });
      x = stop.x - RADIUS;
    }
    wires.push({
      key: stop.key,
      d: down(stop),
      rate: stop.rate,
      kind: stop.dark ? "dark" : "traffic",
    });
    left = Math.max(0, left - stop.rate);
  }
  return wires;
}

/** The height of the line under the nodes. */
function footOf(row: HTMLElement, frame: DOMRect): number {
  const cell = row.querySelector("[data-cell]") ?? row;
  return Math.round(cell.getBoundingClientRect().bottom - frame.top) - 13;
}

/** The height at which a row's line runs: over its cells, or, in a narrow window, between its facts and these. */
function lineOf(row: HTMLElement, frame: DOMRect): number {
  const cell = row.querySelector("[data-cell]") ?? row;
  return Math.round(cell.getBoundingClientRect().top - frame.top) + 7;
}

function rateOf({ dataset }: HTMLElement): number {
  return Number(dataset["rate"] ?? 0);
}

function drawn({ key, d, rate, kind }: Wire): Wanted[] {
  const idle = rate < 0.05;
  const state = idle && kind === "traffic" ? "idle" : kind;
  const line = element("path", {
    key,
    d,
    class: `wire ${state}`,
    "stroke-width": state === "traffic" || state === "failing" ? weight(rate).toFixed(1) : 1,
  });
  if (state !== "traffic") return [line];
  // Steps of speed, not a speed of its own for each: an animation that is changed begins anew.
  const speed = rate < 2 ? "slow" : rate < 20 ? "brisk" : "fast";
  return [line, element("path", { key: `${key} flow`, d, class: `flow ${speed}` })];
}
