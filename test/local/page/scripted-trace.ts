import type { Span, Trace, TraceSummary } from "../../../local/page/traces.ts";

function span(
  id: string,
  parent: string | undefined,
  name: string,
  startedAt: number,
  durationMilliseconds: number,
  changes: Partial<Span> = {},
): Span {
  return {
    id,
    parent,
    name,
    service: "translator",
    kind: "INTERNAL",
    startedAt,
    durationMilliseconds,
    status: "UNSET",
    statusMessage: undefined,
    attributes: {},
    ...changes,
  };
}

const spans: readonly Span[] = [
  span("a1", undefined, "POST /mcp", 221_000, 412, {
    kind: "SERVER",
    attributes: { "http.request.method": "POST", "http.response.status_code": 200 },
  }),
  span("a2", "a1", "tools/call translate", 221_004, 404, {
    kind: "SERVER",
    attributes: { "mcp.method.name": "tools/call", "gen_ai.tool.name": "translate" },
  }),
  span("a3", "a2", "detect language", 221_008, 36),
  span("a4", "a2", "GET model", 221_046, 230, {
    kind: "CLIENT",
    status: "ERROR",
    statusMessage: "504 from upstream",
    attributes: { "server.address": "models.internal", "http.response.status_code": 504 },
  }),
  span("a5", "a2", "GET model", 221_281, 120, { kind: "CLIENT" }),
];

const ID = "66f0c8b1a4d84be2913f6c1f2a7d5e10";

/** A trace with a failed span, and others in the list beside it. */
export const scriptedTrace: {
  readonly summaries: readonly TraceSummary[];
  readonly traces: readonly Trace[];
} = {
  summaries: [
    {
      id: ID,
      name: "POST /mcp",
      service: "translator",
      startedAt: 221_000,
      durationMilliseconds: 412,
      spans: 5,
      failed: true,
    },
    ...[18, 22, 31, 16].map((durationMilliseconds, index) => ({
      id: `66f0c8b1a4d84be2913f6c1f2a7d5e${index + 20}`,
      name: "POST /mcp",
      service: "weather",
      startedAt: 220_000 - index * 1700,
      durationMilliseconds,
      spans: 3,
      failed: false,
    })),
  ],
  traces: [{ id: ID, spans }],
};
