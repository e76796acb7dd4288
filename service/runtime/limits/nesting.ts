/**
 * How deep what a list offers may be nested: with the message around it, it stays within the 128 levels of Rust's serde_json, so that every common
 * client can read it. Beyond some 5000 levels this process itself could not write it down any more.
 */
export const DEEPEST_ENTRY = 120;

/** Whether a JSON value has more levels of arrays and objects than so many; it looks no deeper than that. */
export function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((each) => isDeeperThan(levels - 1, each));
}
