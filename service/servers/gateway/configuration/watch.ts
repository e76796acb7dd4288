import type { Logger } from "pino";
import type { Clock } from "../../../runtime/telemetry/clock.ts";
import type { UpstreamConfiguration } from "../upstream-configuration.ts";
import { parseUpstream } from "./parse.ts";
import type { UpstreamSource } from "./source.ts";

/** How long one reading may take. */
const READ_MILLISECONDS = 10_000;

/** A poll comes up to so much of its period early, so that replicas that started together do not ask together. */
const JITTER = 0.2;

/** What is configured, as far as it was understood. */
export interface WatchedConfiguration {
  readonly upstreams: ReadonlyMap<string, UpstreamConfiguration>;
  /** By the name of the upstream: why what is written there now is not in use. */
  readonly problems: ReadonlyMap<string, string>;
}

/** The configuration of the upstreams, which may change at any time. */
export interface WatchedUpstreams {
  readonly current: WatchedConfiguration;
  /** Ends watching. */
  close(): void;
}

export interface WatchOptions {
  readonly source: UpstreamSource;
  /** From one reading to the next, at most. */
  readonly pollMilliseconds: number;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly log: Logger;
  /** Whether a first reading that fails is repeated until one does not. Else it is thrown. */
  readonly patient: boolean;
  /** Hears of everything after the first reading. */
  readonly changed: (configuration: WatchedConfiguration) => void;
}

/** Reads the upstreams, and reads them again and again until it is closed. An entry that is not usable keeps its last good version. */
export async function watchUpstreams(options: WatchOptions): Promise<WatchedUpstreams> {
  const { source, clock, random, log, pollMilliseconds } = options;
  let current: WatchedConfiguration = { upstreams: new Map(), problems: new Map() };
  let cancel: () => void = () => undefined;
  let reading = false;
  let again = false;
  let closed = false;
  let failing = false;

  const read = async (): Promise<ReadonlyMap<string, string> | undefined> => {
    const abort = new AbortController();
    const end = clock.after(READ_MILLISECONDS, () => {
      abort.abort(new Error(`Reading took longer than ${READ_MILLISECONDS} ms.`));
    });
    try {
      return await source.read(abort.signal);
    } finally {
      end();
    }
  };

  const take = (texts: ReadonlyMap<string, string>): void => {
    const upstreams = new Map<string, UpstreamConfiguration>();
    const problems = new Map<string, string>();
    for (const [name, text] of [...texts].sort(([left], [right]) => (left < right ? -1 : 1))) {
      const parsed = parseUpstream(name, text);
      if ("configuration" in parsed) {
        upstreams.set(name, parsed.configuration);
        continue;
      }
      problems.set(name, parsed.problem);
      const lastGood = current.upstreams.get(name);
      if (lastGood !== undefined) upstreams.set(name, lastGood);
      if (current.problems.get(name) !== parsed.problem)
        log.error(
          { upstream: name },
          `${parsed.problem} ${lastGood === undefined ? "It is left out until that is mended." : "Its last good configuration stays in use."}`,
        );
    }
    current = { upstreams, problems };
  };

  const poll = async (): Promise<void> => {
    if (reading) {
      again = true;
      return;
    }
    reading = true;
    cancel();
    try {
      const texts = await read();
      if (failing) log.info(`The upstreams in ${source.place} can be read again.`);
      failing = false;
      if (texts !== undefined && !isClosed()) {
        take(texts);
        options.changed(current);
      }
    } catch (error) {
      if (!failing && !isClosed())
        log.error(
          { err: error },
          `The upstreams in ${source.place} cannot be read. What was read last stays in use.`,
        );
      failing = true;
    }
    reading = false;
    if (isClosed()) return;
    if (again) {
      again = false;
      await poll();
    } else schedule();
  };

  const schedule = (): void => {
    cancel = clock.after(pollMilliseconds * (1 - JITTER * random()), () => {
      void poll();
    });
  };

  // A closure may have changed it: control flow analysis does not see that.
  const isClosed = (): boolean => closed;

  const first = async (): Promise<void> => {
    for (;;) {
      try {
        const texts = await read();
        if (texts !== undefined) take(texts);
        return;
      } catch (error) {
        if (!options.patient) throw error;
        log.error(
          { err: error },
          `The upstreams in ${source.place} cannot be read; the gateway tries again until they can.`,
        );
        await new Promise<void>((resolve) => {
          clock.after(pollMilliseconds * (1 - JITTER * random()), resolve);
        });
      }
    }
  };

  await first();
  const endHints = source.onHint?.(() => {
    void poll();
  });
  schedule();
  return {
    get current() {
      return current;
    },
    close: () => {
      closed = true;
      cancel();
      endHints?.();
    },
  };
}
