import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expired, listBackups, sweep, type Kept } from "../../src/backup/index.ts";
import { manifestKey, prefixOf } from "../../src/backup/format/manifest.ts";
import { sealManifest } from "../../src/backup/format/sealed-manifest.ts";
import { utf8 } from "../../src/util/hashing/hash.ts";
import { isVerifiedChain, neededFor } from "../../src/backup/retention.ts";
import { Crash, Faults, manifestOf, MemoryStore } from "../support/backups/ports.ts";

const DAY = 86_400_000;
const NOW = 400 * DAY;
const SUM = "ab".repeat(32);
const CHUNK = `episodes-scan-00000-00000-${SUM.slice(0, 16)}.ndjson.gz`;
const RULES = { daily_days: 7, weekly_weeks: 5, monthly_months: 12 };

const histories: fc.Arbitrary<Kept[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom(
        "full" as const,
        "incremental" as const,
        "incremental" as const,
        "snapshot" as const,
      ),
      age: fc.integer({ min: 0, max: 500 }),
      partial: fc.boolean().map((flag) => flag),
      verified: fc.boolean(),
      parent: fc.nat(),
    }),
    { maxLength: 60 },
  )
  .map((list) => {
    const made: Kept[] = [];
    for (const [i, { kind, age, partial, verified, parent }] of list
      .sort((a, b) => b.age - a.age)
      .entries()) {
      const possible = made.filter((known) => known.kind !== "snapshot" && !known.partial);
      const chosen =
        kind === "incremental" ? possible[parent % Math.max(1, possible.length)] : undefined;
      const real = kind === "incremental" && !chosen ? "full" : kind;
      const whole = real === "incremental" || !partial;
      made.push({
        id: `b${i}`,
        kind: real,
        at: NOW - age * DAY,
        parent: chosen?.id ?? null,
        partial: !whole,
        verified,
      });
    }
    return made;
  });

describe("retention", () => {
  it("never deletes the newest verified chain, nor a parent that a kept backup needs", () => {
    fc.assert(
      fc.property(histories, (history) => {
        const gone = new Set(expired(history, RULES, NOW));
        const byId = new Map(history.map((backup) => [backup.id, backup]));
        for (const { id, parent } of history)
          if (!gone.has(id) && parent !== null) expect(gone.has(parent)).toBe(false);
        const exports = history
          .filter(({ kind, partial }) => kind !== "snapshot" && !partial)
          .sort((a, b) => b.at - a.at);
        const good = exports.find((backup) => isVerifiedChain(backup, byId));
        if (good) expect(gone.has(good.id)).toBe(false);
        if (exports[0]) expect(gone.has(exports[0].id)).toBe(false);
        for (const { id, at } of history)
          if (NOW - at < RULES.daily_days * DAY) expect(gone.has(id)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it("keeps a week of days, five of weeks and twelve of months of a long history", () => {
    const history = Array.from({ length: 400 }, (_, i): Kept => {
      const full = i % 7 === 0;
      const parent = full ? null : `d${i - (i % 7)}`;
      return {
        id: `d${i}`,
        kind: full ? "full" : "incremental",
        at: i * DAY,
        parent,
        partial: false,
        verified: true,
      };
    });
    const gone = new Set(expired(history, RULES, NOW));
    const kept = history.filter(({ id }) => !gone.has(id));
    expect(kept.length).toBeLessThan(30);
    expect(kept.filter(({ kind }) => kind === "full").length).toBeGreaterThanOrEqual(12);
    expect(Math.min(...kept.map(({ at }) => at))).toBeLessThan(NOW - 300 * DAY);
  });

  it("lets an operator delete neither what another continues nor the newest chain that was read back", () => {
    const backup = (id: string, at: number, parent: string | null, verified: boolean): Kept => ({
      id,
      kind: parent === null ? "full" : "incremental",
      at,
      parent,
      partial: false,
      verified,
    });
    const all = [
      backup("old", 1, null, true),
      backup("full", 2, null, true),
      backup("increment", 3, "full", true),
      backup("unread", 4, null, false),
    ];
    expect(neededFor(all, "old")).toBeNull();
    expect(neededFor(all, "full")).toBe("the backup increment continues it");
    expect(neededFor(all, "increment")).toBe("it ends the newest chain that was read back");
    expect(neededFor(all, "unread")).toBeNull();
    expect(neededFor(all, "nothing")).toBeNull();
  });

  it("ends right after a crash at any step, and never leaves a manifest without its chunks", async () => {
    const rules = { daily_days: 1, weekly_weeks: 0, monthly_months: 0 };
    const fill = async (store: MemoryStore): Promise<void> => {
      for (const [i, id] of [
        "20260101T000000Z-a",
        "20260102T000000Z-b",
        "20260601T000000Z-c",
      ].entries()) {
        const manifest = manifestOf(id, {
          kind: i === 1 ? "incremental" : "full",
          started_at: new Date(Date.UTC(2026, i * 2, 1)).toISOString(),
          parent: i === 1 ? { id: "20260101T000000Z-a", sha256: SUM } : null,
          ...(i === 1
            ? { chunks: manifestOf(id).chunks.map((chunk) => ({ ...chunk, layer: 1, last: "" })) }
            : {}),
        });
        store.objects.set(manifestKey(id, "full"), utf8(await sealManifest(manifest, null)));
        store.objects.set(`${prefixOf(id, "full")}${CHUNK}`, utf8("x"));
        store.objects.set(`${prefixOf(id, "full")}stray.ndjson.gz`, utf8("x"));
      }
      store.objects.set("exports/20250101T000000Z-x/1.ndjson.gz", utf8("left behind"));
    };
    const now = Date.UTC(2026, 6, 1);
    const probe = new Faults();
    const whole = new MemoryStore(probe);
    await fill(whole);
    await sweep({ store: whole, keys: null }, rules, now);
    const left = [...whole.objects.keys()].sort();
    expect(left).toEqual([
      `exports/20260601T000000Z-c/${CHUNK}`,
      "exports/20260601T000000Z-c/manifest.json",
    ]);
    for (let at = 0; at < probe.count; at++) {
      const faults = new Faults();
      faults.at = at;
      const store = new MemoryStore(faults);
      await fill(store);
      await expect(sweep({ store, keys: null }, rules, now)).rejects.toThrow(Crash);
      for (const prefix of (
        await listBackups({ store, keys: null }, ({ manifest }) =>
          prefixOf(manifest.id, manifest.kind),
        )
      ).backups) {
        expect(store.objects.has(`${prefix}${CHUNK}`)).toBe(true);
      }
      await sweep({ store, keys: null }, rules, now);
      expect([...store.objects.keys()].sort()).toEqual(left);
    }
  });
});
