import fc from "fast-check";
import { expect, it } from "vitest";
import { NumberSet } from "../../src/util/number-set.ts";

it("holds what a Set holds, whatever is added and taken away", () => {
  const numbers = fc.oneof(fc.nat(40), fc.integer({ min: 1_020, max: 1_030 }), fc.nat(2 ** 32));
  const changes = fc.array(fc.tuple(fc.boolean(), numbers), { maxLength: 80 });
  fc.assert(
    fc.property(changes, fc.array(numbers), (done, asked) => {
      const [own, model] = [new NumberSet(), new Set<number>()];
      for (const [isAdded, number] of done) {
        if (isAdded) own.add(number);
        else own.delete(number);
        if (isAdded) model.add(number);
        else model.delete(number);
        expect(own.size).toBe(model.size);
      }
      for (const number of [...asked, ...done.map(([, number]) => number)])
        expect(own.has(number)).toBe(model.has(number));
    }),
  );
});
