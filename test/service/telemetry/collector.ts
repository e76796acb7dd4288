import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { z } from "zod";

const value = z.union([
  z.object({ stringValue: z.string() }).transform(({ stringValue }) => stringValue),
  z.object({ intValue: z.coerce.number() }).transform(({ intValue }) => intValue),
  z.object({ arrayValue: z.unknown() }).transform(() => "an array"),
]);
const attributes = z
  .array(z.object({ key: z.string(), value }))
  .transform((pairs) => Object.fromEntries(pairs.map(({ key, value: each }) => [key, each])));

const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  attributes,
  status: z.object({ code: z.number() }),
});
const resource = z.object({ attributes });
const point = z.object({
  attributes,
  count: z.coerce.number(),
  sum: z.number(),
  explicitBounds: z.array(z.number()),
  bucketCounts: z.array(z.coerce.number()),
});
const metric = z.object({
  name: z.string(),
  unit: z.string(),
  histogram: z.object({ dataPoints: z.array(point), aggregationTemporality: z.number() }),
});

const traceRequest = z.object({
  resourceSpans: z.array(
    z.object({ resource, scopeSpans: z.array(z.object({ spans: z.array(span) })) }),
  ),
});
const metricRequest = z.object({
  resourceMetrics: z.array(
    z.object({ resource, scopeMetrics: z.array(z.object({ metrics: z.array(metric) })) }),
  ),
});

export type ReceivedSpan = z.output<typeof span>;
export type ReceivedMetric = z.output<typeof metric>;

interface Request {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What stands in for an OpenTelemetry collector: it takes OTLP over HTTP and keeps what it gets. */
export interface Collector {
  readonly url: string;
  readonly requests: readonly Request[];
  spans(): ReceivedSpan[];
  metrics(): ReceivedMetric[];
  /** Resolves once it has spans that satisfy this, with all of them. */
  untilSpans(satisfy: (spans: readonly ReceivedSpan[]) => boolean): Promise<ReceivedSpan[]>;
  /** The attributes of the one resource that everything came from. */
  resource(): Record<string, unknown>;
  /** Answers nothing from now on. */
  hold(): void;
  /** Answers everything that it has not answered, and what comes. */
  answer(): void;
}

export async function startCollector(context: TestContext): Promise<Collector> {
  const requests: Request[] = [];
  let held: ServerResponse[] | undefined;
  const answer = (response: ServerResponse): void => {
    response.setHeader("content-type", "application/json").end("{}");
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      requests.push({
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks),
      });
      if (held === undefined) answer(response);
      else held.push(response);
      server.emit("received");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const read = <T>(path: string, schema: z.ZodType<T>): T[] =>
    requests
      .filter((request) => request.path === path)
      .map(({ body }) => schema.parse(JSON.parse(body.toString())));
  const traces = () => read("/v1/traces", traceRequest).flatMap((each) => each.resourceSpans);
  const metrics = () => read("/v1/metrics", metricRequest).flatMap((each) => each.resourceMetrics);
  const spans = (): ReceivedSpan[] =>
    traces().flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return {
    hold: () => {
      held = [];
    },
    answer: () => {
      for (const response of held ?? []) answer(response);
      held = undefined;
    },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans,
    untilSpans: async (satisfy) => {
      while (!satisfy(spans())) await once(server, "received");
      return spans();
    },
    metrics: () =>
      metrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics)),
    resource: () => [...traces(), ...metrics()][0]?.resource.attributes ?? {},
  };
}
