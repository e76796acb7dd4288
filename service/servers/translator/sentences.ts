/** A piece of a text: what is translated, and the white space behind it, which is kept as it is. */
export interface Piece {
  /** One sentence without white space around it; empty where the piece is white space alone. */
  readonly sentence: string;
  readonly after: string;
}

/**
 * Takes a text apart into sentences, by the rules of its language (Unicode's, UAX #29, as `Intl.Segmenter` knows them) and at each line's end.
 * Sentences and what stands behind them make up the text again, but for white space in front.
 *
 * @param language a BCP 47 tag; a language that is unknown to `Intl` gets the general rules.
 */
export function piecesOf(text: string, language: string): Piece[] {
  const pieces: Piece[] = [];
  for (const line of text.split(/(?<=\n)/u)) {
    for (const { segment } of segmenterFor(language).segment(line)) {
      const sentence = segment.trim();
      const from = sentence === "" ? 0 : segment.indexOf(sentence) + sentence.length;
      pieces.push({ sentence, after: segment.slice(from) });
    }
  }
  return pieces;
}

/** Puts a text together again. @param translations of the sentences that are not empty, in their order. */
export function joinPieces(pieces: readonly Piece[], translations: readonly string[]): string {
  const remaining = translations.values();
  return pieces
    .map(({ sentence, after }) =>
      sentence === "" ? after : `${remaining.next().value ?? ""}${after}`,
    )
    .join("");
}

function segmenterFor(language: string): Intl.Segmenter {
  try {
    return new Intl.Segmenter(language, { granularity: "sentence" });
  } catch {
    return new Intl.Segmenter("und", { granularity: "sentence" });
  }
}
