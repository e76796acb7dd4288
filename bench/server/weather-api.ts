/**
 * Stands in for the National Weather Service, in a process of its own: `PORT=<port> node weather-api.ts`. Every place between 30 and 49 degrees north has a
 * grid point of its own, which its forecast names. Nobody may keep an answer.
 */
import { createServer } from "node:http";

const port = Number(process.env["PORT"]);

const NAMES = ["This Afternoon", "Tonight", "Friday", "Friday Night", "Saturday", "Saturday Night"];

const WORDS =
  "Partly sunny, with a high near 72. South southeast wind 5 to 10 mph, with gusts as high as 20 mph. Chance of precipitation is 30 percent";

function point(latitude: number): object {
  return {
    properties: {
      forecast: `http://127.0.0.1:${port}/gridpoints/TOP/${Math.round(latitude * 10_000)},80/forecast`,
      timeZone: "America/Chicago",
      relativeLocation: { properties: { city: "Linn", state: "KS" } },
    },
  };
}

function forecast(gridX: string): object {
  const periods = NAMES.map((name, index) => ({
    number: index + 1,
    name,
    startTime: `2026-11-${20 + index}T06:00:00-06:00`,
    endTime: `2026-11-${20 + index}T18:00:00-06:00`,
    isDaytime: index % 2 === 0,
    temperature: 60 + index,
    temperatureUnit: "F",
    probabilityOfPrecipitation: { unitCode: "wmoUnit:percent", value: 30 },
    windSpeed: "5 to 10 mph",
    windDirection: "SSE",
    shortForecast: "Partly Sunny",
    detailedForecast: `${WORDS} at grid point ${gridX}.`,
  }));
  return { properties: { updateTime: "2026-11-20T10:00:00+00:00", units: "us", periods } };
}

function answer(path: string): object | undefined {
  const latitude = /^\/points\/([\d.]+),/u.exec(path)?.[1];
  if (latitude !== undefined) return point(Number(latitude));
  const gridX = /^\/gridpoints\/TOP\/(\d+),80\/forecast/u.exec(path)?.[1];
  return gridX === undefined ? undefined : forecast(gridX);
}

createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
  const found = answer(request.url ?? "/");
  const text = JSON.stringify(found ?? { title: "Not Found", status: 404 });
  response
    .writeHead(found === undefined ? 404 : 200, {
      "Content-Type": "application/geo+json",
      "Content-Length": Buffer.byteLength(text),
      "Cache-Control": "no-store",
    })
    .end(text);
}).listen(port, "127.0.0.1");
