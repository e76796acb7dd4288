import type { TestContext } from "node:test";
import type { ServerDefinition } from "../../../service/runtime/server.ts";
import { startTestHost, type Started } from "../running-host.ts";
import { startCollector, type Collector, type ReceivedSpan } from "./collector.ts";

/** A host whose spans a test sees. */
export interface TracedHost extends Started {
  readonly collector: Collector;
  /** Ends the host and tells the spans that it has sent, by name. */
  spans(): Promise<Readonly<Record<string, readonly ReceivedSpan[]>>>;
}

/** A host that sends its traces to a collector of the test's. */
export async function startTracedHost(
  context: TestContext,
  definition: Partial<ServerDefinition>,
  environment: Record<string, string> = {},
): Promise<TracedHost> {
  const collector = await startCollector(context);
  const started = await startTestHost(context, definition, {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    ...environment,
  });
  return {
    ...started,
    collector,
    spans: async () => {
      await started.host.close();
      const named = Object.groupBy(collector.spans(), ({ name }) => name);
      return Object.fromEntries(
        Object.entries(named).map(([name, spans]) => [name, spans ?? []] as const),
      );
    },
  };
}

/** The one item of a list. */
export function only<T>(list: readonly T[] | undefined): T {
  const [item, ...others] = list ?? [];
  if (item === undefined || others.length > 0)
    throw new Error(`There are ${list?.length ?? 0} instead of one.`);
  return item;
}
