import { describe, expect, it } from "vitest";
import { EXPRESSIONS, SQL_SEARCHES } from "./support/expressions.ts";
import { leastMs } from "./support/pace.ts";
import { sourceOf, sourcesOf } from "./support/source.ts";

/** Characters of a text, and what reading one may take, ms. */
const CHARACTERS = 100_000;
const MS_MAX = 20;

/** What every expression is tried with. */
const UNITS = (
  "a A 0 _ - # . / \\ \" ' ` @ , : [ { ( \t \n \r\n \0 \u200b é 漢 😀 e\u0301 \ud800 " +
  'a- -1 a1 1a aB a. 1. a@ /a "a \xa0a \xa01 x= // http:// 00000000- deadbeef-'
)
  .split(" ")
  .concat(" ", " a", " 1");

/** What stands around a long run, so that it is nearly what is looked for. */
const AROUND: readonly (readonly [before: string, after: string])[] = [
  ["", ""],
  ["x", "!"],
  ["/", "\n"],
];

function* hostile(units: readonly string[], characters: number): Generator<string> {
  for (const unit of units) {
    const run = unit.repeat(Math.ceil(characters / unit.length)).slice(0, characters);
    for (const [before, after] of AROUND) yield before + run + after;
  }
}

function expressionOf(raw: string): RegExp {
  const end = raw.lastIndexOf("/");
  // The code's own expressions, read from its source.
  return new RegExp(raw.slice(1, end), raw.slice(end + 1));
}

function read(expression: RegExp, text: string): Promise<number> {
  return leastMs(() => {
    expression.lastIndex = 0;
    if (expression.global) text.replace(expression, "");
    else expression.exec(text);
  }, MS_MAX);
}

/** The first text that takes too long; null: none does. */
async function tooSlow(
  raw: string,
  units: readonly string[] = [],
  characters = CHARACTERS,
): Promise<{ text: string; ms: number } | null> {
  const expression = expressionOf(raw);
  for (const text of hostile([...UNITS, ...units], characters)) {
    const ms = await read(expression, text);
    if (ms > MS_MAX) return { text: `${text.slice(0, 20)}… ${text.slice(-2)}`, ms };
  }
  return null;
}

const sources = sourcesOf("{src,client,cli}/**/*.ts");

describe("the regular expressions of the code", () => {
  it("are all on the list, and the list has no other", () => {
    const written = Object.fromEntries(
      sources
        .filter(({ expressions }) => expressions.size > 0)
        .map(({ file, expressions }) => [file, expressions]),
    );
    const listed = Object.fromEntries(
      Object.entries(EXPRESSIONS).map(([file, { foreign = [], never = {} }]) => [
        file,
        new Set([...foreign, ...Object.values(never).flat()]),
      ]),
    );
    expect(listed).toEqual(written);
  });

  it("are never made of a text", () => {
    expect(
      sources
        .filter(({ dynamic }) => dynamic.length > 0)
        .map(({ file, dynamic }) => [file, dynamic]),
    ).toEqual([]);
  });

  const foreign = Object.entries(EXPRESSIONS).flatMap(([file, { foreign: own = [], units }]) =>
    own.map((raw) => ({ file, raw, units })),
  );
  it.each(foreign)(
    "$file: $raw reads 100 kB of anything in under 20 ms",
    async ({ raw, units }) => {
      expect(await tooSlow(raw, units)).toBeNull();
    },
  );

  it("would be found too slow if they were quadratic, and found at all in any writing", async () => {
    // The two that were: the one looks ahead at each character, the other is quadratic.
    expect(await tooSlow(String.raw`/(?=[\w#-]{0,200}\d)[\w#-]{5,200}/g`)).not.toBeNull();
    const quadratic = String.raw`/\b(?=[\w#-]*\d)[\w#-]*[A-Za-z_#][\w#-]*\b/g`;
    expect(await tooSlow(quadratic, [], CHARACTERS / 5)).not.toBeNull();
    const text =
      "const a = b / c / d; x(`${/x+/u}`); new RegExp(a); y.match('a+'); /[/]\\/+/.test(z) // no /comment/";
    const { expressions, dynamic } = sourceOf("a.ts", text);
    expect([...expressions]).toEqual(["/x+/u", "/[/]\\/+/"]);
    expect(dynamic).toEqual(["RegExp", "match"]);
  });
});

describe("the searches of SQL", () => {
  it("are all on the list, each with what bounds it", () => {
    const searches = /\b(?:GLOB|LIKE|MATCH|REGEXP)\b|\binstr(?=\()/g;
    const written = Object.fromEntries(
      sources
        .filter(({ file }) => file.startsWith("src/"))
        .map(
          ({ file, texts }) => [file, texts.flatMap((text) => text.match(searches) ?? [])] as const,
        )
        .filter(([, found]) => found.length > 0),
    );
    const listed = Object.entries(SQL_SEARCHES).map(
      ([file, found]) => [file, found.map((one) => one.found)] as const,
    );
    expect(Object.fromEntries(listed)).toEqual(written);
  });
});
