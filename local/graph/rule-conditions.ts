import { isIP } from "node:net";
import { z } from "zod";

/** What must hold of a request for a rule to act. */
export type Condition =
  | {
      readonly field: "path" | "host";
      readonly values: readonly string[];
      readonly regexValues?: readonly string[] | undefined;
    }
  | { readonly field: "method" | "source-ip"; readonly values: readonly string[] }
  | {
      readonly field: "header";
      readonly name: string;
      readonly values: readonly string[];
      readonly regexValues?: readonly string[] | undefined;
    }
  | {
      readonly field: "query";
      readonly pairs: readonly { readonly key?: string | undefined; readonly value: string }[];
    };

/** Of a pattern, and of a regular expression (ELB guide, "Condition types for listener rules"). */
const LONGEST = 128;
/** Of all conditions of a rule together (ELB guide, "Quotas"). */
const MOST_VALUES = 5;
const MOST_WILDCARDS = 5;

const pattern = z
  .string()
  .max(LONGEST)
  .regex(/^[!-~]+$/u, "a pattern is of visible ASCII characters");

const headerPattern = z
  .string()
  .max(LONGEST)
  .regex(/^[ -~]+$/u, "a pattern is of ASCII characters");

const hostPattern = pattern.regex(
  /\.[a-z*?]*$/iu,
  "the pattern of a host has a `.`, and letters alone after the last one",
);

/** What AWS's engine lacks (ELB guide, "Listener rules"): JavaScript's would take it, and AWS refuse the rule. */
const NOT_SUPPORTED = /\(\?[=!<>]|\\[1-9kpP]|[*+?}]\+/u;

const regularExpression = z
  .string()
  .max(LONGEST)
  .refine(
    (text) => !NOT_SUPPORTED.test(text),
    "a load balancer knows no look-around, back references, possessive quantifiers or Unicode classes",
  )
  .refine(isRegularExpression, "this is no regular expression");

const valuesOf = (value: z.ZodType<string>) => z.strictObject({ values: z.array(value).min(1) });

const valuesOrRegex = (value: z.ZodType<string>) =>
  z.strictObject({
    values: z.array(value).default([]),
    regexValues: z.array(regularExpression).default([]),
  });

const addressRange = z
  .string()
  .refine(isAddressRange, "a range of addresses is written as `192.0.2.0/24`");

/** Strict: a condition that is not modelled must not be taken for one that always holds. */
export const conditionInputs = z.strictObject({
  pathPattern: valuesOrRegex(pattern).optional(),
  hostHeader: valuesOrRegex(hostPattern).optional(),
  httpRequestMethod: valuesOf(
    z.string().regex(/^[A-Z_-]{1,40}$/u, "a method is of capital letters, `-` and `_`"),
  ).optional(),
  httpHeader: valuesOrRegex(headerPattern)
    .extend({ httpHeaderName: z.string().min(1).max(40) })
    .optional(),
  queryStrings: z
    .array(
      z.strictObject({ key: z.string().max(LONGEST).optional(), value: z.string().max(LONGEST) }),
    )
    .optional(),
  sourceIp: valuesOf(addressRange).optional(),
});

/** The conditions of one rule, as many as AWS takes. */
export const ruleConditions = z
  .array(conditionInputs)
  .min(1)
  .transform((inputs) => inputs.flatMap(readCondition))
  .superRefine((conditions, context) => {
    for (const message of mistakesOf(conditions)) context.addIssue({ code: "custom", message });
  });

function readCondition(inputs: z.output<typeof conditionInputs>): Condition[] {
  const { pathPattern, hostHeader, httpRequestMethod, httpHeader, queryStrings, sourceIp } = inputs;
  const conditions: Condition[] = [];
  if (pathPattern) conditions.push({ field: "path", ...pathPattern });
  if (hostHeader) conditions.push({ field: "host", ...hostHeader });
  if (httpRequestMethod) conditions.push({ field: "method", values: httpRequestMethod.values });
  if (httpHeader) {
    const { httpHeaderName: name, values, regexValues } = httpHeader;
    conditions.push({ field: "header", name, values, regexValues });
  }
  if (queryStrings) conditions.push({ field: "query", pairs: queryStrings });
  if (sourceIp) conditions.push({ field: "source-ip", values: sourceIp.values });
  return conditions;
}

function mistakesOf(conditions: readonly Condition[]): string[] {
  const mistakes: string[] = [];
  for (const once of ["path", "host", "method", "source-ip"] as const) {
    if (conditions.filter(({ field }) => field === once).length > 1)
      mistakes.push(`a rule has at most one condition on the ${once}`);
  }
  const texts = conditions.map(textsOf);
  if (texts.some((given) => given.length === 0))
    mistakes.push("a condition has `values` or `regexValues`");
  const all = texts.flat();
  if (all.length > MOST_VALUES)
    mistakes.push(`a rule has at most ${MOST_VALUES} values, and this one ${all.length}`);
  const wildcards = conditions
    .flatMap((condition) =>
      condition.field === "query"
        ? condition.pairs.flatMap(({ key = "", value }) => [key, value])
        : condition.values,
    )
    .join("")
    .replaceAll(/[^*?]/gu, "").length;
  if (wildcards > MOST_WILDCARDS)
    mistakes.push(`a rule has at most ${MOST_WILDCARDS} wildcards, and this one ${wildcards}`);
  return mistakes;
}

function textsOf(condition: Condition): readonly string[] {
  if (condition.field === "query") return condition.pairs.map(({ value }) => value);
  return "regexValues" in condition
    ? [...condition.values, ...(condition.regexValues ?? [])]
    : condition.values;
}

function isRegularExpression(text: string): boolean {
  try {
    new RegExp(text, "u");
    return true;
  } catch {
    return false;
  }
}

function isAddressRange(text: string): boolean {
  const [address = "", length = ""] = text.split("/", 2);
  const family = isIP(address);
  return family !== 0 && /^\d{1,3}$/u.test(length) && Number(length) <= (family === 4 ? 32 : 128);
}
