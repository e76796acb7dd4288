import type { Price } from "./prices.ts";

/** A thing that costs, by the month. */
export interface CostItem {
  readonly what: string;
  /** The resources it is for. */
  readonly of: readonly string[];
  /** How much of it, in the price's own unit, at the fewest replicas and at the most. */
  readonly quantity: Range;
  readonly price: Price;
  readonly monthly: Range;
  readonly kind: "fixed" | "usage";
}

export interface Range {
  readonly least: number;
  readonly most: number;
}

/** A thing that costs, and what is not known here. */
export interface Unpriced {
  readonly what: string;
  readonly of: readonly string[];
  readonly why: string;
}

/** @param quantity a month, in the price's unit. */
export function costItem(
  what: string,
  of: readonly string[],
  quantity: number | Range,
  price: Price,
  kind: CostItem["kind"] = "fixed",
): CostItem {
  const range = typeof quantity === "number" ? { least: quantity, most: quantity } : quantity;
  return {
    what,
    of,
    quantity: range,
    price,
    monthly: { least: range.least * price.amount, most: range.most * price.amount },
    kind,
  };
}

export function sum(items: readonly CostItem[], kind?: CostItem["kind"]): Range {
  const wanted = items.filter((item) => kind === undefined || item.kind === kind);
  return {
    least: wanted.reduce((total, { monthly }) => total + monthly.least, 0),
    most: wanted.reduce((total, { monthly }) => total + monthly.most, 0),
  };
}
