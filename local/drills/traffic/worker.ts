/** Makes the traffic of a drill in a thread of its own: a busy balancer must not slow the load that it is measured by. */
import { parentPort, workerData } from "node:worker_threads";
import { Arrivals } from "./arrivals.ts";
import { CallMaker } from "./call-maker.ts";
import type { Order, Report, TrafficSettings } from "./wire.ts";

/** How often it looks whether calls are due; finer than the time between two calls of most drills. */
const TICK_MILLISECONDS = 4;

const port = parentPort;
if (port === null) throw new Error("This module runs in a worker thread.");
const tell = (report: Report): void => {
  port.postMessage(report);
};

const calls = new CallMaker(workerData as TrafficSettings, (attempt) => {
  tell({ kind: "attempt", attempt });
});
const arrivals = new Arrivals();
const ticks = setInterval(() => {
  for (let due = arrivals.take(performance.now()); due > 0; due--) calls.begin();
}, TICK_MILLISECONDS);

tell({ kind: "ready" });
port.on("message", (order: Order) => {
  switch (order.kind) {
    case "rate":
      arrivals.setRate(order.callsPerSecond, performance.now());
      break;
    case "token":
      calls.token = order.token;
      break;
    case "end":
      clearInterval(ticks);
      void calls.end(order.graceMilliseconds).then(() => {
        tell({ kind: "ended" });
        port.close();
      });
      break;
  }
});
