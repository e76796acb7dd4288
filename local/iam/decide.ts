import type { PolicyStatement } from "./policy-document.ts";

/** What a role wants to do. */
export interface IamRequest {
  /** Such as `ssm:GetParametersByPath`. */
  readonly action: string;
  /** The ARN of what it is done to. */
  readonly resource: string;
  /** The condition keys that the request has; others are absent. */
  readonly context?: Readonly<Record<string, string>>;
}

export type Decision = "allowed" | "implicitly denied" | "explicitly denied";

/** Whether statements allow a request: a denial goes before everything, and what nothing allows is denied (IAM guide, "Policy evaluation logic"). */
export function decide(statements: readonly PolicyStatement[], request: IamRequest): Decision {
  if (statements.some((one) => one.Effect === "Deny" && applies(one, request, true)))
    return "explicitly denied";
  return statements.some((one) => one.Effect === "Allow" && applies(one, request, false))
    ? "allowed"
    : "implicitly denied";
}

/** @param unknown what becomes of conditions that are not modelled here: they hold for a denial, and fail for an allowance. */
function applies(statement: PolicyStatement, request: IamRequest, unknown: boolean): boolean {
  const { Action, NotAction, Resource, NotResource, Condition } = statement;
  // Actions are compared without regard to case, ARNs with it.
  const action = (pattern: string): boolean =>
    matches(pattern.toLowerCase(), request.action.toLowerCase());
  const resource = (pattern: string): boolean => matches(pattern, request.resource);
  return (
    (Action?.some(action) ?? !(NotAction?.some(action) ?? true)) &&
    (Resource?.some(resource) ?? !(NotResource?.some(resource) ?? true)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) =>
        holds(operator, valueOf(request.context ?? {}, key), values, unknown),
      ),
    )
  );
}

/** The names of condition keys have no case. */
function valueOf(context: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

function holds(
  operator: string,
  value: string | undefined,
  wanted: readonly string[],
  unknown: boolean,
): boolean {
  const ifExists = operator.endsWith("IfExists");
  const name = ifExists ? operator.slice(0, -"IfExists".length) : operator;
  const isNegated = name.includes("Not");
  const compare = COMPARISONS[name.replace("Not", "")];
  if (compare === undefined) return unknown;
  // A key that the request has not: only its absence can be meant by a negation.
  if (value === undefined) return ifExists || isNegated;
  return wanted.some((one) => compare(one, value)) !== isNegated;
}

const COMPARISONS: Readonly<Record<string, (wanted: string, value: string) => boolean>> = {
  StringEquals: (wanted, value) => wanted === value,
  StringEqualsIgnoreCase: (wanted, value) => wanted.toLowerCase() === value.toLowerCase(),
  StringLike: matches,
  ArnEquals: matches,
  ArnLike: matches,
  Bool: (wanted, value) => wanted.toLowerCase() === value,
};

/** `*` stands for any characters, `?` for one (IAM guide, "Resource"). */
function matches(pattern: string, value: string): boolean {
  const expression = pattern
    .replace(/[$()+.[\\\]^{|}]/gu, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${expression}$`, "su").test(value);
}
