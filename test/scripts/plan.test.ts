import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { planFor, type Load, type Measured } from "../../scripts/plan/plan.ts";
import { LIMITS, STORAGE_MAX_BYTES } from "../../src/contract/limits.ts";

const LOAD: Load = {
  tenants: 100,
  stepsPerS: 10,
  episodes: 1_000,
  stepsPerEpisode: 10,
  stepsPerRequest: 1,
};
const MEASURED: Measured = {
  instanceBytes: 10_000,
  databaseBytes: 10_000,
  databaseRows: 2,
  batchS: 0.1,
  databaseMaxBytes: 10_000_000_000,
};
const plan = (load: Partial<Load> = {}, measured: Partial<Measured> = {}) =>
  planFor({ ...LOAD, ...load }, { ...MEASURED, ...measured });

describe("a plan", () => {
  it("needs one of each for next to nothing", () => {
    expect(plan()).toMatchObject({ instances: 1, databases: 1, isHomeTooBusy: false });
  });

  it("has instances for half of the writes that an object takes, or half of its bytes", () => {
    // A step, and three writes for each tenth: 130 a second, of 100.
    expect(plan({ stepsPerS: 100 })).toMatchObject({ instances: 2, instancesForWrites: 2 });
    // Ten steps in a request: 40 a second.
    expect(plan({ stepsPerS: 100, stepsPerRequest: 10 }).instances).toBe(1);
    const episodes = (STORAGE_MAX_BYTES / MEASURED.instanceBytes) * 2;
    expect(plan({ episodes })).toMatchObject({ instances: 4, instancesForBytes: 4 });
  });

  it("has no more instances than there may be", () => {
    expect(plan({ stepsPerS: 1_000_000 })).toMatchObject({ instances: LIMITS.instances_max });
  });

  it("names a home that learns more than it can: one tenant is not spread", () => {
    const one = plan({ tenants: 1, stepsPerS: 2_000 });
    expect([one.learnedPerS, one.isHomeTooBusy]).toEqual([200, true]);
    expect(plan({ tenants: 10_000, stepsPerS: 2_000 }).isHomeTooBusy).toBe(false);
  });

  it("has databases for half of the rows that batches carry, or half of what one may hold", () => {
    // 500 rows a tenth of a second are 5,000; half of it is 2,500.
    expect(plan({ stepsPerS: 2_500 })).toMatchObject({ databases: 2, databasesForRows: 2 });
    expect(plan({ episodes: 1_500_000 })).toMatchObject({ databases: 3, databasesForBytes: 3 });
  });
});

describe("npm run plan", () => {
  const run = (...options: string[]) =>
    spawnSync(process.execPath, ["scripts/plan.ts", ...options], {
      cwd: join(import.meta.dirname, "../.."),
      encoding: "utf8",
    });
  const sizes = ["--instance-bytes=10000", "--database-bytes=12000", "--database-rows=2.5"];

  it("prints a row for the load that is asked about, or for each of several", () => {
    const one = run("--tenants=10", "--steps=10", "--episodes=1000", ...sizes);
    expect([one.status, one.stdout.match(/^│ \d/gm)?.length]).toEqual([0, 1]);
    expect(one.stdout).toContain("10000 B in its instance, 12000 B in the database");
    expect(run(...sizes).stdout.match(/^│ \d/gm)?.length).toBeGreaterThan(3);
  });

  it("says in one line what is missing or wrong", () => {
    expect(run("--tenants=10", ...sizes)).toMatchObject({
      status: 1,
      stderr: "a load has all three: --tenants, --steps (a second), --episodes\n",
    });
    expect(run("--batch-ms=none", ...sizes)).toMatchObject({
      status: 1,
      stderr: '--batch-ms must be a number above 0; it is "none"\n',
    });
  });
});
