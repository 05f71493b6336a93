import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textHash } from "../../../src/util/hashing/text-hash.ts";

describe("the hash of a text", () => {
  it("is a whole number that SQLite and JavaScript both keep, the same each time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const hash = textHash(text);
        expect(Number.isSafeInteger(hash)).toBe(true);
        expect(hash).toBeGreaterThanOrEqual(0);
        expect(textHash(`${text}`)).toBe(hash);
      }),
    );
  });

  it("differs for texts that differ a little, and spreads over its ends", () => {
    const texts = Array.from({ length: 200_000 }, (_, i) => `["tool_${i % 450}","x${i}"]`);
    const hashes = texts.map(textHash);
    // By chance 200,000 of 2⁵³ meet once in half a million times.
    expect(new Set(hashes).size).toBe(texts.length);

    const mean = texts.length / 256;
    for (const scale of [1, 2 ** 13, 2 ** 21, 2 ** 45]) {
      const counts = Array.from({ length: 256 }, () => 0);
      for (const hash of hashes) {
        const part = Math.floor(hash / scale) % 256;
        counts[part] = (counts[part] ?? 0) + 1;
      }
      const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
      // 255 degrees of freedom: beyond 400 by chance once in a thousand million.
      expect([scale, chiSquare < 400]).toEqual([scale, true]);
    }
  });
});
