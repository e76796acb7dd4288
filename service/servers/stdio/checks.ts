import type { Clock } from "../../runtime/telemetry/clock.ts";
import type { Child } from "./child.ts";
import { AnswerError, Unanswered } from "./failures.ts";
import type { Handshake } from "./handshake.ts";
import { isObject } from "./messages.ts";
import { ownParams } from "./protocol.ts";

/** Watches whether a child answers. */
export interface AnswerWatch {
  /** Whether it has answered within the last 30 seconds. */
  isFresh(): boolean;
  stop(): void;
}

/** How long a child may not have answered before it is asked, in milliseconds. Twice that and a check is less than `FRESH_MILLISECONDS`. */
const EVERY_MILLISECONDS = 10_000;

const FRESH_MILLISECONDS = 30_000;

/**
 * Asks a child that has not answered for a while something cheap. One that has nothing else to do and does not answer hangs, and is killed; one
 * that works may be kept from answering by that, and only counts as not ready.
 */
export function watchAnswers(
  child: Child,
  handshake: Handshake,
  options: {
    readonly clock: Clock;
    readonly timeoutMilliseconds: number;
    readonly isIdle: () => boolean;
  },
): AnswerWatch {
  const { clock, timeoutMilliseconds, isIdle } = options;
  const { connection } = child;
  let stopped = false;
  let cancel: () => void = () => undefined;
  const age = (): number => clock.now() - (connection.lastAnswer ?? -Infinity);
  const method = cheapRequest(handshake);

  const check = async (): Promise<void> => {
    try {
      await connection.request(method, () => ownParams(handshake), { timeoutMilliseconds });
    } catch (error) {
      if (error instanceof AnswerError || stopped) return;
      // It may have answered something else, or been given something to do, in the meantime.
      if (error instanceof Unanswered && isIdle() && age() >= timeoutMilliseconds) {
        child.kill(`it did not answer \`${method}\` within ${timeoutMilliseconds / 1000} seconds`);
      }
    }
  };
  const next = (): void => {
    if (stopped) return;
    const wait = EVERY_MILLISECONDS - age();
    cancel = clock.after(wait > 0 ? wait : EVERY_MILLISECONDS, () => {
      if (age() < EVERY_MILLISECONDS) next();
      else void check().then(next);
    });
  };
  next();
  return {
    isFresh: () => age() < FRESH_MILLISECONDS,
    stop: () => {
      stopped = true;
      cancel();
    },
  };
}

/** `ping` is in the old revisions alone; a list is as cheap, and shows more. */
function cheapRequest({ era, capabilities }: Handshake): string {
  if (era === "legacy") return "ping";
  return isObject(capabilities["tools"]) ? "tools/list" : "server/discover";
}
