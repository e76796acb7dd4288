import { startWeatherApi, WEATHER_API_ORIGIN } from "./weather-api.ts";

/** Stand-ins of public APIs, for machines without internet. */
export interface Samples {
  /** What a declared origin is replaced with. */
  readonly replacements: ReadonlyMap<string, string>;
  close(): Promise<void> | void;
}

/**
 * Starts every stand-in there is.
 *
 * @param delayMilliseconds how long each takes for an answer, in real time.
 */
export async function startSamples(delayMilliseconds = 0): Promise<Samples> {
  const weather = await startWeatherApi({ delayMilliseconds });
  return {
    replacements: new Map([[WEATHER_API_ORIGIN, weather.url]]),
    close: () => weather.close(),
  };
}
