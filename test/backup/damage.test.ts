import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyBackup } from "../../src/backup/index.ts";
import { fill, report, TwoDatabases, wipe } from "../support/backups/databases.ts";
import { KeptSteps, MemoryStore } from "../support/backups/ports.ts";

let two: TwoDatabases;
beforeAll(async () => {
  two = await TwoDatabases.start();
}, 60_000);
afterAll(() => two.remove());

describe("any damage", () => {
  it("is found and named: 500 random ones, and each kind", { timeout: 300_000 }, async () => {
    await wipe(two.source.url);
    await fill(two.source.url, 0, 100);
    const store = new MemoryStore();
    const full = await two.take(store, "full", null);
    await fill(two.source.url, 50, 150);
    const tip = await two.take(store, "inc", full);
    const check = async () =>
      verifyBackup(
        { steps: new KeptSteps(), store, keys: null, report },
        { id: tip.id, kind: tip.kind },
      );
    expect((await check()).ok).toBe(true);
    const keys = [...store.objects.keys()].sort();
    const damage = fc.record({
      key: fc.constantFrom(...keys),
      other: fc.constantFrom(...keys),
      kind: fc.constantFrom("bit", "cut", "missing", "swapped", "longer"),
      place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      bit: fc.integer({ min: 0, max: 7 }),
    });
    const tried = { bit: 0, cut: 0, missing: 0, swapped: 0, longer: 0 };
    for (const { key, other, kind, place: where, bit } of fc.sample(damage, {
      numRuns: 500,
      seed: 4,
    })) {
      const [good, second] = [store.objects.get(key), store.objects.get(other)];
      if (!good || !second) throw new Error("no object");
      if (kind === "swapped" && key === other) continue;
      tried[kind] += 1;
      const bad = new Uint8Array(good);
      const at = Math.floor(where * good.length);
      if (kind === "bit") bad[at] = (bad[at] ?? 0) ^ (1 << bit);
      if (kind === "missing") store.objects.delete(key);
      else if (kind === "swapped") {
        store.objects.set(key, second);
        store.objects.set(other, good);
      } else
        store.objects.set(
          key,
          kind === "cut" ? good.slice(0, at) : kind === "longer" ? Uint8Array.of(...good, 0) : bad,
        );
      const verdict = await check();
      expect([kind, key, verdict.ok]).toEqual([kind, key, false]);
      const named = verdict.faults.map((fault) => fault.object);
      expect(
        named.some(
          (object) => object.endsWith(key) || (kind === "swapped" && object.endsWith(other)),
        ),
      ).toBe(true);
      store.objects.set(key, good);
      store.objects.set(other, second);
    }
    expect(Object.values(tried).every((n) => n > 50)).toBe(true);
    expect((await check()).ok).toBe(true);
  });
});
