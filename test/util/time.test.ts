import { describe, expect, it } from "vitest";
import { isoTime, isoTimeOrNull } from "../../src/util/time.ts";

describe("a time on the wire", () => {
  it("is RFC 3339 in UTC with milliseconds", () => {
    expect(isoTime(0)).toBe("1970-01-01T00:00:00.000Z");
    expect(isoTime(1_760_000_000_123)).toBe("2025-10-09T08:53:20.123Z");
  });

  it("is null where there is none, and the epoch is one", () => {
    expect([null, undefined, 0].map(isoTimeOrNull)).toEqual([null, null, isoTime(0)]);
  });

  it("is refused for what is no number", () => {
    expect(() => isoTime(Number.NaN)).toThrow(RangeError);
  });
});
