import type {
  DeploymentSnapshot,
  PolicySnapshot,
  ServiceSnapshot,
  Snapshot,
  UpstreamSnapshot,
} from "../../snapshot/snapshot.ts";
import { element, type Element } from "./element.ts";
import { count, duration, number, rate, wholeSeconds } from "./format.ts";
import type { Sample } from "./history.ts";
import { judgementMark } from "./marks.ts";
import { sparkline } from "./sparkline.ts";

/** How a service does: rate, failures, times, how many replicas of how many, what scales it, and what is being deployed. */
export function serviceFacts(
  service: ServiceSnapshot,
  samples: readonly Sample[],
  { alarms, services }: Pick<Snapshot, "alarms" | "services">,
  now: number,
): Element {
  const { name, healthy, desired, failuresPerSecond } = service;
  const ringing = alarms.filter(
    (alarm) =>
      alarm.state === "ALARM" && !alarm.ofScaling && alarmedService(alarm.name, services) === name,
  );
  return element(
    "div",
    { class: "facts" },
    element(
      "h3",
      {},
      name,
      element(
        "small",
        { class: healthy < desired ? "short" : undefined },
        `${healthy} of ${desired} healthy`,
      ),
      ringing.length > 0 &&
        element("small", { class: "badge bad" }, count(ringing.length, "alarm")),
    ),
    element(
      "div",
      { class: "facts-traffic" },
      element(
        "p",
        { class: "rate" },
        element("b", {}, rate(service.requestsPerSecond)),
        "/s",
        element(
          "span",
          { class: failuresPerSecond > 0 ? "failures bad" : "failures" },
          failuresPerSecond > 0 ? `${rate(failuresPerSecond)}/s fail` : "none fail",
        ),
      ),
      sparkline(samples),
      element(
        "dl",
        { class: "times" },
        time("p50", service.p50Milliseconds),
        time("p99", service.p99Milliseconds),
      ),
    ),
    replicasScale(service),
    service.policies.map(policy),
    askers(service, services),
    upstreams(service),
    deploymentsOf(service, now),
  );
}

/** Alarms know no service: the longest name of a service in an alarm's name is taken for its own. */
export function alarmedService(
  alarm: string,
  services: readonly ServiceSnapshot[],
): string | undefined {
  return services
    .map(({ name }) => name)
    .filter((name) => `-${alarm}-`.includes(`-${name}-`))
    .sort((left, right) => right.length - left.length)[0];
}

function time(name: string, milliseconds: number | undefined): Element {
  return element(
    "div",
    {},
    element("dt", {}, name),
    element("dd", {}, milliseconds === undefined ? "–" : duration(milliseconds)),
  );
}

/** Where the desired count stands between its bounds. */
function replicasScale({ desired, running, minimum, maximum }: ServiceSnapshot): Element {
  if (minimum === undefined || maximum === undefined) {
    return element("p", { class: "scale" }, `${desired} desired, ${running} running, not scaled`);
  }
  const share = (value: number): string =>
    `${(100 * Math.min(1, (value - minimum) / Math.max(1, maximum - minimum))).toFixed(1)}%`;
  return element(
    "p",
    { class: "scale", title: `${running} running` },
    element("span", {}, `${desired} desired`),
    element("span", { class: "bound" }, String(minimum)),
    element("span", {
      class: "track",
      role: "img",
      "aria-label": `between ${minimum} and ${maximum}`,
      "--desired": share(desired),
    }),
    element("span", { class: "bound" }, String(maximum)),
  );
}

function policy({ name, text, type, value, target, lastActivity }: PolicySnapshot): Element {
  const measured = value === undefined ? "no data" : number(value);
  return element(
    "p",
    { key: name, class: "policy", title: [name, type, lastActivity].filter(Boolean).join("\n") },
    element("span", { class: "policy-text" }, text),
    element(
      "span",
      { class: value !== undefined && target !== undefined && value > target ? "over" : "" },
      target === undefined ? measured : `${measured} of ${number(target)}`,
    ),
  );
}

/** Which gateways ask a service by its private name: the load balancer, whose numbers stand above, sees nothing of it. */
function askers({ name }: ServiceSnapshot, services: readonly ServiceSnapshot[]): Element[] {
  return services.flatMap((gateway) =>
    gateway.upstreams
      .filter(({ service }) => service === name)
      .map((upstream) =>
        element(
          "p",
          {
            key: `${gateway.name} ${upstream.name}`,
            class: "policy",
            title: `${gateway.name} asks past the load balancer; calls of the latest minute`,
          },
          element("span", { class: "policy-text" }, `← ${gateway.name}`),
          element("span", {}, callsOf(upstream)),
        ),
      ),
  );
}

function callsOf({ callsPerMinute }: UpstreamSnapshot): string {
  return callsPerMinute === undefined ? "no metrics yet" : `${number(callsPerMinute)}/min`;
}

/** Where a gateway sends requests on to, and how each does. */
function upstreams({ name, upstreams: all }: ServiceSnapshot): Element | undefined {
  if (all.length === 0) return undefined;
  return element(
    "ul",
    { class: "upstreams", "aria-label": `Upstreams of ${name}` },
    all.map(upstream),
  );
}

const JUDGED = {
  answers: "good",
  refused: "bad",
  "not listed": "bad",
  unknown: "unknown",
} as const;

function upstream(shown: UpstreamSnapshot): Element {
  const { name, service, state, healthyAddresses } = shown;
  const what = service === undefined ? "elsewhere" : `the service ${service}`;
  return element(
    "li",
    {
      key: name,
      "data-upstream": name,
      title: `${name}, ${what}; ${state}, ${callsOf(shown)} in the latest minute`,
    },
    judgementMark(JUDGED[state]),
    element("span", {}, `→ ${name}`),
    element(
      "span",
      { class: JUDGED[state] === "bad" ? "bad" : undefined },
      [
        JUDGED[state] === "bad" ? state : callsOf(shown),
        healthyAddresses !== undefined && count(healthyAddresses, "address", "addresses"),
      ]
        .filter(Boolean)
        .join(", "),
    ),
  );
}

/** Deployments side by side while one is under way, or when the last one did not succeed. */
function deploymentsOf({ deployments }: ServiceSnapshot, now: number): Element | undefined {
  const shown = deployments
    .filter(({ status }) => status !== "INACTIVE")
    .toSorted((left, right) => left.revision - right.revision);
  const newest = shown.at(-1);
  if (newest === undefined) return undefined;
  if (shown.length === 1 && newest.rolloutState === "COMPLETED") return undefined;
  return element(
    "div",
    { class: "deployments" },
    element(
      "p",
      { class: "deployment-stage" },
      [
        newest.strategy.toLowerCase().replaceAll("_", " "),
        newest.stage?.toLowerCase().replaceAll("_", " "),
        newest.rolloutState === "IN_PROGRESS" && wholeSeconds(now - newest.startedAt),
      ]
        .filter(Boolean)
        .join(", "),
    ),
    shown.length > 1 &&
      element(
        "div",
        {
          class: "traffic-share",
          role: "img",
          "aria-label": shown
            .map(({ revision, traffic }) => `revision ${revision}: ${traffic} % of the traffic`)
            .join(", "),
        },
        shown.map((each) =>
          element("span", {
            key: String(each.revision),
            class: each === newest ? "new" : "old",
            "--share": each.traffic,
          }),
        ),
      ),
    shown.map((each) => deployment(each, each === newest)),
  );
}

function deployment(
  { revision, rolloutState, traffic, reason, ...counts }: DeploymentSnapshot,
  isNewest: boolean,
): Element {
  const failed = rolloutState === "FAILED" || rolloutState === "ROLLED_BACK";
  return element(
    "p",
    { key: String(revision), class: "deployment", title: reason },
    element("span", { class: `revision ${isNewest ? "new" : "old"}` }, `r${revision}`),
    element("b", {}, `${number(traffic)} %`),
    element("span", {}, `${counts.healthy} of ${counts.desired} healthy`),
    failed && judgementMark("bad"),
    failed && element("span", { class: "bad" }, rolloutState.toLowerCase().replace("_", " ")),
    counts.failed > 0 && element("span", { class: "bad" }, `${counts.failed} failed`),
  );
}
