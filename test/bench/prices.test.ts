import { describe, expect, it } from "vitest";
import { costOf, keptCost, PRICES, type Use } from "../../bench/support/prices.ts";

const NOTHING: Use = {
  workerRequests: 0,
  workerCpuMs: 0,
  objectRequests: 0,
  objectSeconds: 0,
  objectRowsRead: 0,
  objectRowsWritten: 0,
  alarmsSet: 0,
  alarmsFired: 0,
  databaseRowsRead: 0,
  databaseRowsWritten: 0,
};

describe("prices", () => {
  it("an alarm that is set costs a row, one that fires a request", () => {
    const million = 1_000_000;
    const set = costOf({ ...NOTHING, alarmsSet: 1 }, million);
    expect(set).toEqual(costOf({ ...NOTHING, objectRowsWritten: 1 }, million));
    expect(set).toEqual({ platform: PRICES.object_rows_written_per_million, database: 0 });
    const fired = costOf({ ...NOTHING, alarmsFired: 1 }, million);
    expect(fired).toEqual(costOf({ ...NOTHING, objectRequests: 1 }, million));
    expect(fired).toEqual({ platform: PRICES.object_requests_per_million, database: 0 });
  });

  it("rows of the database are the database's", () => {
    const { platform, database } = costOf(
      { ...NOTHING, databaseRowsRead: 1_000, databaseRowsWritten: 2 },
      1_000_000,
    );
    expect(platform).toBe(0);
    expect(database).toBe(1 + 2 * PRICES.database_rows_written_per_million);
  });

  it("what is kept costs by the gigabyte", () => {
    expect(keptCost(2_500_000_000, PRICES.object_gb_month)).toBeCloseTo(0.5);
  });
});
