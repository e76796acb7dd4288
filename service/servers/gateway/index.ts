import { ConfigurationError } from "../../runtime/configuration-error.ts";
import type { ServerDefinition, StartContext, StartedServer } from "../../runtime/server.ts";
import { standardOutput } from "../../runtime/standard-output.ts";
import { machineClock, type Clock } from "../../runtime/telemetry/clock.ts";
import { readSignals } from "../../runtime/telemetry/signals.ts";
import { Catalogue } from "./catalogue/catalogue.ts";
import type { CreateUpstream } from "./catalogue/connection.ts";
import { fileSource } from "./configuration/file.ts";
import { parameterSource, ssmPages } from "./configuration/parameters.ts";
import type { UpstreamSource } from "./configuration/source.ts";
import { watchUpstreams, type WatchedUpstreams } from "./configuration/watch.ts";
import { readGauges } from "./gauges.ts";
import { createGatewayRelay } from "./relay.ts";
import { Routing } from "./routing.ts";
import { createSearchTools, SEARCH_NAMES } from "./search/search-tools.ts";
import { readGatewaySettings, readNameServers, type GatewaySettings } from "./settings.ts";
import { startUpstreamEmf } from "./telemetry/emf.ts";
import {
  joinTelemetry,
  type GatewayGauges,
  type UpstreamTelemetry,
} from "./telemetry/upstream-telemetry.ts";
import { createResolver, createUpstreams } from "./upstreams/index.ts";

const VERSION = "0.1.0";

/** What a gateway takes from the process around it. */
export interface GatewaySurroundings {
  /** Makes the clients of upstreams. */
  readonly createUpstreams: (context: StartContext, clock: Clock) => CreateUpstream;
  /** Default: what the environment says. */
  readonly source?: UpstreamSource;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** A number of [0, 1). Default: `Math.random`. */
  readonly random?: () => number;
  /** Takes lines of the embedded metric format. Default: standard output. */
  readonly write?: (line: string) => void;
}

/** Many MCP servers as one. The upstreams come from a watched configuration, and may come, change and go while it runs. */
export const gateway: ServerDefinition = createGateway({
  createUpstreams: ({ log, environment }, clock) =>
    createUpstreams({
      log,
      environment,
      clock,
      clientInfo: { name: "gateway", version: VERSION },
      resolveAddresses: createResolver(readNameServers(environment)),
    }),
});

/** The gateway over other surroundings, as for tests. */
export function createGateway(surroundings: GatewaySurroundings): ServerDefinition {
  return {
    name: "gateway",
    title: "Gateway",
    version: VERSION,
    announcesChanges: true,
    start: (context) => start(context, surroundings),
  };
}

async function start(
  context: StartContext,
  surroundings: GatewaySurroundings,
): Promise<StartedServer> {
  const { log, environment, changes } = context;
  const { clock = machineClock, random = Math.random } = surroundings;
  const settings = readGatewaySettings(environment);
  const { graceMilliseconds, pollMilliseconds, scopePrefix } = settings;
  const search = settings.search ? createSearchTools(settings.pinnedTools) : undefined;
  const catalogue = new Catalogue({
    createUpstream: surroundings.createUpstreams(context, clock),
    clock,
    random,
    log,
    changes,
    graceMilliseconds,
    scopePrefix,
    reserved: search === undefined ? { ...SEARCH_NAMES, listing: NO_NAMES } : SEARCH_NAMES,
    presented: (view) => search?.present(view) ?? view.offers,
  });
  const watched = await watch(surroundings.source ?? sourceOf(settings), settings, (changed) =>
    watchUpstreams({
      ...changed,
      pollMilliseconds,
      clock,
      random,
      log,
      changed: ({ upstreams }) => {
        catalogue.configure(upstreams);
      },
    }),
  );
  catalogue.configure(watched.current.upstreams);
  const collisions = await catalogue.discover();
  if (collisions.length > 0) {
    watched.close();
    await catalogue.close();
    throw new ConfigurationError([...new Set(collisions)].join(" "));
  }
  report(catalogue, context);
  const telemetry = await startTelemetry(context, settings, surroundings, () =>
    readGauges(catalogue, watched.current.problems.size, clock),
  );
  return {
    relay: createGatewayRelay({
      catalogue,
      routing: new Routing({ catalogue, scopePrefix }),
      search,
      telemetry,
    }),
    stop: async () => {
      watched.close();
      telemetry.close();
      await catalogue.close();
    },
  };
}

const NO_NAMES = { tools: [], prompts: [] };

function sourceOf({ source }: GatewaySettings): UpstreamSource {
  return source.kind === "file"
    ? fileSource(source.path)
    : parameterSource(source.path, ssmPages());
}

/** A file that cannot be read is a mistake of whoever starts the gateway; the parameter store may be out of reach for a while. */
async function watch(
  source: UpstreamSource,
  settings: GatewaySettings,
  begin: (given: { source: UpstreamSource; patient: boolean }) => Promise<WatchedUpstreams>,
): Promise<WatchedUpstreams> {
  const patient = settings.source.kind === "parameters";
  try {
    return await begin({ source, patient });
  } catch (error) {
    throw new ConfigurationError(
      `The upstreams in ${source.place} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** Says what the replica starts with, and what it lacks. */
function report({ members }: Catalogue, { log }: StartContext): void {
  const missing = members.filter(
    ({ connection }) => connection.own?.kept === undefined && connection.own !== undefined,
  );
  log.info({ upstreams: members.map(({ name }) => name) }, "upstreams");
  for (const { name } of missing)
    log.warn(
      { upstream: name },
      `The upstream \`${name}\` has not answered yet; what it offers is listed when it does.`,
    );
}

async function startTelemetry(
  { environment }: StartContext,
  { emf }: GatewaySettings,
  { clock = machineClock, write }: GatewaySurroundings,
  gauges: () => GatewayGauges,
): Promise<UpstreamTelemetry> {
  const all: UpstreamTelemetry[] = [];
  const { traces, metrics } = readSignals(environment);
  if (traces || metrics) {
    const { startUpstreamOpenTelemetry } = await import("./telemetry/open-telemetry.ts");
    all.push(startUpstreamOpenTelemetry(gauges));
  }
  if (emf) {
    const service = environment["OTEL_SERVICE_NAME"] || "gateway";
    const toOutput = (line: string): void => {
      standardOutput.write(line);
    };
    all.push(startUpstreamEmf(service, gauges, write ?? toOutput, clock));
  }
  return joinTelemetry(all);
}
