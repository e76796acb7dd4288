import { ExpressionError } from "./expression.ts";

export type Token =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "name"; readonly value: string }
  | { readonly kind: "symbol"; readonly value: string };

const TOKEN =
  /\s*(?:(?<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|'(?<single>(?:[^'\\]|\\.)*)'|"(?<double>(?:[^"\\]|\\.)*)"|(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<symbol>==|!=|<=|>=|&&|\|\||[-+*/^<>()[\],]))/uy;

/** The words of an expression of metric math. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) {
      throw new ExpressionError(
        `The expression \`${text}\` cannot be read from \`${text.slice(at).trim()}\` on.`,
      );
    }
    tokens.push(tokenOf(groups));
  }
  return tokens;
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>): Token {
  const { number, single, double, name, symbol } = groups;
  if (number !== undefined) return { kind: "number", value: Number(number) };
  if (name !== undefined) return { kind: "name", value: name };
  if (symbol !== undefined) return { kind: "symbol", value: symbol };
  // Escapes stay as they are: a search has escapes of its own.
  return { kind: "text", value: single ?? double ?? "" };
}
