import type { Cancel, Clock } from "../clock.ts";
import type { MetricSink } from "../cloudwatch/metric.ts";
import type { RequestRecord } from "./request-record.ts";

/** What was counted is told in one go, so that requests need not wait for it. */
const FLUSH_MILLISECONDS = 1000;

const MINUTE_MILLISECONDS = 60_000;

/** Of what is no `Count`. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ["ProcessedBytes", "Bytes"],
  ["TargetResponseTime", "Seconds"],
]);

/** The names of one load balancer's metrics. */
export interface MetricNames {
  readonly loadBalancer: string;
  /** The `arnSuffix` of a target group. */
  readonly targetGroup: (arn: string) => string | undefined;
  /** The ARNs of the target groups that rules forward to. */
  readonly targetGroups: () => readonly string[];
  readonly healthyTargets: (arn: string) => number;
}

type Dimensions = Readonly<Record<string, string>>;

interface Series {
  readonly dimensions: Dimensions;
  /** The ARN of the one whose requests these are, in all zones. */
  readonly targetGroup: string | undefined;
  readonly counts: Map<string, number>;
  readonly responseTimes: number[];
}

/**
 * The metrics of requests, as an Application Load Balancer has them (ELB guide, "CloudWatch metrics"): none without a request, but for the two that are
 * always reported.
 */
export class RequestMetrics {
  readonly #clock: Clock;
  readonly #sink: MetricSink;
  readonly #names: MetricNames;
  /** What has been counted since it was last told. All are kept: names need not be made for each request, nor metrics be looked up by them. */
  readonly #series = new Map<string, Series>();
  readonly #ofBalancer = new Map<string, readonly Series[]>();
  readonly #ofGroup = new Map<string, readonly Series[]>();
  /** Those that have had requests in this minute. */
  readonly #requested = new Set<Series>();
  #endOfMinute: number;
  #countedAt = 0;
  #cancelFlush: Cancel | undefined;
  #cancelMinute: Cancel = () => undefined;

  constructor(clock: Clock, sink: MetricSink, names: MetricNames) {
    this.#clock = clock;
    this.#sink = sink;
    this.#names = names;
    this.#endOfMinute = this.#nextMinute(clock.now());
    this.#endMinuteLater();
  }

  /** @param ofRule what a rule answered with by itself. */
  record(record: RequestRecord, bytes: number, ofRule?: "fixed-response" | "redirect"): void {
    const { targetGroup, targetZone, targetStatus, outcome, status } = record;
    this.#counting();
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
    this.#counting();
    count(this.#balancerSeries(nodeZone), "NewConnectionCount", 1);
  }

  close(): void {
    this.#cancelFlush?.();
    this.#cancelMinute();
  }

  /** What is counted next belongs to this moment. */
  #counting(): void {
    const now = this.#clock.now();
    // Timers come late on a busy machine, and the later the faster the clock goes.
    if (now >= this.#endOfMinute) this.#endMinutes(now);
    this.#countedAt = now;
    this.#cancelFlush ??= this.#clock.after(FLUSH_MILLISECONDS, () => {
      this.#flush();
    });
  }

  #countOwn(series: readonly Series[], status: number): void {
    if (status < 400) return;
    count(series, `HTTPCode_ELB_${Math.floor(status / 100)}XX_Count`, 1);
    if (status === 500 || (status >= 502 && status <= 504))
      count(series, `HTTPCode_ELB_${status}_Count`, 1);
  }

  #balancerSeries(nodeZone: string): readonly Series[] {
    return kept(this.#ofBalancer, nodeZone, () => {
      const LoadBalancer = this.#names.loadBalancer;
      return [
        this.#seriesOf({ LoadBalancer }),
        this.#seriesOf({ LoadBalancer, AvailabilityZone: nodeZone }),
      ];
    });
  }

  /** Which zone counts for a target group is not documented: that of the target here, as for its health. */
  #groupSeries(arn: string, targetZone: string): readonly Series[] {
    return kept(this.#ofGroup, `${arn} ${targetZone}`, () => {
      const LoadBalancer = this.#names.loadBalancer;
      const TargetGroup = this.#names.targetGroup(arn);
      if (TargetGroup === undefined) return [];
      return [
        this.#seriesOf({ LoadBalancer, TargetGroup }, arn),
        this.#seriesOf({ LoadBalancer, TargetGroup, AvailabilityZone: targetZone }),
      ];
    });
  }

  #seriesOf(dimensions: Dimensions, targetGroup?: string): Series {
    const key = Object.values(dimensions).join(" ");
    return kept(this.#series, key, () => ({
      dimensions,
      targetGroup,
      counts: new Map(),
      responseTimes: [],
    }));
  }

  /** Tells what was counted at the moment when it was: at the next one, another minute may have begun. */
  #flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    for (const series of this.#series.values()) {
      const { counts, responseTimes, targetGroup } = series;
      const requests = counts.get("RequestCount");
      if (requests !== undefined) {
        this.#requested.add(series);
        if (targetGroup !== undefined)
          this.#put("RequestCountPerTarget", series, this.#perTarget(targetGroup, requests));
      }
      for (const [name, value] of counts) this.#put(name, series, value);
      for (const seconds of responseTimes) this.#put("TargetResponseTime", series, seconds);
      counts.clear();
      responseTimes.length = 0;
    }
  }

  /** AWS divides by the targets that are healthy, as far as its guide lets one guess; the whole is told as one, so that `Sum` is the average. */
  #perTarget(targetGroup: string, requests: number): number {
    return requests / Math.max(1, this.#names.healthyTargets(targetGroup));
  }

  #put(name: string, { dimensions }: Series, value: number, at = this.#countedAt): void {
    const metric = { namespace: "AWS/ApplicationELB", name, dimensions };
    this.#sink.put(metric, value, UNITS.get(name) ?? "Count", 60, at);
  }

  #endMinuteLater(): void {
    this.#cancelMinute = this.#clock.after(this.#endOfMinute - this.#clock.now(), () => {
      const now = this.#clock.now();
      if (now >= this.#endOfMinute) this.#endMinutes(now);
      this.#endMinuteLater();
    });
  }

  #endMinutes(now: number): void {
    this.#flush();
    while (this.#endOfMinute <= now) {
      this.#putZeros(this.#endOfMinute - MINUTE_MILLISECONDS);
      this.#requested.clear();
      this.#endOfMinute += MINUTE_MILLISECONDS;
    }
  }

  /**
   * AWS always reports these two (ELB guide, "CloudWatch metrics"): who scales by them must see that nothing comes any more. Whether it does so by zone,
   * too, is unknown: not here, so that nobody relies on it.
   */
  #putZeros(minute: number): void {
    const LoadBalancer = this.#names.loadBalancer;
    const balancer = this.#seriesOf({ LoadBalancer });
    if (!this.#requested.has(balancer)) this.#put("RequestCount", balancer, 0, minute);
    for (const arn of this.#names.targetGroups()) {
      const TargetGroup = this.#names.targetGroup(arn);
      if (TargetGroup === undefined) continue;
      const group = this.#seriesOf({ LoadBalancer, TargetGroup }, arn);
      if (this.#requested.has(group)) continue;
      for (const name of ["RequestCount", "RequestCountPerTarget"])
        this.#put(name, group, 0, minute);
    }
  }

  #nextMinute(now: number): number {
    const { epoch = 0 } = this.#sink;
    return (Math.floor((now + epoch) / MINUTE_MILLISECONDS) + 1) * MINUTE_MILLISECONDS - epoch;
  }
}

/** What a map has, or is given now. */
function kept<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}

function count(series: readonly Series[], name: string, value: number): void {
  if (value === 0) return;
  for (const { counts } of series) counts.set(name, (counts.get(name) ?? 0) + value);
}
