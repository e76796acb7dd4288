import { z } from "zod";
import { defineTool } from "../../runtime/tool.ts";
import type { WeatherApi } from "./api.ts";
import { AREA_CODES, AREAS } from "./areas.ts";
import { callingApi, READS_OUTSIDE } from "./tool-failure.ts";

/** What a wrong argument may take of the message about it. */
const SHOWN_CHARACTERS = 40;

const input = z.object({
  state: z
    .string()
    .trim()
    .toUpperCase()
    .pipe(
      z.enum(AREA_CODES, {
        error: ({ input: given }) =>
          `\`state\` is ${JSON.stringify(String(given).slice(0, SHOWN_CHARACTERS))}, which is no area of the` +
          " National Weather Service. Give the two-letter code of a US state or territory, such as" +
          " CA (California) or PR (Puerto Rico), or of a marine area, such as GM (Gulf of Mexico).",
      }),
    )
    .describe(
      "Two-letter code of a US state or territory (such as CA, PR), or of a marine area (such as GM, LM).",
    )
    .meta({ examples: ["CA"] }),
});

const output = z.object({
  area: z.string().describe("The two-letter code that was asked for, in capitals."),
  areaName: z.string().describe("The area's name in English."),
  count: z.int().nonnegative().describe("How many alerts are in force."),
  alerts: z
    .array(
      z.object({
        event: z.string().describe("The kind of alert, such as `Heat Advisory`."),
        areas: z.string().describe("The counties or zones it is for, separated by semicolons."),
        severity: z.string().describe("Extreme, Severe, Moderate, Minor or Unknown."),
        urgency: z.string().describe("Immediate, Expected, Future, Past or Unknown."),
        certainty: z.string().describe("Observed, Likely, Possible, Unlikely or Unknown."),
        headline: z
          .string()
          .nullable()
          .describe("One line that sums it up; null if there is none."),
        description: z.string().describe("What happens where and when, as issued."),
        instruction: z
          .string()
          .nullable()
          .describe("What people should do, as issued; null if there is none."),
        effective: z.string().describe("When it took effect, in ISO 8601."),
        ends: z
          .string()
          .nullable()
          .describe("When the event is expected to end, in ISO 8601; null if that is not known."),
      }),
    )
    .describe("The alerts in force, in the order of the API."),
});

/** The tool that lists the alerts in force in a state, territory or marine area. */
export function getAlerts(api: WeatherApi) {
  return defineTool({
    name: "get_alerts",
    title: "Get weather alerts",
    description:
      "Lists the weather alerts of the US National Weather Service that are in force in a state, territory or marine area.",
    input,
    output,
    annotations: READS_OUTSIDE,
    run: async ({ state: area }, context) => {
      const alerts = await callingApi(context, () => api.activeAlerts(area, context));
      return { area, areaName: AREAS[area], count: alerts.length, alerts: [...alerts] };
    },
    describe: ({ area, areaName, count, alerts }) => {
      const place = `${areaName} (${area})`;
      if (count === 0) return `No alerts are in force for ${place}.`;
      return [
        `${count} ${count === 1 ? "alert is" : "alerts are"} in force for ${place}.`,
        ...alerts.map(describeAlert),
      ].join("\n\n");
    },
  });
}

function describeAlert(alert: z.output<typeof output>["alerts"][number], index: number): string {
  const { event, severity, urgency, certainty, effective, ends } = alert;
  return [
    `${index + 1}. ${event} (severity ${severity}, urgency ${urgency}, certainty ${certainty})`,
    `Areas: ${alert.areas}`,
    `In effect: from ${effective} ${ends === null ? "until further notice" : `to ${ends}`}`,
    ...[alert.headline, alert.description, alert.instruction].filter((text) => text),
  ].join("\n");
}
