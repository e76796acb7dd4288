import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { everyKind } from "./every-kind.ts";
import { deploy } from "./mocks.ts";

const RUNBOOK = join(import.meta.dirname, "..", "..", "docs", "runbook.md");

/** What each entry says, in this order. */
const PARTS = ["Means", "Callers see", "First", "Causes", "Mend", "Ignore"];

/** The texts of alarms and events, by the resource that has them. */
async function texts(): Promise<[string, string][]> {
  const { resources } = await deploy(everyKind);
  return resources.flatMap(({ type, name, inputs }): [string, string][] => {
    const { alarmDescription, inputTransformer } = inputs;
    const template = (inputTransformer as { inputTemplate?: string } | undefined)?.inputTemplate;
    if (/:(?:MetricAlarm|CompositeAlarm)$/u.test(type)) return [[name, String(alarmDescription)]];
    return template === undefined ? [] : [[name, JSON.parse(template) as string]];
  });
}

async function entries(): Promise<Map<string, string>> {
  const [, ...sections] = (await readFile(RUNBOOK, "utf8")).split(/^## /mu);
  return new Map(
    sections.map((section) => [section.slice(0, section.indexOf("\n")), section] as const),
  );
}

const anchorOf = (text: string): string =>
  / Runbook: docs\/runbook\.md#(?<anchor>[a-z-]+)$/u.exec(text)?.groups?.["anchor"] ?? "";

test("GIVEN every alarm and event that is declared WHEN its text is read THEN it ends with an entry of the runbook that exists", async () => {
  const known = await entries();
  const found = await texts();

  assert.ok(found.length > 20);
  for (const [name, text] of found) {
    assert.ok(known.has(anchorOf(text)), `${name}: ${text}`);
    // CloudWatch API, PutMetricAlarm.
    assert.ok(text.length <= 1024, name);
  }
});

test("GIVEN the runbook WHEN its entries are read THEN each is one of an alarm or event that is declared, and says the same things in one order", async () => {
  const used = new Set((await texts()).map(([, text]) => anchorOf(text)));

  for (const [anchor, text] of await entries()) {
    assert.ok(used.has(anchor), anchor);
    assert.deepEqual(
      [...text.matchAll(/^- \*\*(?<part>[^:]+):\*\*/gmu)].map(({ groups }) => groups?.["part"]),
      PARTS,
      anchor,
    );
  }
});

test("GIVEN the runbook WHEN its links are followed THEN they lead to entries", async () => {
  const known = await entries();
  for (const [, anchor = ""] of (await readFile(RUNBOOK, "utf8")).matchAll(
    /\]\(#(?<anchor>[^)]+)\)/gu,
  ))
    assert.ok(known.has(anchor), anchor);
});
