import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeListCursor, encodeListCursor } from "../../src/util/list-cursor.ts";

const positions = fc.record({
  order: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/),
});
const ordered = fc.record({
  order: fc.nat(),
  id: fc.constantFrom("e1", "a b:1"),
  list: fc.constantFrom("-ended_at", "reward"),
});

describe("a list's cursor", () => {
  it("brings back the position that it was made of, and needs no escaping in an address", () => {
    fc.assert(
      fc.property(fc.oneof(positions, ordered), (position) => {
        const cursor = encodeListCursor(position);
        expect(encodeURIComponent(cursor)).toBe(cursor);
        expect(decodeListCursor(cursor)).toEqual(position);
      }),
    );
  });

  it("is the text that release 0.1 gave out", () => {
    const position = { order: 1_760_000_000_000, id: "0199c82c-3f5a-7000-8000-000000000001" };
    const cursor = "MTc2MDAwMDAwMDAwMDowMTk5YzgyYy0zZjVhLTcwMDAtODAwMC0wMDAwMDAwMDAwMDE";
    expect(encodeListCursor(position)).toBe(cursor);
  });

  it.each(["", "!", "no cursor", btoa("7"), btoa("7:"), btoa(":x"), btoa("-7:x"), btoa("x:7")])(
    "%j is none",
    (text) => {
      expect(decodeListCursor(text)).toBeNull();
    },
  );
});
