import { describe, expect, it } from "vitest";
import { BoundedMap } from "../../src/util/bounded-map.ts";

function filled(): BoundedMap<string, number> {
  const map = new BoundedMap<string, number>(3);
  for (const [i, key] of ["a", "b", "c"].entries()) map.set(key, i);
  return map;
}

const held = (map: BoundedMap<string, number>): string =>
  ["a", "b", "c", "d"].filter((key) => map.get(key) !== undefined).join("");

describe("a bounded map", () => {
  it("holds its capacity, and drops the entry that was set the longest ago for one more", () => {
    const map = filled();
    expect(held(map)).toBe("abc");
    map.set("d", 3);
    expect([held(map), map.size]).toEqual(["bcd", 3]);
  });

  it("drops nothing when an entry is set again, which then is the youngest", () => {
    const map = filled();
    map.set("a", 9);
    expect([held(map), map.get("a")]).toEqual(["abc", 9]);
    map.set("d", 3);
    expect(held(map)).toBe("acd");
  });

  it("is not kept by reading", () => {
    const map = filled();
    map.get("a");
    map.set("d", 3);
    expect(held(map)).toBe("bcd");
  });

  it("forgets what is deleted, and all of it when it is cleared", () => {
    const map = filled();
    map.delete("b");
    expect(held(map)).toBe("ac");
    map.clear();
    expect([held(map), map.size]).toEqual(["", 0]);
  });
});
