import { beforeEach, describe, expect, it } from "vitest";
import {
  API_KEYS_SCHEMA,
  ApiKeyCopies,
} from "../../../../src/durable/instance/requests/api-keys.ts";
import type { KeyNews, KeyRecord } from "../../../../src/durable/shared/control.ts";
import type { Call } from "../../../../src/contract/call.ts";
import { openLocal, type NodeSql } from "../../../support/node-sql.ts";

const key: KeyRecord = {
  id: "k",
  hash: "hash",
  name: "test",
  scopes: ["read"],
  namespaces: ["n"],
  default_namespace: "n",
  created_at: "2026-01-01T00:00:00.000Z",
  expires_at: null,
  revoked_at: null,
};
const call = { key_hash: "hash", root: false, namespace: null } as Call;

let asked: number;
/** The version that the instance said it has. */
let known: (string | null)[];
let answer: (keys: KeyNews | KeyRecord[]) => void;
let keys: ApiKeyCopies;
let now: number;
let sql: NodeSql;

beforeEach(() => {
  [asked, known] = [0, []];
  now = 1_000;
  sql = openLocal(API_KEYS_SCHEMA);
  const context = {
    sql,
    sqlOfCounts: sql,
    later: (work: () => void) => work(),
    transaction: <T>(work: () => T) => sql.transaction(work),
    now: () => now,
    log: () => undefined,
  };
  const pull = (version: string | null): Promise<KeyNews | KeyRecord[]> => {
    asked += 1;
    known.push(version);
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  keys = new ApiKeyCopies(context, () => ({ keys: pull }));
});

describe("an instance's copy of the keys", () => {
  it("is asked for once, and everybody who came meanwhile gets in", async () => {
    const waiting = Promise.all([1, 2, 3].map(() => keys.authorize(call, "read")));
    answer([key]);
    expect(await waiting).toEqual(["n", "n", "n"]);
    expect(asked).toBe(1);
  });

  it("asks no more often than its interval for a key that nobody knows", async () => {
    const first = keys.authorize(call, "read");
    answer([]);
    await expect(first).rejects.toThrow("unknown");
    await expect(keys.authorize(call, "read")).rejects.toThrow("unknown");
    expect(asked).toBe(1);
  });

  it("never takes a revocation back, whichever news comes last", async () => {
    const waiting = keys.authorize(call, "read");
    keys.accept([{ ...key, revoked_at: "2026-01-02T00:00:00.000Z" }], false);
    answer([key]);
    await expect(waiting).rejects.toThrow("revoked");
    keys.accept([key], true);
    await expect(keys.authorize(call, "read")).rejects.toThrow("revoked");
  });

  it("keeps a key that came while an older answer was on its way", async () => {
    const waiting = keys.authorize({ ...call, key_hash: "other" }, "read");
    keys.accept([key], false);
    answer([]);
    await expect(waiting).rejects.toThrow("unknown");
    expect(await keys.authorize(call, "read")).toBe("n");
  });
});

describe("keys that nobody knows", () => {
  const others = Array.from({ length: 50 }, (_, i) => ({ ...key, id: `k${i}`, hash: `hash${i}` }));
  const written = (): number => Number(sql.all("SELECT total_changes() AS n")[0]?.["n"]);
  /** A stranger's call, with a key of no other call. @returns whether the Coordinator was asked */
  async function guess(news: KeyNews | KeyRecord[]): Promise<boolean> {
    const before = asked;
    const guessed = keys.authorize({ ...call, key_hash: `guess ${now}` }, "read");
    if (asked > before) answer(news);
    await expect(guessed).rejects.toThrow("unknown");
    return asked > before;
  }

  it("cost no row, and a question that says what is here, ever more seldom", async () => {
    await guess({ version: "1", keys: others });
    expect(known).toEqual([null]);
    const before = written();
    const waits: number[] = [];
    for (let last = now, end = now + 100_000; now < end; now += 100) {
      if (!(await guess({ version: "1", keys: null }))) continue;
      waits.push(now - last);
      last = now;
    }
    expect(written()).toBe(before);
    expect(waits.slice(0, 6)).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    expect(new Set(known.slice(1))).toEqual(new Set(["1"]));
  });

  it("leave one that the instance was not told of unknown for eight seconds at most", async () => {
    await guess({ version: "1", keys: others });
    for (let n = 0; n < 100; n++, now += 1_000) await guess({ version: "1", keys: null });
    const made = now;
    const enter = async (): Promise<string> => {
      const before = asked;
      const entered = keys.authorize(call, "read");
      if (asked > before) answer({ version: "2", keys: [...others, key] });
      return entered.catch(() => "");
    };
    while ((await enter()) === "") now += 100;
    expect(now - made).toBeLessThanOrEqual(8_000);
    expect(await keys.authorize({ ...call, key_hash: "hash7" }, "read")).toBe("n");
    now += 1_000;
    expect(await guess({ version: "2", keys: null })).toBe(true);
    expect(known.at(-1)).toBe("2");
  });

  it("cost one row for each that differs where a Coordinator of an earlier release answers all", async () => {
    await guess(others);
    const before = written();
    for (let n = 0; n < 10; n++, now += 8_000) await guess(others);
    expect(written()).toBe(before);
    const [gone, ended, ...same] = others;
    const ending = { ...(ended ?? key), expires_at: "2026-01-01T00:00:00.000Z" };
    await guess([...same, ending, key]);
    expect(written() - before).toBe(3);
    expect(keys.idOf({ ...call, key_hash: gone?.hash ?? "" })).toBeNull();
    expect(keys.idOf(call)).toBe("k");
    expect(new Set(known)).toEqual(new Set([null]));
  });
});

describe("the last use of a key", () => {
  it("is noted to the hour, by those that were let in alone", async () => {
    now = 10 * 3_600_000 + 1_234;
    keys.accept([key], true);
    await keys.authorize(call, "read");
    now += 1_000;
    await keys.authorize(call, "read");
    await expect(keys.authorize(call, "write")).rejects.toThrow("scope");
    expect(keys.used()).toEqual([{ id: "k", at: 10 * 3_600_000 }]);
    now += 2 * 3_600_000;
    await expect(keys.authorize(call, "write")).rejects.toThrow("scope");
    expect(keys.used()).toEqual([{ id: "k", at: 10 * 3_600_000 }]);
    await keys.authorize(call, "read");
    expect(keys.used()).toEqual([{ id: "k", at: 12 * 3_600_000 }]);
  });
});

describe("whose work a call is", () => {
  it("is its key's in a namespace that the key lets in, and else nobody's", () => {
    keys.accept([key, { ...key, id: "r", hash: "revoked", revoked_at: "2026-01-01" }], true);
    const of = (more: Partial<Call>) =>
      Object.values(keys.tenantOf({ ...call, ...more })).join(" ");
    expect([of({}), of({ namespace: "n" })]).toEqual(["k n", "k n"]);
    expect(of({ root: true, namespace: "n" })).toBe("operator n");
    const strangers = [{ namespace: "m" }, { key_hash: "guess" }, { key_hash: "revoked" }];
    expect(strangers.map(of)).toEqual(["nobody ", "nobody ", "nobody "]);
  });
});

describe("a call by a grant", () => {
  const everywhere: KeyRecord = { ...key, scopes: ["read", "write"], namespaces: ["*"] };
  const granted = (more: Partial<Call> = {}): Call => ({
    ...call,
    namespace: null,
    grant: { namespace: "granted", scopes: ["read"] },
    ...more,
  });

  it("works in the grant's namespace, with its scopes, and sees no other", async () => {
    keys.accept([everywhere], true);
    expect(await keys.authorize(granted(), "read")).toBe("granted");
    expect(await keys.authorize(granted({ namespace: "granted" }), "read")).toBe("granted");
    await expect(keys.authorize(granted(), "write")).rejects.toThrow('has not the scope "write"');
    const other = keys.authorize(granted({ namespace: "other" }), "read");
    await expect(other).rejects.toThrow('not for the namespace "other"');
    expect(keys.namespacesOf(granted())).toEqual(["granted"]);
    expect(keys.tenantOf(granted())).toEqual({ key: key.id, namespace: "granted" });
  });

  it("may no more than its key, which is judged each time", async () => {
    const wide = granted({ grant: { namespace: "n", scopes: ["read", "write", "admin"] } });
    keys.accept([{ ...key, scopes: ["read"] }], true);
    expect(await keys.authorize(wide, "read")).toBe("n");
    await expect(keys.authorize(wide, "write")).rejects.toThrow('a key with the scope "write"');
    await expect(keys.authorize(granted(), "read")).rejects.toThrow("no access to the namespace");
    keys.accept([{ ...key, revoked_at: "2026-01-02T00:00:00.000Z" }], false);
    await expect(keys.authorize(wide, "read")).rejects.toThrow("revoked");
  });
});
