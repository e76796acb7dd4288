import { z } from "zod";
import { defineTool, ToolError } from "../../runtime/tool.ts";
import type { WeatherApi } from "./api.ts";
import { roundDegrees } from "./coordinates.ts";
import { callingApi, READS_OUTSIDE } from "./tool-failure.ts";

/** As many as the weather server of MCP's own tutorial gives: two days and a half, a short read. */
const PERIODS = 5;

/** What helps where a place has no forecast of its own: waters, mostly. */
const ELSEWHERE = "Use coordinates nearby, on land.";

const input = z.object({
  latitude: z
    .number()
    .min(-90)
    .max(90)
    .describe("Degrees north of the equator, -90 to 90; rounded to four decimals.")
    .meta({ examples: [38.5816] }),
  longitude: z
    .number()
    .min(-180)
    .max(180)
    .describe("Degrees east of Greenwich, -180 to 180, so negative in most of the United States.")
    .meta({ examples: [-121.4944] }),
});

const output = z.object({
  latitude: z.number().describe("The latitude that was used, in degrees."),
  longitude: z.number().describe("The longitude that was used, in degrees."),
  location: z
    .object({
      city: z.string().describe("The nearest populated place."),
      state: z.string().describe("Its state or territory, two letters."),
    })
    .nullable()
    .describe("Where that is; null if the API does not tell."),
  timeZone: z.string().describe("The place's time zone, an IANA name."),
  updated: z.string().describe("When the forecast was last updated, in ISO 8601."),
  periods: z
    .array(
      z.object({
        name: z.string().describe("The half day, such as `Tonight` or `Wednesday`."),
        startTime: z.string().describe("When it begins, in ISO 8601, local time."),
        endTime: z.string().describe("When it ends, in ISO 8601, local time."),
        temperature: z.number().describe("The high of a day, the low of a night."),
        temperatureUnit: z.string().describe("F (Fahrenheit) or C (Celsius)."),
        windSpeed: z.string().describe("With its unit, such as `5 to 10 mph`; empty if unknown."),
        windDirection: z
          .string()
          .describe("Where the wind comes from, such as `SW`; empty if unknown."),
        precipitationProbability: z
          .number()
          .nullable()
          .describe("The chance of precipitation in percent; null if the API gives none."),
        shortForecast: z.string().describe("The weather in a few words."),
        detailedForecast: z.string().describe("The weather in sentences."),
      }),
    )
    .describe(`The next ${PERIODS} half days at most.`),
});

/** The tool that gives the forecast of a place in the United States. */
export function getForecast(api: WeatherApi) {
  return defineTool({
    name: "get_forecast",
    title: "Get weather forecast",
    description:
      "Gives the US National Weather Service's forecast for the next two days and a half at a place in the United States or its territories.",
    input,
    output,
    annotations: READS_OUTSIDE,
    run: async (coordinates, context) => {
      const latitude = roundDegrees(coordinates.latitude);
      const longitude = roundDegrees(coordinates.longitude);
      const missing =
        "The National Weather Service has no forecast for" +
        ` latitude ${latitude}, longitude ${longitude}`;

      const { location, grid } = await callingApi(
        context,
        () => api.point(latitude, longitude, context),
        () =>
          `${missing}: it covers the United States and its territories and waters. Use coordinates there.`,
      );
      if (grid === null) throw new ToolError(`${missing}, though it knows the place. ${ELSEWHERE}`);
      await context.progress({ progress: 1, total: 2, message: "Grid point found." });
      const forecast = await callingApi(
        context,
        () => api.forecast(grid.forecastPath, context),
        (failure) => `${missing}. ${failure.message} ${ELSEWHERE}`,
      );
      await context.progress({ progress: 2, total: 2, message: "Forecast fetched." });

      return {
        latitude,
        longitude,
        location: location,
        timeZone: grid.timeZone,
        updated: forecast.updated,
        periods: forecast.periods.slice(0, PERIODS),
      };
    },
    describe: ({ latitude, longitude, location, timeZone, updated, periods }) =>
      [
        `Forecast for ${location === null ? "" : `${location.city}, ${location.state}, `}` +
          `latitude ${latitude}, longitude ${longitude} (time zone ${timeZone}), updated ${updated}:`,
        ...periods.map(
          (period) =>
            `${period.name}: ${period.temperature}°${period.temperatureUnit}` +
            optional(", wind ", `${period.windSpeed} ${period.windDirection}`.trim()) +
            optional(", precipitation ", period.precipitationProbability, "%") +
            `. ${period.detailedForecast || period.shortForecast}`,
        ),
      ].join("\n"),
  });
}

function optional(before: string, value: string | number | null, after = ""): string {
  return value === null || value === "" ? "" : `${before}${value}${after}`;
}
