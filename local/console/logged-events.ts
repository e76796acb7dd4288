import { machineClock } from "../clock.ts";
import type { RunEvents } from "../run.ts";
import type { EventLog } from "./event-log.ts";
import { levelOf } from "./event-level.ts";
import { FailureCounts } from "./failure-counts.ts";

/**
 * The events of a run, remembered for its page, and told on.
 *
 * @param now in milliseconds of the run's clock.
 */
export function logged(
  events: Omit<RunEvents, "forwarded">,
  log: EventLog,
  now: () => number,
): RunEvents {
  const happened: RunEvents["happened"] = (service, text, task) => {
    const source = task === undefined ? service : `${service} ${task.id.slice(0, 6)} ${task.zone}`;
    log.add({ at: now(), source, text, level: levelOf(text) });
    events.happened(service, text, task);
  };
  const failures = new FailureCounts(machineClock, (text) => {
    happened("load balancer", text);
  });
  return {
    declared: events.declared.bind(events),
    line: events.line.bind(events),
    happened,
    forwarded: (outcome) => {
      failures.add(outcome);
    },
    refused: (sentence, by) => {
      log.add({ at: now(), source: `${by}'s stand-in`, text: sentence, level: "bad" });
      events.refused(sentence, by);
    },
  };
}
