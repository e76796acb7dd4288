import type { CacheHint } from "@modelcontextprotocol/server";
import type { Logger } from "pino";
import type { Caller } from "../../../runtime/caller.ts";
import type { Offers } from "../../../runtime/relay.ts";
import type { Clock } from "../../../runtime/telemetry/clock.ts";
import { satisfies } from "../rules.ts";
import type { ToolRule } from "../upstream-configuration.ts";
import { authorizationOf } from "./authorization.ts";
import type { KeptListing } from "./kept-listing.ts";
import type { Member } from "./member.ts";
import { createView, type View, type ViewPart } from "./view.ts";

/** As many views as are kept: one for each set of rules that callers satisfy, and for each list that callers have of their own. */
const MOST_VIEWS = 500;
/** As many callers as are remembered with the offers that are theirs alone. */
const MOST_CALLERS = 1000;
/** Clients are told that lists are good for at least so long. */
const SHORTEST_TTL_MILLISECONDS = 1000;
/** What clients are told where no upstream says how long its list is good: about as long as the gateway itself relies on it. */
const DEFAULT_TTL_MILLISECONDS = 30_000;

/** What callers see, from memory. */
export interface Views {
  of(caller: Caller | undefined): View;
  /** The same object for all who see the same, as long as it stays the same; with lists of upstreams that are a caller's own, for each caller. */
  offers(caller: Caller | undefined): Offers;
}

interface CachedView {
  readonly view: View;
  readonly parts: readonly ViewPart[];
  readonly shared: Offers;
  readonly byCaller: Map<string, Offers>;
}

export interface ViewsOptions {
  /** In the order of their names. */
  readonly members: readonly Member[];
  readonly scopePrefix: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** What stands in the place of the tools of a view. */
  readonly presented: (view: View) => Omit<Offers, "cache">;
}

/** Views of members whose common part stays as it is: whenever it changes, there are others. */
export function createViews(options: ViewsOptions): Views {
  const { members, scopePrefix, clock, log, presented } = options;
  const rules = [
    ...new Set(
      members.flatMap(({ accepted }) => accepted?.named.tools.flatMap((tool) => tool.rules) ?? []),
    ),
  ];
  const views = new Map<string, CachedView>();
  const satisfied = new WeakMap<Caller, ReadonlySet<ToolRule>>();
  const nobody = satisfiedBy(undefined);

  function satisfiedBy(caller: Caller | undefined): ReadonlySet<ToolRule> {
    return new Set(
      privateRules()
        .concat(rules)
        .filter((rule) => satisfies(caller, rule, scopePrefix)),
    );
  }

  /** Those of upstreams whose tools are not known before a caller asks. */
  function privateRules(): ToolRule[] {
    return members
      .filter(({ isPrivate }) => isPrivate)
      .flatMap(({ configuration }) => configuration.rules);
  }

  const rulesOf = (caller: Caller | undefined): ReadonlySet<ToolRule> => {
    if (caller === undefined) return nobody;
    const known = satisfied.get(caller);
    if (known !== undefined) return known;
    const found = satisfiedBy(caller);
    satisfied.set(caller, found);
    return found;
  };

  const refused = (upstream: string, sentences: readonly string[]): void => {
    log.error(
      { upstream },
      `What \`${upstream}\` lists to a caller is left out. ${sentences.join(" ")}`,
    );
  };

  // With lists that are the same for all, whoever has asked once sees the same as long as these views are in use.
  const isShared = !members.some(({ isPrivate }) => isPrivate);
  const found = new WeakMap<Caller, CachedView>();
  let foundByNobody: CachedView | undefined;

  const find = (caller: Caller | undefined): CachedView => {
    if (!isShared) return compose(caller);
    if (caller === undefined) return (foundByNobody ??= compose(caller));
    const known = found.get(caller) ?? compose(caller);
    found.set(caller, known);
    return known;
  };

  const compose = (caller: Caller | undefined): CachedView => {
    const granted = rulesOf(caller);
    const parts = members.flatMap((member) => partOf(member, caller));
    const key = JSON.stringify([
      rules.map((rule) => (granted.has(rule) ? 1 : 0)).join(""),
      privateRules()
        .map((rule) => (granted.has(rule) ? 1 : 0))
        .join(""),
      parts
        .filter(({ member }) => member.isPrivate)
        .map(({ member, digest }) => [member.name, digest]),
    ]);
    const known = views.get(key);
    if (known !== undefined) {
      views.delete(key);
      views.set(key, known);
      return known;
    }
    const view = createView(parts, (rule) => granted.has(rule), refused);
    const offered = presented(view);
    const cached: CachedView = {
      view,
      parts,
      byCaller: new Map(),
      shared: { ...offered, cache: cacheOf(view, () => leastGoodUntil(parts, undefined), clock) },
    };
    views.set(key, cached);
    const [oldest] = views.keys();
    if (views.size > MOST_VIEWS && oldest !== undefined) views.delete(oldest);
    return cached;
  };

  return {
    of: (caller) => find(caller).view,
    offers: (caller) => {
      const { view, parts, shared, byCaller } = find(caller);
      if (caller === undefined || !parts.some(({ member }) => member.isPrivate)) return shared;
      const authorization = authorizationOf(caller);
      const known = byCaller.get(authorization);
      if (known !== undefined) return known;
      if (byCaller.size >= MOST_CALLERS) byCaller.clear();
      const own = {
        ...shared,
        cache: cacheOf(view, () => leastGoodUntil(parts, authorization), clock),
      };
      byCaller.set(authorization, own);
      return own;
    },
  };
}

/** What a member shows to a caller: nothing of what belongs to somebody else. */
function partOf(
  member: Member,
  caller: Caller | undefined,
): readonly (ViewPart & { readonly digest: string })[] {
  if (member.isPrivate && caller !== undefined) {
    const listed = member.listedTo(authorizationOf(caller));
    return listed === undefined
      ? []
      : [{ member, named: listed.named, digest: listed.kept.digest }];
  }
  const { accepted } = member;
  return accepted === undefined ? [] : [{ member, named: accepted.named, digest: accepted.digest }];
}

/** How long lists are good is a matter of when one asks. */
function cacheOf(
  { cacheScope }: View,
  goodUntil: () => number | undefined,
  clock: Clock,
): Required<CacheHint> {
  return {
    cacheScope,
    get ttlMs() {
      const until = goodUntil();
      if (until === undefined) return DEFAULT_TTL_MILLISECONDS;
      // In whole seconds, so that whoever writes lists down need not do it anew all the time.
      return Math.max(Math.floor((until - clock.now()) / 1000) * 1000, SHORTEST_TTL_MILLISECONDS);
    },
  };
}

function leastGoodUntil(
  parts: readonly ViewPart[],
  authorization: string | undefined,
): number | undefined {
  let least: number | undefined;
  for (const { member } of parts) {
    const kept: KeptListing | undefined =
      member.isPrivate && authorization !== undefined
        ? member.connection.callers.of(authorization)
        : member.connection.own?.kept;
    if (kept?.goodUntil !== undefined) least = Math.min(least ?? Infinity, kept.goodUntil);
  }
  return least;
}
