import { z } from "zod";

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const condition = z.record(
  z.string(),
  z.record(
    z.string(),
    z
      .union([z.string(), z.boolean(), z.number(), z.array(z.union([z.string(), z.number()]))])
      .transform((value) => [value].flat().map(String)),
  ),
);

const statement = z.object({
  Effect: z.enum(["Allow", "Deny"]),
  Action: texts.optional(),
  NotAction: texts.optional(),
  Resource: texts.optional(),
  NotResource: texts.optional(),
  Condition: condition.default({}),
});

const document = z.object({
  Statement: z
    .union([statement, z.array(statement)])
    .transform((value): PolicyStatement[] => [value].flat()),
});

/** One statement of an identity-based policy. */
export type PolicyStatement = z.output<typeof statement>;

/** The statements of a policy, which is JSON as text or not; undefined where IAM would not take it. */
export function readStatements(policy: unknown): readonly PolicyStatement[] | undefined {
  const parsed = document.safeParse(typeof policy === "string" ? json(policy) : policy);
  return parsed.success ? parsed.data.Statement : undefined;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
