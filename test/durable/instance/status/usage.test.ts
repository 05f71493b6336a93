import { describe, expect, it } from "vitest";
import type { Call } from "../../../../src/contract/call.ts";
import { MS } from "../../../../src/contract/limits.ts";
import type { KeyRecord } from "../../../../src/durable/shared/control.ts";
import { mergedUsage, NO_USAGE } from "../../../../src/durable/shared/instance/usage.ts";
import {
  USAGE_COUNTS_SCHEMA,
  UsageCounter,
} from "../../../../src/durable/instance/status/usage-counts.ts";
import {
  counted,
  emptyTally,
  lately,
  NOTHING,
} from "../../../../src/durable/instance/status/usage-tally.ts";
import { SCHEMA } from "../../../../src/storage/index.ts";
import { NodeInstances } from "../../../support/instances.ts";
import { openLocal } from "../../../support/node-sql.ts";

const ONE = { ...NOTHING, requests: 1 };
const HOUR = 400_000 * MS.hour;

describe("a tally", () => {
  it("has all of the present hour, and of the one before the share that makes it full", () => {
    const before = counted(emptyTally(HOUR), { ...NOTHING, requests: 100, bytes: 8 }, HOUR);
    const now = counted(before, { ...NOTHING, requests: 3 }, HOUR + 1.25 * MS.hour);
    expect(lately(now, "hour", HOUR + 1.25 * MS.hour)).toEqual({
      ...NOTHING,
      requests: 3 + 75,
      bytes: 6,
    });
    expect(lately(now, "hour", HOUR + 2 * MS.hour).requests).toBe(3);
    expect(lately(now, "hour", HOUR + 3 * MS.hour).requests).toBe(0);
    expect(lately(now, "day", HOUR + 2 * MS.hour).requests).toBe(103);
  });
});

describe("lists of several instances", () => {
  it("are summed by name, the first by a measure; the rest is one sum", () => {
    const row = (name: string, requests: number) => ({ ...NO_USAGE, name, requests });
    const others = { ...NO_USAGE, requests: 5, rows: 1 };
    const lists = [
      { rows: [row("a", 3), row("b", 2)], others },
      { rows: [row("b", 2), row("c", 1)], others: NO_USAGE },
    ];
    expect(mergedUsage(lists, "requests", 2)).toEqual({
      rows: [row("b", 4), row("a", 3)],
      others: { ...NO_USAGE, requests: 6, rows: 1 },
    });
  });
});

function counter(at = { now: HOUR }, sql = openLocal([...SCHEMA, ...USAGE_COUNTS_SCHEMA])) {
  const waiting: (() => void)[] = [];
  const usage = new UsageCounter({
    sql,
    now: () => at.now,
    log: () => undefined,
    later: (work, ms) => {
      expect(ms).toBe(7);
      waiting.push(work);
    },
    saveAfterMs: () => 7,
  });
  const later = (): void => waiting.splice(0).forEach((work) => work());
  return { usage, sql, at, later };
}

describe("an instance's counter", () => {
  it("keeps a thousand names; those that came the longest ago are summed up", () => {
    const { usage, sql, later } = counter();
    for (let n = 0; n < 1_500; n++) usage.count({ namespace: `n${n}`, key: "k" }, ONE);
    usage.count({ namespace: "n600", key: "k" }, ONE);
    const { namespaces, keys } = usage.share("hour", "requests");
    expect(namespaces.rows).toHaveLength(1_000);
    expect(namespaces.rows[0]).toEqual({ ...NO_USAGE, name: "n600", requests: 2 });
    expect(namespaces.others.requests).toBe(500);
    expect(keys).toEqual({
      rows: [{ ...NO_USAGE, name: "k", requests: 1_501 }],
      others: NO_USAGE,
    });
    later();
    expect(sql.all("SELECT count(*) AS n FROM usage_counts")).toEqual([{ n: 1_002 }]);
  });

  it("has it after a restart, and forgets who did not come for two days", () => {
    const { usage, sql, at, later } = counter();
    usage.count({ namespace: "old", key: "k" }, ONE);
    later();
    at.now += 49 * MS.hour;
    usage.count({ namespace: "new", key: "k" }, ONE);
    later();
    const again = counter(at, sql).usage.share("day", "requests");
    expect(again.namespaces.rows.map(({ name }) => name)).toEqual(["new"]);
    expect(again.keys.rows).toMatchObject([{ name: "k", requests: 1 }]);
  });

  it("counts nothing for a namespace into which the caller was not let", () => {
    const { usage } = counter();
    usage.count({ namespace: null, key: "nobody" }, ONE);
    expect(usage.share("hour", "requests").namespaces.rows).toEqual([]);
  });
});

const KEY: KeyRecord = {
  id: "k1",
  hash: "a".repeat(64),
  name: "agent",
  scopes: ["read", "write"],
  namespaces: ["n"],
  default_namespace: "n",
  created_at: "2026-01-01T00:00:00.000Z",
  expires_at: null,
  revoked_at: null,
};
const BY_KEY: Partial<Call> = { root: false, key_hash: KEY.hash };

describe("a request is counted once, where it came in; what it wrote where that is", () => {
  it("for its namespace and its key, refusals with it", async () => {
    const cluster = new NodeInstances(3);
    cluster.keys = [KEY, { ...KEY, id: "k2", hash: "b".repeat(64) }];
    const ids = [];
    for (let n = 0; n < 4; n++) ids.push(await cluster.start(`task ${n}`, BY_KEY));
    await cluster.complete(String(ids[0]), BY_KEY);
    await cluster.call("stats", {}, { ...BY_KEY, namespace: "other" });
    await cluster.call("stats", {}, { ...BY_KEY, key_hash: "c".repeat(64) });
    await cluster.start("of the operator");

    const shares = [];
    for (const index of [0, 1, 2])
      shares.push(await cluster.ask(index, "usage", { over: "hour", by: "requests" }));
    const keys = mergedUsage(
      shares.map((share) => share.keys),
      "requests",
    );
    const k1 = keys.rows.find(({ name }) => name === "k1");
    expect(k1).toMatchObject({ requests: 6, refusals: 1, episodes: 4, open_episodes: 3 });
    expect(k1?.rows).toBeGreaterThanOrEqual(5);
    expect(k1?.bytes).toBeGreaterThan(1_000);
    expect(keys.rows.find(({ name }) => name === "nobody")).toMatchObject({
      requests: 1,
      refusals: 1,
    });
    expect(keys.rows.find(({ name }) => name === "operator")).toMatchObject({ open_episodes: 1 });
    const namespaces = mergedUsage(
      shares.map((share) => share.namespaces),
      "requests",
    );
    expect(namespaces.rows).toMatchObject([
      { name: "n", requests: 6, refusals: 0, episodes: 5, open_episodes: 4 },
    ]);
  });

  it("an episode that does not say who began it is unknown's", async () => {
    const cluster = new NodeInstances(1);
    await cluster.start();
    cluster.local(0).run("UPDATE episodes SET body = json_remove(body, '$.opened_by')");
    const { keys } = await cluster.ask(0, "usage", { over: "hour", by: "open_episodes" });
    expect(keys.rows[0]).toMatchObject({ name: "unknown", open_episodes: 1 });
  });
});
