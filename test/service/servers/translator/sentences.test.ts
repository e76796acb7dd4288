import assert from "node:assert/strict";
import { test } from "node:test";
import { joinPieces, piecesOf } from "../../../../service/servers/translator/sentences.ts";

for (const [what, text, language, sentences] of [
  ["two sentences", "One is here. Two is there.", "en", ["One is here.", "Two is there."]],
  ["lines", "A title\n\nOne line\r\nanother line", "en", ["A title", "One line", "another line"]],
  [
    "an abbreviation before a small letter",
    "He paid 3.5 dollars, i.e. little.",
    "en",
    ["He paid 3.5 dollars, i.e. little."],
  ],
  ["Chinese", "你好。再见。", "zh", ["你好。", "再见。"]],
  ["a language that Intl does not know", "One. Two.", "not a language", ["One.", "Two."]],
  ["white space alone", " \n ", "en", []],
] as const) {
  test(`GIVEN ${what} THEN a text falls into its sentences`, () => {
    const found = piecesOf(text, language).map(({ sentence }) => sentence);
    assert.deepEqual(
      found.filter((sentence) => sentence !== ""),
      sentences,
    );
  });
}

test("GIVEN translations of its sentences THEN a text is put together with the white space that it had", () => {
  const pieces = piecesOf("One is here.  Two is there.\n\n  Three is nowhere.\n", "en");
  assert.equal(joinPieces(pieces, ["Un.", "Deux.", "Trois."]), "Un.  Deux.\n\nTrois.\n");
});
