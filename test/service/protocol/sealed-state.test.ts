import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  createStateSeal,
  type StateOwner,
} from "../../../service/runtime/protocol/sealed-state.ts";

const KEY = "the-key-of-the-tests-0123456789abcdef";
const NEXT_KEY = "the-next-key-of-the-tests-0123456789";
const OWNER: StateOwner = {
  caller: "https://issuer.example|alice",
  method: "tools/call",
  params: { name: "deploy", arguments: { to: "production", force: false } },
};
const STATE = { round: 2, secret: "only the server may read this" };

describe("GIVEN state sealed with a key", () => {
  test("WHEN another replica with the same key opens it THEN it is what was sealed", () => {
    const sealed = createStateSeal([KEY]).seal(STATE, OWNER);
    assert.deepEqual(createStateSeal([KEY]).open(sealed, OWNER), STATE);
  });

  test("WHEN the client looks at it THEN it reads nothing, and no two are alike", () => {
    const seal = createStateSeal([KEY]);
    const [first, second] = [seal.seal(STATE, OWNER), seal.seal(STATE, OWNER)];
    assert.notEqual(first, second);
    assert.match(first, /^[\w-]+$/u);
    assert.doesNotMatch(Buffer.from(first, "base64url").toString("latin1"), /round|secret/u);
  });

  test("WHEN the parameters come in another order THEN it opens all the same", () => {
    const seal = createStateSeal([KEY]);
    const params = { arguments: { force: false, to: "production" }, name: "deploy" };
    assert.deepEqual(seal.open(seal.seal(STATE, OWNER), { ...OWNER, params }), STATE);
  });

  const foreign: [what: string, owner: StateOwner][] = [
    ["another caller", { ...OWNER, caller: "https://issuer.example|mallory" }],
    ["another method", { ...OWNER, method: "prompts/get" }],
    ["another tool", { ...OWNER, params: { name: "destroy", arguments: {} } }],
    [
      "other arguments",
      { ...OWNER, params: { name: "deploy", arguments: { to: "production", force: true } } },
    ],
  ];
  for (const [what, owner] of foreign) {
    test(`WHEN it comes back for ${what} THEN it is refused`, () => {
      const seal = createStateSeal([KEY]);
      assert.throws(() => seal.open(seal.seal(STATE, OWNER), owner), /not sealed here/u);
    });
  }

  test("WHEN any byte of it is changed THEN it is refused", () => {
    const seal = createStateSeal([KEY]);
    const sealed = Buffer.from(seal.seal(STATE, OWNER), "base64url");
    for (let index = 0; index < sealed.length; index++) {
      const tampered = Buffer.from(sealed);
      tampered.writeUInt8(tampered.readUInt8(index) ^ 1, index);
      assert.throws(() => seal.open(tampered.toString("base64url"), OWNER), /not sealed here/u);
    }
  });

  for (const text of ["", "v1.abc.def", "🙂", "A".repeat(27), "A".repeat(100_000)]) {
    test(`WHEN ${text.length} characters of something else come THEN they are refused`, () => {
      assert.throws(() => createStateSeal([KEY]).open(text, OWNER), /not sealed here/u);
    });
  }

  test("WHEN ten minutes have passed THEN it has expired, and not a moment before", () => {
    let now = 1_000_000;
    const seal = createStateSeal([KEY], () => now);
    const sealed = seal.seal(STATE, OWNER);
    now += 600_000;
    assert.deepEqual(seal.open(sealed, OWNER), STATE);
    now += 1;
    assert.throws(() => seal.open(sealed, OWNER), /expired/u);
  });

  test("WHEN the key is being replaced THEN replicas with either order of keys open each other's", () => {
    const before = createStateSeal([KEY, NEXT_KEY]);
    const after = createStateSeal([NEXT_KEY, KEY]);
    assert.deepEqual(after.open(before.seal(STATE, OWNER), OWNER), STATE);
    assert.deepEqual(before.open(after.seal(STATE, OWNER), OWNER), STATE);
    assert.throws(
      () => createStateSeal([KEY]).open(after.seal(STATE, OWNER), OWNER),
      /not sealed here/u,
    );
  });
});
