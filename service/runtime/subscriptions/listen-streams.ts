import type { ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";
import type { ServerEvent } from "@modelcontextprotocol/server";
import type { WatchedResources } from "../protocol/watched-resources.ts";
import { ChangeQueue, WRITES_PER_TURN } from "./change-queue.ts";
import type { DescribedServer } from "./described-server.ts";
import { honouredPart, isNothing, wantedBy } from "./filter.ts";
import { ListenStream } from "./listen-stream.ts";
import { acknowledgement } from "./messages.ts";
import type { Listen } from "./recognise-listen.ts";
import { SignsOfLife } from "./signs-of-life.ts";

/** What streams are served with. */
export interface ListenStreamsOptions {
  /** The longest that a stream says nothing. */
  readonly quietMilliseconds: number;
  /** After how long a stream is ended. */
  readonly lifetimeMilliseconds: number;
  readonly watched: WatchedResources;
}

/** The subscriptions that are served without the SDK: what they need while nothing happens is shared by all of them. */
export class ListenStreams {
  readonly #options: ListenStreamsOptions;
  /** In the order in which they were opened, which is the one in which they end. */
  readonly #open = new Set<ListenStream>();
  readonly #changes = new ChangeQueue(this.#open);
  readonly #signs: SignsOfLife;
  /** Of the last stream: as good as always the same text, which is kept once. */
  #serverInfo = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ListenStreamsOptions) {
    this.#options = options;
    this.#signs = new SignsOfLife(options.quietMilliseconds, this.#drop);
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Acknowledges a subscription; it ends at once where there is nothing that it could be told of. */
  open(response: ServerResponse, { id, filter }: Listen, server: DescribedServer): void {
    const honoured = honouredPart(filter, server.capabilities);
    const stream = new ListenStream({
      response,
      id,
      wanted: wantedBy(honoured),
      serverInfo: this.#shared(JSON.stringify(server.serverInfo)),
      endsAt: performance.now() + this.#options.lifetimeMilliseconds,
      seen: this.#changes.last,
    });
    stream.begin(acknowledgement(id, honoured));
    if (isNothing(stream.wanted)) {
      stream.end();
      return;
    }
    this.#open.add(stream);
    this.#signs.add(stream);
    this.#options.watched.add(stream.wanted.uris);
    this.#timer ??= setTimeout(this.#endThoseThatAreDue, this.#options.lifetimeMilliseconds);
    response.on("close", () => {
      this.#drop(stream);
    });
  }

  /** Tells the streams that want to know of a change, soon. */
  publish(event: ServerEvent): void {
    if (event.kind === "resource_updated" && !this.#options.watched.has(event.uri)) return;
    this.#changes.add(event);
  }

  /** Ends all of them, some in each turn of the event loop. */
  async close(): Promise<void> {
    while (this.#open.size > 0) {
      this.#endFirst(() => true);
      if (this.#open.size > 0) await turn();
    }
  }

  /** Ends streams from the oldest on, as many as one turn takes. */
  #endFirst(isDue: (stream: ListenStream) => boolean): void {
    let count = 0;
    for (const stream of this.#open) {
      if (count++ === WRITES_PER_TURN || !isDue(stream)) return;
      this.#changes.catchUp(stream);
      this.#drop(stream);
      stream.end();
    }
  }

  readonly #endThoseThatAreDue = (): void => {
    // Timers are precise to a millisecond, and may be early by a part of it.
    const due = performance.now() + 1;
    this.#endFirst(({ endsAt }) => endsAt <= due);
    this.#timer = undefined;
    for (const { endsAt } of this.#open) {
      this.#timer = setTimeout(this.#endThoseThatAreDue, Math.max(endsAt - due, 0));
      return;
    }
  };

  readonly #drop = (stream: ListenStream): void => {
    if (!this.#open.delete(stream)) return;
    this.#signs.delete(stream);
    this.#options.watched.remove(stream.wanted.uris);
    if (this.#open.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  };

  #shared(serverInfo: string): string {
    if (this.#serverInfo !== serverInfo) this.#serverInfo = serverInfo;
    return this.#serverInfo;
  }
}
