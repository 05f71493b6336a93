import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Segment, TermIndex, type TermEntry } from "../../../src/memory/search/index.ts";
import { merge, seal, segmentOf } from "../../support/search.ts";

/** What the index must know: which documents hold a term. */
type Model = Map<string, Set<number>>;

const rising = (a: number, b: number): number => a - b;
const term = fc.string({ unit: fc.constantFrom("a", "b", "1"), minLength: 1, maxLength: 4 });
const terms = fc.uniqueArray(term, { minLength: 1, maxLength: 12 });

const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("add"), terms }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("remove"), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("return"), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("seal") }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("merge"),
      from: fc.nat(4),
      count: fc.integer({ min: 2, max: 4 }),
    }),
  },
) as fc.Arbitrary<Action>;
type Action =
  | { kind: "add"; terms: string[] }
  | { kind: "remove" | "return"; pick: number }
  | { kind: "seal" }
  | { kind: "merge"; from: number; count: number };

/** An index after some actions, and what it must know then. A document may return after it went. */
function after(actions: readonly Action[]): {
  index: TermIndex;
  model: Model;
} {
  const index = new TermIndex([]);
  const [here, gone] = [new Map<number, string[]>(), new Map<number, string[]>()];
  let next = 0;
  const enter = (document: number, own: string[]): void => {
    here.set(document, own);
    index.add(document, own);
  };
  const picked = (from: Map<number, string[]>, pick: number) => [...from][pick % from.size];

  for (const one of actions) {
    if (one.kind === "add") enter(next++, one.terms);
    else if (one.kind === "remove" && here.size > 0) {
      const [document = 0, own = []] = picked(here, one.pick) ?? [];
      here.delete(document);
      gone.set(document, own);
      index.remove(document, own);
    } else if (one.kind === "return" && gone.size > 0) {
      const [document = 0, own = []] = picked(gone, one.pick) ?? [];
      gone.delete(document);
      enter(document, own);
    } else if (one.kind === "seal") seal(index);
    else if (one.kind === "merge" && one.from < index.segments.length)
      merge(index, one.from, one.count);
  }

  const model: Model = new Map();
  for (const [document, own] of here)
    for (const each of own) model.set(each, (model.get(each) ?? new Set()).add(document));
  return { index, model };
}

function expectModel(index: TermIndex, model: Model, others: Iterable<string> = []): void {
  for (const each of new Set([...model.keys(), ...others])) {
    const found = index.find(each);
    const documents = [...(model.get(each) ?? [])].sort(rising);
    expect([each, found.all().sort(rising)]).toEqual([each, documents]);
    expect(found.documents).toBe(documents.length);
  }
}

describe("the index of terms", () => {
  it("knows which documents hold a term, whatever came, went, was sealed and merged", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), terms, (actions, others) => {
        const { index, model } = after(actions);
        expectModel(index, model, others);
        for (const each of model.keys()) {
          for (let length = 1; length <= each.length; length++) {
            expect(index.beginningWith(each.slice(0, length))).toContain(each);
            expect(index.endingWith(each.slice(-length))).toContain(each);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("gives only terms that begin or end so", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), term, (actions, part) => {
        const { index } = after(actions);
        for (const each of index.beginningWith(part)) expect(each.startsWith(part)).toBe(true);
        for (const each of index.endingWith(part)) expect(each.endsWith(part)).toBe(true);
      }),
    );
  });

  it("has nothing left of what went, once all of it is one segment", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { index, model } = after(actions);
        seal(index);
        seal(index);
        merge(index, 0, index.segments.length);
        expect(index.segments).toHaveLength(1);
        const [segment] = index.segments;
        const stored = [...(segment?.entries("") ?? [])].map(({ term: each }) => each);
        const forward = [...model.keys()].sort();
        const backward = forward.map((each) => `~${each.split("").toReversed().join("")}`).sort();
        expect(stored).toEqual([...forward, ...backward]);
        expectModel(index, model);
      }),
    );
  });

  it("says how much it has that is not sealed", () => {
    const index = new TermIndex([]);
    index.add(0, ["a", "b"]);
    index.add(1, ["b"]);
    expect([index.tailDocuments, index.tailTerms]).toEqual([2, 2]);
    seal(index);
    expect([index.tailDocuments, index.tailTerms]).toEqual([0, 0]);
    index.remove(1, ["b"]);
    expect([index.tailDocuments, index.tailTerms]).toEqual([1, 1]);
    merge(index, 0, 1);
    expect([index.tailDocuments, index.tailTerms]).toEqual([1, 1]);
    expectModel(
      index,
      new Map([
        ["a", new Set([0])],
        ["b", new Set([0])],
      ]),
    );
  });
});

describe("a segment of many leaves", () => {
  /** Terms of very different lengths, so that what neighbours share differs, too. */
  const name = (i: number): string => `${i.toString(3)}${"x".repeat(i % 7)}`;
  const TERMS = 5_000;
  const entries: TermEntry[] = Array.from({ length: TERMS }, (_, i) => ({
    term: name(i),
    added: [i, i + 1, TERMS + 3 * i],
    removed: i % 5 === 0 ? [TERMS + 1 + 3 * i] : [],
  })).sort((a, b) => (a.term < b.term ? -1 : 1));

  it("finds each of its terms, and none that it does not have", () => {
    const segment = segmentOf(1, TERMS, entries);
    expect(segment.head.firsts.length).toBeGreaterThan(10);
    const names = new Set(entries.map(({ term: each }) => each));
    expect(names.size).toBe(TERMS);
    for (const { term: each, added, removed } of entries) {
      const lists = segment.find(each);
      expect(lists.map((one) => [one.added, one.removed])).toEqual([
        [added.length, removed.length],
      ]);
      for (const other of [`${each}y`, `${each}x`, each.slice(0, -1), `!${each}`, `z${each}`])
        expect(segment.find(other).length).toBe(names.has(other) ? 1 : 0);
    }
    expect([...segment.entries("")].map(({ term: each }) => each)).toEqual(
      entries.map(({ term: each }) => each),
    );
    const prefixed = [...names].filter((each) => each.startsWith("12")).sort();
    expect([...segment.entries("12")].map(({ term: each }) => each)).toEqual(prefixed);
  });

  it("reads one leaf or two for a term", () => {
    const { head } = segmentOf(1, TERMS, entries);
    let reads = 0;
    const segment = new Segment(head, () => {
      reads += 1;
      return new Uint8Array();
    });
    for (const { term: each } of entries) segment.find(each);
    expect(reads).toBeLessThanOrEqual(TERMS + head.firsts.length);
  });

  it("has the documents of a term that are more than an entry holds, and more than a leaf", () => {
    const many = Array.from({ length: 50_000 }, (_, i) => 3 * i);
    const less = many.slice(0, 20_000).map((document) => document + 1);
    const segment = segmentOf(1, 70_000, [
      { term: "aa", added: [1], removed: [] },
      { term: "bb", added: many, removed: less },
      { term: "bbb", added: [2], removed: [] },
    ]);
    const before = segmentOf(0, 20_000, [{ term: "bb", added: less, removed: [] }]);
    const index = new TermIndex([before, segment]);
    const expected = new Map([
      ["aa", new Set([1])],
      ["bb", new Set(many)],
      ["bbb", new Set([2])],
    ]);
    expectModel(index, expected, ["a", "b", "bbbb"]);
    expect(segment.find("bb").length).toBeGreaterThan(1);
    merge(index, 0, 2);
    expectModel(index, expected, ["a", "b", "bbbb"]);
  });
});
