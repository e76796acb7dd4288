import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createConnection } from "../../../../service/servers/stdio/connection.ts";
import { shakeHands, type Handshake } from "../../../../service/servers/stdio/handshake.ts";
import { VirtualClock } from "../../../local/virtual-clock.ts";
import {
  DISCOVERED,
  INITIALIZED,
  scriptedProcesses,
  type Answer,
  type ScriptedProcess,
} from "./scripted-process.ts";

const CLOCK = new VirtualClock();

/** Asks a scripted server what it speaks. */
function ask(
  answer: Answer,
  clock = CLOCK,
  known?: Handshake["era"],
): { handshake: Promise<Handshake>; server: ScriptedProcess } {
  const { start, processes } = scriptedProcesses(answer);
  const program = start({
    line: (line) => {
      connection.receive(line);
    },
    lineTooLong: () => undefined,
    blocked: () => undefined,
    drained: () => undefined,
    errorLine: () => undefined,
    exited: () => undefined,
  });
  const connection = createConnection({
    clock,
    write: program.write,
    reply: program.write,
    notified: () => undefined,
    noise: () => undefined,
  });
  const handshake = shakeHands(connection, clock, known);
  const [server] = processes;
  assert.ok(server);
  return { handshake, server };
}

const UNKNOWN = { error: { code: -32601, message: "Unknown." } };

describe("GIVEN a child whose revision is not known (point 1)", () => {
  test("WHEN it answers `server/discover` THEN it is modern, and never initialized", async () => {
    const { handshake, server } = ask(() => ({ result: DISCOVERED }));
    assert.deepEqual(await handshake, {
      era: "modern",
      protocolVersion: "2026-07-28",
      capabilities: { tools: { listChanged: true } },
      instructions: "Be brief.",
      server: { name: "scripted", version: "2" },
    });
    assert.deepEqual(server.methods(), ["server/discover"]);
  });

  test("WHEN it does not know `server/discover` THEN it is initialized once, without capabilities of a client", async () => {
    const { handshake, server } = ask((method) =>
      method === "initialize" ? { result: INITIALIZED } : UNKNOWN,
    );
    assert.deepEqual(await handshake, {
      era: "legacy",
      protocolVersion: "2025-11-25",
      capabilities: { tools: {} },
      server: { name: "scripted", version: "1" },
    });
    assert.deepEqual(server.methods(), [
      "server/discover",
      "initialize",
      "notifications/initialized",
    ]);
    const { params } = server.requests("initialize")[0] as { params: Record<string, unknown> };
    assert.equal(params["protocolVersion"], "2025-11-25");
    assert.deepEqual(params["capabilities"], {});
  });

  test("WHEN it is silent for two seconds THEN it is initialized", async () => {
    const clock = new VirtualClock();
    const { handshake, server } = ask(
      (method) => (method === "initialize" ? { result: INITIALIZED } : undefined),
      clock,
    );
    await clock.advance(1999);
    assert.deepEqual(server.methods(), ["server/discover"]);
    await clock.advance(1);
    assert.equal((await handshake).era, "legacy");
  });

  test("WHEN it is modern alone and slow to start THEN its late answer counts, and its refusal of `initialize` does not", async () => {
    const clock = new VirtualClock();
    const { handshake, server } = ask(
      (method) =>
        method === "initialize" ? { error: { code: -32022, message: "Too old." } } : undefined,
      clock,
    );
    await clock.advance(1999);
    clock.after(1, () => {
      server.say({ jsonrpc: "2.0", id: 1, result: DISCOVERED });
    });
    await clock.advance(2);
    assert.equal((await handshake).era, "modern");
  });

  test("WHEN it answers an error of the new revision THEN it is initialized only where that names an older one", async () => {
    const refusing = (supported: readonly string[]): Answer => {
      const error = { code: -32022, message: "Unsupported.", data: { supported } };
      return (method) => (method === "initialize" ? { result: INITIALIZED } : { error });
    };
    assert.equal((await ask(refusing(["2099-01-01", "2025-11-25"])).handshake).era, "legacy");
    const { handshake, server } = ask(refusing(["2099-01-01"]));
    await assert.rejects(handshake, { name: "AnswerError", code: -32022 });
    assert.deepEqual(server.methods(), ["server/discover"]);
  });

  test("WHEN it speaks a revision that nobody knows THEN that is said", async () => {
    const result = { ...INITIALIZED, protocolVersion: "2031-01-01" };
    const { handshake } = ask((method) => (method === "initialize" ? { result } : UNKNOWN));
    await assert.rejects(handshake, /`2031-01-01`, which this service does not know/u);
  });
});

describe("GIVEN a child whose sibling's revision is known (point 1)", () => {
  test("WHEN that is the older one THEN it is initialized at once", async () => {
    const { handshake, server } = ask(() => ({ result: INITIALIZED }), CLOCK, "legacy");
    await handshake;
    assert.deepEqual(server.methods(), ["initialize", "notifications/initialized"]);
  });
});
