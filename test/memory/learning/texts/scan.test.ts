import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  holdsName,
  identifiersIn,
  maskNamedWords,
} from "../../../../src/memory/learning/texts/scan.ts";

/** What the scans replaced, as oracles: right on every text, but quadratic on some. */
const IDENTIFIER = /(?=[\w#-]{0,200}\d)[\w#-]{5,200}/g;
const NAMED_WORD = /\b(?=[\w#-]*\d)[\w#-]*[A-Za-z_#][\w#-]*\b/g;
const NAME = /\b(?=[\w-]{0,64}\d)(?=[\w-]{0,64}[A-Za-z])[\w-]/;

/**
 * Texts made of what decides: boundaries, digits, letters, signs, and characters that are near
 * them.
 */
const dense = fc.string({
  unit: fc.constantFrom(
    "a",
    "Z",
    "_",
    "0",
    "9",
    "#",
    "-",
    " ",
    ".",
    "é",
    "\n",
    "@",
    "١",
    "ſ",
    "\u212a",
  ),
  maxLength: 60,
});
/** Runs long enough for the bounds of an identifier. */
const long = fc
  .array(
    fc.tuple(fc.constantFrom("a", "7", "-", "#", "b_", " "), fc.integer({ min: 1, max: 210 })),
    { maxLength: 8 },
  )
  .map((runs) => runs.map(([unit, times]) => unit.repeat(times)).join(""));
const texts = fc.oneof(dense, long, fc.string({ unit: "binary", maxLength: 80 }));

describe("the scans", () => {
  it("find the identifiers that the expression found", () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(identifiersIn(text)).toEqual(text.match(IDENTIFIER) ?? []);
      }),
      { numRuns: 5_000 },
    );
  });

  it("mask the words that the expression masked", () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(maskNamedWords(text, "<id>")).toBe(text.replace(NAMED_WORD, "<id>"));
      }),
      { numRuns: 5_000 },
    );
  });

  it("see a name where the expression saw one", () => {
    const spread = fc
      .array(
        fc.tuple(fc.constantFrom("a", "7", "-", "_", "-_", " "), fc.integer({ min: 1, max: 70 })),
        {
          maxLength: 5,
        },
      )
      .map((runs) => runs.map(([unit, times]) => unit.repeat(times)).join(""));
    fc.assert(
      fc.property(fc.oneof(texts, spread), (text) => {
        expect(holdsName(text)).toBe(NAME.test(text));
      }),
      { numRuns: 5_000 },
    );
  });
});
