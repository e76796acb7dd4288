import { EventEmitter } from "node:events";
import type { DashboardData } from "../../../local/cloudwatch/widget-data.ts";
import { LocalError } from "../../../local/graph/graph.ts";
import type { Fault, PageSource, ToolAnswer } from "../../../local/page/source.ts";
import type { EventLine, Snapshot } from "../../../local/snapshot/snapshot.ts";
import { scriptedDashboard } from "./scripted-dashboard.ts";
import { scriptedSnapshot } from "./scripted-snapshot.ts";
import { scriptedTrace } from "./scripted-trace.ts";

/** A run that a test writes: it shows what it is given, and keeps what the page asked of it. */
export class ScriptedSource implements PageSource {
  now: Snapshot = scriptedSnapshot();
  readonly asked: unknown[] = [];
  readonly past: EventLine[] = EVENTS.map(([at, source, text, level]) => ({
    at: at * 1000,
    source,
    text,
    level,
  }));
  readonly #emitter = new EventEmitter();
  readonly drills = [
    {
      name: "zone-loss",
      description: "Takes the power from one zone and counts what became of every request.",
    },
    {
      name: "kill-replica",
      description: "Kills one replica in the middle of its calls, as a crash would.",
    },
    {
      name: "bad-deploy",
      description: "Deploys a version that fails its health checks; it must be rolled back.",
    },
    {
      name: "rolling-deploy",
      description: "Deploys a new revision under load; nothing may fail.",
    },
    { name: "overload", description: "Sends twice what the replicas can bear." },
    { name: "scale-out", description: "Raises the load until the policies add replicas." },
  ];

  snapshot(): Snapshot {
    return this.now;
  }
  recentEvents(): readonly EventLine[] {
    return this.past;
  }
  events(listener: (event: EventLine) => void): () => void {
    this.#emitter.on("event", listener);
    return () => this.#emitter.off("event", listener);
  }
  happens(event: EventLine): void {
    this.past.push(event);
    this.#emitter.emit("event", event);
  }
  dashboards(): readonly string[] {
    return ["mcp-servers-production-mcp-platform", "mcp-servers-production-weather-service"];
  }
  widgets(dashboard: string, minutes: number): DashboardData | undefined {
    return this.dashboards().includes(dashboard)
      ? scriptedDashboard(dashboard, this.now.now, minutes)
      : undefined;
  }
  traces(): ReturnType<PageSource["traces"]> {
    return scriptedTrace.summaries;
  }
  trace(id: string): ReturnType<PageSource["trace"]> {
    return scriptedTrace.traces.find((trace) => trace.id === id);
  }
  startDrill(name: string): Promise<void> {
    this.asked.push({ drill: name });
    if (this.now.drill?.state === "running") {
      throw new LocalError(
        `The drill \`${this.now.drill.name}\` is under way. Wait until it has ended.`,
      );
    }
    this.now = {
      ...this.now,
      drill: {
        name,
        state: "running",
        startedAt: this.now.now,
        steps: [{ at: this.now.now, text: "Calls begin: 40 a second, from 8 clients." }],
        counts: { answered: 0 },
        promises: [],
      },
    };
    return Promise.resolve();
  }
  fault(fault: Fault): Promise<void> {
    this.asked.push(fault);
    if (fault.kind === "restore-zone") {
      this.now = {
        ...this.now,
        lostZones: this.now.lostZones.filter((zone) => zone !== fault.zone),
      };
    } else if (fault.kind === "lose-zone") {
      this.now = { ...this.now, lostZones: [...this.now.lostZones, fault.zone].sort() };
    }
    return Promise.resolve();
  }
  tools(service: string): ReturnType<PageSource["tools"]> {
    if (service === "documents") throw new Error("token secret-token was refused");
    return Promise.resolve([
      {
        name: `${service}_forecast`,
        title: "Forecast",
        description: "The forecast of the coming days for a place in the United States.",
        inputSchema: {
          type: "object",
          required: ["latitude", "longitude"],
          properties: {
            latitude: {
              type: "number",
              description: "Degrees north.",
              minimum: -90,
              maximum: 90,
              default: 38.9,
            },
            longitude: { type: "number", description: "Degrees east.", default: -77 },
            units: { type: "string", enum: ["us", "si"], description: "Of temperature and wind." },
            periods: { type: "array", items: { type: "string" }, description: "Which to show." },
          },
        },
      },
      {
        name: "alerts",
        title: undefined,
        description: "Active alerts of a state.",
        inputSchema: { type: "object", properties: {} },
      },
    ]);
  }
  callTool(
    service: string,
    tool: string,
    toolArguments: Readonly<Record<string, unknown>>,
  ): Promise<ToolAnswer> {
    this.asked.push({ service, tool, toolArguments });
    return Promise.resolve({
      isError: false,
      content: [{ type: "text", text: "Tonight: clear, 14 °C.\nTomorrow: sunny, 22 °C." }],
      structuredContent: { periods: [{ name: "Tonight", temperature: 14 }] },
      durationMilliseconds: 23.4,
    });
  }
}

const EVENTS: readonly (readonly [number, string, string, EventLine["level"]])[] = [
  [12, "weather", "3 tasks started, one in each zone", "information"],
  [16, "weather we0c4f us-east-1a", "healthy", "good"],
  [17, "documents", "reached a steady state", "good"],
  [173, "translator", "deployment of revision 8 has begun: canary, 10 % first", "information"],
  [181, "translator tr8a40 us-east-1a", "healthy", "good"],
  [190, "translator tr8c19 us-east-1c", "failed its health checks and was stopped", "bad"],
  [205, "translator-target-5xx", "changed from OK to ALARM", "bad"],
  [214, "us-east-1c", "lost its power", "bad"],
  [215, "load balancer", "7 requests timed out", "bad"],
  [224, "weather we2c4f us-east-1c", "unhealthy: request timed out", "bad"],
  [231, "weather", "6 requests a second moved to us-east-1a and us-east-1b", "information"],
];
