import assert from "node:assert/strict";
import { test } from "node:test";
import { createCatalogue } from "../../../../service/servers/stdio/catalogue.ts";
import type { Child } from "../../../../service/servers/stdio/child.ts";
import type { Handshake } from "../../../../service/servers/stdio/handshake.ts";
import { settled, VirtualClock } from "../../../local/virtual-clock.ts";
import { recordingLog } from "../../telemetry/fixtures.ts";

const HANDSHAKE: Handshake = {
  era: "legacy",
  protocolVersion: "2025-11-25",
  capabilities: { tools: {} },
};

const nothing = (): void => undefined;

test("GIVEN a child that says with every list that it has changed WHEN it is asked for it THEN it is asked once a second", async () => {
  const clock = new VirtualClock();
  const changes = {
    toolsChanged: nothing,
    promptsChanged: nothing,
    resourcesChanged: nothing,
    resourceUpdated: nothing,
  };
  const catalogue = createCatalogue(changes, recordingLog().log, clock);
  let asked = 0;
  const child = {
    number: 1,
    handshake: HANDSHAKE,
    connection: {
      request: () => {
        asked += 1;
        catalogue.notified(child, "notifications/tools/list_changed", {});
        return Promise.resolve({ tools: [] });
      },
    },
  } as unknown as Child;
  void catalogue.refresh(child, HANDSHAKE);
  for (let second = 1; second <= 4; second += 1) {
    await settled();
    assert.equal(asked, second);
    await clock.advance(1000);
  }
});
