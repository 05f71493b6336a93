import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteLength } from "../../src/util/bytes.ts";

const encoder = new TextEncoder();

describe("the bytes of a text", () => {
  it("are those of its UTF-8, lone surrogates as U+FFFD", () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 250 });
    fc.assert(
      fc.property(units, (codes) => {
        const text = String.fromCharCode(...codes);
        expect(byteLength(text)).toBe(encoder.encode(text).length);
      }),
    );
    const long = fc.tuple(units, fc.integer({ min: 70, max: 300 }));
    fc.assert(
      fc.property(long, ([codes, times]) => {
        const text = String.fromCharCode(...codes).repeat(times);
        expect(byteLength(text)).toBe(encoder.encode(text).length);
      }),
    );
    const near = fc.array(fc.constantFrom("\ud83d", "\ude00", "a", "é", "漢"), { maxLength: 30 });
    fc.assert(
      fc.property(
        near,
        (parts) => byteLength(parts.join("")) === encoder.encode(parts.join("")).length,
      ),
    );
  });
});
