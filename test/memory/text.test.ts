import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { queryTokens, tokenize } from "../../src/memory/text/index.ts";

describe("tokens", () => {
  it("are ASCII letters and digits for any text, and few", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 3_000 }), (text) => {
        const tokens = tokenize(text);
        expect(tokens.length).toBeLessThanOrEqual(2_000);
        for (const { term } of tokens) expect(term).toMatch(/^[a-z0-9]{1,40}$/);
      }),
    );
  });

  it("fold case, accents, endings and identifiers", () => {
    const terms = (text: string): string[] => tokenize(text).map(({ term }) => term);
    expect(terms("Cancelled ZOË")).toEqual(["cancel", "zoe"]);
    expect(terms("getUserDetails get_user_details")).toEqual([
      "get",
      "user",
      "detail",
      "get",
      "user",
      "detail",
    ]);
    expect(terms("東京都")).toHaveLength(2);
    expect(queryTokens("the order of the day").map(({ word }) => word)).toEqual(["order", "day"]);
  });

  it("of a text in ASCII are the same as beside other letters", () => {
    const other = tokenize("東京");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 500 }), (text) => {
        expect([...tokenize(text), ...other]).toEqual(tokenize(`${text} 東京`));
      }),
    );
  });
});
