import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { pino } from "pino";
import { z } from "zod";
import { startWeatherApi } from "../../local/samples/weather-api.ts";
import type { ProgressUpdate } from "../../service/runtime/context.ts";
import { testContext } from "../../service/runtime/testing.ts";
import {
  ToolError,
  type StructuredTool,
  type Tool,
  type ToolContext,
} from "../../service/runtime/tool.ts";
import { createWeatherApi, type WeatherApiOptions } from "../../service/servers/weather/api.ts";
import { AREA_CODES, AREAS } from "../../service/servers/weather/areas.ts";
import { weather } from "../../service/servers/weather/index.ts";
import { weatherTools } from "../../service/servers/weather/tools.ts";
import { startScriptedServer, type Reply, type ScriptedServer } from "./scripted-server.ts";

/** Both tools have all that a tool may have. */
type WeatherTool = StructuredTool & Required<Pick<StructuredTool, "input" | "describe">>;

interface Opened {
  readonly server: ScriptedServer;
  readonly alerts: WeatherTool;
  readonly forecast: WeatherTool;
}

async function open(
  test: TestContext,
  replies: readonly Reply[],
  options: Partial<WeatherApiOptions> = {},
): Promise<Opened> {
  const server = await startScriptedServer(test, replies);
  const api = createWeatherApi({
    baseUrl: server.url,
    userAgent: "tests",
    retry: { firstDelayMilliseconds: 0, maxDelayMilliseconds: 0 },
    ...options,
  });
  test.after(() => api.close());
  return { server, ...toolsOf(weatherTools(api)) };
}

function toolsOf(tools: readonly Tool[]): Pick<Opened, "alerts" | "forecast"> {
  const [alerts, forecast] = tools;
  return { alerts: complete(alerts), forecast: complete(forecast) };
}

function complete(tool: Tool | undefined): WeatherTool {
  assert.ok(tool?.output !== undefined);
  assert.ok(tool.input !== undefined && tool.describe !== undefined);
  return tool as WeatherTool;
}

interface Recorded {
  readonly context: ToolContext;
  readonly progress: ProgressUpdate[];
  readonly logged: { readonly level: number; readonly msg: string }[];
}

function record(signal: AbortSignal = new AbortController().signal): Recorded {
  const progress: ProgressUpdate[] = [];
  const logged: { level: number; msg: string }[] = [];
  const log = pino(
    { level: "debug" },
    {
      write: (line: string) => {
        logged.push(JSON.parse(line) as { level: number; msg: string });
      },
    },
  );
  const context = testContext({
    log,
    signal,
    progress: (update) => {
      progress.push(update);
      return Promise.resolve();
    },
  });
  return { context, progress, logged };
}

/** Calls a tool as the host does: arguments and result pass its schemas. */
async function call(
  tool: WeatherTool,
  input: object,
  { context } = record(),
): Promise<Record<string, unknown>> {
  return tool.output.strict().parse(await tool.run(tool.input.parse(input), context));
}

function toolError(message: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ToolError, String(error));
    assert.equal(error.message, message);
    return true;
  };
}

/** The names of properties, at any depth, that a JSON Schema does not describe. */
function undescribed(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const properties = "properties" in schema ? (schema.properties as Record<string, object>) : {};
  return [
    ...Object.keys(properties).filter((name) => !("description" in (properties[name] ?? {}))),
    ...Object.values(schema).flatMap(undescribed),
  ];
}

const LOS_ANGELES = { latitude: 34.05, longitude: -118.25 };

const POINT: Reply = {
  body: {
    properties: {
      forecast: "https://api.weather.gov/gridpoints/LOX/154,44/forecast",
      timeZone: "America/Los_Angeles",
      relativeLocation: { properties: { city: "Los Angeles", state: "CA" } },
    },
  },
};

function period(name: string): Record<string, unknown> {
  return {
    number: 1,
    name,
    startTime: "2026-07-01T06:00:00-07:00",
    endTime: "2026-07-01T18:00:00-07:00",
    isDaytime: true,
    temperature: 82,
    temperatureUnit: "F",
    probabilityOfPrecipitation: { unitCode: "wmoUnit:percent", value: 20 },
    windSpeed: "5 to 10 mph",
    windDirection: "SW",
    shortForecast: "Sunny",
    detailedForecast: "Sunny, with a high near 82.",
  };
}

function forecastOf(...periods: readonly object[]): Reply {
  return { body: { properties: { updateTime: "2026-07-01T10:00:00+00:00", periods } } };
}

describe("get_alerts", () => {
  it("GIVEN the API's documents WHEN the codes are compared THEN there are 59 states and 15 waters", () => {
    assert.equal(AREA_CODES.length, 74);
    assert.deepEqual(AREA_CODES.slice(0, 3), ["AL", "AK", "AS"]);
    assert.deepEqual(AREA_CODES.slice(59), [
      ...["AM", "AN", "GM", "LC", "LE", "LH", "LM", "LO", "LS", "PH", "PK", "PM", "PS", "PZ", "SL"],
    ]);
  });

  it("GIVEN every code, in either case and with spaces WHEN it is validated THEN it is accepted", async (t) => {
    const { alerts } = await open(t, []);

    for (const code of AREA_CODES) {
      assert.deepEqual(alerts.input.parse({ state: code }), { state: code });
      assert.deepEqual(alerts.input.parse({ state: ` ${code.toLowerCase()}\n` }), { state: code });
    }
  });

  for (const [given, shown] of [
    ["XX", '"XX"'],
    ["", '""'],
    ["california", '"CALIFORNIA"'],
    ["C/../A", '"C/../A"'],
    ["x".repeat(1000), `"${"X".repeat(40)}"`],
  ] as const) {
    it(`GIVEN ${given.slice(0, 20) || "nothing"} as a state WHEN it is validated THEN the message tells what to give`, async (t) => {
      const { alerts } = await open(t, []);

      const result = alerts.input.safeParse({ state: given });

      assert.deepEqual(
        result.error?.issues.map(({ message }) => message),
        [
          `\`state\` is ${shown}, which is no area of the National Weather Service. Give the two-letter code of a` +
            " US state or territory, such as CA (California) or PR (Puerto Rico), or of a marine area, such as GM" +
            " (Gulf of Mexico).",
        ],
      );
    });
  }

  it("GIVEN alerts WHEN they are asked for THEN they are returned and described", async (t) => {
    const { server, alerts } = await open(t, [
      {
        body: {
          features: [
            {
              properties: {
                event: "Heat Advisory",
                areaDesc: "Kern; Tulare",
                severity: "Moderate",
                urgency: "Expected",
                certainty: "Likely",
                headline: "Heat Advisory until 8 PM",
                description: "Hot.",
                instruction: "Drink.",
                effective: "2026-07-01T10:00:00-07:00",
                ends: "2026-07-01T20:00:00-07:00",
              },
            },
            {
              properties: {
                event: "Flood Warning",
                areaDesc: "Kern",
                severity: "Severe",
                urgency: "Immediate",
                certainty: "Observed",
                headline: null,
                description: "Wet.",
                instruction: null,
                effective: "2026-07-01T11:00:00-07:00",
                ends: null,
              },
            },
          ],
        },
      },
    ]);

    const result = await call(alerts, { state: "ca" });

    assert.equal(server.requests[0]?.path, "/alerts/active/area/CA");
    assert.deepEqual(result, {
      area: "CA",
      areaName: "California",
      count: 2,
      alerts: [
        {
          event: "Heat Advisory",
          areas: "Kern; Tulare",
          severity: "Moderate",
          urgency: "Expected",
          certainty: "Likely",
          headline: "Heat Advisory until 8 PM",
          description: "Hot.",
          instruction: "Drink.",
          effective: "2026-07-01T10:00:00-07:00",
          ends: "2026-07-01T20:00:00-07:00",
        },
        {
          event: "Flood Warning",
          areas: "Kern",
          severity: "Severe",
          urgency: "Immediate",
          certainty: "Observed",
          headline: null,
          description: "Wet.",
          instruction: null,
          effective: "2026-07-01T11:00:00-07:00",
          ends: null,
        },
      ],
    });
    assert.equal(
      alerts.describe(result),
      [
        "2 alerts are in force for California (CA).",
        "",
        "1. Heat Advisory (severity Moderate, urgency Expected, certainty Likely)",
        "Areas: Kern; Tulare",
        "In effect: from 2026-07-01T10:00:00-07:00 to 2026-07-01T20:00:00-07:00",
        "Heat Advisory until 8 PM",
        "Hot.",
        "Drink.",
        "",
        "2. Flood Warning (severity Severe, urgency Immediate, certainty Observed)",
        "Areas: Kern",
        "In effect: from 2026-07-01T11:00:00-07:00 until further notice",
        "Wet.",
      ].join("\n"),
    );
  });

  it("GIVEN no alerts WHEN they are asked for THEN that is said", async (t) => {
    const { alerts } = await open(t, [{ body: { features: [] } }]);

    const result = await call(alerts, { state: "GM" });

    assert.deepEqual(result, { area: "GM", areaName: "Gulf of Mexico", count: 0, alerts: [] });
    assert.equal(alerts.describe(result), "No alerts are in force for Gulf of Mexico (GM).");
  });

  it("GIVEN an API that answers 503 three times WHEN alerts are asked for THEN the model is told to try later", async (t) => {
    const { server, alerts } = await open(t, [{ status: 503 }, { status: 503 }, { status: 503 }]);
    const recorded = record();

    await assert.rejects(
      call(alerts, { state: "CA" }, recorded),
      toolError("The National Weather Service API answered 503. Try again in a minute."),
    );
    assert.equal(server.requests.length, 3);
    assert.deepEqual(
      recorded.logged.map(({ level, msg }) => ({ level, msg })),
      [{ level: 40, msg: "weather API call failed" }],
    );
  });

  it("GIVEN an API that never answers WHEN alerts are asked for THEN the model is told to try later", async (t) => {
    const { alerts } = await open(t, [{ send: "nothing" }], { deadlineMilliseconds: 50 });

    await assert.rejects(
      call(alerts, { state: "CA" }),
      toolError(
        "The National Weather Service API did not answer within 0.05 s. Try again in a minute.",
      ),
    );
  });

  it("GIVEN an API that refuses the area WHEN alerts are asked for THEN the model is told not to insist", async (t) => {
    const { alerts } = await open(t, [{ status: 400, body: { detail: "Bad Request" } }]);
    const recorded = record();

    await assert.rejects(
      call(alerts, { state: "CA" }, recorded),
      toolError(
        'The National Weather Service API answered 400 ("Bad Request").' +
          " Trying again with the same arguments will not help; change them.",
      ),
    );
    assert.deepEqual(
      recorded.logged.map(({ level, msg }) => ({ level, msg })),
      [{ level: 20, msg: "weather API call refused" }],
    );
  });

  it("GIVEN malformed JSON WHEN alerts are asked for THEN the model is told that it is no use", async (t) => {
    const { alerts } = await open(t, [{ body: "<html>" }]);

    await assert.rejects(
      call(alerts, { state: "CA" }),
      toolError(
        "An answer of the National Weather Service API is not JSON." +
          " Trying again is unlikely to help; tell the user that the weather is unknown.",
      ),
    );
  });

  it("GIVEN a call WHEN its caller aborts THEN the abort passes as it is, and nothing is logged", async (t) => {
    const { server, alerts } = await open(t, [{ send: "nothing" }]);
    const caller = new AbortController();
    const recorded = record(caller.signal);
    const result = call(alerts, { state: "CA" }, recorded);
    const reason = new Error("gone");

    await server.received(1);
    caller.abort(reason);

    await assert.rejects(result, (error) => error === reason);
    assert.deepEqual(recorded.logged, []);
  });
});

describe("get_forecast", () => {
  it("GIVEN a place WHEN its forecast is asked for THEN the first five periods are returned and described", async (t) => {
    const { server, forecast } = await open(t, [
      POINT,
      forecastOf(...["One", "Two", "Three", "Four", "Five", "Six"].map(period)),
    ]);

    const result = await call(forecast, { latitude: 34.05004, longitude: -118.25 });

    assert.deepEqual(
      server.requests.map(({ path }) => path),
      ["/points/34.05,-118.25", "/gridpoints/LOX/154,44/forecast"],
    );
    assert.deepEqual(result, {
      ...LOS_ANGELES,
      location: { city: "Los Angeles", state: "CA" },
      timeZone: "America/Los_Angeles",
      updated: "2026-07-01T10:00:00+00:00",
      periods: ["One", "Two", "Three", "Four", "Five"].map((name) => ({
        name,
        startTime: "2026-07-01T06:00:00-07:00",
        endTime: "2026-07-01T18:00:00-07:00",
        temperature: 82,
        temperatureUnit: "F",
        windSpeed: "5 to 10 mph",
        windDirection: "SW",
        precipitationProbability: 20,
        shortForecast: "Sunny",
        detailedForecast: "Sunny, with a high near 82.",
      })),
    });
    const line = "82°F, wind 5 to 10 mph SW, precipitation 20%. Sunny, with a high near 82.";
    assert.equal(
      forecast.describe(result),
      [
        "Forecast for Los Angeles, CA, latitude 34.05, longitude -118.25" +
          " (time zone America/Los_Angeles), updated 2026-07-01T10:00:00+00:00:",
        `One: ${line}`,
        `Two: ${line}`,
        `Three: ${line}`,
        `Four: ${line}`,
        `Five: ${line}`,
      ].join("\n"),
    );
  });

  it("GIVEN a forecast without its optional fields WHEN it is asked for THEN it is described without them", async (t) => {
    const { forecast } = await open(t, [
      {
        body: {
          properties: {
            forecast: "https://api.weather.gov/gridpoints/LOX/154,44/forecast",
            timeZone: "America/Los_Angeles",
          },
        },
      },
      forecastOf({
        ...period("Tonight"),
        probabilityOfPrecipitation: { value: null },
        windSpeed: null,
        windDirection: "",
        detailedForecast: "",
      }),
    ]);

    const result = await call(forecast, LOS_ANGELES);

    assert.deepEqual(result["location"], null);
    assert.deepEqual(result["periods"], [
      {
        name: "Tonight",
        startTime: "2026-07-01T06:00:00-07:00",
        endTime: "2026-07-01T18:00:00-07:00",
        temperature: 82,
        temperatureUnit: "F",
        windSpeed: "",
        windDirection: "",
        precipitationProbability: null,
        shortForecast: "Sunny",
        detailedForecast: "",
      },
    ]);
    assert.equal(
      forecast.describe(result),
      "Forecast for latitude 34.05, longitude -118.25 (time zone America/Los_Angeles)," +
        " updated 2026-07-01T10:00:00+00:00:\nTonight: 82°F. Sunny",
    );
  });

  it("GIVEN a call WHEN it proceeds THEN both steps are reported in order", async (t) => {
    const { forecast } = await open(t, [POINT, forecastOf(period("Today"))]);
    const recorded = record();

    await call(forecast, LOS_ANGELES, recorded);

    assert.deepEqual(recorded.progress, [
      { progress: 1, total: 2, message: "Grid point found." },
      { progress: 2, total: 2, message: "Forecast fetched." },
    ]);
  });

  for (const [input, path] of [
    [{ latitude: 90.0001, longitude: 0 }, "latitude"],
    [{ latitude: -91, longitude: 0 }, "latitude"],
    [{ latitude: 0, longitude: 180.5 }, "longitude"],
    [{ latitude: 0, longitude: -181 }, "longitude"],
    [{ latitude: "34", longitude: -118 }, "latitude"],
    [{ latitude: Number.NaN, longitude: -118 }, "latitude"],
  ] as const) {
    it(`GIVEN ${input.latitude}, ${input.longitude} WHEN it is validated THEN the ${path} is refused`, async (t) => {
      const { forecast } = await open(t, []);

      const result = forecast.input.safeParse(input);

      assert.deepEqual(
        result.error?.issues.map((issue) => issue.path),
        [[path]],
      );
    });
  }

  it("GIVEN a place outside of the United States WHEN its forecast is asked for THEN the model is told where to look", async (t) => {
    const { forecast } = await open(t, [
      {
        status: 404,
        body: { detail: "Unable to provide data for requested point 48.8567,2.3508" },
      },
    ]);
    const recorded = record();

    await assert.rejects(
      call(forecast, { latitude: 48.85666, longitude: 2.35083 }, recorded),
      toolError(
        "The National Weather Service has no forecast for latitude 48.8567, longitude 2.3508:" +
          " it covers the United States and its territories and waters. Use coordinates there.",
      ),
    );
    assert.deepEqual(recorded.progress, []);
  });

  it("GIVEN a place without a grid WHEN its forecast is asked for THEN the model is told where to look", async (t) => {
    const { forecast } = await open(t, [
      { body: { properties: { forecast: null, timeZone: null } } },
    ]);

    await assert.rejects(
      call(forecast, { latitude: 45, longitude: -125 }),
      toolError(
        "The National Weather Service has no forecast for latitude 45, longitude -125," +
          " though it knows the place. Use coordinates nearby, on land.",
      ),
    );
  });

  it("GIVEN a grid cell on the sea WHEN its forecast is asked for THEN the model is told where to look", async (t) => {
    const { forecast } = await open(t, [
      POINT,
      {
        status: 404,
        body: { detail: "Forecasts for marine areas are not yet supported by this API." },
      },
    ]);

    await assert.rejects(
      call(forecast, LOS_ANGELES),
      toolError(
        "The National Weather Service has no forecast for latitude 34.05, longitude -118.25." +
          " The National Weather Service API answered 404" +
          ' ("Forecasts for marine areas are not yet supported by this API").' +
          " Use coordinates nearby, on land.",
      ),
    );
  });
});

describe("the weather server", () => {
  it("GIVEN both tools WHEN a client lists them THEN they are harmless and fully described", async (t) => {
    const { alerts, forecast } = await open(t, []);

    assert.deepEqual([alerts.name, forecast.name], ["get_alerts", "get_forecast"]);
    for (const tool of [alerts, forecast]) {
      assert.deepEqual(tool.annotations, {
        readOnlyHint: true,
        idempotentHint: true,
        openWorldHint: true,
      });
      for (const [schema, io] of [
        [tool.input, "input"],
        [tool.output, "output"],
      ] as const) {
        assert.deepEqual(undescribed(z.toJSONSchema(schema, { io })), []);
      }
    }
  });

  it("GIVEN the stand-in's address WHEN the server is started THEN its tools answer from there", async (t) => {
    const sample = await startWeatherApi();
    t.after(() => sample.close());
    const started = weather.start({
      environment: { WEATHER_API_URL: sample.url, WEATHER_API_USER_AGENT: "tests/1.0" },
    });
    t.after(() => started.stop());
    const { alerts, forecast } = toolsOf(started.tools);

    for (const code of AREA_CODES) {
      const result = await call(alerts, { state: code });
      assert.equal(result["areaName"], AREAS[code]);
    }
    const result = await call(forecast, LOS_ANGELES);
    assert.deepEqual(result["location"], { city: "Los Angeles", state: "CA" });
    assert.ok(Array.isArray(result["periods"]));
    assert.equal(result["periods"].length, 5);
    await assert.rejects(
      call(forecast, { latitude: 48.8567, longitude: 2.3508 }),
      toolError(
        "The National Weather Service has no forecast for latitude 48.8567, longitude 2.3508:" +
          " it covers the United States and its territories and waters. Use coordinates there.",
      ),
    );
  });

  it("GIVEN no variables, or empty ones WHEN the server is started THEN defaults are used", async () => {
    for (const environment of [{}, { WEATHER_API_URL: "", WEATHER_API_USER_AGENT: "" }]) {
      const started = weather.start({ environment });

      assert.equal(started.tools.length, 2);
      await started.stop();
    }
  });

  for (const [environment, message] of [
    [
      { WEATHER_API_URL: "api.weather.gov" },
      "`WEATHER_API_URL` is `api.weather.gov`, which is not an http or https address. Give one, or unset it to use https://api.weather.gov.",
    ],
    [
      { WEATHER_API_URL: "ftp://api.weather.gov" },
      "`WEATHER_API_URL` is `ftp://api.weather.gov`, which is not an http or https address. Give one, or unset it to use https://api.weather.gov.",
    ],
    [
      { WEATHER_API_USER_AGENT: "one\ntwo" },
      '`WEATHER_API_USER_AGENT` is "one\\ntwo", which an HTTP header cannot carry. Use printable ASCII characters, on one line.',
    ],
  ] as const) {
    it(`GIVEN ${JSON.stringify(environment)} WHEN the server is started THEN the message tells what to do`, () => {
      assert.throws(() => weather.start({ environment }), { message });
    });
  }
});
