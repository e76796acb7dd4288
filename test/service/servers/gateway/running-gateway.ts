import { pino } from "pino";
import type { Environment } from "../../../../service/runtime/environment.ts";
import type { Relay } from "../../../../service/runtime/relay.ts";
import type { StartedServer } from "../../../../service/runtime/server.ts";
import { createGateway } from "../../../../service/servers/gateway/index.ts";
import type { UpstreamSource } from "../../../../service/servers/gateway/configuration/source.ts";
import { FakeUpstream } from "./fake-upstream.ts";
import { createVirtualClock, settle, type VirtualClock } from "./virtual-clock.ts";

/** A configuration that a test changes. */
export class FakeSource implements UpstreamSource {
  readonly place = "the test";
  #texts: ReadonlyMap<string, string> | undefined;
  #hint: (() => void) | undefined;
  failure: Error | undefined;

  constructor(upstreams: Readonly<Record<string, unknown>>) {
    this.#texts = texts(upstreams);
  }

  read(): Promise<ReadonlyMap<string, string> | undefined> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const read = this.#texts;
    this.#texts = undefined;
    return Promise.resolve(read);
  }

  onHint(listener: () => void): () => void {
    this.#hint = listener;
    return () => {
      this.#hint = undefined;
    };
  }

  /** Writes another configuration, which is read at once. */
  async write(upstreams: Readonly<Record<string, unknown>>): Promise<void> {
    this.#texts = texts(upstreams);
    this.#hint?.();
    await settle();
  }
}

function texts(upstreams: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(upstreams).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

export interface RunningGateway {
  readonly relay: Relay;
  readonly clock: VirtualClock;
  readonly source: FakeSource;
  /** Every upstream that was ever made, by its name, in the order of their making. */
  readonly made: readonly FakeUpstream[];
  /** The last upstream of that name. */
  upstream(name: string): FakeUpstream;
  /** The names of the tools that somebody without a name sees. */
  toolNames(): readonly string[];
  /** What clients were told, since this was read last. */
  told(): readonly string[];
  /** The messages that were logged, since this was read last. */
  logged(): readonly string[];
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

export interface GatewayGiven {
  /** By their names; without one, its address is made up. */
  readonly upstreams: Readonly<Record<string, unknown>>;
  /** Prepares an upstream as soon as it is made. */
  readonly prepare?: (upstream: FakeUpstream) => void;
  readonly environment?: Environment;
}

export const url = "http://upstream.test/mcp";

/** Starts a gateway over fakes, on a virtual clock. @throws what its start throws. */
export async function startGateway({
  upstreams,
  prepare = () => undefined,
  environment = {},
}: GatewayGiven): Promise<RunningGateway> {
  const clock = createVirtualClock();
  const source = new FakeSource(upstreams);
  const made: FakeUpstream[] = [];
  const told: string[] = [];
  const logged: string[] = [];
  const lines: string[] = [];
  const definition = createGateway({
    source,
    clock,
    random: () => 0,
    write: (line) => {
      lines.push(line);
    },
    createUpstreams: () => (name, configuration) => {
      const upstream = new FakeUpstream(name, configuration);
      prepare(upstream);
      made.push(upstream);
      return upstream;
    },
  });
  const starting = definition.start?.({
    log: pino({ level: "debug" }, { write: (line: string) => logged.push(messageOf(line)) }),
    environment: { GATEWAY_UPSTREAMS_FILE: "unused.json", ...environment },
    changes: {
      toolsChanged: () => told.push("tools"),
      promptsChanged: () => told.push("prompts"),
      resourcesChanged: () => told.push("resources"),
      resourceUpdated: (uri) => told.push(uri),
    },
  });
  const racing = Promise.resolve(starting);
  const isOver = racing.then(
    () => true,
    () => true,
  );
  await settle();
  // An upstream may keep the start waiting for all of its two seconds.
  if (!(await Promise.race([isOver, Promise.resolve(false)]))) await clock.advance(2000);
  const started = (await racing) as StartedServer;
  const { relay } = started;
  if (relay === undefined) throw new Error("The gateway gave no relay.");
  return {
    relay,
    clock,
    source,
    made,
    upstream: (name) => {
      const found = made.findLast((upstream) => upstream.name === name);
      if (found === undefined) throw new Error(`No upstream \`${name}\` was made.`);
      return found;
    },
    toolNames: () => relay.offers(undefined).tools.map(({ name }) => String(name)),
    told: () => told.splice(0),
    logged: () => logged.splice(0),
    lines,
    stop: () => started.stop?.() ?? Promise.resolve(),
  };
}

function messageOf(line: string): string {
  return String((JSON.parse(line) as { msg?: unknown }).msg);
}
