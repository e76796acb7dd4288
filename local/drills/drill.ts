import type { Graph } from "../graph/graph.ts";
import type { Explained } from "./evidence/counts.ts";
import type { Fault } from "./evidence/faults.ts";
import type { Phase, Promised } from "./report/report.ts";
import type { Run } from "../run.ts";
import type { ServiceView } from "./service-view.ts";
import type { Attempt } from "./traffic/attempt.ts";
import type { Exchange } from "./traffic/client.ts";
import type { Message } from "./traffic/message.ts";
import type { CalledTool, WantedTool } from "./traffic/tools.ts";

/** An exercise on a running stack, under traffic. */
export interface Drill {
  readonly name: string;
  /** What happens, in one line. */
  readonly summary: string;
  /** How much faster than real time it is run, unless told otherwise. */
  readonly speed: number;
  /** Calls a second, of both kinds of clients together, unless told otherwise. */
  readonly callsPerSecond: number;
  /** Whether everything in it is planned, so that no request at all may fail. */
  readonly planned: boolean;
  /** How long a stand-in takes for each answer, in real milliseconds, where replicas shall have something to wait for. */
  readonly sampleDelayMilliseconds?: number;
  /** Which service is called where nobody names one. Default: the first that has an endpoint. */
  readonly service?: (run: Run) => string | undefined;
  /** Which tool of that service will do where nobody names one. Default: any that changes nothing. */
  readonly tool?: (run: Run, service: string) => WantedTool;
  /** What is declared otherwise where the drill has a run of its own, and how a person is told. */
  readonly prepare?: {
    readonly text: string;
    readonly change: (graph: Graph, speed: number) => Graph;
  };
  /** Does it, and says what else of its promises held. */
  readonly perform: (stage: Stage) => Promise<readonly Promised[]>;
  /** What AWS adds to the times. */
  readonly notModelled: readonly string[];
}

/** What a drill can see and do. Times are milliseconds of the run's clock. */
export interface Stage {
  readonly run: Run;
  readonly callsPerSecond: number;
  now(): number;
  /** The service under test, now. */
  service(): ServiceView;
  /** Tells what happens. */
  step(text: string): void;
  /** From now on requests count for this phase. */
  phase(phase: Phase): void;
  /** Writes down what is broken from now on; called right before it is. */
  broke(fault: Fault): void;
  /** Writes down that a zone has power again. */
  repaired(zone: string): void;
  /** Whether as many tasks as wanted are healthy, none of them broken. */
  isWhole(): boolean;
  /** Whether no deployment is in progress: there is one to go back to, and none to disturb. */
  isSettled(): boolean;
  wait(milliseconds: number): Promise<void>;
  /** Waits in real time: so many calls come whatever the speed. */
  observe(seconds: number): Promise<void>;
  /** Looks again and again; false where it has not come about in time. */
  until(condition: () => boolean, milliseconds: number): Promise<boolean>;
  setRate(callsPerSecond: number): void;
  setToken(token: string): void;
  /** One call beside the traffic, with a token of its own. */
  call(token: string): Promise<Exchange>;
  /** The tool that the traffic calls. */
  readonly tool: CalledTool;
  /**
   * A tool beside it that answers a call.
   *
   * @throws {LocalError} where there is none.
   */
  findTool(wanted: WantedTool): Promise<CalledTool>;
  /** One message beside the traffic, with the token that it began with. */
  send(message: Message): Promise<Exchange>;
  /** Requests that have ended so far. */
  attempts(): readonly Attempt[];
  /** The same, with their causes. */
  explained(): readonly Explained[];
}
