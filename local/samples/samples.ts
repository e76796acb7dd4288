import { startWeatherApi, WEATHER_API_ORIGIN } from "./weather-api.ts";

/** Stand-ins of public APIs, for machines without internet. */
export interface Samples {
  /** What a declared origin is replaced with. */
  readonly replacements: ReadonlyMap<string, string>;
  close(): Promise<void> | void;
}

/** Starts every stand-in there is. */
export async function startSamples(): Promise<Samples> {
  const weather = await startWeatherApi({});
  return {
    replacements: new Map([[WEATHER_API_ORIGIN, weather.url]]),
    close: () => weather.close(),
  };
}
