import assert from "node:assert/strict";
import { z } from "zod";
import { forecastFeature } from "../../local/samples/weather-forecasts.ts";

/** What the weather server must say to every client, however it asks. */

const ANNOTATIONS = { readOnlyHint: true, idempotentHint: true, openWorldHint: true };

const INPUTS = {
  get_alerts: {
    type: "object",
    properties: {
      state: {
        type: "string",
        description:
          "Two-letter code of a US state or territory (such as CA, PR), or of a marine area (such as GM, LM).",
        examples: ["CA"],
      },
    },
    required: ["state"],
    $schema: "https://json-schema.org/draft/2020-12/schema",
  },
  get_forecast: {
    type: "object",
    properties: {
      latitude: {
        type: "number",
        minimum: -90,
        maximum: 90,
        description: "Degrees north of the equator, -90 to 90; rounded to four decimals.",
        examples: [38.5816],
      },
      longitude: {
        type: "number",
        minimum: -180,
        maximum: 180,
        description:
          "Degrees east of Greenwich, -180 to 180, so negative in most of the United States.",
        examples: [-121.4944],
      },
    },
    required: ["latitude", "longitude"],
    $schema: "https://json-schema.org/draft/2020-12/schema",
  },
};

const ALERT_FIELDS = [
  "event",
  "areas",
  "severity",
  "urgency",
  "certainty",
  "headline",
  "description",
  "instruction",
  "effective",
  "ends",
];
const PERIOD_FIELDS = [
  "name",
  "startTime",
  "endTime",
  "temperature",
  "temperatureUnit",
  "windSpeed",
  "windDirection",
  "precipitationProbability",
  "shortForecast",
  "detailedForecast",
];

const objectSchema = z.looseObject({
  type: z.literal("object"),
  properties: z.record(z.string(), z.looseObject({})),
  required: z.array(z.string()),
});
const listSchema = z.looseObject({ type: z.literal("array"), items: objectSchema });
const toolList = z.array(
  z.looseObject({
    name: z.string(),
    title: z.string(),
    description: z.string().min(1),
    inputSchema: objectSchema,
    outputSchema: objectSchema,
    annotations: z.record(z.string(), z.unknown()),
  }),
);

/** The tools as `tools/list` gives them: in this order, with both schemas. */
export function assertTools(given: unknown): void {
  const tools = toolList.parse(given);
  assert.deepEqual(
    tools.map(({ name, title, inputSchema }) => ({ name, title, inputSchema })),
    [
      { name: "get_alerts", title: "Get weather alerts", inputSchema: INPUTS.get_alerts },
      { name: "get_forecast", title: "Get weather forecast", inputSchema: INPUTS.get_forecast },
    ],
  );
  for (const { annotations } of tools) {
    // Clients fill what is not given with nulls.
    const known = Object.entries(annotations).filter(([, value]) => value !== null);
    assert.deepEqual(Object.fromEntries(known), ANNOTATIONS);
  }
  const [alerts, forecast] = tools.map(({ outputSchema }) => outputSchema);
  assert.deepEqual(alerts?.required, ["area", "areaName", "count", "alerts"]);
  assert.deepEqual(itemFields(alerts.properties["alerts"]), ALERT_FIELDS);
  assert.deepEqual(forecast?.required, [
    "latitude",
    "longitude",
    "location",
    "timeZone",
    "updated",
    "periods",
  ]);
  assert.deepEqual(itemFields(forecast.properties["periods"]), PERIOD_FIELDS);
}

function itemFields(schema: unknown): string[] {
  const { properties, required } = listSchema.parse(schema).items;
  assert.deepEqual(Object.keys(properties), required);
  return required;
}

/** As far as it is the same in every era; clients add nulls and metadata. */
const toolResult = z.object({
  content: z.tuple([z.object({ type: z.literal("text"), text: z.string() })]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().nullish(),
});

function successOf(given: unknown): { text: string; structured: unknown } {
  const { content, structuredContent, isError } = toolResult.parse(given);
  assert.notEqual(isError, true, content[0].text);
  return { text: content[0].text, structured: structuredContent };
}

const HOUR = 3_600_000;

/** Data begins with the last full hour; a cached answer may be of the one before. */
function assertRecentHour(time: string): void {
  assert.match(time, /T\d\d:00:00\+00:00$/u);
  const age = Date.now() - Date.parse(time);
  assert.ok(age >= 0 && age < 2 * HOUR, `${time} is not recent`);
}

/** An area whose two alerts leave out an end and an instruction. */
export const ALERTS_ARGUMENTS = { state: "HI" };

/** The answer of `get_alerts` to {@link ALERTS_ARGUMENTS}. */
export function assertAlerts(given: unknown): void {
  const { text, structured } = successOf(given);
  const { alerts } = z
    .looseObject({ alerts: z.array(z.looseObject({ effective: z.string() })).length(2) })
    .parse(structured);
  const effective = alerts[0]?.effective ?? "";
  assertRecentHour(effective);
  const inTwoHours = new Date(Date.parse(effective) + 2 * HOUR).toISOString();
  const ends = inTwoHours.replace(".000Z", "+00:00");
  assert.deepEqual(structured, {
    area: "HI",
    areaName: "Hawaii",
    count: 2,
    alerts: [
      {
        event: "Flood Warning",
        areas: "Sample Zone 1, HI; Sample Zone 2, HI",
        severity: "Severe",
        urgency: "Immediate",
        certainty: "Observed",
        headline: "SAMPLE DATA: Flood Warning issued for HI",
        description:
          "SAMPLE DATA\n\n* WHAT...Minor flooding is occurring.\n\n* WHEN...Until further notice." +
          "\n\n* IMPACTS...Low roads are under water.",
        instruction: "Turn around, don't drown when encountering flooded roads.",
        effective,
        ends: null,
      },
      {
        event: "Special Weather Statement",
        areas: "Sample Zone 1, HI; Sample Zone 2, HI",
        severity: "Minor",
        urgency: "Expected",
        certainty: "Observed",
        headline: "SAMPLE DATA: Special Weather Statement issued for HI",
        description:
          "SAMPLE DATA\n\nPatchy dense fog lowers visibility to a quarter mile at times.",
        instruction: null,
        effective,
        ends,
      },
    ],
  });
  assert.equal(
    text,
    [
      "2 alerts are in force for Hawaii (HI).",
      "",
      "1. Flood Warning (severity Severe, urgency Immediate, certainty Observed)",
      "Areas: Sample Zone 1, HI; Sample Zone 2, HI",
      `In effect: from ${effective} until further notice`,
      "SAMPLE DATA: Flood Warning issued for HI",
      "SAMPLE DATA",
      "",
      "* WHAT...Minor flooding is occurring.",
      "",
      "* WHEN...Until further notice.",
      "",
      "* IMPACTS...Low roads are under water.",
      "Turn around, don't drown when encountering flooded roads.",
      "",
      "2. Special Weather Statement (severity Minor, urgency Expected, certainty Observed)",
      "Areas: Sample Zone 1, HI; Sample Zone 2, HI",
      `In effect: from ${effective} to ${ends}`,
      "SAMPLE DATA: Special Weather Statement issued for HI",
      "SAMPLE DATA",
      "",
      "Patchy dense fog lowers visibility to a quarter mile at times.",
    ].join("\n"),
  );
}

/** Los Angeles, more precisely than the API takes it. */
export const FORECAST_ARGUMENTS = { latitude: 34.050_01, longitude: -118.239_99 };

/** What `get_forecast` reports on its way. */
export const FORECAST_PROGRESS = [
  { progress: 1, total: 2, message: "Grid point found." },
  { progress: 2, total: 2, message: "Forecast fetched." },
];

const sampleForecast = z.object({
  properties: z.object({
    updateTime: z.string(),
    periods: z.array(
      z.looseObject({ probabilityOfPrecipitation: z.object({ value: z.number().nullable() }) }),
    ),
  }),
});

/** The answer of `get_forecast` to {@link FORECAST_ARGUMENTS}: the sample data of its hour. */
export function assertForecast(given: unknown): void {
  const { text, structured } = successOf(given);
  const { updated } = z.looseObject({ updated: z.string() }).parse(structured);
  assertRecentHour(updated);
  const sample = sampleForecast.parse(forecastFeature("LOX", 154, 44, new Date(updated)));
  const periods = sample.properties.periods.slice(0, 5).map((period) => ({
    ...Object.fromEntries(PERIOD_FIELDS.map((field) => [field, period[field]])),
    precipitationProbability: period.probabilityOfPrecipitation.value,
  }));
  assert.equal(periods.length, 5);
  assert.deepEqual(structured, {
    latitude: 34.05,
    longitude: -118.24,
    location: { city: "Los Angeles", state: "CA" },
    timeZone: "America/Los_Angeles",
    updated,
    periods,
  });
  const lines = text.split("\n");
  assert.equal(
    lines[0],
    `Forecast for Los Angeles, CA, latitude 34.05, longitude -118.24 (time zone America/Los_Angeles), updated ${updated}:`,
  );
  assert.equal(lines.length, 6);
}

function assertFailure(given: unknown, message: string): void {
  const { content, structuredContent, isError } = toolResult.parse(given);
  assert.equal(content[0].text, message);
  assert.equal(isError, true);
  assert.equal(structuredContent ?? undefined, undefined);
}

export const UNKNOWN_AREA_ARGUMENTS = { state: "ZZ" };

/** The answer of `get_alerts` to {@link UNKNOWN_AREA_ARGUMENTS}: what is wrong, and what would be right. */
export function assertUnknownArea(given: unknown): void {
  assertFailure(
    given,
    'The tool `get_alerts` does not take these arguments: state: `state` is "ZZ", which is no area of the' +
      " National Weather Service. Give the two-letter code of a US state or territory, such as CA (California) or PR" +
      " (Puerto Rico), or of a marine area, such as GM (Gulf of Mexico).",
  );
}

/** Paris. */
export const ABROAD_ARGUMENTS = { latitude: 48.86, longitude: 2.35 };

/** The answer of `get_forecast` to {@link ABROAD_ARGUMENTS}. */
export function assertAbroad(given: unknown): void {
  assertFailure(
    given,
    "The National Weather Service has no forecast for latitude 48.86, longitude 2.35: it covers the United States and" +
      " its territories and waters. Use coordinates there.",
  );
}

/** How the server introduces itself. */
export const SERVER = { name: "weather", title: "US weather", version: "0.1.0" };
