import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  VerifiedTokens,
  type VerifiedToken,
} from "../../../service/runtime/auth/verified-tokens.ts";

const token = (kid: string): VerifiedToken => ({
  verdict: { outcome: "unavailable" },
  kid,
  key: { kty: "EC" },
  goodUntil: 0,
});

describe("GIVEN room for two verified tokens", () => {
  test("WHEN a third comes THEN the oldest goes", () => {
    const tokens = new VerifiedTokens(2);
    for (const name of ["a", "b", "c"]) tokens.add(name, token(name));
    assert.deepEqual(
      ["a", "b", "c"].map((name) => tokens.get(name)?.kid),
      [undefined, "b", "c"],
    );
  });

  test("WHEN one is added again THEN it is the youngest", () => {
    const tokens = new VerifiedTokens(2);
    for (const name of ["a", "b", "a", "c"]) tokens.add(name, token(name));
    assert.deepEqual(
      ["a", "b", "c"].map((name) => tokens.get(name)?.kid),
      ["a", undefined, "c"],
    );
  });
});
