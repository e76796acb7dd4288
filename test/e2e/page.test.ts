/** The page of a real run, in a real browser: what its models know is what a person sees. */
import assert from "node:assert/strict";
import { test } from "node:test";
import chromium from "@sparticuz/chromium";
import { chromium as playwright } from "playwright-core";
import { EventLog } from "../../local/console/event-log.ts";
import { openPage } from "../../local/console/open-page.ts";
import { runSource } from "../../local/console/run-source.ts";
import { observe } from "./in-process.ts";

test("GIVEN a run of the program WHEN a person tries a tool, looks at its trace and starts a drill on the page THEN all of it is there", async (t) => {
  const { run } = await observe(t);
  await run.ready;
  const source = runSource(run, "infra/program.ts", new EventLog());
  const page = await openPage(0, source);
  t.after(async () => {
    source.close();
    await page.close();
  });
  const browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: ["--no-sandbox"],
    headless: true,
  });
  t.after(() => browser.close());
  const tab = await browser.newPage();
  const trouble: string[] = [];
  tab.on("pageerror", (error) => trouble.push(String(error)));
  tab.on("console", (message) => trouble.push(message.text()));
  await tab.goto(page.url);

  // Two replicas and three nodes, drawn from the run's own models.
  await tab.locator("[data-replica]").nth(1).waitFor();
  await tab.getByText("2 of 2 healthy").first().waitFor();

  const origin = new URL(page.url).origin;
  const post = (path: string, body: object): Promise<Response> =>
    fetch(origin + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: origin },
      body: JSON.stringify(body),
    });
  const tools = (await (await fetch(`${origin}/api/services/weather/tools`)).json()) as {
    name: string;
  }[];
  assert.deepEqual(
    tools.map(({ name }) => name),
    ["get_alerts", "get_forecast"],
  );
  const answer = await post("/api/services/weather/tools/get_alerts", {
    arguments: { state: "CA" },
  });
  const { isError, content } = (await answer.json()) as {
    isError: boolean;
    content: { type: string; text: string }[];
  };
  assert.equal(isError, false);
  assert.match(content[0]?.text ?? "", /\bCA\b|California/u);

  // The caller asked for a trace; the replica sends it within its own delay, and the page has it.
  await tab.goto(`${page.url}#traces`);
  await tab.getByText("tools/call get_alerts").first().waitFor({ timeout: 20_000 });
  assert.deepEqual(
    source
      .trace(source.traces()[0]?.id ?? "")
      ?.spans.map(({ name }) => name)
      .slice(0, 2),
    ["tools/call get_alerts", "execute_tool get_alerts"],
  );

  await tab.goto(`${page.url}#drills`);
  const started = await post("/api/drills/kill-replica", {});
  assert.equal(started.status, 200);
  const again = await post("/api/drills/kill-replica", {});
  assert.deepEqual(await again.json(), {
    error: "The drill `kill-replica` is still running. Wait for its end before you start another.",
  });
  await tab.getByText("kill-replica: every promise held").waitFor({ timeout: 60_000 });
  assert.deepEqual(trouble, []);
});
