const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
/** `{` and `[` differ in this bit alone, as do `}` and `]`; no other ASCII character becomes one of them by setting it. */
const CASE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** The index of the quote that ends the string which begins at `start`; the length of the text where none does. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    // A quote behind an odd number of backslashes is part of the string.
    if ((end - before) % 2 === 1) return end;
  }
  return text.length;
}

/** How much structure a text may have. */
export interface StructureLimits {
  /** How deep arrays and objects may be nested. */
  readonly depth: number;
  /** How many arrays and objects there may be. */
  readonly containers: number;
}

/** What a look at the structure of a text has found. */
export interface Structure {
  /** The limit that is exceeded; the look ends there. */
  readonly exceeded?: keyof StructureLimits;
  /** Where the JSON of the value at the path stands, blanks around it included; undefined where there is none. */
  readonly span?: { readonly begin: number; readonly end: number };
}

export const UNLIMITED: StructureLimits = { depth: Infinity, containers: Infinity };

/**
 * Looks at the brackets outside strings, and for the JSON of the value at a path: in one go, since most of the time is taken by the strings between
 * them. Passing the JSON on as it stands there costs a fraction of parsing and writing it anew. What is wrong with the text is for a parser to say;
 * what is found counts only where that finds nothing.
 *
 * @param path names of members, from the outermost object inwards. Where a name comes more than once the last one counts, as in `JSON.parse`; where
 *   one that may lead to the value is written with escapes, nothing is found.
 */
export function lookAt(
  text: string,
  { depth: mostDepth, containers: mostContainers }: StructureLimits,
  path: readonly string[],
): Structure {
  let depth = 0;
  let containers = 0;
  /** How many names of the path lead to the object in which the scan is, or was before it went aside. */
  let matched = 0;
  /** Whether the next value belongs to the last name that was matched. */
  let awaited = false;
  /** Whether a name that may lead to the value is written with escapes. */
  let unsure = path.length === 0;
  let begin = -1;
  let found: Structure["span"];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      const end = endOfString(text, index);
      if (depth !== matched + 1 || begin !== -1 || unsure) {
        awaited = false;
        index = end;
        continue;
      }
      const after = skip(text, end + 1);
      if (text.charCodeAt(after) !== COLON) {
        awaited = false;
        index = end;
        continue;
      }
      const name = text.slice(index + 1, end);
      if (name.includes("\\")) unsure = true;
      index = after;
      if (name !== path[matched]) continue;
      found = undefined;
      if (matched + 1 === path.length) begin = index + 1;
      else awaited = true;
      continue;
    }
    const bracket = code | CASE_BIT;
    if (bracket === OPENING) {
      if (++depth > mostDepth) return { exceeded: "depth" };
      if (++containers > mostContainers) return { exceeded: "containers" };
      if (awaited && code === OPENING) matched++;
      awaited = false;
    } else if (bracket === CLOSING || code === COMMA) {
      if (begin !== -1 && depth === matched + 1) {
        found = { begin, end: index };
        begin = -1;
      }
      awaited = false;
      if (code === COMMA) continue;
      depth--;
      if (depth === matched && matched > 0) matched--;
    }
  }
  return found === undefined || unsure ? NOTHING : { span: found };
}

const NOTHING: Structure = {};

function skip(text: string, start: number): number {
  let index = start;
  for (;;) {
    const code = text.charCodeAt(index);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return index;
    index++;
  }
}
