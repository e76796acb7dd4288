import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import {
  createWeatherApi,
  WeatherApiError,
  type WeatherApi,
  type WeatherApiErrorKind,
  type WeatherApiOptions,
} from "../../service/servers/weather/api.ts";
import { startScriptedServer, type Reply, type ScriptedServer } from "./scripted-server.ts";

/** Retries without waiting, so that the tests are quick. */
const AT_ONCE = { firstDelayMilliseconds: 0, maxDelayMilliseconds: 0 };

/** Far longer than the tests below take, far shorter than the default deadline that would end them. */
const PROMPT = { timeout: 5_000 };

const NO_ALERTS = { features: [] };
const FRESH = { "Cache-Control": "public, max-age=60" };

async function open(
  test: TestContext,
  replies: readonly Reply[],
  options: Partial<WeatherApiOptions> = {},
): Promise<{ readonly server: ScriptedServer; readonly api: WeatherApi }> {
  const server = await startScriptedServer(test, replies);
  const api = createWeatherApi({
    baseUrl: server.url,
    userAgent: "tests/1.0 (tests@example.com)",
    retry: AT_ONCE,
    ...options,
  });
  test.after(() => api.close());
  return { server, api };
}

function alertsOf(api: WeatherApi, signal: AbortSignal = neverAborts()): Promise<unknown> {
  return api.activeAlerts("CA", { signal });
}

function neverAborts(): AbortSignal {
  return new AbortController().signal;
}

function failure(kind: WeatherApiErrorKind, message: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof WeatherApiError, String(error));
    assert.equal(error.message, message);
    assert.equal(error.kind, kind);
    return true;
  };
}

describe("the weather API's answers", () => {
  it("GIVEN alerts with every field WHEN they are asked for THEN the fields used are returned", async (t) => {
    const { server, api } = await open(t, [
      {
        body: {
          type: "FeatureCollection",
          features: [
            {
              type: "Feature",
              properties: {
                id: "urn:oid:1",
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
          ],
        },
      },
    ]);

    const alerts = await alertsOf(api);

    assert.deepEqual(alerts, [
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
    ]);
    assert.equal(server.requests.length, 1);
    assert.equal(server.requests[0]?.method, "GET");
    assert.equal(server.requests[0].path, "/alerts/active/area/CA");
    assert.equal(server.requests[0].headers["user-agent"], "tests/1.0 (tests@example.com)");
    assert.equal(server.requests[0].headers.accept, "application/geo+json");
  });

  it("GIVEN an alert without its optional fields WHEN it is asked for THEN they are null or empty", async (t) => {
    const { api } = await open(t, [
      {
        body: {
          features: [
            {
              properties: {
                event: "Special Weather Statement",
                areaDesc: "Kern",
                severity: "Minor",
                urgency: "Expected",
                certainty: "Observed",
                description: null,
                instruction: null,
                effective: "2026-07-01T10:00:00-07:00",
              },
            },
          ],
        },
      },
    ]);

    assert.deepEqual(await alertsOf(api), [
      {
        event: "Special Weather Statement",
        areas: "Kern",
        severity: "Minor",
        urgency: "Expected",
        certainty: "Observed",
        headline: null,
        description: "",
        instruction: null,
        effective: "2026-07-01T10:00:00-07:00",
        ends: null,
      },
    ]);
  });

  for (const [latitude, longitude, path] of [
    [34.05, -118.25, "/points/34.05,-118.25"],
    [39.74563, -97.08919, "/points/39.7456,-97.0892"],
    [40, -120.5, "/points/40,-120.5"],
    [-0.00001, 0.00004, "/points/0,0"],
    [-14.2781, 0.0001, "/points/-14.2781,0.0001"],
  ] as const) {
    it(`GIVEN the place ${latitude}, ${longitude} WHEN its point is asked for THEN the path is ${path}`, async (t) => {
      const { server, api } = await open(t, [{ body: { properties: {} } }]);

      await api.point(latitude, longitude, { signal: neverAborts() });

      assert.equal(server.requests[0]?.path, path);
    });
  }

  it("GIVEN a point with a forecast WHEN it is asked for THEN the forecast's path is returned", async (t) => {
    const { api } = await open(t, [
      {
        body: {
          properties: {
            forecast: "https://api.weather.gov/gridpoints/LOX/154,44/forecast",
            timeZone: "America/Los_Angeles",
            relativeLocation: { properties: { city: "Los Angeles", state: "CA" } },
          },
        },
      },
    ]);

    assert.deepEqual(await api.point(34.05, -118.25, { signal: neverAborts() }), {
      location: { city: "Los Angeles", state: "CA" },
      grid: { forecastPath: "/gridpoints/LOX/154,44/forecast", timeZone: "America/Los_Angeles" },
    });
  });

  it("GIVEN a point without a forecast WHEN it is asked for THEN it has no grid", async (t) => {
    const { api } = await open(t, [
      { body: { properties: { forecast: null, timeZone: null, relativeLocation: null } } },
    ]);

    assert.deepEqual(await api.point(45, -125, { signal: neverAborts() }), {
      location: null,
      grid: null,
    });
  });

  it("GIVEN a point whose forecast is on another origin WHEN both are asked for THEN only the API itself is asked", async (t) => {
    const stranger = await startScriptedServer(t, []);
    const { server, api } = await open(t, [
      {
        body: {
          properties: {
            forecast: new URL("/gridpoints/LOX/154,44/forecast", stranger.url).href,
            timeZone: "America/Los_Angeles",
          },
        },
      },
      { body: { properties: { updateTime: "2026-07-01T10:00:00+00:00", periods: [] } } },
    ]);

    const { grid } = await api.point(34.05, -118.25, { signal: neverAborts() });
    const forecast = await api.forecast(grid?.forecastPath ?? "", { signal: neverAborts() });

    assert.deepEqual(forecast, { updated: "2026-07-01T10:00:00+00:00", periods: [] });
    assert.deepEqual(
      server.requests.map(({ path }) => path),
      ["/points/34.05,-118.25", "/gridpoints/LOX/154,44/forecast"],
    );
    assert.equal(stranger.requests.length, 0);
  });

  for (const address of [
    "https://api.weather.gov/alerts/active",
    "https://api.weather.gov/gridpoints/LOX/154,44/forecast/../../../../latest/meta-data",
    "gridpoints/LOX/154,44/forecast",
    "file:///etc/passwd",
  ]) {
    it(`GIVEN a point whose forecast is ${address} WHEN it is asked for THEN the answer is refused`, async (t) => {
      const { api } = await open(t, [
        { body: { properties: { forecast: address, timeZone: "America/Los_Angeles" } } },
      ]);

      await assert.rejects(
        api.point(34.05, -118.25, { signal: neverAborts() }),
        failure(
          "unexpected",
          "An answer of the National Weather Service API names no forecast of a grid point as a point's forecast.",
        ),
      );
    });
  }

  it("GIVEN an API below a path WHEN alerts are asked for THEN the path comes first", async (t) => {
    const server = await startScriptedServer(t, [{ body: NO_ALERTS }]);
    const api = createWeatherApi({ baseUrl: new URL("/nws/", server.url), userAgent: "tests" });
    t.after(() => api.close());

    await alertsOf(api);

    assert.equal(server.requests[0]?.path, "/nws/alerts/active/area/CA");
  });
});

describe("the weather API's cache", () => {
  it("GIVEN an answer that stays fresh WHEN it is asked for twice THEN the API is asked once", async (t) => {
    const { server, api } = await open(t, [{ headers: FRESH, body: NO_ALERTS }]);

    const answers = [await alertsOf(api), await alertsOf(api)];

    assert.deepEqual(answers, [[], []]);
    assert.equal(server.requests.length, 1);
  });

  for (const policy of ["no-store", "private, max-age=60", "max-age=0"]) {
    it(`GIVEN an answer with Cache-Control: ${policy} WHEN it is asked for twice THEN the API is asked twice`, async (t) => {
      const reply = { headers: { "Cache-Control": policy }, body: NO_ALERTS };
      const { server, api } = await open(t, [reply, reply]);

      await alertsOf(api);
      await alertsOf(api);

      assert.equal(server.requests.length, 2);
    });
  }

  it("GIVEN a cached answer that must be revalidated WHEN the API has nothing new THEN it is used again", async (t) => {
    const headers = {
      "Cache-Control": "no-cache",
      "Last-Modified": "Wed, 01 Jul 2026 10:00:00 GMT",
    };
    const { server, api } = await open(t, [{ headers, body: NO_ALERTS }, { status: 304 }]);

    const answers = [await alertsOf(api), await alertsOf(api)];

    assert.deepEqual(answers, [[], []]);
    assert.equal(server.requests[0]?.headers["if-modified-since"], undefined);
    assert.equal(server.requests[1]?.headers["if-modified-since"], "Wed, 01 Jul 2026 10:00:00 GMT");
  });

  it("GIVEN a cached answer that must be revalidated WHEN the API never answers THEN the deadline holds", async (t) => {
    const headers = { "Cache-Control": "no-cache", ETag: '"1"' };
    const { api } = await open(t, [{ headers, body: NO_ALERTS }, { send: "nothing" }], {
      deadlineMilliseconds: 100,
    });
    await alertsOf(api);

    await assert.rejects(
      alertsOf(api),
      failure("timeout", "The National Weather Service API did not answer within 0.1 s."),
    );
  });

  it("GIVEN a cache that is full WHEN another answer comes THEN the one not used for longest is dropped", async (t) => {
    // Each answer takes its 1928 bytes and 2048 more, so that four of them fit.
    const reply = { headers: FRESH, body: { features: [], padding: "x".repeat(1900) } };
    const { server, api } = await open(
      t,
      Array.from({ length: 6 }, () => reply),
      { cacheBytes: 16_384 },
    );

    for (const area of ["CA", "NY", "TX", "WA", "CA", "OR", "CA", "NY"] as const) {
      await api.activeAlerts(area, { signal: neverAborts() });
    }

    assert.deepEqual(
      server.requests.map(({ path }) => path?.slice(-2)),
      ["CA", "NY", "TX", "WA", "OR", "NY"],
    );
  });

  it("GIVEN an answer of more than a quarter of the cache WHEN it is asked for twice THEN the API is asked twice", async (t) => {
    const reply = { headers: FRESH, body: { features: [], padding: "x".repeat(1900) } };
    const { server, api } = await open(t, [reply, reply], { cacheBytes: 15_000 });

    await alertsOf(api);
    await alertsOf(api);

    assert.equal(server.requests.length, 2);
  });
});

describe("the weather API's retries", () => {
  for (const status of [429, 500, 502, 503, 504]) {
    it(`GIVEN an API that answers ${status} once WHEN it is asked THEN a second attempt succeeds`, async (t) => {
      const { server, api } = await open(t, [{ status }, { body: NO_ALERTS }]);

      assert.deepEqual(await alertsOf(api), []);
      assert.equal(server.requests.length, 2);
    });
  }

  it("GIVEN an API that drops connections twice WHEN it is asked THEN the third attempt succeeds", async (t) => {
    const { server, api } = await open(t, [
      { send: "reset" },
      { send: "reset" },
      { body: NO_ALERTS },
    ]);

    assert.deepEqual(await alertsOf(api), []);
    assert.equal(server.requests.length, 3);
  });

  it("GIVEN an API that answers 503 every time WHEN it is asked THEN the third answer is the failure", async (t) => {
    const problem = (detail: string): Reply => ({ status: 503, body: { detail } });
    const { server, api } = await open(t, [problem("One."), problem("Two."), problem("Three.")]);

    await assert.rejects(
      alertsOf(api),
      failure("unavailable", 'The National Weather Service API answered 503 ("Three").'),
    );
    assert.equal(server.requests.length, 3);
  });

  it("GIVEN a 503 that may be kept WHEN the API is asked twice THEN only attempts of the first call reach it", async (t) => {
    const reply = { status: 503, headers: FRESH };
    const { server, api } = await open(t, [reply, reply, reply]);
    const unavailable = failure("unavailable", "The National Weather Service API answered 503.");

    await assert.rejects(alertsOf(api), unavailable);
    await assert.rejects(alertsOf(api), unavailable);

    assert.equal(server.requests.length, 3);
  });

  for (const retryAfter of ["0", "Wed, 01 Jul 2020 10:00:00 GMT", "soon"]) {
    it(`GIVEN Retry-After: ${retryAfter} WHEN the API is asked THEN it is asked again`, async (t) => {
      const { server, api } = await open(t, [
        { status: 429, headers: { "Retry-After": retryAfter } },
        { body: NO_ALERTS },
      ]);

      assert.deepEqual(await alertsOf(api), []);
      assert.equal(server.requests.length, 2);
    });
  }

  for (const retryAfter of ["3600", "Sun, 01 Jul 2125 10:00:00 GMT"]) {
    it(
      `GIVEN Retry-After: ${retryAfter}, past the deadline WHEN the API is asked THEN it gives up at once`,
      PROMPT,
      async (t) => {
        const { server, api } = await open(t, [
          { status: 503, headers: { "Retry-After": retryAfter } },
        ]);

        await assert.rejects(
          alertsOf(api),
          failure("unavailable", "The National Weather Service API answered 503."),
        );
        assert.equal(server.requests.length, 1);
      },
    );
  }

  it("GIVEN an answer that breaks off WHEN it is read THEN it is not asked for again", async (t) => {
    const { server, api } = await open(t, [{ body: '{"features":', send: "cut" }]);

    await assert.rejects(
      alertsOf(api),
      failure(
        "unavailable",
        "The connection to the National Weather Service API failed (UND_ERR_SOCKET).",
      ),
    );
    assert.equal(server.requests.length, 1);
  });

  it("GIVEN an API that does not listen WHEN it is asked THEN it is unavailable", async (t) => {
    const { server, api } = await open(t, []);
    await server.close();

    await assert.rejects(
      alertsOf(api),
      failure(
        "unavailable",
        "The connection to the National Weather Service API failed (ECONNREFUSED).",
      ),
    );
  });
});

describe("the weather API's deadline and aborts", () => {
  it("GIVEN an API that never answers WHEN it is asked THEN the deadline ends the call", async (t) => {
    const { api } = await open(t, [{ send: "nothing" }], { deadlineMilliseconds: 50 });

    await assert.rejects(
      alertsOf(api),
      failure("timeout", "The National Weather Service API did not answer within 0.05 s."),
    );
  });

  it("GIVEN an API that stops within its answer WHEN it is asked THEN the deadline ends the call", async (t) => {
    const { api } = await open(t, [{ body: '{"features":', send: "headers" }], {
      deadlineMilliseconds: 50,
    });

    await assert.rejects(
      alertsOf(api),
      failure("timeout", "The National Weather Service API did not answer within 0.05 s."),
    );
  });

  it("GIVEN a signal that has aborted WHEN the API is asked THEN the signal's reason is thrown", async (t) => {
    const { server, api } = await open(t, []);
    const reason = new Error("gone");

    await assert.rejects(alertsOf(api, AbortSignal.abort(reason)), (error) => error === reason);
    assert.equal(server.requests.length, 0);
  });

  for (const [moment, reply] of [
    ["the answer is awaited", { send: "nothing" }],
    ["the answer is read", { body: '{"features":', send: "headers" }],
    ["a retry after an answer is awaited", { status: 503 }],
    ["a retry after a dropped connection is awaited", { send: "reset" }],
  ] satisfies readonly (readonly [string, Reply])[]) {
    it(
      `GIVEN a call WHEN its caller aborts while ${moment} THEN the caller's reason is thrown`,
      PROMPT,
      async (t) => {
        const { server, api } = await open(t, [reply, { body: NO_ALERTS }], {
          retry: { firstDelayMilliseconds: 10_000, maxDelayMilliseconds: 10_000 },
        });
        const caller = new AbortController();
        const reason = new Error("gone");
        const call = alertsOf(api, caller.signal);
        await server.received(1);
        // Once a later call is done, what the server did about the first has reached the client.
        await api.activeAlerts("NY", { signal: neverAborts() });

        caller.abort(reason);

        await assert.rejects(call, (error) => error === reason);
        assert.equal(server.requests.length, 2);
      },
    );
  }

  it(
    "GIVEN a revalidation under way WHEN its caller aborts THEN the caller's reason is thrown",
    PROMPT,
    async (t) => {
      const headers = { "Cache-Control": "no-cache", ETag: '"1"' };
      const { server, api } = await open(t, [{ headers, body: NO_ALERTS }, { send: "nothing" }]);
      await alertsOf(api);
      const caller = new AbortController();
      const reason = new Error("gone");
      const call = alertsOf(api, caller.signal);

      await server.received(2);
      caller.abort(reason);

      await assert.rejects(call, (error) => error === reason);
    },
  );

  it("GIVEN a call under way WHEN the API is closed THEN the call fails", async (t) => {
    const { server, api } = await open(t, [{ send: "nothing" }]);
    const call = alertsOf(api);

    await server.received(1);
    const closed = api.close();

    await assert.rejects(
      call,
      failure(
        "unavailable",
        "The connection to the National Weather Service API failed (UND_ERR_DESTROYED).",
      ),
    );
    await closed;
  });
});

describe("the weather API's faulty answers", () => {
  for (const [status, kind] of [
    [301, "unexpected"],
    [400, "invalid"],
    [403, "unexpected"],
    [404, "not-found"],
    [422, "invalid"],
    [501, "unavailable"],
  ] as const) {
    it(`GIVEN the status ${status} WHEN the API is asked THEN the failure is of the kind ${kind}`, async (t) => {
      const { server, api } = await open(t, [
        { status, headers: { Location: "/elsewhere" }, body: { detail: "No." } },
      ]);

      await assert.rejects(
        alertsOf(api),
        failure(kind, `The National Weather Service API answered ${status} ("No").`),
      );
      assert.equal(server.requests.length, 1);
    });
  }

  for (const [what, body, shown] of [
    [
      "lines and quotes",
      { detail: 'Bad\r\n"point"\u2028\u0007given.' },
      " (\"Bad 'point' given\")",
    ],
    ["600 characters", { detail: "ab ".repeat(200) }, ` ("${"ab ".repeat(66)}ab…")`],
    ["no detail", { title: "Bad Request" }, ""],
    ["HTML", "<html>Access Denied</html>", ""],
    ["more than 64 KiB", { detail: "x".repeat(70_000) }, ""],
  ] as const) {
    it(`GIVEN a problem with ${what} WHEN the API is asked THEN the message is one short line`, async (t) => {
      const { api } = await open(t, [{ status: 400, body }]);

      await assert.rejects(
        alertsOf(api),
        failure("invalid", `The National Weather Service API answered 400${shown}.`),
      );
    });
  }

  it("GIVEN a body that is not JSON WHEN it is read THEN the answer is refused", async (t) => {
    const { api } = await open(t, [{ body: '{"features":[' }]);

    await assert.rejects(
      alertsOf(api),
      failure("unexpected", "An answer of the National Weather Service API is not JSON."),
    );
  });

  it("GIVEN JSON of another shape WHEN it is read THEN the answer is refused", async (t) => {
    const { api } = await open(t, [{ body: { features: [{ properties: { event: 7 } }] } }]);

    await assert.rejects(
      alertsOf(api),
      failure(
        "unexpected",
        "An answer of the National Weather Service API does not have the documented shape" +
          " (features.0.properties.event: Invalid input: expected string, received number).",
      ),
    );
  });

  it("GIVEN a body of the longest length allowed WHEN it is read THEN it is accepted", async (t) => {
    const body = JSON.stringify(NO_ALERTS);
    const { api } = await open(t, [{ body }], { maxBodyBytes: body.length });

    assert.deepEqual(await alertsOf(api), []);
  });

  it("GIVEN a body one byte longer WHEN it is read THEN the answer is refused", async (t) => {
    const body = JSON.stringify(NO_ALERTS);
    const { api } = await open(t, [{ body }], { maxBodyBytes: body.length - 1 });

    await assert.rejects(
      alertsOf(api),
      failure(
        "unexpected",
        `An answer of the National Weather Service API is longer than ${body.length - 1} bytes.`,
      ),
    );
  });

  it(
    "GIVEN a body without end WHEN it is longer than allowed THEN the rest is not awaited",
    PROMPT,
    async (t) => {
      const { api } = await open(t, [{ body: "x".repeat(1000), send: "headers" }], {
        maxBodyBytes: 100,
      });

      await assert.rejects(
        alertsOf(api),
        failure(
          "unexpected",
          "An answer of the National Weather Service API is longer than 100 bytes.",
        ),
      );
    },
  );
});
