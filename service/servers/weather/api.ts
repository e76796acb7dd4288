import { z } from "zod";
import type { AreaCode } from "./areas.ts";
import { roundDegrees } from "./coordinates.ts";
import { createTransport, unexpected, type TransportOptions } from "./transport.ts";

export { WeatherApiError, type WeatherApiErrorKind } from "./failure.ts";
export type { TransportOptions as WeatherApiOptions } from "./transport.ts";

/** An alert in force. Times are ISO 8601 with an offset. */
export interface Alert {
  readonly event: string;
  readonly areas: string;
  readonly severity: string;
  readonly urgency: string;
  readonly certainty: string;
  readonly headline: string | null;
  readonly description: string;
  readonly instruction: string | null;
  readonly effective: string;
  readonly ends: string | null;
}

/** What the API knows about a place. */
export interface Point {
  /** The nearest populated place. */
  readonly location: { readonly city: string; readonly state: string } | null;
  /** Where its forecast is; null where there is none, on some waters for instance. */
  readonly grid: {
    /** A path on the API. */
    readonly forecastPath: string;
    /** An IANA name. */
    readonly timeZone: string;
  } | null;
}

/** A forecast by half days. Times are ISO 8601 with an offset. */
export interface Forecast {
  readonly updated: string;
  readonly periods: readonly ForecastPeriod[];
}

/** One half day of a forecast. */
export interface ForecastPeriod {
  readonly name: string;
  readonly startTime: string;
  readonly endTime: string;
  readonly temperature: number;
  readonly temperatureUnit: string;
  /** A range with its unit, such as `5 to 10 mph`; empty where the API gives none. */
  readonly windSpeed: string;
  /** A compass point; empty where the API gives none. */
  readonly windDirection: string;
  /** In percent. */
  readonly precipitationProbability: number | null;
  readonly shortForecast: string;
  readonly detailedForecast: string;
}

/** How a call may be given up. */
export interface CallOptions {
  readonly signal: AbortSignal;
}

/**
 * The part of the National Weather Service API that the tools need
 * (https://www.weather.gov/documentation/services-web-api).
 *
 * Every method throws a {@link WeatherApiError}, or the signal's reason once the signal aborts.
 */
export interface WeatherApi {
  /** The alerts in force in a state, territory or marine area. */
  activeAlerts(area: AreaCode, options: CallOptions): Promise<readonly Alert[]>;
  /** Where to find the forecast of a place, given in degrees; they are rounded to four decimals. */
  point(latitude: number, longitude: number, options: CallOptions): Promise<Point>;
  /** @param path the `forecastPath` of a {@link Point}'s grid. */
  forecast(path: string, options: CallOptions): Promise<Forecast>;
  /** Ends every call and connection at once. */
  close(): Promise<void>;
}

/** A client of the API that pools connections, caches as the API's headers say, and retries. */
export function createWeatherApi(options: TransportOptions): WeatherApi {
  const transport = createTransport(options);

  async function get<T>(path: string, schema: z.ZodType<T>, { signal }: CallOptions): Promise<T> {
    const parsed = schema.safeParse(await transport.getJson(path, { signal }));
    if (parsed.success) return parsed.data;
    throw unexpected(`does not have the documented shape (${firstIssue(parsed.error)})`, {
      cause: parsed.error,
    });
  }

  return {
    activeAlerts: async (area, call) => {
      const { features } = await get(`/alerts/active/area/${area}`, alertsSchema, call);
      return features.map(({ properties: { areaDesc, headline, instruction, ends, ...rest } }) => ({
        ...rest,
        areas: areaDesc,
        headline: headline ?? null,
        instruction: instruction ?? null,
        ends: ends ?? null,
      }));
    },
    point: async (latitude, longitude, call) => {
      const place = `${roundDegrees(latitude)},${roundDegrees(longitude)}`;
      const { properties } = await get(`/points/${place}`, pointSchema, call);
      const { forecast, timeZone, relativeLocation } = properties;
      const { city, state } = relativeLocation?.properties ?? {};
      return {
        location: city == null || state == null ? null : { city, state },
        grid:
          forecast == null || timeZone == null
            ? null
            : { forecastPath: forecastPath(forecast), timeZone },
      };
    },
    forecast: async (path, call) => {
      const { properties } = await get(path, forecastSchema, call);
      return {
        updated: properties.updateTime,
        periods: properties.periods.map(({ probabilityOfPrecipitation, ...rest }) => ({
          ...rest,
          precipitationProbability: probabilityOfPrecipitation?.value ?? null,
        })),
      };
    },
    close: () => transport.close(),
  };
}

/**
 * The path of the absolute address under which a point's forecast is published. Only the path: it
 * is resolved on the configured API, so that an answer can never direct requests to another host.
 */
function forecastPath(address: string): string {
  const path = URL.parse(address)?.pathname;
  if (path === undefined || !/^\/gridpoints\/[A-Z]{3}\/-?\d+,-?\d+\/forecast$/u.test(path)) {
    throw unexpected("names no forecast of a grid point as a point's forecast");
  }
  return path;
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? error.message : `${issue.path.join(".")}: ${issue.message}`;
}

/** The API documents these as strings, but leaves them out now and then; an empty one harms nobody. */
const lenientString = z
  .string()
  .nullish()
  .transform((text) => text ?? "");

const alertsSchema = z.object({
  features: z.array(
    z.object({
      properties: z.object({
        event: z.string(),
        areaDesc: z.string(),
        severity: z.string(),
        urgency: z.string(),
        certainty: z.string(),
        headline: z.string().nullish(),
        description: lenientString,
        instruction: z.string().nullish(),
        effective: z.string(),
        ends: z.string().nullish(),
      }),
    }),
  ),
});

const pointSchema = z.object({
  properties: z.object({
    // Null for waters without a grid, and for whole offices at times (weather-gov/api#116).
    forecast: z.string().nullish(),
    timeZone: z.string().nullish(),
    relativeLocation: z
      .object({
        properties: z.object({ city: z.string().nullish(), state: z.string().nullish() }),
      })
      .nullish(),
  }),
});

const forecastSchema = z.object({
  properties: z.object({
    updateTime: z.string(),
    periods: z.array(
      z.object({
        name: z.string(),
        startTime: z.string(),
        endTime: z.string(),
        temperature: z.number(),
        temperatureUnit: z.string(),
        windSpeed: lenientString,
        windDirection: lenientString,
        probabilityOfPrecipitation: z.object({ value: z.number().nullable() }).nullish(),
        shortForecast: z.string(),
        detailedForecast: z.string(),
      }),
    ),
  }),
});
