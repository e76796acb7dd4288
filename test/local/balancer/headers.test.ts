import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { requestHeaders, responseHeaders, type Arrival } from "../../../local/balancer/headers.ts";
import { redirectLocation } from "../../../local/balancer/redirect.ts";
import type { LoadBalancerAttributes } from "../../../local/graph/load-balancers.ts";
import { declaredLoadBalancer } from "./stand.ts";

const ARRIVAL: Arrival = {
  peerAddress: "198.51.100.7",
  peerPort: 40_000,
  protocol: "HTTPS",
  port: 443,
  trace: "Root=1-67891233-abcdef012345678912345678",
};

/** What arrives, by small names; several of one name as a list. */
function arrived(
  given: readonly string[],
  attributes: Partial<LoadBalancerAttributes> = {},
  arrival: Partial<Arrival> = {},
): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  const flat = requestHeaders(given, declaredLoadBalancer(attributes), { ...ARRIVAL, ...arrival });
  for (let index = 0; index < flat.length; index += 2)
    (headers[(flat[index] ?? "").toLowerCase()] ??= []).push(flat[index + 1] ?? "");
  return headers;
}

describe("GIVEN a request's headers", () => {
  test("WHEN it is forwarded THEN they arrive as written, with those of the load balancer in the place of any that clients made up", () => {
    const headers = requestHeaders(
      [
        ...["HOST", "a.example.com", "X-Odd", "1", "X-Odd", "2", "Connection", "X-Hop, close"],
        ...["X-Hop", "1", "TE", "trailers", "X-Forwarded-Proto", "ftp", "X-Forwarded-Port", "21"],
      ],
      declaredLoadBalancer(),
      ARRIVAL,
    );
    assert.deepEqual(headers, [
      ...["HOST", "a.example.com", "X-Odd", "1", "X-Odd", "2"],
      ...["X-Forwarded-For", "198.51.100.7", "X-Forwarded-Proto", "https"],
      ...["X-Forwarded-Port", "443", "X-Amzn-Trace-Id", ARRIVAL.trace],
      ...["Connection", "keep-alive"],
    ]);
  });

  const forwardedFor: [
    LoadBalancerAttributes["xffMode"],
    string | undefined,
    string | undefined,
  ][] = [
    ["append", undefined, "198.51.100.7"],
    ["append", "203.0.113.9", "203.0.113.9, 198.51.100.7"],
    ["preserve", undefined, undefined],
    ["preserve", "203.0.113.9", "203.0.113.9"],
    ["remove", "203.0.113.9", undefined],
  ];
  for (const [xffMode, given, expected] of forwardedFor) {
    test(`WHEN the mode is ${xffMode} and \`X-Forwarded-For\` ${given ?? "is missing"} THEN it becomes ${expected ?? "none"}`, () => {
      const headers = given === undefined ? [] : ["X-Forwarded-For", given];
      assert.deepEqual(
        arrived(headers, { xffMode })["x-forwarded-for"],
        expected === undefined ? undefined : [expected],
      );
    });
  }

  test("WHEN the peer has an IPv6 address, and its port is asked for THEN the address is in brackets", () => {
    assert.deepEqual(
      arrived([], { xffClientPort: true }, { peerAddress: "2001:db8::1" })["x-forwarded-for"],
      ["[2001:db8::1]:40000"],
    );
  });

  const hosts: [port: number, preserveHostHeader: boolean, given: string, expected: string][] = [
    [443, false, "a.com", "a.com"],
    [8443, false, "a.com", "a.com:8443"],
    [8443, false, "a.com:8443", "a.com:8443"],
    [8443, true, "a.com", "a.com"],
  ];
  for (const [port, preserveHostHeader, given, expected] of hosts) {
    test(`WHEN port ${port} is asked for ${given}${preserveHostHeader ? ", which is preserved," : ""} THEN the host is ${expected}`, () => {
      assert.deepEqual(arrived(["Host", given], { preserveHostHeader }, { port })["host"], [
        expected,
      ]);
    });
  }

  test("WHEN a name has an underscore THEN it is dropped only where that is declared", () => {
    assert.deepEqual(arrived(["x_y", "1"])["x_y"], ["1"]);
    assert.equal(arrived(["x_y", "1"], { dropInvalidHeaderFields: true })["x_y"], undefined);
  });

  test("WHEN a body is chunked THEN it stays so, and only once", () => {
    assert.deepEqual(arrived(["Transfer-Encoding", "chunked"])["transfer-encoding"], ["chunked"]);
  });
});

test("GIVEN an answer's headers WHEN they go to the client THEN those of the connection stay behind, and cookies stay apart", () => {
  assert.deepEqual(
    responseHeaders(["Set-Cookie", "a=1", "Keep-Alive", "timeout=5", "Set-Cookie", "b=2"]),
    ["Set-Cookie", "a=1", "Set-Cookie", "b=2"],
  );
});

test("GIVEN a redirect WHEN it asks for everything THEN every placeholder is filled", () => {
  const location = redirectLocation(
    {
      type: "redirect",
      status: 301,
      protocol: "#{protocol}",
      host: "www.#{host}",
      port: "#{port}",
      path: "/#{port}/#{path}/#{other}",
      query: "was=#{query}",
    },
    { protocol: "HTTPS", host: "a.com", port: 443, path: "/b/c", query: "d=e" },
  );
  assert.equal(location, "https://www.a.com:443/443/b/c/#{other}?was=d=e");
});
