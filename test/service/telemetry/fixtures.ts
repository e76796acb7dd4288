import { EventEmitter } from "node:events";
import { Writable } from "node:stream";
import type { Call, CallEnd, Instrument } from "../../../service/runtime/calls.ts";
import { createLogger, type Logger } from "../../../service/runtime/log.ts";

export const CLIENT_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
export const CLIENT_SPAN = "00f067aa0ba902b7";
export const TRACEPARENT = `00-${CLIENT_TRACE}-${CLIENT_SPAN}-01`;

/** A call of the tool `forecast`, but where said. */
export function call(overrides: Partial<Call> = {}): Call {
  return {
    method: "tools/call",
    target: "forecast",
    protocolVersion: "2026-07-28",
    era: "modern",
    caller: { id: "issuer|alice", scopes: "all", claims: {} },
    requestId: "request-1",
    id: 7,
    carrier: {},
    ...overrides,
  };
}

/** A call of a method that has no target. */
export function listing(overrides: Partial<Call> = {}): Call {
  const listed: { target?: string } & Call = call({ method: "tools/list", ...overrides });
  delete listed.target;
  return listed;
}

export function end(overrides: Partial<CallEnd> = {}): CallEnd {
  return { outcome: "ok", durationMilliseconds: 12, ...overrides };
}

/** Shows a whole call to instruments. */
export function observe(
  instruments: readonly Instrument[],
  observed: Call,
  ended: CallEnd = end(),
  work: () => void = () => undefined,
): void {
  const active = instruments.map((instrument) => instrument(observed));
  active.reduceRight<() => void>(
    (inner, each) => () => {
      if (each.run === undefined) inner();
      else each.run(inner);
    },
    work,
  )();
  for (const each of active) each.end(ended);
}

export type Line = Record<string, unknown>;

/** A logger and the lines that it has written. */
export function recordingLog(): {
  log: Logger;
  lines: Line[];
  /** The same as they came. */
  texts: string[];
  written: EventEmitter;
} {
  const lines: Line[] = [];
  const texts: string[] = [];
  const written = new EventEmitter();
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (const text of chunk.toString().trim().split("\n")) {
        const line = JSON.parse(text) as Line;
        texts.push(text);
        lines.push(line);
        written.emit(String(line["msg"]), line);
      }
      done();
    },
  });
  return {
    log: createLogger("weather", { id: "replica-1", zone: "zone-a" }, "info", sink),
    lines,
    texts,
    written,
  };
}
