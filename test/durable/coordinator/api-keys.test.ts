import { beforeEach, describe, expect, it } from "vitest";
import { ApiKeys } from "../../../src/durable/coordinator/api-keys.ts";
import type { KeyRecord } from "../../../src/durable/shared/protocol.ts";
import type { KeyRow } from "../../../src/contract/jobs.ts";
import { localReader, SCHEMA } from "../../../src/storage/index.ts";
import { openLocal } from "../../support/node-sql.ts";

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

type Local = ReturnType<typeof openLocal>;
let own: Local;
let database: Local;
let ring: ApiKeys;
let told: KeyRecord[];
let marked: string[];

beforeEach(() => {
  [own, database] = [openLocal(SCHEMA), openLocal(SCHEMA)];
  [told, marked] = [[], []];
  ring = new ApiKeys({
    sql: own,
    transaction: (work) => own.transaction(work),
    database: localReader(database),
    now: () => NOW,
    markDirty: (id) => marked.push(id),
    announce: async (records) => void told.push(...records),
    audit: () => undefined,
  });
});

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
      const [outcome] = await ring.bringBack([rowOf({ ...known, ...more })], true, false);
      expect(outcome).toMatchObject({ id: known.id, outcome: "known" });
      expect(await ring.all()).toEqual([known]);
      expect(told).toEqual([]);
    });
  }

  it("come back as they were when nobody knows them, from an authentic backup only", async () => {
    const row = rowOf(record());
    expect(await ring.bringBack([row], false, false)).toEqual([
      {
        id: "aa01",
        outcome: "refused",
        reason: "nobody knows it, and the backup is not authentic",
      },
    ]);
    expect((await ring.bringBack([row], true, true))[0]?.outcome).toBe("brought_back");
    expect([await ring.all(), told, marked]).toEqual([[], [], []]);
    expect((await ring.bringBack([row], true, false))[0]?.outcome).toBe("brought_back");
    expect([await ring.all(), told, marked]).toEqual([[record()], [record()], ["aa01"]]);
    expect((await ring.bringBack([row], true, false))[0]?.outcome).toBe("known");
  });

  it("with the secret of another key do not take its place", async () => {
    const known = record();
    put(own, known);
    const [outcome] = await ring.bringBack(
      [rowOf({ ...known, id: "bb02", scopes: ["admin"] })],
      true,
      false,
    );
    expect(outcome).toMatchObject({
      id: "bb02",
      outcome: "refused",
      reason: "its secret is another key's",
    });
    expect(await ring.all()).toEqual([known]);
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
    const [outcome] = await ring.bringBack([{ ...rowOf(record()), body }], true, false);
    expect(outcome).toMatchObject({ outcome: "refused", reason: "it is no key" });
    expect(await ring.all()).toEqual([]);
  });

  it("bring no field with them that a key does not have", async () => {
    const body = JSON.stringify({ ...record(), root: true });
    await ring.bringBack([{ ...rowOf(record()), body }], true, false);
    expect(await ring.all()).toEqual([record()]);
  });
});

describe("a restored database", () => {
  it("takes no revocation back, and is given every key again", async () => {
    const [mine, revoked] = [record(), record({ revoked_at: "2026-02-01T00:00:00.000Z" })];
    put(own, mine);
    put(database, revoked);
    ring.reread();
    expect(await ring.all()).toEqual([revoked]);
    ring.resend();
    expect(marked).toContain("aa01");
  });
});
