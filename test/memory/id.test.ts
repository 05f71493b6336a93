import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ID_PATTERN } from "../../src/contract/limits.ts";
import { uuidv7 } from "../../src/memory/id.ts";
import { homeOf } from "../../src/memory/rendezvous.ts";

describe("an id", () => {
  it("is a UUIDv7 whose order is the order of time", () => {
    const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(
        fc.nat(2 ** 40),
        fc.integer({ min: 1, max: 2 ** 30 }),
        bytes,
        bytes,
        (time, later, a, b) => {
          const [first, second] = [uuidv7(time, a), uuidv7(time + later, b)];
          expect(first).toMatch(
            /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
          );
          expect(first).toMatch(ID_PATTERN);
          expect(first < second).toBe(true);
        },
      ),
    );
  });
});

describe("a home", () => {
  it("spreads names evenly", () => {
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4_000; i++)
      counts[homeOf(`episode-${i}`, 4)] = (counts[homeOf(`episode-${i}`, 4)] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it("moves only to the instance that was added", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 20 }), (name, count) => {
        const [before, after] = [homeOf(name, count), homeOf(name, count + 1)];
        expect(after === before || after === count).toBe(true);
      }),
    );
  });
});
