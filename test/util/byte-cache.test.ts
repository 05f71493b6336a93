import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteCache } from "../../src/util/byte-cache.ts";

const action = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), key: fc.nat(6), bytes: fc.nat(60) }),
  fc.record({ kind: fc.constant("get" as const), key: fc.nat(6) }),
  fc.record({ kind: fc.constant("delete" as const), key: fc.nat(6) }),
  fc.record({ kind: fc.constant("deleteEven" as const) }),
  fc.record({ kind: fc.constant("capacity" as const), bytes: fc.nat(120) }),
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const) }) },
);

describe("a cache of so many bytes", () => {
  it("is as a list of entries, the youngest behind, from whose beginning those go that were not read since", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        let capacity = 100;
        let model: { key: number; value: string; bytes: number; wasRead: boolean }[] = [];
        const evicted: [number, string][] = [];
        const expectedEvicted: [number, string][] = [];
        const cache = new ByteCache<number, string>(
          () => capacity,
          (key, value) => evicted.push([key, value]),
        );

        for (const [i, one] of actions.entries()) {
          if (one.kind === "set") {
            cache.set(one.key, `v${i}`, one.bytes);
            model = model.filter(({ key }) => key !== one.key);
            const added = { key: one.key, value: `v${i}`, bytes: one.bytes, wasRead: false };
            model.push(added);
            const sum = () => model.reduce((all, { bytes }) => all + bytes, 0);
            while (model.length > 1 && sum() > capacity) {
              const oldest = model.shift() ?? added;
              if (oldest === added || oldest.wasRead) model.push(oldest);
              else expectedEvicted.push([oldest.key, oldest.value]);
              oldest.wasRead = false;
            }
          } else if (one.kind === "get") {
            const entry = model.find(({ key }) => key === one.key);
            expect(cache.get(one.key)).toBe(entry?.value);
            if (entry) entry.wasRead = true;
          } else if (one.kind === "delete") {
            cache.delete(one.key);
            model = model.filter(({ key }) => key !== one.key);
          } else if (one.kind === "deleteEven") {
            cache.deleteWhere((key) => key % 2 === 0);
            model = model.filter(({ key }) => key % 2 !== 0);
          } else if (one.kind === "clear") {
            cache.clear();
            model = [];
          } else capacity = one.bytes;

          expect(cache.bytes).toBe(model.reduce((all, { bytes }) => all + bytes, 0));
          expect(evicted).toEqual(expectedEvicted);
        }
        for (const { key, value } of model) expect(cache.get(key)).toBe(value);
        for (let key = 0; key <= 6; key++)
          if (!model.some((entry) => entry.key === key)) expect(cache.get(key)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it("keeps what came last, however large it is", () => {
    const cache = new ByteCache<string, number>(() => 10);
    cache.set("a", 1, 5);
    cache.set("b", 2, 1_000);
    expect([cache.get("a"), cache.get("b"), cache.bytes]).toEqual([undefined, 2, 1_000]);
  });
});
