import {
  floorHour,
  hash,
  HOUR,
  iso,
  MARK,
  offsetOf,
  pick,
  WEATHER_API_ORIGIN,
} from "./weather-data.ts";

/** A city, and the forecast office whose grid it is on. */
interface City {
  readonly name: string;
  readonly state: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly office: string;
  readonly gridX: number;
  readonly gridY: number;
  readonly timeZone: string;
}

const CITIES: readonly City[] = (
  [
    ["Los Angeles", "CA", 34.05, -118.24, "LOX", 154, 44, "America/Los_Angeles"],
    ["San Francisco", "CA", 37.77, -122.42, "MTR", 85, 105, "America/Los_Angeles"],
    ["Seattle", "WA", 47.61, -122.33, "SEW", 125, 68, "America/Los_Angeles"],
    ["Denver", "CO", 39.74, -104.99, "BOU", 63, 61, "America/Denver"],
    ["Houston", "TX", 29.76, -95.37, "HGX", 63, 95, "America/Chicago"],
    ["Chicago", "IL", 41.88, -87.63, "LOT", 76, 73, "America/Chicago"],
    ["Atlanta", "GA", 33.75, -84.39, "FFC", 51, 87, "America/New_York"],
    ["Miami", "FL", 25.76, -80.19, "MFL", 110, 50, "America/New_York"],
    ["Washington", "DC", 38.9, -77.04, "LWX", 97, 71, "America/New_York"],
    ["New York", "NY", 40.71, -74.01, "OKX", 33, 35, "America/New_York"],
    ["Anchorage", "AK", 61.22, -149.9, "AER", 143, 236, "America/Anchorage"],
    ["Honolulu", "HI", 21.31, -157.86, "HFO", 153, 144, "Pacific/Honolulu"],
    ["San Juan", "PR", 18.47, -66.11, "SJU", 112, 40, "America/Puerto_Rico"],
    ["Hagatna", "GU", 13.48, 144.75, "GUM", 33, 71, "Pacific/Guam"],
    ["Pago Pago", "AS", -14.28, -170.7, "PPG", 108, 61, "Pacific/Pago_Pago"],
  ] as const
).map(([name, state, latitude, longitude, office, gridX, gridY, timeZone]) => {
  return { name, state, latitude, longitude, office, gridX, gridY, timeZone };
});

/** Boxes around what the service covers, roughly: south, north, west, east, in degrees. */
const COVERAGE: readonly (readonly [number, number, number, number])[] = [
  [24.4, 49.4, -125, -66.9], // the contiguous states
  [51, 71.5, -180, -129], // Alaska
  [18.8, 22.4, -160.7, -154.7], // Hawaii
  [17.6, 18.7, -67.5, -64.4], // Puerto Rico and the Virgin Islands
  [13.1, 20.7, 144.4, 146.2], // Guam and the Northern Marianas
  [-14.7, -11, -171.3, -168], // American Samoa
];

/** The `/points` answer for a place; `undefined` outside of what the service covers. */
export function pointFeature(latitude: number, longitude: number): object | undefined {
  const covered = COVERAGE.some(
    ([south, north, west, east]) =>
      latitude >= south && latitude <= north && longitude >= west && longitude <= east,
  );
  if (!covered) return undefined;
  const distance = (city: City): number =>
    Math.hypot(latitude - city.latitude, longitude - city.longitude);
  const city = CITIES.reduce((best, other) => (distance(other) < distance(best) ? other : best));
  // Cells are 2.5 km wide, about 0.025 degrees.
  const gridX = Math.max(0, city.gridX + Math.round((longitude - city.longitude) / 0.025));
  const gridY = Math.max(0, city.gridY + Math.round((latitude - city.latitude) / 0.025));
  const id = `${WEATHER_API_ORIGIN}/points/${latitude},${longitude}`;
  const grid = `${WEATHER_API_ORIGIN}/gridpoints/${city.office}/${gridX},${gridY}`;
  return {
    id,
    type: "Feature",
    geometry: { type: "Point", coordinates: [longitude, latitude] },
    properties: {
      "@id": id,
      "@type": "wx:Point",
      cwa: city.office,
      forecastOffice: `${WEATHER_API_ORIGIN}/offices/${city.office}`,
      gridId: city.office,
      gridX,
      gridY,
      forecast: `${grid}/forecast`,
      forecastHourly: `${grid}/forecast/hourly`,
      forecastGridData: grid,
      observationStations: `${grid}/stations`,
      relativeLocation: {
        type: "Feature",
        geometry: { type: "Point", coordinates: [city.longitude, city.latitude] },
        properties: {
          city: city.name,
          state: city.state,
          distance: { unitCode: "wmoUnit:m", value: Math.round(distance(city) * 111_000) },
          bearing: { unitCode: "wmoUnit:degree_(angle)", value: 0 },
        },
      },
      timeZone: city.timeZone,
    },
  };
}

const SKIES = [
  { day: "Sunny", night: "Clear", chance: 0 },
  { day: "Mostly Sunny", night: "Mostly Clear", chance: 5 },
  { day: "Partly Sunny", night: "Partly Cloudy", chance: 15 },
  { day: "Chance Rain Showers", night: "Chance Rain Showers", chance: 45 },
] as const;
const WINDS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"] as const;
const DAYS = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
] as const;

/** The forecast of a grid cell: 14 half days from `now`; `undefined` if there is no such office. */
export function forecastFeature(
  office: string,
  gridX: number,
  gridY: number,
  now: Date,
): object | undefined {
  const city = CITIES.find((candidate) => candidate.office === office);
  if (city === undefined) return undefined;
  const offset = offsetOf(city.timeZone, now);
  const local = now.getTime() + offset;
  // Half days begin at 6 and 18 o'clock, local time; even ones are days.
  const first = Math.floor((local - 6 * HOUR) / (12 * HOUR));
  const updated = iso(floorHour(now), 0);
  const periods = Array.from({ length: 14 }, (_, index) => {
    const begin = (first + index) * 12 * HOUR + 6 * HOUR;
    const start = index === 0 ? floorHour(now).getTime() + offset : begin;
    const isDaytime = (first + index) % 2 === 0;
    const seed = hash(`${office}/${gridX},${gridY}/${index}`);
    const sky = pick(SKIES, seed);
    const temperature =
      Math.round(96 - Math.abs(city.latitude)) + (seed % 9) - 4 - (isDaytime ? 0 : 14);
    const short = isDaytime ? sky.day : sky.night;
    const wind = { speed: `${5 + (seed % 3) * 5} mph`, direction: pick(WINDS, seed >>> 4) };
    return {
      number: index + 1,
      name: periodName(new Date(begin), isDaytime, index, local),
      startTime: iso(new Date(start - offset), offset),
      endTime: iso(new Date(begin + 12 * HOUR - offset), offset),
      isDaytime,
      temperature,
      temperatureUnit: "F",
      temperatureTrend: null,
      probabilityOfPrecipitation: { unitCode: "wmoUnit:percent", value: sky.chance },
      windSpeed: wind.speed,
      windDirection: wind.direction,
      icon: `${WEATHER_API_ORIGIN}/icons/land/${isDaytime ? "day" : "night"}/few?size=medium`,
      shortForecast: short,
      detailedForecast:
        `${MARK}: ${short.toLowerCase()}, with a ${isDaytime ? "high" : "low"} near ${temperature}.` +
        ` ${wind.direction} wind around ${wind.speed}.`,
    };
  });
  return {
    type: "Feature",
    geometry: null,
    properties: {
      units: "us",
      forecastGenerator: "SampleForecastGenerator",
      generatedAt: updated,
      updateTime: updated,
      validTimes: `${updated}/P7D`,
      elevation: { unitCode: "wmoUnit:m", value: 100 },
      periods,
    },
  };
}

function periodName(begin: Date, isDaytime: boolean, index: number, local: number): string {
  if (index === 0 && isDaytime) return "Today";
  if (index === 0) return new Date(local).getUTCHours() < 6 ? "Overnight" : "Tonight";
  if (index === 1 && !isDaytime) return "Tonight";
  return `${DAYS[begin.getUTCDay()] ?? ""}${isDaytime ? "" : " Night"}`;
}
