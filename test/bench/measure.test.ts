import { describe, expect, it } from "vitest";
import {
  inTurns,
  medianRateRatio,
  type Figures,
  type Meters,
} from "../../bench/support/measure.ts";

/** Meters that count operations as CPU time and requests. */
class Counted implements Meters {
  count = 0;
  cpuMs(): number {
    return this.count;
  }
  requests(): number {
    return this.count;
  }
}

const LOAD = { clients: 1, operations: 10, seconds: 5, warmUp: 1 };

describe("measurements in turns", () => {
  it("each has a rate of every turn, and is metered in its own world", async () => {
    const [one, other] = [new Counted(), new Counted()];
    const order: string[] = [];
    const settled = async (): Promise<void> => {
      // What is put off belongs to what caused it.
      one.count += 1;
    };
    const { a, b } = await inTurns(
      one,
      {
        a: {
          load: LOAD,
          operation: async () => {
            order.push("a");
            one.count += 2;
          },
          settled,
        },
        b: {
          load: LOAD,
          operation: async () => {
            order.push("b");
            other.count += 3;
          },
          settled: async () => undefined,
          meters: other,
        },
      },
      5,
    );
    expect([a.operations, a.rates.length, b.rates.length]).toEqual([10, 5, 5]);
    // Two operations a turn, two each, and what is put off.
    expect(a.cpuMs).toBe((2 * 2 + 1) / 2);
    expect([b.cpuMs, b.roundTrips]).toEqual([3, 3]);
    expect(order.join("").match(/a+b+/g)).toHaveLength(5);
  });

  it("the median of the turns' ratios, not the ratio of all", () => {
    const figures = (rates: number[]): Figures => ({
      operations: 0,
      clients: 1,
      p50: 0,
      p95: 0,
      p99: 0,
      perSecond: 0,
      cpuMs: 0,
      roundTrips: 0,
      rates,
    });
    const ratio = medianRateRatio(figures([10, 20, 30]), figures([1, 10, 300]));
    expect(ratio).toBe(2);
  });
});
