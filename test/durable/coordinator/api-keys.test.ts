import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiKeys } from "../../../src/durable/coordinator/api-keys.ts";
import type { KeyRecord } from "../../../src/durable/shared/control.ts";
import type { KeyRow } from "../../../src/contract/backups/restore.ts";
import { LIMITS } from "../../../src/contract/limits.ts";
import type { NewKey } from "../../../src/contract/access/requests.ts";
import { SCHEMA } from "../../../src/storage/index.ts";
import { asDatabase, openLocal } from "../../support/node-sql.ts";

const record = (more: Partial<KeyRecord> = {}): KeyRecord => ({
  id: "aa01",
  hash: "1".repeat(64),
  name: "test",
  scopes: ["read"],
  namespaces: ["n"],
  default_namespace: "n",
  created_at: "2026-01-01T00:00:00.000Z",
  expires_at: "2026-06-01T00:00:00.000Z",
  revoked_at: null,
  ...more,
});
const rowOf = (known: KeyRecord): KeyRow => ({
  id: known.id,
  hash: known.hash,
  body: JSON.stringify(known),
});

const NOW = Date.parse("2026-03-01T00:00:00.000Z");

const iso = (at: number): string => new Date(at).toISOString();

type Local = ReturnType<typeof openLocal>;
let own: Local;
let database: Local;
let apiKeys: ApiKeys;
let told: KeyRecord[];
let marked: string[];
let audited: unknown[];
/** When instances say that keys were last used. */
let used: { id: string; at: number }[];
/** The instances cannot be told. */
let isSilent: boolean;

beforeEach(() => {
  [own, database] = [openLocal(SCHEMA), openLocal(SCHEMA)];
  [told, marked, audited, isSilent, used] = [[], [], [], false, []];
  open();
});

/** Starts the object that has what is stored. */
function open(): void {
  apiKeys = new ApiKeys({
    sql: own,
    transaction: (work) => own.transaction(work),
    database: asDatabase(database),
    now: () => NOW,
    wake: () => undefined,
    outbox: {
      markDirty: (_table, [id]) => marked.push(String(id)),
      flush: () => Promise.resolve(),
    },
    controlStore: {
      maxInstanceCount: 1,
      audit: (by, _what, from, to) =>
        audited.push([by, (from as KeyRecord | null)?.revoked_at, (to as KeyRecord).revoked_at]),
    },
    instances: {
      everywhere: async (name, input) => {
        if (name === "keys_used") return [{ value: used as never }];
        if (isSilent) return [{ instance: 0, error: "the instance is out of reach" }];
        told.push(...(input as { keys: KeyRecord[] }).keys);
        return [{ value: null as never }];
      },
    },
  });
}

const put = (at: Local, known: KeyRecord): void =>
  at.run(
    "INSERT INTO api_keys (id, hash, body) VALUES (?, ?, ?)",
    known.id,
    known.hash,
    JSON.stringify(known),
  );

describe("keys of a backup that an operator named", () => {
  /** Everything that would make of a key more than it is. */
  const MORE: readonly (readonly [string, Partial<KeyRecord>])[] = [
    ["more scopes", { scopes: ["read", "write", "admin"] }],
    ["more namespaces", { namespaces: ["*"] }],
    ["a later end", { expires_at: null }],
    ["no revocation", { revoked_at: null }],
    ["another secret", { hash: "2".repeat(64) }],
  ];
  for (const [where, at] of [
    ["the Coordinator", () => own],
    ["the database", () => database],
  ] as const) {
    it.each(MORE)(`stay as ${where} knows them: %s does not come`, async (_name, more) => {
      const known = record({ revoked_at: "2026-02-01T00:00:00.000Z" });
      put(at(), known);
      const [outcome] = await apiKeys.bringBack([rowOf({ ...known, ...more })], true, false);
      expect(outcome).toMatchObject({ id: known.id, outcome: "known" });
      expect(await apiKeys.all()).toEqual([known]);
      expect(told).toEqual([]);
    });
  }

  it("come back as they were when nobody knows them, from an authentic backup only", async () => {
    const row = rowOf(record());
    expect(await apiKeys.bringBack([row], false, false)).toEqual([
      {
        id: "aa01",
        outcome: "refused",
        reason: "nobody knows it, and the backup is not authentic",
      },
    ]);
    expect((await apiKeys.bringBack([row], true, true))[0]?.outcome).toBe("brought_back");
    expect([await apiKeys.all(), told, marked]).toEqual([[], [], []]);
    expect((await apiKeys.bringBack([row], true, false))[0]?.outcome).toBe("brought_back");
    expect([await apiKeys.all(), told, marked]).toEqual([[record()], [record()], ["aa01"]]);
    expect((await apiKeys.bringBack([row], true, false))[0]?.outcome).toBe("known");
  });

  it("with the secret of another key do not take its place", async () => {
    const known = record();
    put(own, known);
    const [outcome] = await apiKeys.bringBack(
      [rowOf({ ...known, id: "bb02", scopes: ["admin"] })],
      true,
      false,
    );
    expect(outcome).toMatchObject({
      id: "bb02",
      outcome: "refused",
      reason: "its secret is another key's",
    });
    expect(await apiKeys.all()).toEqual([known]);
  });

  it.each([
    ["no JSON", "{"],
    ["no record", "null"],
    ["another id", JSON.stringify(record({ id: "cc" }))],
    ["another hash", JSON.stringify(record({ hash: "3".repeat(64) }))],
    ["a scope that is none", JSON.stringify({ ...record(), scopes: ["root"] })],
    ["a namespace that is none", JSON.stringify(record({ namespaces: ["../x"] }))],
    ["no end", JSON.stringify({ ...record(), expires_at: undefined })],
    ["a revocation that is none", JSON.stringify({ ...record(), revoked_at: "soon" })],
  ])("are refused when their record is %s", async (_name, body) => {
    const [outcome] = await apiKeys.bringBack([{ ...rowOf(record()), body }], true, false);
    expect(outcome).toMatchObject({ outcome: "refused", reason: "it is no key" });
    expect(await apiKeys.all()).toEqual([]);
  });

  it("bring no field with them that a key does not have", async () => {
    const body = JSON.stringify({ ...record(), root: true });
    await apiKeys.bringBack([{ ...rowOf(record()), body }], true, false);
    expect(await apiKeys.all()).toEqual([record()]);
  });
});

describe("a restored database", () => {
  it("takes no revocation back, and is given every key again", async () => {
    const [mine, revoked] = [record(), record({ revoked_at: "2026-02-01T00:00:00.000Z" })];
    put(own, mine);
    put(database, revoked);
    apiKeys.reread();
    expect(await apiKeys.all()).toEqual([revoked]);
    apiKeys.resend();
    expect(marked).toContain("aa01");
  });
});

const NEW = {
  name: "agent",
  scopes: ["read", "write"],
  namespaces: ["n"],
  default_namespace: "n",
  expires_at: null,
} satisfies NewKey;

describe("a key that is made", () => {
  it("is given once, kept as its hash, sent to the database, and known to every instance", async () => {
    const { key, ...view } = await apiKeys.create(NEW, "ana");
    expect(key).toMatch(new RegExp(`^mk_${view.id}_[0-9a-f]{48}$`));
    const hash = createHash("sha256").update(key).digest("hex");
    const stored = { ...NEW, id: view.id, hash, created_at: iso(NOW), revoked_at: null };
    expect(await apiKeys.all()).toEqual([stored]);
    expect([told, marked]).toEqual([[stored], [view.id]]);
    expect(JSON.stringify(own.all("SELECT * FROM api_keys"))).not.toContain(key);
    expect(await apiKeys.list()).toEqual([view]);
    expect(view).not.toHaveProperty("hash");
    expect(audited).toEqual([["ana", undefined, null]]);
  });

  it("says when it was last used, as far as instances answer", async () => {
    const { id } = await apiKeys.create(NEW, "ana");
    const other = await apiKeys.create(NEW, "ana");
    used = [
      { id, at: NOW - 7_200_000 },
      { id, at: NOW - 3_600_000 },
    ];
    const byId = new Map((await apiKeys.list()).map((key) => [key.id, key.last_used_at]));
    expect([byId.get(id), byId.get(other.id)]).toEqual([iso(NOW - 3_600_000), null]);
  });

  it("is another one each time", async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => apiKeys.create(NEW, "ana")));
    expect(new Set(made.map(({ key }) => key)).size).toBe(5);
    expect(new Set(made.map(({ id }) => id)).size).toBe(5);
  });

  it("is refused when the keys together have too many bytes, and none is lost", async () => {
    const big = record({ name: "x".repeat(LIMITS.keys_bytes_max) });
    put(own, big);
    await expect(apiKeys.create(NEW, "ana")).rejects.toMatchObject({
      failure: { code: "limit_exceeded" },
    });
    expect(await apiKeys.all()).toEqual([big]);
    expect(told).toEqual([]);
  });

  it("that an instance has not heard of is said not to be ready, and is there", async () => {
    isSilent = true;
    await expect(apiKeys.create(NEW, "ana")).rejects.toThrow("Not every instance");
    expect(await apiKeys.all()).toHaveLength(1);
  });
});

describe("a key that is revoked", () => {
  it("is so everywhere, once in the audit, and again for an instance that did not hear", async () => {
    const { id } = await apiKeys.create(NEW, "ana");
    [told, audited] = [[], []];
    const view = await apiKeys.revoke(id, "ben");
    expect(view).toMatchObject({ id, revoked_at: iso(NOW) });
    expect(told).toMatchObject([{ id, revoked_at: iso(NOW) }]);
    expect(await apiKeys.revoke(id, "ben")).toEqual(view);
    expect(told).toHaveLength(2);
    expect(audited).toEqual([["ben", null, iso(NOW)]]);
  });

  it("and is none is not found", async () => {
    await expect(apiKeys.revoke("ffff", "ben")).rejects.toMatchObject({
      failure: { code: "not_found" },
    });
  });
});

describe("an instance that asks for news", () => {
  it("gets all keys after each change and each start, and else none is read for it", async () => {
    const first = await apiKeys.create(NEW, "ana");
    const { version, keys } = await apiKeys.news(null);
    expect(keys?.map(({ id }) => id)).toEqual([first.id]);
    const all = vi.spyOn(own, "all");
    expect(await apiKeys.news(version)).toEqual({ version, keys: null });
    const read = all.mock.calls.map(([text]) => text);
    expect(read.filter((text) => text.includes("body"))).toEqual([]);

    const heard: (string | null)[] = [version];
    const ask = async (): Promise<number | undefined> => {
      const news = await apiKeys.news(heard.at(-1) ?? null);
      heard.push(news.version);
      return news.keys?.length;
    };
    await apiKeys.create(NEW, "ana");
    expect([await ask(), await ask()]).toEqual([2, undefined]);
    await apiKeys.revoke(first.id, "ana");
    expect([await ask(), await ask()]).toEqual([2, undefined]);
    put(database, record());
    apiKeys.reread();
    expect([await ask(), await ask()]).toEqual([3, undefined]);
    open();
    expect([await ask(), await ask()]).toEqual([3, undefined]);
  });
});

describe("a Coordinator that lost its storage", () => {
  it("takes the keys that the database has, however many, and then asks it no more", async () => {
    const many = Array.from({ length: 2_500 }, (_, i) =>
      record({ id: i.toString(16).padStart(6, "0"), hash: i.toString(16).padStart(64, "0") }),
    );
    for (const one of many) put(database, one);
    expect(await apiKeys.all()).toEqual(many);
    database.run("DELETE FROM api_keys");
    expect(await apiKeys.list()).toHaveLength(2_500);
  });
});

describe("a key that is rotated", () => {
  const HOUR = 3_600_000;

  it("goes on for the overlap beside one that may the same, and both are told", async () => {
    const { key: _secret, ...old } = await apiKeys.create({ ...NEW, name: "turned" }, "ana");
    told = [];
    const { key, ...made } = await apiKeys.rotate(old.id, HOUR, "ben");
    expect(key).toMatch(new RegExp(`^mk_${made.id}_[0-9a-f]{48}$`));
    expect(made.id).not.toBe(old.id);
    expect(made).toEqual({ ...old, id: made.id, created_at: iso(NOW) });
    const byId = new Map((await apiKeys.list()).map((known) => [known.id, known]));
    expect(byId.get(old.id)).toEqual({ ...old, expires_at: iso(NOW + HOUR) });
    expect(told.map(({ id }) => id)).toEqual([made.id, old.id]);
    expect(audited.slice(1)).toEqual([
      ["ben", undefined, null],
      ["ben", null, null],
    ]);
  });

  it("never lives longer than it did", async () => {
    const soon = record({ expires_at: iso(NOW + 1_000) });
    put(own, soon);
    await apiKeys.rotate(soon.id, HOUR, "ben");
    const [old] = (await apiKeys.list()).filter(({ id }) => id === soon.id);
    expect(old?.expires_at).toBe(iso(NOW + 1_000));
  });

  it.each([{ revoked_at: iso(NOW) }, { expires_at: iso(NOW) }])(
    "is refused with %j",
    async (end) => {
      const ended = record(end);
      put(own, ended);
      const refused = apiKeys.rotate(ended.id, HOUR, "ben");
      await expect(refused).rejects.toMatchObject({ failure: { code: "conflict" } });
      await expect(apiKeys.rotate("0", HOUR, "ben")).rejects.toMatchObject({
        failure: { code: "not_found" },
      });
    },
  );
});
