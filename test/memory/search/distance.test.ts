import fc from "fast-check";
import { expect, it } from "vitest";
import { editDistance } from "../../../src/memory/search/distance.ts";

/** The whole table, as oracle: right, and too slow for a vocabulary of near misses. */
function wholeTable(a: string, b: string): number {
  const rows: number[][] = [];
  for (let i = 0; i <= a.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j++) {
      const at = (k: number, l: number): number => rows[k]?.[l] ?? 0;
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best =
        i === 0 ? j : Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, at(i - 2, j - 2) + 1);
      rows[i]?.push(best);
    }
  }
  return rows[a.length]?.[b.length] ?? 0;
}

it("the distance within a bound is that of the whole table, for near misses and for others", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "d"), maxLength: 12 });
  const change = fc.tuple(
    fc.constantFrom("drop", "add", "swap", "put"),
    fc.nat(12),
    fc.constantFrom("a", "b", "e"),
  );
  const near = fc
    .tuple(word, fc.array(change, { maxLength: 4 }))
    .map(([from, changes]): [string, string] => {
      const to = from.split("");
      for (const [kind, at, letter] of changes) {
        const [one, two] = to.slice(at, at + 2);
        if (kind === "drop") to.splice(at, 1);
        if (kind === "add") to.splice(at, 0, letter);
        if (kind === "put" && at < to.length) to[at] = letter;
        if (kind === "swap" && one !== undefined && two !== undefined) to.splice(at, 2, two, one);
      }
      return [from, to.join("")];
    });
  fc.assert(
    fc.property(
      fc.oneof(near, fc.tuple(word, word)),
      fc.integer({ min: 1, max: 3 }),
      ([a, b], bound) => {
        expect(editDistance(a, b, bound)).toBe(Math.min(bound + 1, wholeTable(a, b)));
      },
    ),
    { numRuns: 20_000 },
  );
});

it("the distance of words is how many errors are between them, and one more than the bound at most", () => {
  expect(editDistance("keyboard", "keybord", 2)).toBe(1);
  expect(editDistance("form", "from", 2)).toBe(1);
  expect(editDistance("cat", "elephant", 2)).toBe(3);
});
