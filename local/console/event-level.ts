import type { EventLine } from "../snapshot/snapshot.ts";

const BAD =
  /unhealthy|failed|^stopped|^not started|^alarm ALARM|rolling back|not placed|unable to|sent to a dead target|lost in flight|timed out/iu;
const GOOD = /healthy|completed|^alarm OK/iu;

/** Whether what happened is good news or bad. */
export function levelOf(text: string): EventLine["level"] {
  if (BAD.test(text)) return "bad";
  return GOOD.test(text) ? "good" : "information";
}
