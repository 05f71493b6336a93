import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documentTokens, queryTokens, tokenize } from "../../src/memory/text/index.ts";

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

/** Whether a document is found by all terms of a question. */
function finds(question: string, document: string): boolean {
  const held = new Set(documentTokens(document).map(({ term }) => term));
  const asked = queryTokens(question);
  return asked.length > 0 && asked.every(({ term }) => held.has(term));
}

describe("tokens of other scripts", () => {
  it.each([
    ["docker", "docker部署失败"],
    ["部署", "docker部署失败"],
    ["JWT", "JWTトークンの期限切れ"],
    ["トークン", "JWTトークンの期限切れ"],
    ["8080", "端口8080被占用"],
    ["端口", "端口8080被占用"],
    ["GPU", "GPU메모리부족"],
    ["메모리", "GPU메모리부족"],
    ["부족", "GPU메모리부족".normalize("NFD")],
    ["เที่ยวบิน", "ยกเลิกการจองเที่ยวบิน"],
    ["ភាសា", "រៀនភាសាខ្មែរ"],
    ["မြန်မာ", "ပြည်ထောင်စုမြန်မာ"],
    ["ລາວ", "ພາສາລາວ"],
    ["漢", "東京の漢字"],
    ["東", "東京の漢字"],
    ["字", "東京の漢字"],
    ["strasse", "Die Straße"],
    ["Straße", "STRASSE"],
    ["lodz", "Łódź"],
    ["smorrebrod", "Smørrebrød"],
    ["İstanbul", "istanbul"],
    ["🚀", "deployed 🚀🚀 today"],
    ["❤️", "we ❤ it"],
    ["🇩🇪", "moved to 🇩🇪"],
    ["résumé", "resume"],
  ])("%s finds %s", (question, document) => {
    expect(finds(question, document)).toBe(true);
  });

  it.each([
    ["одиннадцатиклассница", "одиннадцатиклассник"],
    ["πανεπιστημιούπολης", "πανεπιστημιακός"],
    ["कि", "का"],
    ["🇩🇪", "moved to 🇫🇷"],
    ["🚀", "deployed 🎉"],
    ["失部", "docker部署失败"],
    ["ล", "ยกเล"],
  ])("%s is told apart from %s, or found only where it is", (question, document) => {
    expect(finds(question, document)).toBe(document.includes(question));
  });

  it("find a document by any word of it, and by any of its characters without spaces", () => {
    const words = fc.constantFrom(
      "docker",
      "Łódź",
      "東京",
      "한국어",
      "ไทย",
      "ខ្មែរ",
      "🚀",
      "8080",
      "ß",
    );
    fc.assert(
      fc.property(fc.array(words, { minLength: 1, maxLength: 20 }), (parts) => {
        const [spaced, joined] = [parts.join(" "), parts.join("")];
        for (const part of parts) expect(finds(part, spaced)).toBe(true);
        for (const char of joined.match(/[\p{Script=Han}\p{Script=Hangul}]/gu) ?? [])
          expect(finds(char, joined)).toBe(true);
      }),
    );
  });
});
