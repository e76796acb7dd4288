/** One provider of a capacity provider strategy (API CapacityProviderStrategyItem). */
export interface StrategyItem {
  readonly capacityProvider: string;
  /** How many tasks at least run on it; one item of a strategy has it. */
  readonly base: number;
  /** Its share of the others. */
  readonly weight: number;
}

/**
 * How many of so many tasks each provider runs: the base first, the rest by weight. How AWS rounds is unpublished; the largest remainder goes first here,
 * the earlier item at a tie.
 */
export function splitTasks(
  strategy: readonly StrategyItem[],
  count: number,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  let rest = count;
  for (const { capacityProvider, base } of strategy) {
    const given = Math.min(base, rest);
    counts.set(capacityProvider, given);
    rest -= given;
  }
  const weights = strategy.reduce((sum, { weight }) => sum + weight, 0);
  if (weights === 0) return counts;
  const shares = strategy.map(({ capacityProvider, weight }) => {
    const exact = (rest * weight) / weights;
    return { capacityProvider, whole: Math.floor(exact), remainder: exact - Math.floor(exact) };
  });
  let missing = rest - shares.reduce((sum, { whole }) => sum + whole, 0);
  // The sort is stable.
  for (const share of shares.toSorted((left, right) => right.remainder - left.remainder)) {
    const extra = missing > 0 ? 1 : 0;
    missing -= extra;
    const before = counts.get(share.capacityProvider) ?? 0;
    counts.set(share.capacityProvider, before + share.whole + extra);
  }
  return counts;
}

/**
 * The provider of one more task: the one that lacks most of what the split gives it. Tasks that run are never moved for it.
 *
 * @param running the providers of the tasks that there are.
 * @returns undefined where no provider takes one: all weights are 0, and the base is full.
 */
export function providerOfNext(
  strategy: readonly StrategyItem[],
  running: readonly string[],
): string | undefined {
  const wanted = splitTasks(strategy, running.length + 1);
  const lacking = strategy.map(({ capacityProvider }) => ({
    capacityProvider,
    lack:
      (wanted.get(capacityProvider) ?? 0) -
      running.filter((provider) => provider === capacityProvider).length,
  }));
  const [first] = lacking.toSorted((left, right) => right.lack - left.lack);
  return first !== undefined && first.lack > 0 ? first.capacityProvider : undefined;
}
