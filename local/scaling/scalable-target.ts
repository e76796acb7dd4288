import type { AlarmAction, Alarms } from "../cloudwatch/alarms.ts";
import type { Clock } from "../clock.ts";
import { Cooldowns } from "./cooldowns.ts";
import type {
  DeclaredPolicy,
  DeclaredScaling,
  DeclaredSchedule,
  StepPolicy,
  TrackingPolicy,
} from "./declared-scaling.ts";
import type { ScalableService } from "./scalable-service.ts";
import { stepSize } from "./step-adjustment.ts";
import type { TrackingAlarms } from "./tracking-alarms.ts";
import { clamped, sizeIn, sizeOut, type Limits } from "./tracking-size.ts";

export interface ScalableTargetSurroundings {
  readonly clock: Clock;
  readonly service: ScalableService;
  readonly alarms: Pick<Alarms, "state" | "latestValue">;
  /** Of each target-tracking policy, by its ARN. */
  readonly trackingAlarms: ReadonlyMap<string, TrackingAlarms>;
}

/** A service between its limits, moved by policies and schedules. */
export class ScalableTarget {
  readonly #declared: DeclaredScaling;
  readonly #surroundings: ScalableTargetSurroundings;
  readonly #cooldowns = new Cooldowns();
  readonly #activities = new Map<string, string>();
  #limits: Limits;

  constructor(declared: DeclaredScaling, surroundings: ScalableTargetSurroundings) {
    this.#declared = declared;
    this.#surroundings = surroundings;
    this.#limits = { minimum: declared.minimum, maximum: declared.maximum };
  }

  /** As the latest scheduled action has set them. */
  get limits(): Limits {
    return this.#limits;
  }

  /** What a policy or a scheduled action last did, by its name. */
  lastActivity(name: string): string | undefined {
    return this.#activities.get(name);
  }

  /** An alarm calls a policy. */
  act(policy: DeclaredPolicy, action: AlarmAction): void {
    const metric = action.values.at(-1);
    if (metric === undefined) return;
    if (policy.kind === "step") {
      this.#step(policy, action);
      return;
    }
    const alarms = this.#surroundings.trackingAlarms.get(policy.arn);
    if (action.alarm.name === alarms?.high.name) this.#trackOut(policy, metric);
    if (action.alarm.name === alarms?.low?.name) this.#trackIn(policy, metric);
  }

  /** Sets the limits that a scheduled action declares, and moves the service between them; no cooldown holds that up. */
  schedule({ name, minimum, maximum }: DeclaredSchedule): void {
    if (this.#declared.suspended.scheduled) return;
    const limits = {
      minimum: minimum ?? this.#limits.minimum,
      maximum: maximum ?? this.#limits.maximum,
    };
    this.#limits = { ...limits, maximum: Math.max(limits.minimum, limits.maximum) };
    this.#activities.set(name, `minimum ${this.#limits.minimum}, maximum ${this.#limits.maximum}`);
    const { service } = this.#surroundings;
    const wanted = clamped(service.desiredCount, this.#limits);
    // What a deployment holds up here, the next scale-in does.
    if (wanted < service.desiredCount && service.isDeploying) return;
    this.#set(name, wanted, `scheduled action ${name}`);
  }

  #trackOut(policy: TrackingPolicy, metric: number): void {
    const { targetValue, scaleOutCooldown } = policy.configuration;
    const capacity = this.#surroundings.service.runningCount;
    const size = sizeOut(capacity, metric, targetValue, this.#limits);
    this.#out(policy, size, capacity, scaleOutCooldown, `${short(metric)} above ${targetValue}`);
  }

  /** Only where every policy that may scale in wants to, and then to what the most demanding of them wants. */
  #trackIn(policy: TrackingPolicy, metric: number): void {
    const { alarms, service, trackingAlarms } = this.#surroundings;
    const sizes: number[] = [];
    for (const each of this.#declared.policies) {
      if (each.kind !== "tracking" || each.configuration.disableScaleIn) continue;
      const low = trackingAlarms.get(each.arn)?.low?.name ?? "";
      const value = each === policy ? metric : alarms.latestValue(low);
      if (alarms.state(low) !== "ALARM" || value === undefined) return;
      const { targetValue } = each.configuration;
      sizes.push(sizeIn(service.runningCount, value, targetValue, this.#limits));
    }
    const { targetValue, scaleInCooldown } = policy.configuration;
    const reason = `${short(metric)} below 90 % of ${targetValue}`;
    this.#in(policy, Math.max(...sizes), scaleInCooldown, reason);
  }

  #step(policy: StepPolicy, { alarm, values }: AlarmAction): void {
    if (alarm.watches.kind !== "metric") return;
    const { clock, service } = this.#surroundings;
    const { threshold } = alarm.watches;
    const metric = aggregated(values, policy.aggregation);
    const base = this.#cooldowns.base(policy.arn, service.runningCount, clock.now());
    const size = stepSize(base, metric - threshold, policy);
    if (size === undefined) return;
    const wanted = clamped(size, this.#limits);
    const reason = `${short(metric)} against a threshold of ${threshold}`;
    if (size > base) this.#out(policy, wanted, base, policy.cooldownSeconds, reason);
    else if (size < base) this.#in(policy, wanted, policy.cooldownSeconds, reason);
  }

  #out(
    policy: DeclaredPolicy,
    wanted: number,
    base: number,
    cooldownSeconds: number,
    reason: string,
  ): void {
    const { clock, service } = this.#surroundings;
    if (this.#declared.suspended.out) return;
    // A service below its minimum comes up to it first, and goes on from there.
    const size = service.desiredCount < this.#limits.minimum ? this.#limits.minimum : wanted;
    // While the last scale-out cools down only a larger one gets through: what was added is part of what is wanted.
    if (size <= service.desiredCount) return;
    this.#set(policy.name, size, `policy ${policy.name}: ${reason}`);
    this.#cooldowns.scaledOut(policy.arn, base, clock.now(), cooldownSeconds);
  }

  #in(policy: DeclaredPolicy, wanted: number, cooldownSeconds: number, reason: string): void {
    const { clock, service } = this.#surroundings;
    if (this.#declared.suspended.in || service.isDeploying) return;
    if (wanted >= service.desiredCount || !this.#cooldowns.mayScaleIn(clock.now())) return;
    this.#set(policy.name, wanted, `policy ${policy.name}: ${reason}`);
    this.#cooldowns.scaledIn(clock.now(), cooldownSeconds);
  }

  #set(name: string, count: number, reason: string): void {
    const { service } = this.#surroundings;
    const before = service.desiredCount;
    if (count === before) return;
    this.#activities.set(name, `${before} → ${count}: ${reason}`);
    service.setDesiredCount(count, reason);
  }
}

function aggregated(values: readonly number[], aggregation: StepPolicy["aggregation"]): number {
  switch (aggregation) {
    case "Average":
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    case "Minimum":
      return Math.min(...values);
    case "Maximum":
      return Math.max(...values);
  }
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
