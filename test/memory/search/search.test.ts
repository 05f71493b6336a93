import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { merge, MemoryIndex, seal } from "../../support/search.ts";

/** More documents than a search reads postings of. */
const MANY = 4_000;
/** Every document that has any of the terms is scored. */
const UNPRUNED = { postings: 1_000_000, candidates: 1_000_000 };

function indexOf(texts: readonly string[], isSealed: boolean): MemoryIndex {
  const index = new MemoryIndex();
  for (const [i, text] of texts.entries()) index.add(`e-${i}`, text);
  if (isSealed) seal(index.index);
  return index;
}

describe.each([true, false])(
  "a search in more documents than it reads (sealed: %s)",
  (isSealed) => {
    const index = indexOf(
      Array.from(
        { length: MANY },
        (_, i) => `refund the customer's order number${i} ${i === 17 ? "zeppelin" : "parcel"}`,
      ),
      isSealed,
    );
    const pruned = { kind: "episode", postings: 3_000 } as const;

    it("finds what holds a rare term, and scores it by the common ones too", () => {
      const [best, second] = index.find("refund an order of a zeppelin", pruned);
      expect(best?.id).toBe("e-17");
      expect(best?.matched_terms.sort()).toEqual(["order", "refund", "zeppelin"]);
      expect(second).toBeUndefined();
    });

    it("finds the newest when every term is everywhere", () => {
      const found = index.find("refund order", pruned);
      const newest = Array.from({ length: 10 }, (_, i) => `e-${MANY - 1 - i}`);
      expect(found.map(({ id }) => id)).toEqual(newest);
      expect(found.every(({ text }) => text > 0.3)).toBe(true);
    });

    it("ranks as without pruning where the terms are rare", () => {
      const query = "number5 number900 number3999";
      expect(index.ids(query, pruned)).toHaveLength(3);
      expect(index.ids(query, pruned)).toEqual(index.ids(query, UNPRUNED));
    });

    it("scores no more documents than it says, unless more are asked for", () => {
      const before = index.reads.length;
      index.find("refund order", { ...pruned, candidates: 20 });
      index.find("refund order", { ...pruned, candidates: 20, limit: 50 });
      expect(index.reads.slice(before)).toEqual([20, 50]);
    });

    it("forgives one error anywhere in a word, and two in a long one", () => {
      for (const word of ["zepelin", "xeppelin", "zeppelim", "zepeplin", "zeppellin", "zeppxxin"])
        expect([word, index.ids(word)[0]]).toEqual([word, "e-17"]);
      expect(index.ids("zexxexin")).toEqual([]);
    });
  },
);

describe("an unknown word", () => {
  it("is taken for the same one in whichever order the documents came", () => {
    const words = Array.from(
      { length: 52 },
      (_, i) => `zeppelin${i < 26 ? 8 : 9}${String.fromCodePoint(97 + (i % 26))}`,
    );
    const found = indexOf(words, false)
      .find("zeppelin")
      .map(({ score, id }) => [score, words[Number(id.slice(2))]]);
    expect(found).toHaveLength(1);
    const backward = words.toReversed();
    for (const isSealed of [true, false]) {
      const again = indexOf(backward, isSealed).find("zeppelin");
      expect(again.map(({ score, id }) => [score, backward[Number(id.slice(2))]])).toEqual(found);
    }
  });

  it("is never taken for one that no document holds any more", () => {
    const index = indexOf(["polish the zeppelin", "polish the lamp"], true);
    expect(index.ids("zepelin")).toEqual(["e-0"]);
    index.remove("e-0");
    expect(index.ids("zepelin")).toEqual([]);
    seal(index.index);
    expect(index.ids("zepelin")).toEqual([]);
  });

  it("counts less than a known one, and lowers how well a document answers", () => {
    const index = indexOf(["zeppelin repair", "harbour crane"], false);
    const [known, misspelt, beside] = ["zeppelin", "zepelin", "zeppelin xylophone"].map(
      (query) => index.find(query)[0],
    );
    expect(misspelt?.score).toBeLessThan(known?.score ?? 0);
    expect(beside?.score).toBeCloseTo(known?.score ?? 0, 12);
    expect(beside?.text).toBeLessThan(known?.text ?? 0);
  });
});

describe("a search for one kind of documents among those of the other", () => {
  const mixed = (every: number, few: "pattern" | "episode"): MemoryIndex => {
    const index = new MemoryIndex();
    const many = few === "pattern" ? "episode" : "pattern";
    for (let i = 0; i < 400; i++)
      index.add(`${i}`, `refund parcel number${i}`, i % every === 0 ? few : many);
    seal(index.index);
    return index;
  };
  const ofKind = (kind: "pattern" | "episode") => ({ kind, candidates: 10 }) as const;

  it.each(["pattern", "episode"] as const)(
    "finds few (%s) among many, however far down",
    (kind) => {
      const found = mixed(100, kind).find("refund parcel", ofKind(kind));
      expect(found.map(({ id }) => id).sort()).toEqual(["0", "100", "200", "300"]);
      for (const { kind: own, score } of found) expect([own, score > 0]).toEqual([kind, true]);
    },
  );

  it("finds as many as are wanted where both are many", () => {
    const index = mixed(2, "pattern");
    for (const kind of ["pattern", "episode"] as const) {
      const found = index.find("refund parcel", ofKind(kind));
      expect(found).toHaveLength(10);
      for (const candidate of found) expect(candidate.kind).toBe(kind);
    }
    expect(new Set(index.find("refund parcel", { limit: 100 }).map(({ kind }) => kind)).size).toBe(
      2,
    );
  });

  it("reads no more documents than are wanted when most are of the other kind", () => {
    const index = mixed(100, "pattern");
    index.find("refund parcel", { kind: "pattern" });
    expect(index.reads).toEqual([4]);
  });
});

describe("whatever came, went, was sealed and merged", () => {
  const vocabulary = ["apple", "brick", "candle", "dragon", "engine", "forest", "garden"];
  const words = fc.array(fc.constantFrom(...vocabulary), { minLength: 1, maxLength: 8 });
  const action = fc.oneof(
    { weight: 6, arbitrary: words.map((text) => ({ kind: "add" as const, text: text.join(" ") })) },
    { weight: 2, arbitrary: fc.nat().map((pick) => ({ kind: "remove" as const, pick })) },
    { weight: 2, arbitrary: fc.constant({ kind: "seal" as const }) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.nat(5), fc.integer({ min: 2, max: 4 })).map(([from, count]) => ({
        kind: "merge" as const,
        from,
        count,
      })),
    },
  );
  type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;
  const left = (actions: readonly Action[]) => {
    const index = new MemoryIndex();
    const texts = new Map<string, string>();
    for (const [i, one] of actions.entries()) {
      if (one.kind === "add") {
        texts.set(`e${i}`, one.text);
        index.add(`e${i}`, one.text);
      } else if (one.kind === "remove" && texts.size > 0) {
        const id = [...texts.keys()][one.pick % texts.size] ?? "";
        texts.delete(id);
        index.remove(id);
      } else if (one.kind === "seal") seal(index.index);
      else if (one.kind === "merge" && one.from < index.index.segments.length)
        merge(index.index, one.from, one.count);
    }
    return { index, texts };
  };

  it("an unpruned search finds exactly the documents that hold a term of the query", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), words, (actions, query) => {
        const { index, texts } = left(actions);
        const holding = [...texts].filter(([, text]) =>
          query.some((word) => text.split(" ").includes(word)),
        );
        const found = index.find(query.join(" "), { limit: 100 });
        expect(found.map(({ id }) => id).sort()).toEqual(holding.map(([id]) => id).sort());
        for (const { id, score, text, matched_terms } of found) {
          expect(score).toBeGreaterThan(0);
          expect(text).toBeGreaterThan(0);
          expect(text).toBeLessThanOrEqual(1);
          const own = new Set(texts.get(id)?.split(" "));
          expect(matched_terms.sort()).toEqual(
            [...new Set(query)].filter((w) => own.has(w)).sort(),
          );
        }
        const scores = found.map(({ score }) => score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
    );
  });

  it("a search answers as it does in what is left, entered anew", () => {
    const query = fc.array(fc.constantFrom(...vocabulary, "appel", "dragn", "forst"), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), query, (actions, asked) => {
        const { index, texts } = left(actions);
        const fresh = new MemoryIndex();
        for (const [id, text] of texts) fresh.add(id, text);
        const options = { limit: 5, candidates: 5, postings: 12 };
        expect(index.find(asked.join(" "), options)).toEqual(fresh.find(asked.join(" "), options));
      }),
    );
  });
});

describe("an answer", () => {
  it("puts what answers more of the question first, whatever ending a word has", () => {
    const index = new MemoryIndex();
    index.add("e1", "exchange the mechanical keyboard");
    index.add("e2", "cancel the order of a lamp");
    index.add("e3", "return a lamp and a keyboard");
    expect(index.ids("exchange a keyboard")).toEqual(["e1", "e3"]);
    expect(index.ids("cancelling lamps")[0]).toBe("e2");
    expect(index.ids("keybaord exchnge")).toEqual(["e1", "e3"]);
    expect(index.ids("zebra")).toEqual([]);
    expect(index.ids("")).toEqual([]);
    expect(index.ids("the of")).toEqual(index.ids("of the"));
  });

  it("comes from every field; a task counts most, and then what failed", () => {
    const index = new MemoryIndex();
    const fields = ["errors", "tools", "outcome", "tags", "task"] as const;
    for (const field of fields) index.add(field, { [field]: "zither" });
    index.add("none", "something else");
    const found = index.ids("zither");
    expect(found.slice(0, 3)).toEqual(["task", "errors", "tags"]);
    expect(found.sort()).toEqual([...fields].sort());
  });

  it("finds candidates by the terms that few documents have, and scores them by all", () => {
    const index = new MemoryIndex();
    for (let i = 0; i < 60; i++)
      index.add(`c${String(i).padStart(2, "0")}`, `cancel the common order ${i}`);
    index.add("z1", "tune the zither before the evening concert");
    index.add("z2", "cancel the zither of the common order");
    const ids = (query: string) => index.ids(query, { postings: 10 });
    expect(ids("cancel the common order of a zither")).toEqual(["z2", "z1"]);
    // Where every term is common the rarest still finds.
    expect(ids("common order")).toHaveLength(10);
  });

  it("is there for any text", () => {
    const index = new MemoryIndex();
    index.add("e1", "exchange the keyboard");
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        index.find(text);
        expect(index.ids(`keyboard ${text}`)).toContain("e1");
        const other = new MemoryIndex();
        other.add("own", text);
        other.add("second", "something else");
        seal(other.index);
        // Whatever a text is made of, it finds itself, unless nothing in it is a term.
        const isTerm = /[\p{L}\p{N}]/u.test(text.normalize("NFKD").replaceAll(/\p{M}+/gu, ""));
        if (isTerm) expect(other.ids(text, UNPRUNED)).toContain("own");
      }),
    );
  });

  it("keeps up with a document that changes", () => {
    const index = new MemoryIndex();
    index.add("e2", "cancel the order");
    seal(index.index);
    index.remove("e2");
    index.add("e2", "polish the zither");
    expect(index.ids("zither")).toEqual(["e2"]);
    expect(index.ids("order")).toEqual([]);
  });
});
