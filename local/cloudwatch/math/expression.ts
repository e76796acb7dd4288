/** An expression of metric math, as its parser understands it. */
export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "array"; readonly items: readonly Expression[] }
  | { readonly kind: "negation"; readonly operand: Expression }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "call"; readonly function: string; readonly args: readonly Expression[] };

export type BinaryOperator =
  "+" | "-" | "*" | "/" | "^" | "==" | "!=" | "<=" | ">=" | "<" | ">" | "AND" | "OR";

/** An expression that CloudWatch would refuse, or that nothing here computes; the message is a sentence. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
}
