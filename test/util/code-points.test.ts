import fc from "fast-check";
import { expect, it } from "vitest";
import { compareCodePoints } from "../../src/util/code-points.ts";

const text = fc.string({
  unit: fc.constantFrom("a", "b", "\u00e9", "\uff21", "😀", "😁"),
  maxLength: 4,
});

it("orders texts as their UTF-8 bytes are ordered", () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareCodePoints(a, b))).toBe(bytes);
    }),
  );
});
