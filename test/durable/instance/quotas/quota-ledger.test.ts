import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GRANT_MS, QuotaLedger } from "../../../../src/durable/instance/quotas/quota-ledger.ts";

const NONE = { episodes: null, bytes: null, lessons: null };
const TEN = { ...NONE, episodes: 10 };

describe("a ledger", () => {
  it("grants the first that fit, by number and by bytes, and names what is in the way", () => {
    const ledger = new QuotaLedger();
    ledger.endCount(ledger.beginCount(0, 9), { episodes: 8, bytes: 800 }, []);
    expect(ledger.fitting([1, 1, 1], TEN)).toEqual({
      count: 2,
      reached: { quota: "episodes", limit: 10, used: 10 },
    });
    expect(ledger.fitting([100, 150], { ...NONE, bytes: 1_000 })).toEqual({
      count: 1,
      reached: { quota: "bytes", limit: 1_000, used: 900 },
    });
    expect(ledger.fitting([1, 1, 1], NONE)).toEqual({ count: 3, reached: null });
    expect(ledger.full(TEN)).toBeNull();
    expect(ledger.full({ ...NONE, episodes: 8 })).toMatchObject({ quota: "episodes", used: 8 });
  });

  it("counts what was granted until it is settled, whenever that is counted", () => {
    const ledger = new QuotaLedger();
    ledger.endCount(ledger.beginCount(0, 9), { episodes: 0, bytes: 0 }, []);
    ledger.grant(1, [10], 1);
    ledger.grant(2, [10], 1);
    const count = ledger.beginCount(2, 9);
    // While it is counted one more begins.
    ledger.grant(3, [10], 3);
    expect(count.numbers).toEqual([1, 2]);
    ledger.endCount(count, { episodes: 1, bytes: 10 }, [1]);
    expect(ledger.used).toEqual({ episodes: 3, bytes: 30 });
    expect(ledger.open).toBe(2);
  });

  it("gives up a grant that nobody used in time", () => {
    const ledger = new QuotaLedger();
    ledger.grant(1, [10], 0);
    ledger.endCount(ledger.beginCount(GRANT_MS, 9), { episodes: 0, bytes: 0 }, []);
    expect(ledger.used.episodes).toBe(1);
    ledger.endCount(ledger.beginCount(GRANT_MS + 1, 9), { episodes: 0, bytes: 0 }, []);
    expect(ledger.used.episodes).toBe(0);
  });

  it("never knows of fewer than are there, whatever is counted between what", () => {
    const actions = fc.array(fc.constantFrom("take", "write", "give up", "begin", "end"), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(actions, (all) => {
        const ledger = new QuotaLedger();
        const granted: number[] = [];
        const settled: number[] = [];
        let [there, last] = [0, 0];
        let count: {
          begun: ReturnType<QuotaLedger["beginCount"]>;
          seen: number;
          said: number[];
        } | null = null;
        for (const action of all) {
          if (action === "take" && ledger.fitting([1], TEN).count === 1) {
            ledger.grant(++last, [1], 0);
            granted.push(last);
          }
          const number = action === "write" || action === "give up" ? granted.shift() : undefined;
          if (number !== undefined) {
            settled.push(number);
            if (action === "write") there += 1;
          }
          if (action === "begin" && !count) {
            const begun = ledger.beginCount(0, 100);
            const said = begun.numbers.filter((one) => settled.includes(one));
            count = { begun, seen: there, said };
          }
          if (action === "end" && count) {
            ledger.endCount(count.begun, { episodes: count.seen, bytes: 0 }, count.said);
            count = null;
          }
          expect(ledger.used.episodes).toBeGreaterThanOrEqual(there);
          expect(there).toBeLessThanOrEqual(10);
        }
      }),
    );
  });
});
