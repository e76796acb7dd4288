/** A test for names that match one of some patterns; `*` stands for any characters. */
export function matcher(patterns: readonly string[]): (name: string) => boolean {
  const names = new Set(patterns.filter((pattern) => !pattern.includes("*")));
  const parts = patterns.filter((pattern) => pattern.includes("*")).map((each) => each.split("*"));
  return (name) => names.has(name) || parts.some((each) => matches(each, name));
}

/** By position, instead of by a regular expression, which takes long for some names. */
function matches([first = "", ...others]: readonly string[], name: string): boolean {
  const last = others.pop() ?? "";
  if (!name.startsWith(first)) return false;
  let position = first.length;
  for (const part of others) {
    const found = name.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return name.length - last.length >= position && name.endsWith(last);
}
