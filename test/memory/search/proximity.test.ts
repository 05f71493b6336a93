import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestWindow } from "../../../src/memory/search/proximity.ts";

const WINDOW = 10;
const WEIGHTS = [1, 2, 4, 8];

describe("the best window", () => {
  it("is the greatest weight of distinct terms within ten words", () => {
    // null: a word that the query does not have.
    const texts = fc.array(fc.option(fc.nat(WEIGHTS.length - 1), { freq: 1 }), { maxLength: 60 });
    fc.assert(
      fc.property(texts, (text) => {
        const hits = text.flatMap((term, place) => (term === null ? [] : [{ term, place }]));
        const windows = text.map((_, from) => new Set(text.slice(from, from + WINDOW)));
        const weights = windows.map((terms) =>
          WEIGHTS.filter((_, t) => terms.has(t)).reduce((a, b) => a + b, 0),
        );
        const places = hits.map(({ place }) => place);
        const terms = hits.map(({ term }) => term);
        expect(bestWindow(places, terms, WEIGHTS)).toBe(Math.max(0, ...weights));
      }),
    );
  });
});
