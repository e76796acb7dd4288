import assert from "node:assert/strict";
import { test } from "node:test";
import { machineClock } from "../../../../service/runtime/telemetry/clock.ts";
import { processStarter } from "../../../../service/servers/stdio/child-process.ts";

/** Reads nothing until it is sent a signal; then it tells how much there was, and ends. */
const LATE_READER = `
  let bytes = 0;
  setInterval(() => undefined, 60_000);
  process.on("SIGTERM", () => {
    process.stdin.on("data", (chunk) => { bytes += chunk.length; });
    process.stdin.on("end", () => { console.log(bytes); process.exit(); });
  });
  console.log("started");
`;

test("GIVEN a process that does not read WHEN it is written more than a pipe holds THEN that is told, and when it reads, that is, too, and nothing is lost", async () => {
  const lines: string[] = [];
  const started = Promise.withResolvers<undefined>();
  const blocked = Promise.withResolvers<undefined>();
  const drained = Promise.withResolvers<undefined>();
  const exited = Promise.withResolvers<undefined>();
  const program = processStarter(
    { file: process.execPath, words: ["-e", LATE_READER] },
    { environment: {}, mostLineBytes: 1024, clock: machineClock },
  )({
    line: (text) => {
      lines.push(text);
      started.resolve(undefined);
    },
    lineTooLong: () => undefined,
    errorLine: () => undefined,
    blocked: () => {
      blocked.resolve(undefined);
    },
    drained: () => {
      if (program.waitingBytes() === 0) drained.resolve(undefined);
    },
    exited: () => {
      exited.resolve(undefined);
    },
  });
  // The timers of the process keep nothing alive.
  const alive = setInterval(() => undefined, 60_000);
  try {
    await started.promise;
    const line = "x".repeat(1023);
    for (let each = 0; each < 2048; each += 1) program.write(line);
    await blocked.promise;
    assert.ok(program.waitingBytes() > 1024 * 1024, `${program.waitingBytes()}`);
    program.signal("SIGTERM");
    await drained.promise;
    program.endInput();
    await exited.promise;
    assert.deepEqual(lines, ["started", String(2048 * 1024)]);
  } finally {
    program.signal("SIGKILL");
    clearInterval(alive);
  }
});
