import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  contentHashes,
  distinctTerms,
  documentTerms,
  indexedDocument,
  readDocument,
  writeDocument,
} from "../../../src/memory/search/index.ts";
import { FIELDS, type DocumentTexts } from "../../../src/memory/search/document.ts";
import { termHash } from "../../../src/memory/search/term-hash.ts";
import { queryTokens } from "../../../src/memory/text/index.ts";
import { PackedReader, PackedWriter } from "../../../src/util/packed.ts";

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc
    .array(fc.constantFrom("the", "order", "Order", "of", "keyboards", "\n", "a"), {
      maxLength: 40,
    })
    .map((words) => words.join(" ")),
);
const texts: fc.Arbitrary<DocumentTexts> = fc
  .tuple(...FIELDS.map(() => fc.option(text)))
  .map((all) =>
    Object.fromEntries(FIELDS.flatMap((field, i) => (all[i] == null ? [] : [[field, all[i]]]))),
  );

describe("a document of the index", () => {
  it("is read as it was written, with what lies behind it", () => {
    fc.assert(
      fc.property(texts, (given) => {
        const document = indexedDocument(documentTerms(given));
        const writer = new PackedWriter();
        writeDocument(writer, document);
        writer.text("behind it");
        const reader = new PackedReader(writer.done());
        expect(readDocument(reader)).toEqual(document);
        expect(reader.text()).toBe("behind it");
        expect(reader.isAtEnd).toBe(true);
      }),
    );
  });

  it("has the terms of its task that carry meaning, as a question has them", () => {
    fc.assert(
      fc.property(text, (task) => {
        const document = indexedDocument(documentTerms({ task }));
        const expected = queryTokens(task).map(({ term }) => termHash(term));
        expect([...contentHashes(document)]).toEqual([...new Set(expected)]);
      }),
    );
  });

  it("is found by each of its terms once, of whichever field", () => {
    const terms = documentTerms({ task: "order a lamp", tags: "lamp shop", errors: "order lost" });
    expect([...distinctTerms(terms)].sort()).toEqual(["a", "lamp", "lost", "order", "shop"]);
  });

  it("knows how long the first line of its task is, unless it is the only one", () => {
    const lead = (task: string): number => documentTerms({ task }).lead;
    expect(lead("rotate the certificate\nsome words here")).toBe(3);
    expect(lead("\n  rotate the certificate\n")).toBe(0);
    expect(lead("")).toBe(0);
  });

  it("is bounded, whatever its texts are", () => {
    const long = Array.from({ length: 5_000 }, (_, i) => `word${i}`).join(" ");
    const { fields, isContent, lead } = documentTerms({ task: `${long}\n${long}`, tools: long });
    expect(fields.map((terms) => terms.length)).toEqual([600, 0, 0, 600, 0, 0]);
    expect([isContent.length, lead]).toEqual([600, 600]);
  });
});

describe("the hash of a term", () => {
  it("differs for all terms of a large vocabulary but a few, and spreads over its ends", () => {
    const terms = Array.from({ length: 100_000 }, (_, i) => `t${i.toString(36)}`);
    const hashes = terms.map(termHash);
    expect(hashes.every((hash) => Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32)).toBe(
      true,
    );
    // By chance 100,000 of 2³² meet 1.2 times.
    expect(new Set(hashes).size).toBeGreaterThan(terms.length - 10);

    for (const part of [(hash: number) => hash % 256, (hash: number) => hash >>> 24]) {
      const counts = Array.from({ length: 256 }, () => 0);
      for (const hash of hashes) counts[part(hash)] = (counts[part(hash)] ?? 0) + 1;
      const mean = terms.length / 256;
      const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
      // 255 degrees of freedom: beyond 400 by chance once in a thousand million.
      expect(chiSquare).toBeLessThan(400);
    }
  });
});
