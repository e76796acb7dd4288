import { ConfigurationError } from "../../runtime/configuration-error.ts";
import type { ServerDefinition, StartContext } from "../../runtime/server.ts";
import { createWeatherApi } from "./api.ts";
import { weatherTools } from "./tools.ts";

const VERSION = "0.1.0";

const DEFAULT_API_URL = "https://api.weather.gov";

/** The API asks for a name by which it can tell its clients apart, and for a contact: set your own. */
const DEFAULT_USER_AGENT = `pulumi-mcp-service/${VERSION} (weather server)`;

/**
 * Alerts and forecasts of the US National Weather Service.
 *
 * Reads `WEATHER_API_URL` (default: the API itself; a stand-in elsewhere) and
 * `WEATHER_API_USER_AGENT` (default: this package's name) from the environment. Either counts as
 * not set when it is empty.
 */
export const weather = {
  name: "weather",
  title: "US weather",
  version: VERSION,
  instructions:
    "Alerts and forecasts of the US National Weather Service, for the United States, its territories and waters only." +
    " `get_alerts` takes a two-letter area code, `get_forecast` takes coordinates.",
  start: ({ environment }: Pick<StartContext, "environment">) => {
    const api = createWeatherApi({
      baseUrl: apiUrl(environment["WEATHER_API_URL"] || DEFAULT_API_URL),
      userAgent: userAgent(environment["WEATHER_API_USER_AGENT"] || DEFAULT_USER_AGENT),
    });
    return { tools: weatherTools(api), stop: () => api.close() };
  },
} satisfies ServerDefinition;

function apiUrl(value: string): URL {
  const url = URL.parse(value);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new ConfigurationError(
      `\`WEATHER_API_URL\` is \`${value}\`, which is not an http or https address. Give one, or unset it to use ${DEFAULT_API_URL}.`,
    );
  }
  return url;
}

function userAgent(value: string): string {
  if (!/^[\x20-\x7e]+$/u.test(value)) {
    throw new ConfigurationError(
      `\`WEATHER_API_USER_AGENT\` is ${JSON.stringify(value)}, which an HTTP header cannot carry. Use printable ASCII characters, on one line.`,
    );
  }
  return value;
}
