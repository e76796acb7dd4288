import assert from "node:assert/strict";
import { test } from "node:test";
import { gatewaysFirst, type Endpoint } from "../../local/endpoints.ts";

const endpoint = (service: string): Endpoint => ({
  service,
  url: `http://127.0.0.1:8080/${service}/mcp`,
  token: undefined,
  issuer: undefined,
});

test("GIVEN services and gateways WHEN they are offered to a person THEN the gateways come first, and else the program's order stays", () => {
  const endpoints = ["weather", "tools", "stdio", "internal"].map(endpoint);

  const services = (gateways: readonly string[]): string[] =>
    gatewaysFirst({ endpoints, gateways: gateways.map((name) => ({ name })) }).map(
      ({ service }) => service,
    );

  assert.deepEqual(services([]), ["weather", "tools", "stdio", "internal"]);
  assert.deepEqual(services(["internal", "tools", "gone"]), [
    "tools",
    "internal",
    "weather",
    "stdio",
  ]);
});
