import type { DashboardData } from "../../cloudwatch/widget-data.ts";
import type { EventLine, Snapshot } from "../../snapshot/snapshot.ts";
import type { History } from "./history.ts";
import type { DrillDescription, ToolAnswer, ToolDescription } from "../source.ts";
import type { Trace, TraceSummary } from "../traces.ts";

export const SECTIONS = [
  "overview",
  "dashboards",
  "alarms",
  "traces",
  "drills",
  "tools",
  "events",
] as const;

export type Section = (typeof SECTIONS)[number];

/** Where in the page one is: the address after `#`, such as `traces/4f2a`. */
export interface Place {
  readonly section: Section;
  readonly item: string | undefined;
}

/** What is in front of all else. */
export type Dialog =
  | { readonly kind: "replica"; readonly service: string; readonly task: string }
  | { readonly kind: "zone"; readonly zone: string }
  | { readonly kind: "shortcuts" };

/** All that the page shows comes from this. */
export interface State {
  readonly connection: "connecting" | "live" | "lost";
  readonly snapshot: Snapshot | undefined;
  /** The page's own time when the snapshot came, in milliseconds. */
  readonly snapshotAt: number;
  readonly history: History;
  readonly events: readonly EventLine[];
  /** The last event that is worth an interruption, said aloud to those who do not see the page. */
  readonly announced: string;
  readonly place: Place;
  readonly dialog: Dialog | undefined;
  /** What went wrong with what one last did, in a sentence. */
  readonly problem: string | undefined;
  readonly dashboards: readonly string[] | undefined;
  readonly dashboard: DashboardData | undefined;
  readonly minutes: number;
  readonly traces: readonly TraceSummary[] | undefined;
  readonly trace: Trace | undefined;
  readonly drills: readonly DrillDescription[] | undefined;
  readonly tools: Readonly<Record<string, readonly ToolDescription[]>>;
  readonly tool: { readonly service: string | undefined; readonly name: string | undefined };
  readonly answer: ToolAnswer | undefined;
  /** Whether a tool is at work. */
  readonly calling: boolean;
  readonly eventFilter: { readonly text: string; readonly level: EventLine["level"] | "all" };
}

export const FIRST_STATE: State = {
  connection: "connecting",
  snapshot: undefined,
  snapshotAt: 0,
  history: {},
  events: [],
  announced: "",
  place: { section: "overview", item: undefined },
  dialog: undefined,
  problem: undefined,
  dashboards: undefined,
  dashboard: undefined,
  minutes: 15,
  traces: undefined,
  trace: undefined,
  drills: undefined,
  tools: {},
  tool: { service: undefined, name: undefined },
  answer: undefined,
  calling: false,
  eventFilter: { text: "", level: "all" },
};

/** As many events as anybody scrolls through. */
const EVENTS = 500;

export function withEvents(state: State, events: readonly EventLine[]): State {
  const last = events.findLast(({ level }) => level !== "information");
  return {
    ...state,
    events: [...state.events, ...events].slice(-EVENTS),
    // What was before the page was opened is no news.
    announced:
      last === undefined || state.connection !== "live"
        ? state.announced
        : `${last.source}: ${last.text}`,
  };
}

export function placeOf(hash: string): Place {
  const [section, ...item] = hash.replace(/^#/u, "").split("/");
  const known = SECTIONS.find((each) => each === section);
  if (known === undefined) return FIRST_STATE.place;
  return { section: known, item: item.length === 0 ? undefined : unescaped(item.join("/")) };
}

export function hashOf(section: Section, item?: string): string {
  return `#${section}${item === undefined ? "" : `/${encodeURIComponent(item)}`}`;
}

/** The run's clock, as it goes on between snapshots. */
export function runNow({ snapshot, snapshotAt, connection }: State, pageNow: number): number {
  if (snapshot === undefined) return 0;
  if (connection !== "live") return snapshot.now;
  return snapshot.now + (pageNow - snapshotAt) * snapshot.speed;
}

/** What a view can have done. */
export interface Actions {
  set(change: Partial<State>): void;
  go(section: Section, item?: string): void;
  killReplica(service: string, task: string): void;
  loseZone(zone: string): void;
  restoreZone(zone: string): void;
  startDrill(name: string): void;
  chooseService(service: string): void;
  callTool(service: string, tool: string, toolArguments: Record<string, unknown>): void;
  /** How many of the latest minutes the dashboards show. */
  setMinutes(minutes: number): void;
  nextScheme(): void;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
