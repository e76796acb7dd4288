import { ExpressionError, type BinaryOperator, type Expression } from "./expression.ts";
import { tokensOf, type Token } from "./tokens.ts";

interface Operator {
  readonly operator: BinaryOperator;
  /** The higher, the tighter it binds. CloudWatch documents no order; this is the one of mathematics, which its examples follow. */
  readonly binding: number;
}

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["OR", { operator: "OR", binding: 1 }],
  ["||", { operator: "OR", binding: 1 }],
  ["AND", { operator: "AND", binding: 2 }],
  ["&&", { operator: "AND", binding: 2 }],
  ["==", { operator: "==", binding: 3 }],
  ["!=", { operator: "!=", binding: 3 }],
  ["<=", { operator: "<=", binding: 3 }],
  [">=", { operator: ">=", binding: 3 }],
  ["<", { operator: "<", binding: 3 }],
  [">", { operator: ">", binding: 3 }],
  ["+", { operator: "+", binding: 4 }],
  ["-", { operator: "-", binding: 4 }],
  ["*", { operator: "*", binding: 5 }],
  ["/", { operator: "/", binding: 5 }],
  ["^", { operator: "^", binding: 7 }],
]);

const NEGATION_BINDING = 6;

/**
 * Reads an expression of metric math.
 *
 * @throws {ExpressionError} where it is none.
 */
export function parseExpression(text: string): Expression {
  const tokens = tokensOf(text);
  if (tokens.length === 0) {
    throw new ExpressionError("The expression is empty. Give one, such as `m1 / m2`.");
  }
  const parser = new Parser(text, tokens);
  const expression = parser.expression(0);
  parser.end();
  return expression;
}

/** A Pratt parser. */
class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  expression(least: number): Expression {
    let left = this.#operand();
    for (;;) {
      const token = this.#tokens[this.#next];
      const found =
        token?.kind === "symbol" || token?.kind === "name" ? OPERATORS.get(token.value) : undefined;
      if (found === undefined || found.binding < least) return left;
      this.#next++;
      const { operator, binding } = found;
      left = { kind: "binary", operator, left, right: this.expression(binding + 1) };
    }
  }

  end(): void {
    if (this.#next < this.#tokens.length) throw this.#unexpected(this.#tokens[this.#next]);
  }

  #operand(): Expression {
    const token = this.#tokens[this.#next++];
    switch (token?.kind) {
      case "number":
        return { kind: "number", value: token.value };
      case "text":
        return { kind: "text", value: token.value };
      case "name":
        if (OPERATORS.has(token.value)) throw this.#unexpected(token);
        if (!this.#take("(")) return { kind: "name", name: token.value };
        return { kind: "call", function: token.value, args: this.#list(")") };
      case "symbol":
        return this.#symbol(token);
      case undefined:
        throw this.#unexpected(token);
    }
  }

  #symbol(token: Token): Expression {
    if (token.value === "-") {
      return { kind: "negation", operand: this.expression(NEGATION_BINDING) };
    }
    if (token.value === "[") return { kind: "array", items: this.#list("]") };
    if (token.value !== "(") throw this.#unexpected(token);
    const inner = this.expression(0);
    if (!this.#take(")")) throw this.#unexpected(this.#tokens[this.#next]);
    return inner;
  }

  #list(end: string): Expression[] {
    const items: Expression[] = [];
    if (this.#take(end)) return items;
    do items.push(this.expression(0));
    while (this.#take(","));
    if (!this.#take(end)) throw this.#unexpected(this.#tokens[this.#next]);
    return items;
  }

  #take(symbol: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.kind !== "symbol" || token.value !== symbol) return false;
    this.#next++;
    return true;
  }

  #unexpected(token: Token | undefined): ExpressionError {
    return new ExpressionError(
      token === undefined
        ? `The expression \`${this.#text}\` ends too early.`
        : `The expression \`${this.#text}\` has \`${token.value}\` where it cannot be.`,
    );
  }
}
