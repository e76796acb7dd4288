import assert from "node:assert/strict";
import { test } from "node:test";
import {
  traceId,
  xrayRootId,
  xraySampled,
} from "../../../service/runtime/telemetry/trace-context.ts";
import { CLIENT_SPAN, CLIENT_TRACE, TRACEPARENT } from "./fixtures.ts";

const XRAY_TRACE = "5759e988bd862e3fe1be46a994272793";
const XRAY = "Root=1-5759e988-bd862e3fe1be46a994272793";

test("GIVEN both headers WHEN the trace id is read THEN W3C comes first", () => {
  assert.equal(traceId({ traceparent: TRACEPARENT, "x-amzn-trace-id": XRAY }), CLIENT_TRACE);
});

for (const [what, traceparent, expected] of [
  ["the form of version 00", TRACEPARENT, CLIENT_TRACE],
  ["a trace that is not sampled", `00-${CLIENT_TRACE}-${CLIENT_SPAN}-00`, CLIENT_TRACE],
  ["a later version with more fields", `01-${CLIENT_TRACE}-${CLIENT_SPAN}-01-more`, CLIENT_TRACE],
  ["version 00 with more fields", `00-${CLIENT_TRACE}-${CLIENT_SPAN}-01-more`, undefined],
  ["version ff", `ff-${CLIENT_TRACE}-${CLIENT_SPAN}-01`, undefined],
  ["upper case", TRACEPARENT.toUpperCase(), undefined],
  ["a trace id of zeros", `00-${"0".repeat(32)}-${CLIENT_SPAN}-01`, undefined],
  ["a parent id of zeros", `00-${CLIENT_TRACE}-${"0".repeat(16)}-01`, undefined],
  ["a trace id that is too short", `00-${CLIENT_TRACE.slice(1)}-${CLIENT_SPAN}-01`, undefined],
  ["no flags", `00-${CLIENT_TRACE}-${CLIENT_SPAN}`, undefined],
  ["white space", ` ${TRACEPARENT}`, undefined],
  ["a second line", `${TRACEPARENT}\n`, undefined],
  ["nothing", "", undefined],
] as const) {
  test(`GIVEN a \`traceparent\` of ${what} WHEN the trace id is read THEN it is ${expected ?? "none"}`, () => {
    assert.equal(traceId({ traceparent }), expected);
  });
}

for (const [what, header, expected] of [
  ["an Application Load Balancer", XRAY, XRAY_TRACE],
  ["a traced caller", `${XRAY};Parent=53995c3f42cd8ad8;Sampled=1`, XRAY_TRACE],
  [
    "a load balancer that was called with one",
    `Self=1-67891234-12456789abcdef012345678;${XRAY}`,
    XRAY_TRACE,
  ],
  ["spaces between fields", `Parent=53995c3f42cd8ad8; ${XRAY} ; Sampled=0`, XRAY_TRACE],
  ["another version", XRAY.replace("=1-", "=2-"), undefined],
  ["too few digits", XRAY.slice(0, -1), undefined],
  ["too many digits", `${XRAY}0`, undefined],
  ["zeros", `Root=1-${"0".repeat(8)}-${"0".repeat(24)}`, undefined],
  ["no root", "Parent=53995c3f42cd8ad8;Sampled=1", undefined],
] as const) {
  test(`GIVEN an \`X-Amzn-Trace-Id\` of ${what} WHEN the trace id is read THEN it is ${expected ?? "none"}`, () => {
    assert.equal(xrayRootId({ "x-amzn-trace-id": header }), expected);
    assert.equal(traceId({ traceparent: "nonsense", "x-amzn-trace-id": header }), expected);
  });
}

for (const [what, header, expected] of [
  ["a caller that samples", `${XRAY};Parent=53995c3f42cd8ad8;Sampled=1`, true],
  ["a caller that does not", `Sampled=0;${XRAY}`, false],
  ["a load balancer that was called with a decision", `Self=1-2-3; ${XRAY} ; Sampled=1 `, true],
  ["a caller that leaves it to us", `${XRAY};Sampled=?`, undefined],
  ["an Application Load Balancer", XRAY, undefined],
  ["a decision on nothing", "Sampled=1", undefined],
  ["something else", `${XRAY};Sampled=10`, undefined],
] as const) {
  test(`GIVEN an \`X-Amzn-Trace-Id\` of ${what} WHEN the decision is read THEN it is ${String(expected ?? "left open")}`, () => {
    assert.equal(xraySampled({ "x-amzn-trace-id": header }), expected);
  });
}
