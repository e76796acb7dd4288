import { words } from "./words.ts";

/** A document's field, and how much a word in it counts. */
export interface Field {
  readonly text: string;
  readonly weight: number;
}

/** BM25's usual constants (Robertson and Zaragoza, 2009): how fast repetition stops to count, and how much length does. */
const SATURATION = 1.2;
const LENGTH_SHARE = 0.75;

interface Posting {
  readonly document: number;
  /** How often the word is there, each time by the weight of its field. */
  readonly frequency: number;
}

/** Documents to be found by words: BM25 with weighted fields (BM25F), in memory. */
export class Ranking {
  readonly #postings = new Map<string, Posting[]>();
  readonly #lengths: number[] = [];
  readonly #averageLength: number;

  constructor(documents: readonly (readonly Field[])[]) {
    documents.forEach((fields, document) => {
      const frequencies = new Map<string, number>();
      let length = 0;
      for (const { text, weight } of fields)
        for (const word of words(text)) {
          frequencies.set(word, (frequencies.get(word) ?? 0) + weight);
          length += weight;
        }
      this.#lengths.push(length);
      for (const [word, frequency] of frequencies) {
        const postings = this.#postings.get(word) ?? [];
        postings.push({ document, frequency });
        this.#postings.set(word, postings);
      }
    });
    const total = this.#lengths.reduce((sum, length) => sum + length, 0);
    this.#averageLength = total / Math.max(1, this.#lengths.length) || 1;
  }

  /** The documents that have words of the question, best first; of equals, the one that was given first. */
  find(question: string, most: number): readonly number[] {
    const scores = new Map<number, number>();
    for (const word of new Set(words(question))) {
      const postings = this.#postings.get(word) ?? [];
      const count = this.#lengths.length;
      const rarity = Math.log(1 + (count - postings.length + 0.5) / (postings.length + 0.5));
      for (const { document, frequency } of postings) {
        const length = (this.#lengths[document] ?? 0) / this.#averageLength;
        const damping = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * length);
        const score = (rarity * frequency * (SATURATION + 1)) / (frequency + damping);
        scores.set(document, (scores.get(document) ?? 0) + score);
      }
    }
    return [...scores]
      .sort(([left, leftScore], [right, rightScore]) => rightScore - leftScore || left - right)
      .slice(0, most)
      .map(([document]) => document);
  }
}
