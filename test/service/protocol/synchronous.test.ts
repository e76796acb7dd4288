import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { isSynchronous } from "../../../service/runtime/protocol/synchronous.ts";

const Tree = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree);
  },
});

test("GIVEN a schema without functions of an author's WHEN it is looked at THEN it needs no promise", () => {
  const schemas = [
    z.object({}),
    z.strictObject({ a: z.string().trim().min(1).regex(/a/u), b: z.email(), c: z.iso.date() }),
    z.looseObject({ a: z.int().positive().multipleOf(2).optional(), b: z.coerce.number() }),
    z.object({ a: z.union([z.literal("a"), z.enum(["b"])]), b: z.tuple([z.null()], z.any()) }),
    z.object({ a: z.record(z.string(), z.array(z.boolean()).max(3)) }).catchall(z.unknown()),
    z.object({ a: z.string().default(() => "a"), b: z.number().nullable().catch(1).readonly() }),
    Tree,
  ];
  for (const schema of schemas) {
    assert.equal(
      isSynchronous(schema),
      true,
      JSON.stringify(z.toJSONSchema(schema, { io: "input" })),
    );
    // Twice, since it is remembered.
    assert.equal(isSynchronous(schema), true);
  }
});

test("GIVEN a function of an author's somewhere in a schema WHEN it is looked at THEN it may need a promise", () => {
  const passes = (): boolean => true;
  const schemas = [
    z.object({ a: z.string().refine(passes) }),
    z.object({ a: z.string() }).refine(passes),
    z.object({ a: z.array(z.object({ b: z.number().superRefine(() => undefined) })) }),
    z.object({ a: z.string().transform((text) => text) }),
    z.object({ a: z.preprocess((value) => value, z.string()) }),
    z.object({ a: z.lazy(() => z.string()) }),
    z.object({ a: z.custom<string>(passes) }),
    z.object({ a: z.union([z.number(), z.string().check(passes as never)]).optional() }),
    z.object({}).catchall(z.string().refine(passes)),
    z.object({ a: z.record(z.string().refine(passes), z.number()) }),
    z.object({ a: z.promise(z.string()) }),
  ];
  for (const [index, schema] of schemas.entries())
    assert.equal(isSynchronous(schema), false, String(index));
});
