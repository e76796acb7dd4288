import type { Graph, GraphResource } from "../../graph/graph.ts";
import { at, listAt, numberAt, textAt } from "../fields.ts";
import { counted, label } from "../labels.ts";
import { costItem, type CostItem, type Unpriced } from "./item.ts";
import { ALARM, FAST_ALARM } from "./prices.ts";
import { ofType } from "./usage.ts";

/** Alarms of the program, and those that AWS makes for its policies. */
export function alarms(graph: Graph): (CostItem | Unpriced)[] {
  const all = ofType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm");
  const [fast, slow] = [all.filter(isFast), all.filter((alarm) => !isFast(alarm))];
  const tracking = ofType(graph, "aws:appautoscaling/policy:Policy").filter(
    ({ inputs }) => textAt(inputs, "policyType") === "TargetTrackingScaling",
  );
  const composite = ofType(graph, "aws:cloudwatch/compositeAlarm:CompositeAlarm");
  return [
    ...watched("alarm", slow, ALARM),
    ...watched("alarm at 10 or 30 seconds", fast, FAST_ALARM, "alarms at 10 or 30 seconds"),
    ...(tracking.length === 0
      ? []
      : [
          costItem(
            `Alarms of ${counted(tracking.length, "target tracking policy", "target tracking policies")}, two each that AWS makes`,
            tracking.map(label),
            tracking.length * 2,
            ALARM,
          ),
        ]),
    ...(composite.length === 0
      ? []
      : [
          {
            what: counted(composite.length, "composite alarm"),
            of: composite.map(label),
            why: "their price is not in the table",
          },
        ]),
  ];
}

function watched(
  noun: string,
  all: readonly GraphResource[],
  price: typeof ALARM,
  plural = `${noun}s`,
): CostItem[] {
  if (all.length === 0) return [];
  const count = all.reduce((sum, alarm) => sum + metricCount(alarm), 0);
  return [
    costItem(
      `${counted(all.length, noun, plural)} over ${counted(count, "metric")}`,
      all.map(label),
      count,
      price,
    ),
  ];
}

/** At least one: an expression may search for what it looks at. */
function metricCount({ inputs }: GraphResource): number {
  return Math.max(1, queriesOf(inputs).filter((query) => at(query, "metric") !== undefined).length);
}

function isFast({ inputs }: GraphResource): boolean {
  const periods = [
    numberAt(inputs, "period"),
    ...queriesOf(inputs).flatMap((query) => [
      numberAt(query, "period"),
      numberAt(query, "metric", "period"),
    ]),
  ];
  return periods.some((period) => period !== undefined && period < 60);
}

/** The queries of an alarm that looks at several metrics. */
export function queriesOf(inputs: unknown): readonly unknown[] {
  return listAt(inputs, "metricQueries");
}
