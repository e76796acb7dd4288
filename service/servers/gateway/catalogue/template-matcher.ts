import { UriTemplate } from "@modelcontextprotocol/server";

/** Longer addresses belong to no template: what RFC 9110, 4.1, has every server take at least is 8000 octets. */
const LONGEST_URI = 8192;
/** More variables than any template needs; the time that matching takes grows with them. */
const MOST_VARIABLES = 50;

/** A part of a template: its own text, or what stands for a value. */
type Part =
  | { readonly text: string }
  | { readonly isPart: (character: string) => boolean; readonly isList: boolean };

const VARIABLE: Part = {
  isPart: (character) => character !== "/" && character !== ",",
  isList: false,
};
const LIST: Part = { ...VARIABLE, isList: true };
const RESERVED: Part = {
  isPart: (character) => !/[\n\r\u2028\u2029]/u.test(character),
  isList: false,
};
const QUERY: Part = { isPart: (character) => character !== "&", isList: false };

/**
 * Tells which addresses belong to a URI template (RFC 6570), as the MCP SDK's `UriTemplate.match` does, but in time that grows with the length of the
 * address and no faster: the SDK makes a regular expression of the template, and `x://{a}{b}{c}{d}!` holds a process up for seconds with 400 characters.
 *
 * @returns undefined where it is no template, or one with more than 50 variables.
 */
export function templateMatcher(uriTemplate: string): ((uri: string) => boolean) | undefined {
  const parts = partsOf(uriTemplate);
  if (parts === undefined) return undefined;
  return (uri) => {
    if (uri.length > LONGEST_URI) return false;
    // Where in the address what comes before a part may end; at first there is nothing, which ends at 0.
    let ends: Ends = new Uint8Array(uri.length + 1);
    ends[0] = 1;
    for (const part of parts) {
      const next = "text" in part ? behindText(uri, ends, part.text) : behindValue(uri, ends, part);
      if (next === undefined) return false;
      ends = next;
    }
    return ends[uri.length] === 1;
  };
}

type Ends = Uint8Array<ArrayBuffer>;

/** @returns undefined where it ends nowhere. */
function behindText(uri: string, before: Ends, text: string): Ends | undefined {
  const ends = new Uint8Array(uri.length + 1);
  let isAnywhere = false;
  for (let at = uri.indexOf(text); at !== -1; at = uri.indexOf(text, at + 1)) {
    if (before[at] !== 1) continue;
    ends[at + text.length] = 1;
    isAnywhere = true;
  }
  return isAnywhere ? ends : undefined;
}

/** One character or more; of a list, several of those with commas between. */
function behindValue(
  uri: string,
  before: Ends,
  { isPart, isList }: Extract<Part, { isList: boolean }>,
): Ends | undefined {
  const ends = new Uint8Array(uri.length + 1);
  let isAnywhere = false;
  let state: State = "outside";
  for (let at = 0; at < uri.length; at++) {
    state = nextState(state, uri.charAt(at), before[at] === 1, { isPart, isList });
    if (state !== "inside") continue;
    ends[at + 1] = 1;
    isAnywhere = true;
  }
  return isAnywhere ? ends : undefined;
}

/** Where in a value one is, behind a character. */
type State = "outside" | "inside" | "behind a comma";

function nextState(
  state: State,
  character: string,
  mayBegin: boolean,
  { isPart, isList }: Extract<Part, { isList: boolean }>,
): State {
  if ((state !== "outside" || mayBegin) && isPart(character)) return "inside";
  return isList && state === "inside" && character === "," ? "behind a comma" : "outside";
}

function partsOf(uriTemplate: string): readonly Part[] | undefined {
  let names: number;
  try {
    names = new UriTemplate(uriTemplate).variableNames.length;
  } catch {
    return undefined;
  }
  if (names > MOST_VARIABLES) return undefined;
  return uriTemplate
    .split(/\{([^}]*)\}/u)
    .flatMap((piece, index) => (index % 2 === 1 ? expression(piece) : text(piece)));
}

function text(piece: string): readonly Part[] {
  return piece === "" ? [] : [{ text: piece }];
}

/** What stands between braces, as the SDK understands it. */
function expression(inside: string): readonly Part[] {
  const operator = /^[+#./?&]/u.exec(inside)?.[0] ?? "";
  const names = inside
    .slice(operator.length)
    .split(",")
    .map((name) => name.replace("*", "").trim())
    .filter((name) => name !== "");
  const value = inside.includes("*") ? LIST : VARIABLE;
  switch (operator) {
    case "?":
    case "&":
      return names.flatMap((name, index) => [
        { text: `${index === 0 ? operator : "&"}${name}=` },
        QUERY,
      ]);
    case "+":
    case "#":
      return [RESERVED];
    case ".":
      return [{ text: "." }, VARIABLE];
    case "/":
      return [{ text: "/" }, value];
    default:
      return [value];
  }
}
