import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runs, ticks } from "../../../local/page/client/axis.ts";
import { element, textOf } from "../../../local/page/client/element.ts";
import { duration, moment, number, rate } from "../../../local/page/client/format.ts";
import { sampled, SAMPLES, type History } from "../../../local/page/client/history.ts";
import { markdown } from "../../../local/page/client/markdown.ts";
import { replicaState } from "../../../local/page/client/replica.ts";
import { argumentsOf, fieldsOf } from "../../../local/page/client/schema-form.ts";
import { alarmedService, serviceFacts } from "../../../local/page/client/service-facts.ts";
import { spanTree } from "../../../local/page/client/span-tree.ts";
import { FIRST_STATE, hashOf, placeOf, runNow } from "../../../local/page/client/state.ts";
import { drop, weight } from "../../../local/page/client/wire.ts";
import type { TaskSnapshot, UpstreamSnapshot } from "../../../local/snapshot/snapshot.ts";
import { scriptedSnapshot } from "./scripted-snapshot.ts";
import { scriptedTrace } from "./scripted-trace.ts";

describe("GIVEN numbers and times", () => {
  test("THEN they are written with as many digits as they are worth", () => {
    assert.deepEqual([0, 3, 0.0142, 4.26, 58.13, 912.6, 48_200, 3_100_000].map(number), [
      "0",
      "3",
      "0.014",
      "4.3",
      "58.1",
      "913",
      "48.2 k",
      "3.1 M",
    ]);
    assert.deepEqual([0, 0.01, 4.26, 99.96, 1204].map(rate), ["0", "<0.1", "4.3", "100.0", "1204"]);
    assert.deepEqual([0.4, 4.2, 18.3, 999.4, 1400, 9950, 200_000, 7_500_000].map(duration), [
      "0.40 ms",
      "4.2 ms",
      "18 ms",
      "999 ms",
      "1.4 s",
      "10 s",
      "3 min 20 s",
      "2 h 5 min",
    ]);
    assert.deepEqual([247_000, 3_847_000].map(moment), ["04:07", "1:04:07"]);
  });
  test("THEN the marks of an axis are round and enclose the values", () => {
    assert.deepEqual(ticks(0, 5700), [0, 2000, 4000, 6000]);
    assert.deepEqual(ticks(0, 0.2), [0, 0.1, 0.2]);
    assert.deepEqual(ticks(0, 0), [0, 0.5, 1]);
  });
  test("WHEN a period has no data THEN the line has a gap", () => {
    assert.deepEqual(
      runs(
        [
          [0, 1],
          [60_000, 2],
          [180_000, 3],
        ],
        60_000,
      ),
      [
        [
          [0, 1],
          [60_000, 2],
        ],
        [[180_000, 3]],
      ],
    );
  });
});

describe("GIVEN a line of the drawing", () => {
  test("THEN its weight is that of the legend", () => {
    assert.deepEqual(
      [0, 1, 10, 100].map((value) => weight(value).toFixed(1)),
      ["1.0", "1.8", "3.7", "6.2"],
    );
  });
  test("THEN it goes down to its stop around a corner", () => {
    assert.equal(drop(100, 20, 40), "M92 20Q100 20 100 28V40");
  });
});

describe("GIVEN what ECS and the nodes say of a task", () => {
  const task = (changes: Partial<TaskSnapshot>, states: readonly string[] = ["healthy"]) => ({
    ...(scriptedSnapshot().services[0]?.tasks[0] as TaskSnapshot),
    targets: states.map((state, index) => ({ nodeZone: String(index), state, outstanding: 0 })),
    ...changes,
  });
  const cases: readonly (readonly [string, TaskSnapshot])[] = [
    ["healthy", task({})],
    ["healthy", task({ targets: [] })],
    ["partly healthy", task({}, ["healthy", "unhealthy"])],
    ["unhealthy", task({}, ["unhealthy", "unhealthy"])],
    ["unhealthy", task({ healthStatus: "UNHEALTHY" })],
    ["starting", task({}, ["initial"])],
    ["starting", task({ lastStatus: "PENDING" })],
    ["draining", task({}, ["draining", "healthy"])],
    ["draining", task({ lastStatus: "DEACTIVATING" }, ["draining"])],
    ["stopping", task({ lastStatus: "STOPPING" }, [])],
    ["stopped", task({ lastStatus: "STOPPED" })],
    ["no power", task({ zone: "us-east-1c" })],
  ];
  for (const [word, given] of cases) {
    const states = given.targets.map(({ state }) => state).join(", ");
    test(`WHEN it is ${given.lastStatus}, ${given.healthStatus}, (${states}) in ${given.zone} THEN it is ${word}`, () => {
      assert.equal(replicaState(given, ["us-east-1c"]), word);
    });
  }
});

describe("GIVEN a text widget", () => {
  test("WHEN it holds HTML or a link that runs something THEN these stay text", () => {
    const link = "[x](javascript:alert)";
    assert.deepEqual(markdown(`<b>no</b> ${link}`), [element("p", {}, "<b>no</b> ", link)]);
  });
  test("THEN headings, lists, code, bold and links are drawn", () => {
    assert.deepEqual(markdown("# A\ntext\n\n- `b`\n- **c** [d](https://e.example/)"), [
      element("h3", {}, "A"),
      element("p", {}, "text"),
      element(
        "ul",
        {},
        element("li", {}, element("code", {}, "b")),
        element(
          "li",
          {},
          element("b", {}, "c"),
          " ",
          element(
            "a",
            { href: "https://e.example/", rel: "noopener noreferrer", target: "_blank" },
            "d",
          ),
        ),
      ),
    ]);
  });
});

describe("GIVEN a tool's schema", () => {
  const fields = fieldsOf({
    type: "object",
    required: ["place"],
    properties: {
      place: { type: "string", description: "Where." },
      days: { type: "integer", default: 3, minimum: 1 },
      detailed: { type: "boolean" },
      units: { enum: ["us", "si"] },
      codes: { enum: [1, 2] },
      filter: { type: "object" },
    },
  });
  test("THEN each property has a field of its type", () => {
    assert.deepEqual(
      fields.map(({ name, input, required, initial }) => [name, input, required, initial]),
      [
        ["place", "text", true, ""],
        ["days", "integer", false, "3"],
        ["detailed", "boolean", false, ""],
        ["units", "choice", false, ""],
        ["codes", "json", false, ""],
        ["filter", "json", false, ""],
      ],
    );
  });
  test("WHEN it is filled THEN values have their types, and empty fields are left out", () => {
    const filled: Record<string, string> = {
      place: "12",
      days: "4",
      detailed: "false",
      units: "",
      codes: "2",
      filter: '{"a":1}',
    };
    assert.deepEqual(
      argumentsOf(fields, (name) => filled[name]),
      { place: "12", days: 4, detailed: false, codes: 2, filter: { a: 1 } },
    );
  });
  test("WHEN a field holds no JSON THEN the sentence names it", () => {
    assert.throws(
      () => argumentsOf(fields, (name) => (name === "filter" ? "{a}" : "")),
      new Error('`filter` is `{a}`, which is no JSON. Write a value such as ["a", "b"].'),
    );
  });
});

describe("GIVEN the state of the page", () => {
  test("THEN an address of a section leads there and back, and any other to the overview", () => {
    assert.deepEqual(placeOf(hashOf("traces", "a/b c")), { section: "traces", item: "a/b c" });
    assert.deepEqual(placeOf("#nothing"), { section: "overview", item: undefined });
    assert.deepEqual(placeOf("#traces/%"), { section: "traces", item: "%" });
  });
  test("THEN the run's clock goes on at its speed, and stands when the run is not heard", () => {
    const snapshot = { ...scriptedSnapshot(1000), speed: 10 };
    const state = { ...FIRST_STATE, snapshot, snapshotAt: 50, connection: "live" as const };
    assert.equal(runNow(state, 250), 3000);
    assert.equal(runNow({ ...state, connection: "lost" }, 250), 1000);
  });
  test("THEN the history keeps two minutes of each service that is there", () => {
    let history: History = { gone: [] };
    for (let second = 0; second < SAMPLES + 5; second++)
      history = sampled(history, scriptedSnapshot());
    assert.deepEqual(Object.keys(history), ["weather", "translator", "classifier", "documents"]);
    assert.equal(history["weather"]?.length, 120);
    assert.deepEqual(history["documents"]?.[0], {
      requestsPerSecond: 0,
      failuresPerSecond: 0,
      p50Milliseconds: undefined,
      p99Milliseconds: undefined,
    });
  });
  test("THEN an alarm is of the service with the longest name in its own", () => {
    const [service] = scriptedSnapshot().services;
    assert.ok(service !== undefined);
    const services = ["mcp", "mcp-weather"].map((name) => ({ ...service, name }));
    assert.equal(alarmedService("prod-mcp-weather-5xx", services), "mcp-weather");
    assert.equal(alarmedService("mcp-5xx", services), "mcp");
    assert.equal(alarmedService("mcpx-5xx", services), undefined);
  });
  test("THEN spans stand below their parents, and one of an unknown parent is a root", () => {
    const spans = scriptedTrace.traces[0]?.spans ?? [];
    assert.deepEqual(
      spanTree(spans.toReversed()).map(({ span, depth }) => `${depth} ${span.id}`),
      ["0 a1", "1 a2", "2 a3", "2 a4", "2 a5"],
    );
    assert.deepEqual(
      spanTree(spans.slice(1)).map(({ depth }) => depth),
      [0, 1, 1, 1],
    );
  });
  test("THEN a gateway shows what it asks, and how each does, and a service who asks it past the load balancer", () => {
    const [weather] = scriptedSnapshot().services;
    assert.ok(weather);
    const upstreams = [
      {
        name: "first",
        service: weather.name,
        state: "answers",
        healthyAddresses: 2,
        callsPerMinute: 492,
      },
      {
        name: "far",
        service: undefined,
        state: "refused",
        healthyAddresses: 1,
        callsPerMinute: 0,
      },
      {
        name: "new",
        service: undefined,
        state: "unknown",
        healthyAddresses: undefined,
        callsPerMinute: undefined,
      },
    ] as const;
    const gateway = (given: readonly UpstreamSnapshot[]) => ({
      ...weather,
      name: "tools",
      upstreams: given,
    });
    const shown = (given: readonly UpstreamSnapshot[]): string =>
      textOf(serviceFacts(gateway(given), [], { alarms: [], services: [] }, 0));

    assert.ok(
      shown(upstreams).includes(
        "→ first492/min, 2 addresses→ farrefused, 1 address→ newno metrics yet",
      ),
      shown(upstreams),
    );
    const asked = textOf(
      serviceFacts(weather, [], { alarms: [], services: [weather, gateway(upstreams)] }, 0),
    );
    assert.ok(asked.includes("← tools492/min"), asked);
    assert.ok(!shown([]).includes("→"));
  });
  test("THEN an element's words are those of its children", () => {
    assert.equal(textOf(element("p", {}, "a", [false, element("b", {}, 1)], undefined)), "a1");
  });
});
