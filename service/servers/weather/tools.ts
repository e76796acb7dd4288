import type { Tool } from "../../runtime/tool.ts";
import type { WeatherApi } from "./api.ts";
import { getAlerts } from "./get-alerts.ts";
import { getForecast } from "./get-forecast.ts";

/** The weather server's tools, over an API that is open. */
export function weatherTools(api: WeatherApi): readonly Tool[] {
  return [getAlerts(api), getForecast(api)];
}
