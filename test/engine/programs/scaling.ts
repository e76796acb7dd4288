/** Two services that scale by everything there is; for `npm start`, and for whoever reads graphs. */
import { McpPlatform, McpServer, McpService } from "../../../infra/index.ts";

const platform = new McpPlatform("mcp", {});

const weather = new McpService("weather", {
  platform: platform.handle,
  server: McpServer.Weather,
  minReplicas: 2,
  maxReplicas: 40,
  requestCountPerTarget: 600,
  targetOngoingRequests: 20,
  burstScaling: true,
  cpuTargetPercent: 60,
  schedules: [
    {
      name: "day",
      cron: "0 7 ? * MON-FRI *",
      timezone: "Europe/Berlin",
      minReplicas: 6,
      maxReplicas: 40,
    },
    {
      name: "evening",
      cron: "0 20 ? * MON-FRI *",
      timezone: "Europe/Berlin",
      minReplicas: 2,
      maxReplicas: 10,
    },
  ],
  scaleOutCooldownSeconds: 30,
  scaleInCooldownSeconds: 600,
  disableScaleIn: true,
  maxOngoingRequests: 50,
});

/** A name of its own for the metrics, and the night off. */
const forecasts = new McpService("forecasts", {
  platform: platform.handle,
  server: McpServer.Weather,
  path: "/forecasts/mcp",
  environment: { OTEL_SERVICE_NAME: "team/forecasts" },
  targetOngoingRequests: 0.8,
  maxOngoingRequests: 1,
  cpuTargetPercent: 0,
  schedules: [
    { name: "on", cron: "0 6 * * ? *", minReplicas: 2, maxReplicas: 20 },
    { name: "off", cron: "30 21 * * ? *", minReplicas: 0, maxReplicas: 0 },
  ],
});

export const url = weather.url;
export const forecastsUrl = forecasts.url;
