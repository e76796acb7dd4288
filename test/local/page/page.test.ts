import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import chromium from "@sparticuz/chromium";
import { chromium as playwright, type Browser, type Page as Tab } from "playwright-core";
import { startPage, type Page } from "../../../local/page/page.ts";
import { scriptedSnapshot } from "./scripted-snapshot.ts";
import { ScriptedSource } from "./scripted-source.ts";

const SECTIONS = ["overview", "dashboards", "alarms", "traces", "drills", "tools", "events"];

let browser: Browser;
let page: Page;
let source: ScriptedSource;
let pictures: string;
let trouble: string[] = [];

before(async () => {
  pictures = await mkdtemp(join(tmpdir(), "page-"));
  browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    // Not the package's own: these turn off the browser's protections, which the page counts on.
    args: ["--no-sandbox"],
    headless: true,
  });
});
after(() => browser.close());

interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
  readonly reducedMotion?: "reduce";
}

/** A page over a run of its own, whose trouble fails the test that opened it. */
async function open(
  { width = 1280, height = 800, scheme = "light", reducedMotion }: Look,
  use: (tab: Tab) => Promise<void>,
): Promise<void> {
  source = new ScriptedSource();
  page = await startPage({ port: 0, source });
  trouble = [];
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: reducedMotion ?? "no-preference",
  });
  try {
    const tab = await context.newPage();
    tab.on("console", (message) => trouble.push(`${message.type()}: ${message.text()}`));
    tab.on("pageerror", (error) => trouble.push(String(error)));
    tab.on("request", (request) => {
      if (!request.url().startsWith(page.url)) trouble.push(`asked for ${request.url()}`);
    });
    await tab.goto(page.url);
    await tab.waitForSelector("[data-replica]");
    await use(tab);
  } finally {
    await context.close();
    await page.close();
  }
  assert.deepEqual(trouble, []);
}

async function goTo(tab: Tab, section: string): Promise<void> {
  await tab.evaluate(`location.hash = ${JSON.stringify(section)}`);
  await tab.waitForSelector(
    `.sections [aria-current="page"][href="#${section.split("/")[0] ?? ""}"]`,
  );
  const ready: Readonly<Record<string, string>> = {
    dashboards: ".widget",
    traces: ".trace-list li",
    drills: ".drill-list li",
    tools: ".tool-form form",
  };
  const selector = ready[section];
  if (selector !== undefined) await tab.waitForSelector(selector);
}

/** What reaches beyond the window, or is too small to read; scrolled lists and what is read aloud only are not meant. */
const LAYOUT_MISTAKES = `(() => {
  const mistakes = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) mistakes.push("the page is " + root.scrollWidth + " wide");
  for (const each of document.querySelectorAll("body *")) {
    if (each.closest(".unseen, .skip, svg, dialog:not([open])") || each.checkVisibility() === false) continue;
    const box = each.getBoundingClientRect();
    const scrolled = each.closest(".sections, .events, .alarms, pre");
    if (!scrolled && box.width > 0 && (box.right > innerWidth + 0.5 || box.left < -0.5)) {
      mistakes.push(each.outerHTML.slice(0, 120) + " reaches from " + box.left + " to " + box.right);
    }
    const hasText = [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
    const size = parseFloat(getComputedStyle(each).fontSize);
    if (hasText && size < 12) mistakes.push(each.outerHTML.slice(0, 120) + " has text of " + size + " px");
  }
  return mistakes;
})()`;

const FOCUSED_REPLICA = "document.activeElement?.dataset.replica";

describe("GIVEN four services over three zones, a deployment, an alarm and a lost zone", () => {
  for (const scheme of ["light", "dark"] as const) {
    for (const width of [1280, 768, 360]) {
      test(`WHEN it is opened ${scheme}, ${width} pixels wide, THEN every section fits and nothing complains`, async () => {
        await open({ scheme, width, height: width === 1280 ? 800 : 740 }, async (tab) => {
          for (const section of SECTIONS) {
            await goTo(tab, section);
            assert.deepEqual(await tab.evaluate(LAYOUT_MISTAKES), [], section);
            if (width === 768) continue;
            const path = join(pictures, `${section}-${scheme}-${width}.png`);
            await tab.screenshot({ path, fullPage: width === 360 });
          }
        });
      });
    }
  }

  test("WHEN it opens on 1280 by 800 THEN path, services, alarms and events are in view at once, and the lost zone is dark", async () => {
    await open({}, async (tab) => {
      for (const selector of [
        ".balancer",
        '[data-service="documents"]',
        ".alarms li",
        ".events li",
      ]) {
        const box = await tab.locator(selector).first().boundingBox();
        assert.ok(box !== null && box.y + box.height <= 800, selector);
      }
      assert.equal(await tab.locator("[data-replica]").count(), 14);
      assert.equal(await tab.locator(".replica.no-power").count(), 4);
      assert.equal(await tab.locator(".zone-head.lost h2").textContent(), "us-east-1c");
      assert.deepEqual(await tab.locator(".replica.new .revision").allTextContents(), ["r8", "r8"]);
      assert.equal(
        await tab.locator(".traffic-share").getAttribute("aria-label"),
        "revision 7: 90 % of the traffic, revision 8: 10 % of the traffic",
      );
    });
  });

  test("WHEN traffic grows THEN its line grows, and a line without traffic is a hairline", async () => {
    await open({}, async (tab) => {
      const widest = `Math.max(...[...document.querySelectorAll("#wires .wire.traffic")].map((each) => Number(each.getAttribute("stroke-width"))))`;
      // A hundred and twenty requests a second, and the formula of the legend.
      assert.equal(await tab.evaluate(widest), 6.4);
      assert.ok((await tab.locator("#wires .wire.idle").count()) > 0);
      source.now = {
        ...source.now,
        loadBalancers: source.now.loadBalancers.map((each) => ({
          ...each,
          nodes: each.nodes.map((node) => ({ ...node, requestsPerSecond: 333 })),
        })),
        lostZones: [],
      };
      await tab
        .locator('#wires .wire.traffic[stroke-width="8.8"]')
        .first()
        .waitFor({ state: "attached" });
      assert.equal(await tab.evaluate(widest), 8.8);
    });
  });
});

describe("GIVEN a person with a pointer", () => {
  test("WHEN they start a drill THEN they see its steps, its counts, and which promises held", async () => {
    await open({}, async (tab) => {
      await goTo(tab, "drills");
      await tab.getByRole("button", { name: "Start the drill zone-loss" }).click();
      await tab.getByText("zone-loss: under way").waitFor();
      assert.deepEqual(source.asked, [{ drill: "zone-loss" }]);
      assert.ok(await tab.getByRole("button", { name: "Start the drill overload" }).isDisabled());
      const { drill } = source.now;
      assert.ok(drill !== undefined);
      source.now = {
        ...source.now,
        drill: {
          ...drill,
          state: "broken",
          steps: [...drill.steps, { at: 250_000, text: "us-east-1a has lost its power." }],
          counts: { answered: 2381, "lost in flight": 3, "sent to a dead target": 41 },
          promises: [
            { text: "Nothing fails that could have been served.", held: true },
            { text: "No repeatable call fails.", held: false },
          ],
        },
      };
      await tab.getByText("zone-loss: a promise broke").waitFor();
      assert.deepEqual(await tab.locator(".promises li").allTextContents(), [
        "Held. Nothing fails that could have been served.",
        "Broken. No repeatable call fails.",
      ]);
      assert.deepEqual(await tab.locator(".counts dd").allTextContents(), ["2,381", "3", "41"]);
      await tab.screenshot({ path: join(pictures, "drill-broken.png") });
    });
  });

  test("WHEN they call a tool THEN its arguments have the types of its schema, and the result is shown", async () => {
    await open({}, async (tab) => {
      await goTo(tab, "tools");
      await tab.getByLabel("latitude").fill("40.7");
      await tab.getByLabel("units").selectOption("si");
      await tab.getByLabel("periods").fill('["Tonight"]');
      await tab.getByRole("button", { name: "Call" }).click();
      await tab.getByText("Tonight: clear, 14 °C.").waitFor();
      assert.deepEqual(source.asked, [
        {
          service: "weather",
          tool: "weather_forecast",
          toolArguments: { latitude: 40.7, longitude: -77, units: "si", periods: ["Tonight"] },
        },
      ]);
      await tab.screenshot({ path: join(pictures, "tool-called.png") });
      await tab.getByLabel("periods").fill("Tonight");
      await tab.getByRole("button", { name: "Call" }).click();
      await tab.getByText("which is no JSON").waitFor();
      assert.equal(source.asked.length, 1);
    });
  });

  test("WHEN they restore a zone, lose another and kill a replica from the drawing THEN the run is asked for just that", async () => {
    await open({}, async (tab) => {
      await tab.getByRole("button", { name: "Restore the zone us-east-1c" }).click();
      await tab.getByRole("button", { name: "Lose the zone us-east-1c" }).waitFor();
      await tab.getByRole("button", { name: "Lose the zone us-east-1a" }).click();
      await tab.screenshot({ path: join(pictures, "zone-dialog.png") });
      await tab.getByRole("button", { name: "Lose the zone", exact: true }).click();
      await tab.getByRole("button", { name: "Restore the zone us-east-1a" }).waitFor();
      await tab.locator('[data-replica^="we1"]').click();
      await tab.screenshot({ path: join(pictures, "replica-dialog.png") });
      await tab.getByRole("button", { name: "Kill this replica" }).click();
      await tab.locator("dialog[open]").waitFor({ state: "detached" });
      assert.deepEqual(source.asked, [
        { kind: "restore-zone", zone: "us-east-1c" },
        { kind: "lose-zone", zone: "us-east-1a" },
        { kind: "kill-replica", service: "weather", task: "we1c4f91e77" },
      ]);
    });
  });

  test("WHEN they open a trace THEN its spans stand in their tree, and a failed one is named so", async () => {
    await open({}, async (tab) => {
      await goTo(tab, "traces");
      await tab.locator(".trace-list a").first().click();
      await tab.waitForSelector(".spans");
      assert.deepEqual(await tab.locator(".spans summary b").allTextContents(), [
        "POST /mcp",
        "tools/call translate",
        "detect language",
        "GET model",
        "GET model",
      ]);
      await tab.getByText("failed, 230 ms").click();
      await tab.getByText("ERROR: 504 from upstream").waitFor();
    });
  });

  test("WHEN the run is gone THEN the page says so, and that what it shows is old", async () => {
    await open({}, async (tab) => {
      await page.close();
      await tab
        .getByText("The run does not answer. What is shown is the last that was heard.")
        .waitFor();
      // The browser itself complains of the lost connection.
      trouble = trouble.filter((each) => !each.includes("net::ERR_"));
    });
  });
});

describe("GIVEN a person with a keyboard alone", () => {
  test("WHEN they go through the page THEN everything is reached, and the focus is seen and survives what changes", async () => {
    await open({}, async (tab) => {
      const reached = new Set<string>();
      const focused = `(() => { const e = document.activeElement; return [e.getAttribute("aria-label") ?? e.textContent, getComputedStyle(e).outlineStyle]; })()`;
      for (let press = 0; press < 50; press++) {
        await tab.keyboard.press("Tab");
        const [name, outline] = await tab.evaluate<[string, string]>(focused);
        if (name.length < 200) {
          reached.add(name);
          assert.notEqual(outline, "none", name);
        }
      }
      for (const name of [
        "Skip to the content",
        "Colour scheme: Auto",
        "Keyboard shortcuts",
        "Try a tool",
        "Lose the zone us-east-1a",
        "Restore the zone us-east-1c",
        "Replica we0c4f, revision 4, us-east-1a, healthy, 42.0 requests a second, 10 outstanding. Details",
        "Alarms",
        "Events, newest first",
      ])
        assert.ok(reached.has(name), `${name} of ${[...reached].join(" | ")}`);

      const replica = tab.locator('[data-replica^="we0"]');
      await replica.focus();
      source.now = scriptedSnapshot(400_000);
      source.now = { ...source.now, speed: 10 };
      await tab.getByText("10× real time").waitFor();
      assert.equal(await tab.evaluate(FOCUSED_REPLICA), "we0c4f91e77");
      await tab.keyboard.press("Enter");
      await tab.locator("dialog[open]").waitFor();
      await tab.keyboard.press("Escape");
      await tab.locator("dialog[open]").waitFor({ state: "detached" });
      assert.equal(await tab.evaluate(FOCUSED_REPLICA), "we0c4f91e77");
    });
  });

  test("WHEN they press the shortcuts THEN sections, filter, scheme and list of keys come", async () => {
    await open({}, async (tab) => {
      await tab.keyboard.press("?");
      await tab.getByRole("heading", { name: "Keys" }).waitFor();
      await tab.keyboard.press("Escape");
      await tab.keyboard.press("5");
      await tab.getByText("Break it, and watch it come back").waitFor();
      await tab.keyboard.press("s");
      await tab.keyboard.press("s");
      await tab.getByRole("button", { name: "Colour scheme: Dark" }).waitFor();
      assert.equal(
        await tab.evaluate("getComputedStyle(document.documentElement).backgroundColor"),
        "rgb(14, 20, 23)",
      );
      await tab.keyboard.press("/");
      await tab.locator("#event-filter:focus").waitFor();
      await tab.keyboard.type("timed out");
      await tab.getByText("2 of 11").waitFor();
    });
  });

  test("WHEN something bad happens THEN it is said aloud; and with reduced motion nothing moves", async () => {
    await open({ reducedMotion: "reduce" }, async (tab) => {
      source.happens({ at: 1, source: "us-east-1b", text: "lost its power", level: "bad" });
      await tab
        .locator('.unseen[role="status"]')
        .filter({ hasText: "us-east-1b: lost its power" })
        .waitFor({ state: "attached" });
      assert.equal(
        await tab.evaluate(
          "document.getAnimations().filter(({ playState }) => playState === 'running').length",
        ),
        0,
      );
    });
  });
});
