import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson } from "../../src/memory/canonical.ts";

/** What the text is: JSON of objects whose keys were put in order one by one. */
function expected(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}

it("is JSON whose keys are in order, as it was ever stored", () => {
  const key = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom("10", "9", "a", "_", "toJSON"));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(null, true, undefined, Number.NaN, -0, 1e21, "\ud800", '"', "é\u2028"),
      fc.double(),
      fc.string({ unit: "binary" }),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(value, (sample) => canonicalJson(sample) === expected(sample)),
    { numRuns: 2_000 },
  );
});

it("is the same for a date and for what writes itself", () => {
  const sample = { at: new Date(0), own: { toJSON: () => ({ b: 1, a: 2 }) }, list: [undefined] };
  expect(canonicalJson(sample)).toBe(expected(sample));
});
