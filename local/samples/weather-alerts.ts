import { floorHour, hash, HOUR, iso, MARK, pick, WEATHER_API_ORIGIN } from "./weather-data.ts";

const STATES =
  "AL AK AS AR AZ CA CO CT DE DC FL GA GU HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH" +
  " NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VI VA WA WV WI WY MP PW FM MH";
const WATERS = "AM AN GM LC LE LH LM LO LS PH PK PM PS PZ SL";

/** Every area code that the API accepts: states and territories, then marine areas. */
export const AREA_CODES: readonly string[] = `${STATES} ${WATERS}`.split(" ");

/** An event, and what it says: severity, urgency, certainty, hours it lasts, text, instruction. */
type Event = readonly [string, string, string, string, number | null, string, string | null];

const ON_LAND: readonly Event[] = [
  [
    "Heat Advisory",
    "Moderate",
    "Expected",
    "Likely",
    10,
    "* WHAT...Temperatures up to 104.\n\n* IMPACTS...Heat illnesses may occur.",
    "Drink plenty of fluids, stay in an air-conditioned room, and check up on relatives.",
  ],
  [
    "Flood Warning",
    "Severe",
    "Immediate",
    "Observed",
    null,
    "* WHAT...Minor flooding is occurring.\n\n* WHEN...Until further notice.\n\n* IMPACTS...Low roads are under water.",
    "Turn around, don't drown when encountering flooded roads.",
  ],
  [
    "Special Weather Statement",
    "Minor",
    "Expected",
    "Observed",
    2,
    "Patchy dense fog lowers visibility to a quarter mile at times.",
    null,
  ],
];

const ON_WATER: readonly Event[] = [
  [
    "Small Craft Advisory",
    "Minor",
    "Expected",
    "Likely",
    18,
    "* WHAT...Winds 20 to 25 kt and waves 5 to 8 ft.",
    "Inexperienced mariners should avoid navigating in hazardous conditions.",
  ],
  [
    "Gale Warning",
    "Moderate",
    "Expected",
    "Likely",
    24,
    "* WHAT...Winds 30 to 40 kt and waves 10 to 14 ft.",
    "Mariners should alter plans to avoid these hazardous conditions.",
  ],
];

/** The alerts in force in an area of {@link AREA_CODES}: none, one or two, always the same ones. */
export function alertCollection(area: string, now: Date): object {
  const events = WATERS.split(" ").includes(area) ? ON_WATER : ON_LAND;
  const seed = hash(`alerts/${area}`);
  return {
    type: "FeatureCollection",
    features: Array.from({ length: seed % 3 }, (_, index) =>
      alertFeature(area, pick(events, (seed >>> 8) + index), now),
    ),
    title: `Current watches, warnings, and advisories for ${area}`,
    updated: iso(floorHour(now), 0),
  };
}

function alertFeature(area: string, event: Event, now: Date): object {
  const [name, severity, urgency, certainty, hours, description, instruction] = event;
  const sent = floorHour(now);
  const after = (count: number): string => iso(new Date(sent.getTime() + count * HOUR), 0);
  const zone = `${area}Z001`;
  const id = `urn:oid:2.49.0.1.840.0.${hash(`${area}/${name}`).toString(16)}.001.1`;
  return {
    id: `${WEATHER_API_ORIGIN}/alerts/${id}`,
    type: "Feature",
    geometry: null,
    properties: {
      "@id": `${WEATHER_API_ORIGIN}/alerts/${id}`,
      "@type": "wx:Alert",
      id,
      areaDesc: `Sample Zone 1, ${area}; Sample Zone 2, ${area}`,
      geocode: { SAME: ["000001"], UGC: [zone] },
      affectedZones: [`${WEATHER_API_ORIGIN}/zones/forecast/${zone}`],
      references: [],
      sent: after(0),
      effective: after(0),
      onset: after(0),
      expires: after(hours ?? 12),
      ends: hours === null ? null : after(hours),
      // The status that the Common Alerting Protocol has for messages that are not to be acted upon.
      status: "Test",
      messageType: "Alert",
      category: "Met",
      severity,
      certainty,
      urgency,
      event: name,
      sender: "sample@example.com",
      senderName: MARK,
      headline: `${MARK}: ${name} issued for ${area}`,
      description: `${MARK}\n\n${description}`,
      instruction,
      response: "Monitor",
      parameters: { AWIPSidentifier: ["SAMPLE"] },
    },
  };
}
