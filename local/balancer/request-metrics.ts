import type { Cancel, Clock } from "../clock.ts";
import type { MetricSink } from "../cloudwatch/metric.ts";
import type { RequestRecord } from "./request-record.ts";

/** What was counted is told in one go, so that requests need not wait for it. */
const FLUSH_MILLISECONDS = 1000;

/** The names of one load balancer's metrics. */
export interface MetricNames {
  readonly loadBalancer: string;
  /** The `arnSuffix` of a target group. */
  readonly targetGroup: (arn: string) => string | undefined;
  readonly healthyTargets: (arn: string) => number;
}

type Dimensions = Readonly<Record<string, string>>;

interface Series {
  readonly dimensions: Dimensions;
  readonly counts: Map<string, number>;
  readonly responseTimes: number[];
}

/** The metrics of requests, as an Application Load Balancer has them (ELB guide, "CloudWatch metrics"): none without a request. */
export class RequestMetrics {
  readonly #clock: Clock;
  readonly #sink: MetricSink;
  readonly #names: MetricNames;
  readonly #series = new Map<string, Series>();
  #cancel: Cancel | undefined;

  constructor(clock: Clock, sink: MetricSink, names: MetricNames) {
    this.#clock = clock;
    this.#sink = sink;
    this.#names = names;
  }

  /** @param ofRule what a rule answered with by itself. */
  record(record: RequestRecord, bytes: number, ofRule?: "fixed-response" | "redirect"): void {
    const { targetGroup, targetZone, targetStatus, outcome, status } = record;
    const balancer = this.#balancerSeries(record.nodeZone);
    count(balancer, "ProcessedBytes", bytes);
    if (ofRule !== undefined) {
      // Whether these count among the load balancer's own errors, too, is not documented.
      count(
        balancer,
        ofRule === "redirect" ? "HTTP_Redirect_Count" : "HTTP_Fixed_Response_Count",
        1,
      );
      return;
    }
    // Requests for which no target was chosen are in no count of requests.
    if (targetGroup === undefined || targetZone === undefined) {
      this.#countOwn(balancer, status);
      return;
    }
    const group = this.#groupSeries(targetGroup, targetZone);
    const both = [...balancer, ...group];
    count(both, "RequestCount", 1);
    // AWS divides by the targets that are healthy, as far as its guide lets one guess; the whole is told as one, so that `Sum` is the average.
    count(
      group.slice(0, 1),
      "RequestCountPerTarget",
      1 / Math.max(1, this.#names.healthyTargets(targetGroup)),
    );
    if (outcome === "sent to a dead target") count(both, "TargetConnectionErrorCount", 1);
    if (targetStatus === undefined) {
      this.#countOwn(balancer, status);
      return;
    }
    count(both, `HTTPCode_Target_${Math.floor(targetStatus / 100)}XX_Count`, 1);
    if (record.targetMilliseconds !== undefined)
      for (const { responseTimes } of both) responseTimes.push(record.targetMilliseconds / 1000);
  }

  /** A client has connected. */
  connected(nodeZone: string): void {
    count(this.#balancerSeries(nodeZone), "NewConnectionCount", 1);
  }

  close(): void {
    this.#cancel?.();
  }

  #countOwn(series: readonly Series[], status: number): void {
    if (status < 400) return;
    count(series, `HTTPCode_ELB_${Math.floor(status / 100)}XX_Count`, 1);
    if (status === 500 || (status >= 502 && status <= 504))
      count(series, `HTTPCode_ELB_${status}_Count`, 1);
  }

  #balancerSeries(nodeZone: string): readonly Series[] {
    const LoadBalancer = this.#names.loadBalancer;
    return [
      this.#seriesOf({ LoadBalancer }, LoadBalancer),
      this.#seriesOf({ LoadBalancer, AvailabilityZone: nodeZone }, `${LoadBalancer} ${nodeZone}`),
    ];
  }

  /** Which zone counts for a target group is not documented: that of the target here, as for its health. */
  #groupSeries(arn: string, targetZone: string): readonly Series[] {
    const LoadBalancer = this.#names.loadBalancer;
    const TargetGroup = this.#names.targetGroup(arn);
    if (TargetGroup === undefined) return [];
    return [
      this.#seriesOf({ LoadBalancer, TargetGroup }, TargetGroup),
      this.#seriesOf(
        { LoadBalancer, TargetGroup, AvailabilityZone: targetZone },
        `${TargetGroup} ${targetZone}`,
      ),
    ];
  }

  #seriesOf(dimensions: Dimensions, key: string): Series {
    this.#cancel ??= this.#clock.after(FLUSH_MILLISECONDS, () => {
      this.#cancel = undefined;
      this.#flush();
    });
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const series: Series = { dimensions, counts: new Map(), responseTimes: [] };
    this.#series.set(key, series);
    return series;
  }

  #flush(): void {
    for (const { dimensions, counts, responseTimes } of this.#series.values()) {
      const metric = (name: string) => ({ namespace: "AWS/ApplicationELB", name, dimensions });
      for (const [name, value] of counts)
        this.#sink.put(metric(name), value, name === "ProcessedBytes" ? "Bytes" : "Count");
      for (const seconds of responseTimes)
        this.#sink.put(metric("TargetResponseTime"), seconds, "Seconds");
    }
    this.#series.clear();
  }
}

function count(series: readonly Series[], name: string, value: number): void {
  if (value === 0) return;
  for (const { counts } of series) counts.set(name, (counts.get(name) ?? 0) + value);
}
