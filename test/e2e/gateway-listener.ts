import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import type { TestContext } from "node:test";
import { listen, type RawRequest } from "./gateway-streams.ts";

const ACKNOWLEDGED = "notifications/subscriptions/acknowledged";
const CHANGED = "notifications/tools/list_changed";

/** A client of 2026-07-28 that subscribes to changes of tools, and again when its subscription ends. Emits `opened` and `changed`. */
export class Listener {
  readonly events = new EventEmitter();
  /** What each subscription that is over has said; one that was cut is an error. */
  readonly ended: (string | Error)[] = [];
  readonly #abort = new AbortController();
  readonly #cut = new AbortController();
  readonly #url: string;
  readonly #request: RawRequest;

  constructor(context: TestContext, url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#url = url;
    const { headers: own, body } = listen({ toolsListChanged: true });
    this.#request = { headers: { ...own, ...headers }, body };
    context.after(() => {
      this.#abort.abort();
    });
  }

  /** Subscribes once; resolves when that is over. */
  async subscribe(): Promise<void> {
    const { signal } = this.#abort;
    let said = "";
    try {
      const response = await fetch(this.#url, { method: "POST", ...this.#request, signal });
      assert.equal(response.status, 200);
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        if (!said.includes(ACKNOWLEDGED) && (said + chunk).includes(ACKNOWLEDGED))
          this.events.emit("opened");
        said += chunk;
        if (said.includes(CHANGED)) this.events.emit("changed");
      }
      this.ended.push(said);
    } catch (error) {
      if (signal.aborted) return;
      this.ended.push(error instanceof Error ? error : new Error(String(error)));
      this.#cut.abort(error);
    }
  }

  /** Subscribes, again and again. Who was cut off does not try again. */
  async stay(): Promise<void> {
    while (!this.#abort.signal.aborted && !this.#cut.signal.aborted) await this.subscribe();
  }

  /** Resolves when it is told of a change from now on; rejects where it was cut off. */
  async changed(): Promise<void> {
    await once(this.events, "changed", { signal: this.#cut.signal });
  }

  leave(): void {
    this.#abort.abort();
  }
}

/** Whether a subscription has said that it is over, and nothing after that. */
export function isComplete(said: string | Error): boolean {
  return (
    typeof said === "string" &&
    said.includes(ACKNOWLEDGED) &&
    /"result":\{"resultType":"complete"[^\n]*\n\n$/u.test(said)
  );
}
