import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { describe, it, type TestContext } from "node:test";
import { AREA_CODES as SAMPLE_AREA_CODES } from "../../local/samples/weather-alerts.ts";
import { startWeatherApi, WEATHER_API_ORIGIN } from "../../local/samples/weather-api.ts";
import { forecastFeature } from "../../local/samples/weather-forecasts.ts";
import { AREA_CODES } from "../../service/servers/weather/areas.ts";

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

async function ask(
  test: TestContext,
  path: string,
  options: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  const sample = await startWeatherApi();
  test.after(() => sample.close());
  const sent = request(new URL(path, sample.url), {
    headers: { "User-Agent": "tests/1.0" },
    ...options,
  });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return {
    status: response.statusCode,
    headers: response.headers,
    body: (await json(response)) as Record<string, unknown>,
  };
}

interface Collection {
  readonly features: readonly { readonly properties: Readonly<Record<string, unknown>> }[];
}

interface ForecastProperties {
  readonly updateTime: string;
  readonly periods: readonly Readonly<Record<string, unknown>>[];
}

function assertProblem(
  { status, headers, body }: Answer,
  expected: { readonly status: number; readonly type: string; readonly title: string } & {
    readonly detail: string;
  },
): void {
  assert.equal(status, expected.status);
  assert.equal(headers["content-type"], "application/problem+json");
  const { correlationId } = body;
  assert.ok(typeof correlationId === "string");
  assert.match(correlationId, /^[0-9a-f]{8}$/u);
  assert.equal(headers["x-correlation-id"], correlationId);
  assert.deepEqual(
    {
      type: body["type"],
      title: body["title"],
      status: body["status"],
      detail: body["detail"],
      instance: body["instance"],
    },
    {
      ...expected,
      type: `https://api.weather.gov/problems/${expected.type}`,
      instance: `https://api.weather.gov/requests/${correlationId}`,
    },
  );
}

describe("the stand-in for the weather API", () => {
  it("GIVEN the server's areas WHEN the stand-in's are compared THEN they are the same", () => {
    assert.deepEqual(SAMPLE_AREA_CODES, AREA_CODES);
    assert.equal(WEATHER_API_ORIGIN, "https://api.weather.gov");
  });

  it("GIVEN an area WHEN its alerts are asked for THEN they are a collection of marked features", async (t) => {
    const { status, headers, body } = await ask(t, "/alerts/active/area/CA");

    assert.equal(status, 200);
    assert.equal(headers["content-type"], "application/geo+json");
    assert.equal(headers["cache-control"], "public, max-age=30, s-maxage=30");
    assert.ok(!Number.isNaN(Date.parse(headers["last-modified"] ?? "")));
    assert.equal(body["type"], "FeatureCollection");
    const { features } = body as unknown as Collection;
    assert.deepEqual(
      features.map(({ properties }) => properties["headline"]),
      ["SAMPLE DATA: Heat Advisory issued for CA"],
    );
    assert.deepEqual(
      features.map(({ properties }) => properties["status"]),
      ["Test"],
    );
  });

  it("GIVEN every area WHEN its alerts are asked for THEN each of them is marked as a sample", async (t) => {
    const sample = await startWeatherApi();
    t.after(() => sample.close());
    let count = 0;

    for (const area of AREA_CODES) {
      const response = await fetch(new URL(`/alerts/active/area/${area}`, sample.url));
      const { features } = (await response.json()) as Collection;
      for (const { properties } of features) {
        assert.match(String(properties["headline"]), /^SAMPLE DATA/u);
        assert.match(String(properties["description"]), /^SAMPLE DATA/u);
        count += 1;
      }
    }

    assert.ok(count > 0);
  });

  it("GIVEN an unknown area WHEN its alerts are asked for THEN the parameter is refused", async (t) => {
    const answer = await ask(t, "/alerts/active/area/XX");

    assertProblem(answer, {
      status: 400,
      type: "BadRequest",
      title: "Bad Request",
      detail: "Bad Request",
    });
    assert.deepEqual(answer.body["parameterErrors"], [
      {
        parameter: "path.area",
        message: `Does not have a value in the enumeration ${JSON.stringify(AREA_CODES)}`,
      },
    ]);
  });

  it("GIVEN a place WHEN its point is asked for THEN it names the forecast on the real API", async (t) => {
    const { status, headers, body } = await ask(t, "/points/34.05,-118.24");

    assert.equal(status, 200);
    assert.equal(headers["content-type"], "application/geo+json");
    assert.equal(headers["cache-control"], "public, max-age=21600, s-maxage=21600");
    const properties = body["properties"] as Record<string, unknown>;
    assert.equal(properties["forecast"], "https://api.weather.gov/gridpoints/LOX/154,44/forecast");
    assert.equal(properties["timeZone"], "America/Los_Angeles");
    assert.deepEqual((properties["relativeLocation"] as Record<string, unknown>)["properties"], {
      city: "Los Angeles",
      state: "CA",
      distance: { unitCode: "wmoUnit:m", value: 0 },
      bearing: { unitCode: "wmoUnit:degree_(angle)", value: 0 },
    });
  });

  for (const [given, canonical] of [
    ["34.0500,-118.24", "34.05,-118.24"],
    ["34.05,-118.240004", "34.05,-118.24"],
    ["48.850,2.3", "48.85,2.3"],
  ] as const) {
    it(`GIVEN the coordinates ${given} WHEN their point is asked for THEN the answer redirects to ${canonical}`, async (t) => {
      const answer = await ask(t, `/points/${given}`);

      assert.equal(answer.headers.location, `/points/${canonical}`);
      assertProblem(answer, {
        status: 301,
        type: "AdjustPointPrecision",
        title: "Adjusting Precision Of Point Coordinate",
        detail:
          "The precision of latitude/longitude points is limited to 4 decimal digits for efficiency.",
      });
    });
  }

  it("GIVEN a place outside of the United States WHEN its point is asked for THEN there is none", async (t) => {
    assertProblem(await ask(t, "/points/48.8567,2.3508"), {
      status: 404,
      type: "InvalidPoint",
      title: "Data Unavailable For Requested Point",
      detail: "Unable to provide data for requested point 48.8567,2.3508",
    });
  });

  it("GIVEN a grid cell WHEN its forecast is asked for THEN it has 14 periods without gaps, from the current one on", async (t) => {
    const { status, headers, body } = await ask(t, "/gridpoints/LOX/154,44/forecast");

    assert.equal(status, 200);
    assert.equal(headers["cache-control"], "public, max-age=3600, s-maxage=3600");
    const { updateTime, periods } = body["properties"] as ForecastProperties;
    assert.ok(!Number.isNaN(Date.parse(updateTime)));
    assert.equal(periods.length, 14);
    const first = periods[0];
    assert.ok(Date.parse(String(first?.["startTime"])) <= Date.now());
    for (const [index, period] of periods.slice(1).entries()) {
      assert.equal(period["startTime"], periods[index]?.["endTime"]);
      assert.notEqual(period["isDaytime"], periods[index]?.["isDaytime"]);
    }
  });

  for (const [now, names] of [
    ["2026-07-01T20:30:00Z", ["Today", "Tonight", "Thursday", "Thursday Night"]],
    ["2026-07-02T02:30:00Z", ["Tonight", "Thursday", "Thursday Night", "Friday"]],
    ["2026-07-02T10:30:00Z", ["Overnight", "Thursday", "Thursday Night", "Friday"]],
  ] as const) {
    it(`GIVEN the time ${now} WHEN a forecast is made THEN its first periods are named ${names.join(", ")}`, () => {
      const feature = forecastFeature("LOX", 154, 44, new Date(now)) as {
        readonly properties: ForecastProperties;
      };

      assert.deepEqual(
        feature.properties.periods.slice(0, 4).map(({ name }) => name),
        names,
      );
      assert.deepEqual(forecastFeature("LOX", 154, 44, new Date(now)), feature);
    });
  }

  it("GIVEN the afternoon in Los Angeles WHEN a forecast is made THEN its times are local", () => {
    const feature = forecastFeature("LOX", 154, 44, new Date("2026-07-01T20:30:00Z")) as {
      readonly properties: ForecastProperties;
    };

    assert.deepEqual(
      feature.properties.periods.slice(0, 2).map(({ startTime, endTime }) => [startTime, endTime]),
      [
        ["2026-07-01T13:00:00-07:00", "2026-07-01T18:00:00-07:00"],
        ["2026-07-01T18:00:00-07:00", "2026-07-02T06:00:00-07:00"],
      ],
    );
  });

  for (const path of [
    "/",
    "/gridpoints/XXX/1,2/forecast",
    "/gridpoints/LOX/154,44",
    "/points/a,b",
  ]) {
    it(`GIVEN the path ${path} WHEN it is asked for THEN nothing is found`, async (t) => {
      assertProblem(await ask(t, path), {
        status: 404,
        type: "NotFound",
        title: "Not Found",
        detail: "Not Found",
      });
    });
  }

  it("GIVEN no User-Agent WHEN anything is asked for THEN it is forbidden", async (t) => {
    assertProblem(await ask(t, "/alerts/active/area/CA", { headers: {} }), {
      status: 403,
      type: "Forbidden",
      title: "Forbidden",
      detail: "A User-Agent header is required.",
    });
  });

  it("GIVEN another method WHEN anything is asked for THEN it is refused", async (t) => {
    assertProblem(await ask(t, "/alerts/active/area/CA", { method: "POST" }), {
      status: 405,
      type: "MethodNotAllowed",
      title: "Method Not Allowed",
      detail: "Use GET.",
    });
  });
});
