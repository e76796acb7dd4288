import type { Cancellation } from "../../runtime/cancellation.ts";
import { ConfigurationError } from "../../runtime/configuration-error.ts";
import type { Clock } from "../../runtime/telemetry/clock.ts";
import {
  startChild,
  type Child,
  type ChildEnd,
  type ChildOptions,
  type Notified,
} from "./child.ts";
import { watchAnswers, type AnswerWatch } from "./checks.ts";
import { ChildEnded, NoChild, NotSent } from "./failures.ts";
import type { Handshake } from "./handshake.ts";
import { countExits, respawnDelay, STABLE_MILLISECONDS } from "./respawn.ts";
import { createWaiting } from "./waiting.ts";

/** Children of one program, of which each may be asked in place of another. */
export interface Pool {
  /** Starts all; resolves when the first can be asked. @throws where none can, whatever is tried. */
  start(): Promise<Child>;
  /**
   * Asks the child that has the least to do. Where that one ends before it answers, another is asked, once, if the work may be repeated.
   *
   * @throws {NoChild} where none has been asked, {@link ChildEnded} where one has, and has not answered.
   */
  run<T>(work: (child: Child) => Promise<T>, options: RunOptions): Promise<T>;
  /** The children that can be asked. */
  readonly children: readonly Child[];
  /** Whether a child can be asked, and has answered a short while ago. */
  ready(): boolean;
  /** Whether children stay. */
  healthy(): boolean;
  stop(): Promise<void>;
}

/** What may end a request before its answer, and whether it may be sent twice. */
export interface RunOptions {
  readonly cancellation: Cancellation;
  readonly repeatable: boolean;
}

/** What a pool needs to know. */
export interface PoolOptions {
  readonly child: ChildOptions;
  readonly clock: Clock;
  readonly processes: number;
  readonly maxOngoingRequests: number;
  readonly maxQueuedRequests: number;
  readonly queueTimeoutMilliseconds: number;
  readonly checkTimeoutMilliseconds: number;
  /** Whether a child works on one request, and is then replaced by another. */
  readonly perCall: boolean;
  /** Gets each child that can be asked, before it is. */
  readonly joined: (child: Child, handshake: Handshake) => void;
  readonly notified: Notified;
  /** 0 to 1. Default: random. */
  readonly random?: () => number;
}

/** A child that can be asked. */
interface Member {
  readonly child: Child;
  readonly watch: AnswerWatch;
  ongoing: number;
  /** Counts requests of all: the lower, the longer ago it was given the last one. */
  turn: number;
  /** Whether it takes no more requests. */
  isLeaving: boolean;
}

export function createPool(options: PoolOptions): Pool {
  const { clock, perCall, processes, random = Math.random } = options;
  const most = perCall ? 1 : options.maxOngoingRequests;
  const members = new Set<Member>();
  const running = new Set<Child>();
  const exits = countExits();
  const waiting = createWaiting<Member>({
    most: options.maxQueuedRequests,
    milliseconds: options.queueTimeoutMilliseconds,
    clock,
  });
  const first = Promise.withResolvers<Child>();
  // Who waits for it hears of it; nobody else has to.
  first.promise.catch(() => undefined);
  let started = 0;
  let turns = 0;
  let stopped = false;
  let era: Handshake["era"] | undefined;
  let guess: Handshake["era"] | undefined;

  const launch = (failures: number): void => {
    if (stopped) return;
    const known = era ?? guess;
    const child = startChild(
      ++started,
      options.child,
      { notified: options.notified, drained },
      known,
    );
    running.add(child);
    let member: Member | undefined;
    let readyAt: number | undefined;
    void child.ready.then((handshake) => {
      era = handshake.era;
      readyAt = clock.now();
      member = join(child, handshake);
    });
    void child.ended.then((end) => {
      running.delete(child);
      if (member !== undefined) leave(member);
      // Some servers end when they are asked what they do not know: the next one is asked the older question.
      if (era === undefined) guess = known === undefined ? "legacy" : undefined;
      const wasStable = readyAt !== undefined && clock.now() - readyAt >= STABLE_MILLISECONDS;
      relaunch(end, wasStable ? 1 : failures + 1);
    });
  };

  const relaunch = (end: ChildEnd, failures: number): void => {
    if (stopped) return;
    if (end.expected) {
      launch(0);
      return;
    }
    const now = clock.now();
    exits.add(now);
    if (isMissing(end.error)) {
      first.reject(new ConfigurationError(missing(end.error)));
    } else if (exits.tooMany(now)) {
      first.reject(new Error("The stdio server has ended five times before it could be asked."));
    }
    clock.after(respawnDelay(failures, random()), () => {
      launch(failures);
    });
  };

  const join = (child: Child, handshake: Handshake): Member => {
    const watch = watchAnswers(child, handshake, {
      clock,
      timeoutMilliseconds: options.checkTimeoutMilliseconds,
      isIdle: () => member.ongoing === 0,
    });
    const member: Member = { child, watch, ongoing: 0, turn: ++turns, isLeaving: false };
    members.add(member);
    options.joined(child, handshake);
    first.resolve(child);
    serveWaiting(member);
    return member;
  };

  const leave = (member: Member): void => {
    member.isLeaving = true;
    member.watch.stop();
    members.delete(member);
  };

  const hasRoom = ({ child, ongoing, isLeaving }: Member): boolean =>
    !isLeaving && ongoing < most && !child.isFull();

  const serveWaiting = (member: Member): void => {
    while (waiting.length > 0 && hasRoom(member)) {
      member.ongoing += 1;
      waiting.give(member);
    }
  };

  const drained = (child: Child): void => {
    for (const member of members) if (member.child === child) serveWaiting(member);
  };

  /** The one that has the least to do; those that have as much take turns. Undefined where none has room. */
  const take = (): Member | undefined => {
    let least: Member | undefined;
    for (const member of members) {
      if (hasRoom(member) && (least === undefined || isBefore(member, least))) least = member;
    }
    if (least === undefined) return undefined;
    least.ongoing += 1;
    least.turn = ++turns;
    return least;
  };

  const acquire = async (cancellation: Cancellation): Promise<Member> => {
    if (stopped) throw new NoChild("The server is ending. Try again.");
    return take() ?? waiting.wait(cancellation);
  };

  const release = (member: Member): void => {
    member.ongoing -= 1;
    if (perCall) {
      leave(member);
      void member.child.stop();
    } else serveWaiting(member);
  };

  return {
    start: () => {
      for (let each = 0; each < processes; each += 1) launch(0);
      return first.promise;
    },
    run: async (work, { cancellation, repeatable }) => {
      let mayRepeat = repeatable;
      // Nobody waits, not even for a turn of the microtasks, where there is room.
      let member = stopped ? undefined : take();
      for (;;) {
        member ??= await acquire(cancellation);
        try {
          // Others that got it in the same turn may have filled it.
          if (!member.child.isFull()) return await work(member.child);
        } catch (error) {
          if (error instanceof ChildEnded && mayRepeat) mayRepeat = false;
          else if (!(error instanceof NotSent)) throw error;
        } finally {
          release(member);
        }
        member = undefined;
      }
    },
    get children() {
      return [...members].map(({ child }) => child);
    },
    ready: () => !stopped && [...members].some(({ watch }) => watch.isFresh()),
    healthy: () => !exits.tooMany(clock.now()),
    stop: async () => {
      stopped = true;
      waiting.close();
      for (const member of [...members]) leave(member);
      await Promise.all([...running].map((child) => child.stop()));
    },
  };
}

function isBefore(one: Member, other: Member): boolean {
  return one.ongoing < other.ongoing || (one.ongoing === other.ongoing && one.turn < other.turn);
}

const MISSING: ReadonlySet<unknown> = new Set(["ENOENT", "EACCES", "ENOTDIR", "E2BIG"]);

function isMissing(error: Error | undefined): error is Error {
  return error !== undefined && "code" in error && MISSING.has(error.code);
}

const missing = ({ message }: Error): string =>
  `The command of the stdio server cannot be run: ${message}. Give a program that the image has, as a path or by a name in \`PATH\`.`;
