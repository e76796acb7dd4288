import { once } from "node:events";
import { createServer, request, type IncomingMessage, type RequestListener } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { RunningListener } from "../../../local/balancer/balancer.ts";
import type { Outcome } from "../../../local/balancer/forward.ts";
import type { RequestRecord } from "../../../local/balancer/request-record.ts";
import { RunningLoadBalancer } from "../../../local/balancer/running-load-balancer.ts";
import { RunningTargetGroup } from "../../../local/balancer/target-group.ts";
import type { Metric, MetricSink } from "../../../local/cloudwatch/metric.ts";
import type { Listener, Rule } from "../../../local/graph/listeners.ts";
import type { LoadBalancer } from "../../../local/graph/load-balancers.ts";
import { LostZones } from "../../../local/lost-zones.ts";
import { settled, VirtualClock } from "../virtual-clock.ts";
import { declaredTargetGroup } from "./declared-target-group.ts";

export interface Stand {
  readonly port: number;
  readonly group: RunningTargetGroup;
  readonly loadBalancer: RunningLoadBalancer;
  readonly clock: VirtualClock;
  readonly lostZones: LostZones;
  readonly outcomes: Outcome[];
  readonly records: RequestRecord[];
  readonly samples: { readonly metric: Metric; readonly value: number }[];
  /** Resolves with the next outcome. */
  nextOutcome(): Promise<Outcome>;
  /** Resolves with the next record. */
  nextRecord(): Promise<RequestRecord>;
}

export interface StandOptions {
  readonly attributes?: Partial<LoadBalancer>;
  readonly listener?: Partial<Listener>;
  readonly rules?: readonly Rule[];
  readonly zones?: readonly string[];
  readonly date?: () => number;
  readonly random?: () => number;
  readonly hostName?: string;
  readonly clock?: VirtualClock;
  /** Default: `samples`. */
  readonly sink?: MetricSink;
}

/** A load balancer as AWS makes one where nothing is said. */
export function declaredLoadBalancer(given: Partial<LoadBalancer> = {}): LoadBalancer {
  return {
    name: "mcp",
    arnSuffix: "app/mcp/0123456789abcdef",
    zones: ["a"],
    listeners: [],
    idleTimeoutSeconds: 60,
    clientKeepAliveSeconds: 3600,
    dropInvalidHeaderFields: false,
    preserveHostHeader: false,
    xffMode: "append",
    xffClientPort: false,
    zonalShift: true,
    ...given,
  };
}

/** A balancer with one target group whose targets are always found healthy. */
export async function stand(context: TestContext, options: StandOptions = {}): Promise<Stand> {
  const clock = options.clock ?? new VirtualClock();
  const lostZones = new LostZones();
  const zones = options.zones ?? ["a"];
  const group = new RunningTargetGroup(declaredTargetGroup(), {
    clock,
    nodeZones: zones,
    lostZones,
    probe: () => Promise.resolve(true),
  });
  const listener: Listener = {
    arn: "listener",
    loadBalancerArn: "load-balancer",
    port: 80,
    protocol: "HTTP",
    rules: options.rules ?? [],
    defaultAction: { type: "forward", targets: [{ targetGroupArn: GROUP, weight: 1 }] },
    ...options.listener,
  };
  const outcomes: Outcome[] = [];
  const records: RequestRecord[] = [];
  const samples: { metric: Metric; value: number }[] = [];
  let waiting: ((outcome: Outcome) => void) | undefined;
  let waitingForRecord: ((record: RequestRecord) => void) | undefined;
  const loadBalancer = new RunningLoadBalancer(
    declaredLoadBalancer({ zones, listeners: [listener], ...options.attributes }),
    {
      clock,
      lostZones,
      targetGroup: (arn) => (arn === GROUP ? group : undefined),
      onRecord: (record) => {
        records.push(record);
        waitingForRecord?.(record);
      },
      sink: options.sink ?? {
        put: (metric, value) => {
          samples.push({ metric, value });
        },
      },
      date: options.date,
      random: options.random,
    },
  );
  const running = await RunningListener.open(0, (outcome) => {
    outcomes.push(outcome);
    waiting?.(outcome);
  });
  running.serve({ loadBalancer, listener, hostName: options.hostName });
  context.after(async () => {
    group.close();
    loadBalancer.close();
    await running.close();
  });
  return {
    port: running.port,
    group,
    loadBalancer,
    clock,
    lostZones,
    outcomes,
    records,
    samples,
    nextOutcome: () => new Promise((resolve) => (waiting = resolve)),
    nextRecord: () => new Promise((resolve) => (waitingForRecord = resolve)),
  };
}

/** The end of an ARN is a dimension of metrics. */
export const GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/mcp/0123";

/** A target that answers as told. */
export async function target(
  context: TestContext,
  { group }: Stand,
  answer: RequestListener,
  zone = "a",
): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const id = `target-${port}`;
  group.register(id, "127.0.0.1", port, zone);
  await settled();
  return id;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export async function get(
  port: number,
  path = "/",
  headers: Record<string, string> = {},
  method = "GET",
): Promise<Reply> {
  const outgoing = request({ host: "127.0.0.1", port, path, headers, method, agent: false });
  outgoing.end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  let body = "";
  response.setEncoding("utf8");
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** A client's connection on which a test writes bytes itself. */
export interface RawClient {
  readonly socket: Socket;
  /** What has come until the other end closes; undefined in place of a text where it resets. */
  readonly ended: Promise<string | undefined>;
}

export async function rawClient(context: TestContext, port: number, text = ""): Promise<RawClient> {
  const socket = connect(port, "127.0.0.1");
  context.after(() => {
    socket.destroy();
  });
  await once(socket, "connect");
  let received = "";
  let isReset = false;
  socket.setEncoding("utf8");
  socket.on("data", (chunk) => (received += String(chunk)));
  socket.on("error", () => (isReset = true));
  const ended = new Promise<string | undefined>((resolve) => {
    socket.on("close", () => {
      resolve(isReset ? undefined : received);
    });
  });
  if (text !== "") socket.write(text);
  return { socket, ended };
}
