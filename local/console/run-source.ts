import { DRILLS } from "../drills/drills.ts";
import { runDrill } from "../drills/run-drill.ts";
import type { Endpoint } from "../endpoints.ts";
import { LocalError } from "../graph/graph.ts";
import type { Fault, PageSource } from "../page/source.ts";
import type { Run } from "../run.ts";
import { RequestWindow } from "../snapshot/request-window.ts";
import type { DrillSnapshot } from "../snapshot/snapshot.ts";
import { takeSnapshot } from "../snapshot/take-snapshot.ts";
import type { EventLog } from "./event-log.ts";
import { callTool, listTools } from "./tool-client.ts";
import { traceSummaries, traceView, type ToRunTime } from "./trace-views.ts";

/** A run, as its page sees it. */
export interface RunSource extends PageSource {
  /** Ends a drill that is under way. */
  close(): void;
}

/** @param program as a person names it. */
export function runSource(run: Run, program: string, log: EventLog): RunSource {
  const requests = new RequestWindow();
  run.onRequest((record) => {
    requests.add(record);
  });
  const abort = new AbortController();
  let drill: DrillSnapshot | undefined;

  const toRunTime: ToRunTime = (time) => run.clock.now() - (Date.now() - time) * run.speed;
  return {
    snapshot: () => takeSnapshot(run, { program, requests, drill }),
    recentEvents: () => log.recent,
    events: (listener) => log.onEvent(listener),
    dashboards: () =>
      run.cloudWatch
        .dashboards({ from: run.clock.now(), to: run.clock.now() })
        .map(({ name }) => name),
    widgets: (dashboard, minutes) => {
      const to = run.clock.now();
      return run.cloudWatch
        .dashboards({ from: to - minutes * 60_000, to })
        .find(({ name }) => name === dashboard);
    },
    traces: () => traceSummaries(run.traces, toRunTime),
    trace: (id) => traceView(run.traces, id, toRunTime),
    drills: DRILLS.map(({ name, summary }) => ({ name, description: summary })),
    startDrill: (name) =>
      new Promise((resolve, reject) => {
        if (drill?.state === "running") {
          throw new LocalError(
            `The drill \`${drill.name}\` is still running. Wait for its end before you start another.`,
          );
        }
        const started = run.clock.now();
        runDrill(name, run, { signal: abort.signal }, (snapshot) => {
          drill = snapshot;
          resolve();
        }).catch((error: unknown) => {
          // What went wrong before the first step is the answer; after it, the drill's own end.
          reject(error instanceof Error ? error : new Error(String(error)));
          if (drill?.state !== "running" || drill.startedAt < started) return;
          drill = {
            ...drill,
            state: "broken",
            steps: [
              ...drill.steps,
              {
                at: run.clock.now(),
                text: error instanceof LocalError ? error.message : "The drill itself failed.",
              },
            ],
          };
        });
      }),
    fault: (fault) => {
      inject(run, fault);
      return Promise.resolve();
    },
    tools: (service) => listTools(endpointOf(run, service)),
    callTool: (service, tool, input) => callTool(endpointOf(run, service), tool, input),
    close: () => {
      abort.abort();
    },
  };
}

function inject(run: Run, fault: Fault): void {
  switch (fault.kind) {
    case "kill-replica":
      serviceNamed(run, fault.service).killTask(fault.task);
      return;
    case "lose-zone":
      if (!zonesOf(run).includes(fault.zone)) {
        throw new LocalError(
          `There is no zone \`${fault.zone}\`. Give one of ${zonesOf(run).join(", ")}.`,
        );
      }
      run.lostZones.lose(fault.zone);
      return;
    case "restore-zone":
      run.lostZones.restore(fault.zone);
  }
}

function zonesOf({ stack }: Run): string[] {
  return [
    ...new Set([...stack.loadBalancers, ...stack.services].flatMap(({ zones }) => zones)),
  ].sort();
}

function serviceNamed({ services }: Run, name: string): Run["services"][number] {
  const found = services.find((service) => service.name === name);
  if (found !== undefined) return found;
  throw new LocalError(`There is no service \`${name}\`.`);
}

function endpointOf({ endpoints }: Run, service: string): Endpoint {
  const found = endpoints.find((endpoint) => endpoint.service === service);
  if (found !== undefined) return found;
  throw new LocalError(`The service \`${service}\` has no endpoint that clients can reach.`);
}
