import type { AlarmSnapshot } from "../../snapshot/snapshot.ts";
import { element, type Element } from "./element.ts";
import { wholeSeconds } from "./format.ts";
import { judgementMark, type Judgement } from "./marks.ts";

const JUDGEMENTS: Readonly<Record<AlarmSnapshot["state"], Judgement>> = {
  ALARM: "bad",
  OK: "good",
  INSUFFICIENT_DATA: "unknown",
};

const WORDS: Readonly<Record<AlarmSnapshot["state"], string>> = {
  ALARM: "In alarm",
  OK: "OK",
  INSUFFICIENT_DATA: "Insufficient data",
};

/** Alarms, a line each, and the reason of those that ring. */
export function alarmRows(alarms: readonly AlarmSnapshot[], now: number): Element {
  if (alarms.length === 0) return element("p", { class: "empty" }, "None are declared.");
  return element(
    "ul",
    { class: "alarms", tabindex: 0, "aria-label": "Alarms" },
    alarms.map(({ name, state, since, reason }) =>
      element(
        "li",
        { key: name, class: state === "ALARM" ? "ringing" : undefined },
        judgementMark(JUDGEMENTS[state]),
        element("b", { title: name }, name),
        element("span", {}, `${WORDS[state]}, ${wholeSeconds(now - since)}`),
        state === "ALARM" && element("p", {}, reason),
      ),
    ),
  );
}

/** All alarms with what CloudWatch says of them. */
export function alarmsSection(alarms: readonly AlarmSnapshot[], now: number): Element {
  const groups = [
    { title: "Declared", alarms: alarms.filter(({ ofScaling }) => !ofScaling) },
    {
      title: "Made by Application Auto Scaling for its policies",
      alarms: alarms.filter(({ ofScaling }) => ofScaling),
    },
  ];
  return element(
    "div",
    { class: "section", key: "alarms" },
    groups.map(({ title, alarms: group }) =>
      element(
        "section",
        { key: title, class: "alarm-group" },
        element("h2", {}, title, element("small", {}, String(group.length))),
        group.length === 0
          ? element("p", { class: "empty" }, "There are none.")
          : element(
              "ul",
              { class: "alarm-table" },
              group.map((alarm) => alarmEntry(alarm, now)),
            ),
      ),
    ),
  );
}

function alarmEntry(
  { name, state, since, reason, description }: AlarmSnapshot,
  now: number,
): Element {
  return element(
    "li",
    { key: name, class: state === "ALARM" ? "ringing" : undefined },
    element(
      "p",
      { class: "alarm-state" },
      judgementMark(JUDGEMENTS[state]),
      element("b", {}, WORDS[state]),
      element("span", {}, `for ${wholeSeconds(now - since)}`),
    ),
    element(
      "div",
      {},
      element("h3", {}, name),
      description !== "" && element("p", {}, description),
      element("p", { class: "reason" }, reason),
    ),
  );
}
