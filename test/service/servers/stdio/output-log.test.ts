import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createOutputLog } from "../../../../service/servers/stdio/output-log.ts";
import { VirtualClock } from "../../../local/virtual-clock.ts";
import { recordingLog } from "../../telemetry/fixtures.ts";

describe("GIVEN what a child says beside the protocol (point 11)", () => {
  test("WHEN it says too much THEN a second has so many lines, then a count, and goes on", async () => {
    const clock = new VirtualClock();
    const { log, lines } = recordingLog();
    const write = createOutputLog(log, { clock, linesPerSecond: 2, redact: (text) => text });
    for (let line = 1; line <= 5; line += 1) write("stderr", "info", `line ${line}`);
    await clock.advance(1000);
    write("stdout", "warn", "line 6");
    await clock.advance(1000);
    assert.deepEqual(
      lines.map(({ msg, level, source, text, lines: count }) => [msg, level, source, text, count]),
      [
        ["stdio server", "info", "stderr", "line 1", undefined],
        ["stdio server", "info", "stderr", "line 2", undefined],
        ["lines of the stdio server were dropped", "warn", undefined, undefined, 3],
        ["stdio server", "warn", "stdout", "line 6", undefined],
      ],
    );
  });

  test("WHEN a long text has a secret where it is cut THEN no part of it is logged", () => {
    const { log, lines } = recordingLog();
    const write = createOutputLog(log, {
      clock: new VirtualClock(),
      linesPerSecond: 2,
      redact: (text) => text.replaceAll("SECRET", "[redacted]"),
    });
    write("stderr", "info", `${"x".repeat(8190)}SECRET`);
    assert.equal(lines[0]?.["text"], `${"x".repeat(8190)}[r…`);
  });
});
