import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { alertCollection, AREA_CODES } from "./weather-alerts.ts";
import { floorHour, WEATHER_API_ORIGIN } from "./weather-data.ts";
import { forecastFeature, pointFeature } from "./weather-forecasts.ts";

export { WEATHER_API_ORIGIN } from "./weather-data.ts";

/** A stand-in that listens. */
export interface WeatherApiSample {
  /** Where it listens, such as `http://127.0.0.1:49152`. */
  readonly url: string;
  /** Ends it at once. */
  close(): Promise<void>;
}

/**
 * Starts a stand-in for the National Weather Service API, for machines that cannot reach it: the
 * three resources that the weather server reads, in the documented shapes, with data that is made
 * up, the same on every start, and marked as such.
 *
 * @param options `host`: default 127.0.0.1, so that only this machine reaches it. `port`: default 0,
 * any free one. `delayMilliseconds`: how long each answer takes, and none may be kept then, so that every call waits; default 0.
 */
export async function startWeatherApi(
  options: {
    readonly host?: string;
    readonly port?: number;
    readonly delayMilliseconds?: number;
  } = {},
): Promise<WeatherApiSample> {
  const { host = "127.0.0.1", port = 0, delayMilliseconds = 0 } = options;
  const server = createServer((request, response) => {
    if (delayMilliseconds === 0) {
      answer(request, response, AS_DOCUMENTED);
      return;
    }
    const timer = setTimeout(() => {
      answer(request, response, NEVER_FRESH);
    }, delayMilliseconds);
    response.once("close", () => {
      clearTimeout(timer);
    });
  });
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** How long answers stay fresh: as the API says, or never. */
type Freshness = (documentedSeconds: number) => number;
const AS_DOCUMENTED: Freshness = (seconds) => seconds;
const NEVER_FRESH: Freshness = () => 0;

function answer(request: IncomingMessage, response: ServerResponse, fresh: Freshness): void {
  const path = request.url?.split("?")[0] ?? "/";
  if ((request.headers["user-agent"] ?? "") === "") {
    sendProblem(response, 403, "Forbidden", "Forbidden", "A User-Agent header is required.");
    return;
  }
  if (request.method !== "GET") {
    sendProblem(response, 405, "MethodNotAllowed", "Method Not Allowed", "Use GET.");
    return;
  }
  const [, area] = /^\/alerts\/active\/area\/([^/]+)$/u.exec(path) ?? [];
  if (area !== undefined) {
    sendAlerts(response, area, fresh);
    return;
  }
  const [, latitude, longitude] = /^\/points\/(-?[\d.]+),(-?[\d.]+)$/u.exec(path) ?? [];
  if (latitude !== undefined && longitude !== undefined) {
    sendPoint(response, latitude, longitude, fresh);
    return;
  }
  const [, office, x, y] = /^\/gridpoints\/([A-Z]{3})\/(\d+),(\d+)\/forecast$/u.exec(path) ?? [];
  if (office !== undefined) {
    const forecast = forecastFeature(office, Number(x), Number(y), new Date());
    if (forecast !== undefined) {
      send(response, forecast, fresh(3600));
      return;
    }
  }
  sendProblem(response, 404, "NotFound", "Not Found", "Not Found");
}

function sendAlerts(response: ServerResponse, area: string, fresh: Freshness): void {
  if (AREA_CODES.includes(area)) {
    send(response, alertCollection(area, new Date()), fresh(30));
    return;
  }
  sendProblem(response, 400, "BadRequest", "Bad Request", "Bad Request", {
    parameterErrors: [
      {
        parameter: "path.area",
        message: `Does not have a value in the enumeration ${JSON.stringify(AREA_CODES)}`,
      },
    ],
  });
}

function sendPoint(
  response: ServerResponse,
  latitude: string,
  longitude: string,
  fresh: Freshness,
): void {
  const asked = `${latitude},${longitude}`;
  const canonical = [latitude, longitude].map((text) => Number(Number(text).toFixed(4))).join();
  const point = pointFeature(Number(latitude), Number(longitude));
  if (asked !== canonical && !canonical.includes("NaN")) {
    response.setHeader("Location", `/points/${canonical}`);
    sendProblem(
      response,
      301,
      "AdjustPointPrecision",
      "Adjusting Precision Of Point Coordinate",
      "The precision of latitude/longitude points is limited to 4 decimal digits for efficiency.",
    );
  } else if (point === undefined) {
    sendProblem(
      response,
      404,
      "InvalidPoint",
      "Data Unavailable For Requested Point",
      `Unable to provide data for requested point ${asked}`,
    );
  } else {
    send(response, point, fresh(21_600));
  }
}

/** @param seconds how long the answer stays fresh. */
function send(response: ServerResponse, body: object, seconds: number): void {
  response.writeHead(200, {
    ...commonHeaders(),
    "Content-Type": "application/geo+json",
    "Cache-Control": `public, max-age=${seconds}, s-maxage=${seconds}`,
    Expires: new Date(Date.now() + seconds * 1000).toUTCString(),
    "Last-Modified": floorHour(new Date()).toUTCString(),
    Vary: "Accept,Feature-Flags,Accept-Language",
  });
  response.end(JSON.stringify(body));
}

/** Errors are problems (RFC 9457) with the API's own additions. */
function sendProblem(
  response: ServerResponse,
  status: number,
  type: string,
  title: string,
  detail: string,
  additions: object = {},
): void {
  const headers = commonHeaders();
  const correlationId = headers["X-Correlation-Id"];
  response.writeHead(status, {
    ...headers,
    "Content-Type": "application/problem+json",
    "Cache-Control": "private, must-revalidate, max-age=86400",
  });
  response.end(
    JSON.stringify({
      correlationId,
      ...additions,
      title,
      type: `${WEATHER_API_ORIGIN}/problems/${type}`,
      status,
      detail,
      instance: `${WEATHER_API_ORIGIN}/requests/${correlationId}`,
    }),
  );
}

function commonHeaders(): Record<
  "X-Correlation-Id" | "X-Server-Id" | "Access-Control-Allow-Origin",
  string
> {
  return {
    "X-Correlation-Id": randomBytes(4).toString("hex"),
    "X-Server-Id": "sample",
    "Access-Control-Allow-Origin": "*",
  };
}
