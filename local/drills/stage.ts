import { LocalError } from "../graph/graph.ts";
import type { Run } from "../run.ts";
import type { Stage } from "./drill.ts";
import type { Journal } from "./evidence/journal.ts";
import type { Step } from "./report/report.ts";
import { viewService, type ServiceView } from "./service-view.ts";
import { HttpClient, type ClientOptions } from "./traffic/client.ts";
import { findTool } from "./traffic/discovery.ts";
import { newTraceRoot, toolCall } from "./traffic/message.ts";
import type { CalledTool } from "./traffic/tools.ts";
import type { Traffic } from "./traffic/traffic.ts";

/** How often the targets are looked at, in real time. */
export const LOOK_MILLISECONDS = 50;

/** What a stage is built of. */
export interface StageParts {
  readonly run: Run;
  readonly serviceName: string;
  readonly url: string;
  readonly token: string | undefined;
  readonly tool: CalledTool;
  readonly journal: Journal;
  readonly traffic: Traffic;
  readonly callsPerSecond: number;
  readonly clientOptions: ClientOptions;
  readonly signal: AbortSignal;
  readonly onStep: (step: Step) => void;
}

/** A stage, and what ends its looking. */
export interface OpenStage extends Stage {
  close(): void;
}

export function openStage(parts: StageParts): OpenStage {
  const { run, serviceName, journal, traffic, signal } = parts;
  const { clock, speed } = run;
  const service = (): ServiceView => viewService(run, serviceName);
  const looking = new Set<() => void>();
  let cancelLook: () => void = () => undefined;
  const look = (): void => {
    journal.look(clock.now(), service());
    for (const looker of [...looking]) looker();
    cancelLook = clock.after(LOOK_MILLISECONDS * speed, look);
  };
  look();

  /** Ended by the clock, by a look, or by whoever stops the drill. */
  const waiting = <T>(begin: (settle: (value: T) => void) => () => void): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const stop = (): void => {
        end();
        reject(new LocalError("The drill was stopped before its end."));
      };
      const cancel = begin((value) => {
        end();
        resolve(value);
      });
      const end = (): void => {
        signal.removeEventListener("abort", stop);
        cancel();
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop);
    });
  const wait = (milliseconds: number): Promise<void> =>
    waiting<undefined>((settle) =>
      clock.after(milliseconds, () => {
        settle(undefined);
      }),
    );

  const asClient = async <T>(
    token: string | undefined,
    work: (client: HttpClient) => Promise<T>,
  ): Promise<T> => {
    const client = new HttpClient({ url: parts.url, token }, parts.clientOptions);
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  };

  return {
    run,
    tool: parts.tool,
    callsPerSecond: parts.callsPerSecond,
    now: () => clock.now(),
    service,
    step: (text) => {
      parts.onStep({ at: clock.now(), text });
    },
    phase: (phase) => {
      journal.phases.push({ at: clock.now(), phase });
    },
    broke: (fault) => {
      journal.broke(fault);
    },
    repaired: (zone) => {
      journal.repaired(zone, clock.now());
    },
    isWhole: () => journal.isWhole(clock.now(), service()),
    isSettled: () =>
      service().deployments.every(({ rolloutState }) => rolloutState !== "IN_PROGRESS"),
    wait,
    observe: (seconds) => wait(seconds * 1000 * speed),
    until: (condition, milliseconds) =>
      waiting<boolean>((settle) => {
        const check = (): void => {
          if (condition()) settle(true);
        };
        looking.add(check);
        const cancel = clock.after(milliseconds, () => {
          settle(condition());
        });
        return () => {
          looking.delete(check);
          cancel();
        };
      }),
    setRate: traffic.setRate.bind(traffic),
    setToken: traffic.setToken.bind(traffic),
    call: (token) =>
      asClient(token, (client) => {
        const { name, input } = parts.tool;
        return client.send(toolCall("2026-07-28", name, input), newTraceRoot(Date.now() / 1000));
      }),
    findTool: (wanted) => asClient(parts.token, (client) => findTool(client, wanted)),
    send: (message) =>
      asClient(parts.token, (client) => client.send(message, newTraceRoot(Date.now() / 1000))),
    explained: () => journal.explained(),
    attempts: () => journal.attempts,
    close: () => {
      cancelLook();
    },
  };
}
