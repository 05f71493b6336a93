import fc from "fast-check";
import { expect, it } from "vitest";
import { Vocabulary } from "../../../../src/memory/learning/similarity/vocabulary.ts";

it("numbers each hash once, in the order in which they come, however they collide", () => {
  // Few low bits, so that most hashes meet others in the table.
  const hash = fc.oneof(
    fc.nat(8),
    fc.nat(8).map((n) => (n * 2 ** 28) >>> 0),
    fc.constant(2 ** 32 - 1),
  );
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 60 }), fc.array(hash), (added, asked) => {
      const vocabulary = new Vocabulary(added.length);
      const model = new Map<number, number>();
      for (const one of added) {
        const number = model.get(one) ?? model.size;
        model.set(one, number);
        expect(vocabulary.add(one)).toBe(number);
      }
      expect(vocabulary.size).toBe(model.size);
      for (const one of [...added, ...asked])
        expect(vocabulary.find(one)).toBe(model.get(one) ?? -1);
    }),
  );
});
