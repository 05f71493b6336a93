import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  BackupFault,
  createBackupKeys,
  exportDatabase,
  newestForDrill,
  newestParent,
  putVerdict,
  sha256Hex,
  sweep,
  takeSnapshot,
  verifyBackup,
  type BackupKeys,
  type BackupKind,
  type ChunkEntry,
  type Manifest,
} from "../../src/backup/index.ts";
import { manifestKey, prefixOf } from "../../src/backup/manifest.ts";
import { CHUNK_STORED_MAX, CHUNK_TEXT_MAX, MANIFEST_BYTES_MAX } from "../../src/backup/shape.ts";
import { getVerdict, verdictKey } from "../../src/backup/verdicts.ts";
import { openDatabase, TABLES, upsert, type SqlValue, type TableName } from "../../src/storage/index.ts";
import { restore } from "../../src/workflows/restore.ts";
import { verify } from "../../src/workflows/verify.ts";
import type { JobGround } from "../../src/workflows/ground.ts";
import { contentOf, KeptSteps, MemoryStore, place, type Place } from "../support/backup.ts";
import { bytesOf, Forger, sumOf, writeLegacy } from "../support/forger.ts";
import { Sqld } from "../support/sqld.ts";

// The base classes of the platform, which the rooms' front door names; nothing here makes an object of them.
vi.mock("cloudflare:workers", () => ({ DurableObject: class {}, WorkflowEntrypoint: class {} }));

const FULL = "20260101T000000Z-f0000001";
const ONE = "20260102T000000Z-10000001";
const TWO = "20260103T000000Z-20000001";
const SNAPSHOT = "20260104T000000Z-50000001";
const SECOND = "20260105T000000Z-f0000002";
const FOREIGN = "20260106T000000Z-f0000003";
const LEGACY = "20251201T000000Z-f0000004";
const LEGACY_PLAIN = "20251202T000000Z-f0000005";
const BEFORE_KEY = "20251203T000000Z-f0000006";
const PLANTED = "20270101T000000Z-deadbeef";

const NAMES = Object.keys(TABLES) as TableName[];
const report = async (): Promise<void> => {};

let source: Sqld;
let target: Sqld;
let keys: BackupKeys;
/** Written by the service with BACKUP_KEY, and without one. */
let authentic: MemoryStore;
let plain: MemoryStore;
let untouched: Record<string, string[]>;
let from: Place;
let to: Place;

function rowOf(name: TableName, n: number): SqlValue[] {
  const { columns, key } = TABLES[name];
  return columns.map((column, i) => {
    if (column === "namespace") return "ns";
    if (column === "relevance") return n + 0.5;
    if (/_at$|version|count|length|dimension|success|failure|episodes|promoted|number/.test(column)) return n + 1;
    return i < key || column === "hash" ? `${column}-${n}` : `text ${n}`;
  });
}
async function fill(url: string, first: number, count: number): Promise<void> {
  const database = openDatabase({ url, authToken: null, timeoutMs: () => 20_000 });
  const numbers = Array.from({ length: count }, (_, i) => first + i);
  await database.write(
    NAMES.map((name) =>
      upsert(
        name,
        numbers.map((n) => rowOf(name, n)),
      ),
    ),
  );
}

async function take(
  store: MemoryStore,
  own: BackupKeys | null,
  id: string,
  parent: Manifest | null = null,
): Promise<Manifest> {
  const link = parent && {
    id: parent.id,
    sha256: await sha256Hex(JSON.stringify(parent)),
    feed: parent.watermark?.feed ?? "",
    seq: parent.watermark?.seq ?? 0,
  };
  const plan = {
    id,
    scope: { namespace: null, since: null },
    parent: link,
    written_by: { name: "test", version: "0" },
    chunksPerStep: 1,
    changesPerPage: 20,
  };
  const ports = { steps: new KeptSteps(), snapshots: from.snapshots, store, keys: own, now: Date.now, report };
  const manifest = await exportDatabase(ports, plan);
  await judge(store, own, manifest);
  return manifest;
}

async function judge(store: MemoryStore, own: BackupKeys | null, { id, kind }: Manifest): Promise<void> {
  const bucket = { store, keys: own };
  const verdict = await verifyBackup({ ...bucket, steps: new KeptSteps(), report }, { id, kind });
  expect(verdict.faults).toEqual([]);
  const manifest = new Forger(store).manifest(id, kind);
  await putVerdict(bucket, verdict, sumOf(JSON.stringify(manifest)), "2026-01-10T00:00:00.000Z");
}

/** A chain of three and a snapshot. */
async function world(own: BackupKeys | null): Promise<MemoryStore> {
  const store = new MemoryStore();
  const full = await take(store, own, FULL);
  await fill(source.url, 20, 15);
  const one = await take(store, own, ONE, full);
  await fill(source.url, 30, 15);
  await take(store, own, TWO, one);
  await take(store, own, SECOND);
  const rows = [
    { table: "episodes", state: "unsent" as const, key: null, row: rowOf("episodes", 90) },
    { table: "api_keys", state: "cached" as const, key: null, row: rowOf("api_keys", 91) },
    {
      table: "errands",
      state: "local" as const,
      key: null,
      row: { kind: "learn", namespace: "ns", id: "i", recall_id: null },
    },
  ];
  const page = async () => ({ rows, next: null });
  const ports = { steps: new KeptSteps(), store, keys: own, now: Date.now, page, report };
  const plan = { id: SNAPSHOT, instances: 2, schema_version: 3, written_by: { name: "test", version: "0" } };
  await judge(store, own, await takeSnapshot(ports, plan));
  return store;
}

beforeAll(async () => {
  [source, target] = [await Sqld.start(), await Sqld.start()];
  [from, to] = [await place(source.url), await place(target.url)];
  await fill(source.url, 0, 12);
  await fill(target.url, 50, 3);
  keys = await createBackupKeys(new Uint8Array(32).fill(1));
  const other = await createBackupKeys(new Uint8Array(32).fill(2));
  authentic = await world(keys);
  await take(authentic, other, FOREIGN);
  await writeLegacy(authentic, await take(authentic, null, LEGACY), keys);
  await writeLegacy(authentic, await take(authentic, null, LEGACY_PLAIN), null);
  await take(authentic, null, BEFORE_KEY);
  for (const id of [FOREIGN, LEGACY, LEGACY_PLAIN, BEFORE_KEY]) authentic.objects.delete(verdictKey(id));
  plain = await world(null);
  untouched = await contentOf(target.url);
}, 60_000);
afterAll(async () => {
  await source.remove();
  await target.remove();
});

/** A job's context whose Coordinator fails the test: a bad backup is refused before anybody is asked for anything. */
function groundOf(store: MemoryStore, own: BackupKeys | null, ask = refuseToAsk): JobGround {
  const steps = new KeptSteps();
  const base = { job: "restore-test", steps, store, keys: own, now: Date.now, report, executed: () => 0 };
  const database = { ...to.database, version: async () => 3 };
  return { ...base, database, snapshots: to.snapshots, ask } as unknown as JobGround;
}
const refuseToAsk = async (name: string): Promise<never> => {
  throw new Error(`the Coordinator was asked for ${name}`);
};
/** One that has no instances, and lets a restore have the database. */
const obliging = async (name: string): Promise<unknown> => {
  if (name === "hold") return [];
  if (name === "release") return { replayed: 0, kept: 0 };
  if (name === "forget") return null;
  if (name === "instances") return 0;
  throw new Error(`the Coordinator was asked for ${name}`);
};

interface Forgery {
  /** Changes the bucket; says which backup is tried, and how. The default: the chain's tip. */
  forge: (forger: Forger) => { id: string; accept?: boolean } | void | Promise<{ id: string; accept?: boolean } | void>;
  /** What the error names, and says. */
  object: RegExp;
  fault: RegExp;
}
const WRONG_MAC = /is not trusted: it has a MAC that is wrong/;

/** Both jobs refuse, name the object and the fault, and the database is as it was. */
async function isRefused(from_: MemoryStore, own: BackupKeys | null, { forge, object, fault }: Forgery): Promise<void> {
  const forger = new Forger(from_);
  const { id, accept = false } = (await forge(forger)) ?? { id: TWO };
  const params = { backup: id, mode: "replace", accept_unauthenticated: accept };
  const jobs = [
    () => restore(groundOf(forger.store, own), params),
    () => restore(groundOf(forger.store, own), { ...params, dry_run: true }),
  ];
  // Only a restore can be told to accept one.
  if (!accept) jobs.push(() => verify(groundOf(forger.store, own), { backup: id }));
  for (const job of jobs) {
    const error = await job().then(
      (result) => new Error(`it was taken: ${JSON.stringify(result)}`),
      (thrown: unknown) => thrown as Error,
    );
    expect(error.message).toMatch(fault);
    expect(error).toBeInstanceOf(BackupFault);
    expect((error as BackupFault).object).toMatch(object);
  }
  expect(await contentOf(target.url)).toEqual(untouched);
  expect(await to.database.all("SELECT 1 AS n FROM _writers WHERE writer LIKE 'restore-%'")).toEqual([]);
}

/** The attacker's own key, which he would like to be let in by. */
const HIS_KEY = JSON.stringify([
  "abc",
  "his hash",
  JSON.stringify({ id: "abc", scopes: ["admin"], namespaces: ["*"] }),
]);

function plant(forger: Forger, kind: BackupKind, more: Partial<Manifest> = {}): Manifest {
  const of = { id: PLANTED, kind };
  const like = forger.manifest(kind === "snapshot" ? SNAPSHOT : kind === "full" ? FULL : ONE, kind);
  const place_ = kind === "snapshot" ? { instance: -1, state: "unsent" as const, layer: 2 } : {};
  const chunks = [forger.chunk(of, [HIS_KEY], { table: "api_keys", ...place_ })];
  return { ...like, id: PLANTED, encryption: null, chunks, ...more };
}
const swapBytes = (forger: Forger, a: string, b: string): void => {
  const [one, two] = [forger.store.objects.get(a), forger.store.objects.get(b)];
  if (!one || !two || a === b) throw new Error("nothing to swap");
  forger.store.objects.set(a, two);
  forger.store.objects.set(b, one);
};
const chunkKey = (forger: Forger, id: string, n: number, kind: BackupKind = "full"): string =>
  prefixOf(id, kind) + (forger.manifest(id, kind).chunks[n]?.object ?? "");

const TIP = new RegExp(`^exports/${TWO}/manifest.json$`);
const BASE = new RegExp(`^exports/${FULL}/manifest.json$`);
const HIS = new RegExp(`^(exports|snapshots)/${PLANTED}/manifest.json$`);
const change =
  (how: (manifest: Manifest) => Partial<Manifest> | void): Forgery["forge"] =>
  (forger) => {
    forger.change(TWO, "full", how);
  };
const planted = (
  kind: BackupKind,
  as: Parameters<Forger["write"]>[1],
  more: (forger: Forger) => Partial<Manifest> = () => ({}),
) =>
  ((forger) => {
    forger.write(plant(forger, kind, more(forger)), as);
    return { id: PLANTED };
  }) satisfies Forgery["forge"];
const refused = (object: RegExp, fault: RegExp, forge: Forgery["forge"]): Forgery => ({ object, fault, forge });
const NEITHER =
  /is not trusted: it is neither authenticated nor encrypted; .*accept_unauthenticated.*--accept-unauthenticated/;

const WITH_KEY: Readonly<Record<string, Forgery>> = {
  "a planted incremental of a real chain, with a key for everything": refused(
    HIS,
    NEITHER,
    planted("incremental", "none"),
  ),
  "a planted full backup": refused(HIS, NEITHER, planted("full", "none")),
  "a planted snapshot with an unsent key": refused(HIS, NEITHER, planted("snapshot", "none")),
  "a planted one that says format 1": refused(
    HIS,
    NEITHER,
    planted("full", "none", () => ({ format_version: 1 })),
  ),
  "a planted one with a MAC that he made up": refused(HIS, WRONG_MAC, planted("full", { text: "ab".repeat(32) })),
  "a planted one with an empty MAC": refused(HIS, WRONG_MAC, planted("full", { text: "" })),
  "a planted one with the MAC of a real one": refused(HIS, WRONG_MAC, (forger) => {
    forger.write(plant(forger, "full"), { text: forger.sealed(FULL, "full").mac ?? "" });
    return { id: PLANTED };
  }),
  "a planted one with the MAC of a verdict": refused(HIS, WRONG_MAC, (forger) => {
    const verdict = new TextDecoder().decode(forger.store.objects.get(verdictKey(FULL)));
    forger.write(plant(forger, "full"), { text: (JSON.parse(verdict) as { mac: string }).mac });
    return { id: PLANTED };
  }),
  "a planted one that says it is encrypted": refused(HIS, /has no MAC although it is encrypted/, (forger) => {
    forger.write(plant(forger, "full", { encryption: forger.manifest(FULL).encryption, chunks: [] }));
    return { id: PLANTED };
  }),
  "a MAC that was taken away": refused(TIP, /has no MAC although it is encrypted/, (forger) =>
    forger.write(forger.manifest(TWO)),
  ),
  "a MAC in capitals": refused(TIP, WRONG_MAC, (forger) =>
    forger.write(forger.manifest(TWO), { text: (forger.sealed(TWO, "full").mac ?? "").toUpperCase() }),
  ),
  "a MAC of which one digit differs": refused(TIP, WRONG_MAC, (forger) => {
    const { mac = "" } = forger.sealed(TWO, "full");
    forger.write(forger.manifest(TWO), { text: (mac.startsWith("0") ? "1" : "0") + mac.slice(1) });
  }),
  "encryption taken away": refused(
    TIP,
    /chunk 1 is not encrypted as the backup says/,
    change(() => ({ encryption: null })),
  ),
  "encryption taken away, and its chunks replaced": refused(TIP, WRONG_MAC, (forger) => {
    const chunks = [forger.chunk({ id: TWO, kind: "full" }, [HIS_KEY], { table: "api_keys" })];
    forger.change(TWO, "full", () => ({ encryption: null, chunks }));
  }),
  "another key id": refused(
    TIP,
    /is of the key 0123456789abcdef, and BACKUP_KEY is/,
    change(() => ({ encryption: { algorithm: "AES-256-GCM", key_id: "0123456789abcdef" } })),
  ),
  "an unknown algorithm": refused(
    TIP,
    /encrypted in a way that is not known/,
    change((m) => ({ encryption: { ...m.encryption, algorithm: "ROT13" } as unknown as Manifest["encryption"] })),
  ),
  "chunks in another order": refused(
    TIP,
    WRONG_MAC,
    change((m) => ({ chunks: m.chunks.toReversed() })),
  ),
  "layers in another order": refused(
    TIP,
    WRONG_MAC,
    change((m) => ({ chunks: m.chunks.map((chunk) => ({ ...chunk, layer: 1000 - chunk.layer })) })),
  ),
  "a chunk that is left out": refused(
    TIP,
    WRONG_MAC,
    change((m) => ({ chunks: m.chunks.slice(1) })),
  ),
  "all chunks left out": refused(
    TIP,
    WRONG_MAC,
    change(() => ({ chunks: [] })),
  ),
  "a chunk that comes twice": refused(
    TIP,
    /names .* twice/,
    change((m) => ({ chunks: [...m.chunks, ...m.chunks.slice(0, 1)] })),
  ),
  "a plain chunk that is added": refused(TIP, /is not encrypted as the backup says/, (forger) => {
    const added = forger.chunk({ id: TWO, kind: "full" }, [HIS_KEY], { table: "api_keys", layer: 999 });
    forger.change(TWO, "full", (m) => ({ chunks: [...m.chunks, added] }));
  }),
  "a chunk of another backup that is added": refused(TIP, WRONG_MAC, (forger) => {
    const [entry] = forger.manifest(ONE).chunks;
    if (!entry) throw new Error("no chunk");
    const bytes = forger.store.objects.get(prefixOf(ONE, "full") + entry.object);
    if (bytes) forger.store.objects.set(prefixOf(TWO, "full") + entry.object, bytes);
    forger.change(TWO, "full", (m) => ({ chunks: [...m.chunks, entry] }));
  }),
  "two chunks exchanged, sums and all": refused(
    TIP,
    WRONG_MAC,
    change((m) => {
      const [a, b, ...rest] = m.chunks;
      if (!a || !b) return {};
      const of = ({ object, sha256, stored, bytes, rows }: ChunkEntry) => ({ object, sha256, stored, bytes, rows });
      return { chunks: [{ ...a, ...of(b) }, { ...b, ...of(a) }, ...rest] };
    }),
  ),
  "another table for a chunk": refused(
    TIP,
    WRONG_MAC,
    change((m) => ({
      chunks: m.chunks.map((chunk) => ({ ...chunk, table: chunk.table === "api_keys" ? "tombstones" : chunk.table })),
    })),
  ),
  "a put made a delete": refused(
    TIP,
    WRONG_MAC,
    change((m) => ({ chunks: m.chunks.map((chunk) => ({ ...chunk, op: "delete" as const })) })),
  ),
  "a wrong count of rows": refused(
    TIP,
    WRONG_MAC,
    change((m) => ({ chunks: m.chunks.map((chunk) => ({ ...chunk, rows: chunk.rows + 1 })) })),
  ),
  "a wrong length of text": refused(
    TIP,
    WRONG_MAC,
    change((m) => ({ chunks: m.chunks.map((chunk) => ({ ...chunk, bytes: chunk.bytes + 1 })) })),
  ),
  "a wrong sum of a chunk": refused(
    TIP,
    /chunk 1 is not named by its sum/,
    change((m) => ({ chunks: m.chunks.map((chunk) => ({ ...chunk, sha256: sumOf("x") })) })),
  ),
  "another watermark": refused(
    TIP,
    WRONG_MAC,
    change((m) => ({ watermark: m.watermark && { ...m.watermark, seq: m.watermark.seq + 1000 } })),
  ),
  "another time": refused(
    TIP,
    WRONG_MAC,
    change(() => ({ started_at: "2027-01-01T00:00:00.000Z" })),
  ),
  "another scope": refused(
    TIP,
    WRONG_MAC,
    change(() => ({ scope: { namespace: "ns", since: null } })),
  ),
  "another count of a table": refused(
    TIP,
    WRONG_MAC,
    change((m) => ({ tables: { ...m.tables, steps: { columns: TABLES.steps.columns, key: 3, rows: 0 } } })),
  ),
  "another parent, with its right sum": refused(TIP, WRONG_MAC, (forger) => {
    const { sha256 } = forger.sealed(SECOND, "full");
    forger.change(TWO, "full", () => ({ parent: { id: SECOND, sha256 } }));
  }),
  "an incremental made a full backup": refused(
    TIP,
    WRONG_MAC,
    change(() => ({ kind: "full", parent: null })),
  ),
  "a chain whose beginning is gone": refused(
    BASE,
    /is missing/,
    (forger) => void forger.store.objects.delete(manifestKey(FULL, "full")),
  ),
  "a chain whose middle is gone": refused(
    new RegExp(ONE),
    /is missing/,
    (forger) => void forger.store.objects.delete(manifestKey(ONE, "full")),
  ),
  "a parent that was changed, its sum recomputed": refused(BASE, WRONG_MAC, (forger) =>
    forger.change(FULL, "full", () => ({ schema_version: 2 })),
  ),
  "a parent in place of which another real one is": refused(
    BASE,
    new RegExp(`is the manifest of ${SECOND}`),
    (forger) => {
      const bytes = forger.store.objects.get(manifestKey(SECOND, "full"));
      if (bytes) forger.store.objects.set(manifestKey(FULL, "full"), bytes);
    },
  ),
  "a parent in place of which an old one of format 1 is": refused(BASE, /is of format 1/, (forger) => {
    const { parent: _parent, ...legacy } = forger.manifest(LEGACY);
    forger.write({ ...legacy, parent: null, id: FULL });
  }),
  "a real manifest replayed under a new id": refused(HIS, new RegExp(`is the manifest of ${ONE}`), (forger) => {
    const bytes = forger.store.objects.get(manifestKey(ONE, "full"));
    if (bytes) forger.store.objects.set(manifestKey(PLANTED, "full"), bytes);
    return { id: PLANTED };
  }),
  "a real manifest with a new id, chunks copied": refused(HIS, WRONG_MAC, (forger) => {
    const { manifest, mac = "" } = forger.sealed(ONE, "full");
    for (const { object } of manifest.chunks) {
      const bytes = forger.store.objects.get(prefixOf(ONE, "full") + object);
      if (bytes) forger.store.objects.set(prefixOf(PLANTED, "full") + object, bytes);
    }
    forger.write({ ...manifest, id: PLANTED }, { text: mac });
    return { id: PLANTED };
  }),
  "an export replayed as a snapshot": refused(/^snapshots/, new RegExp(`is the manifest of ${SECOND}`), (forger) => {
    const bytes = forger.store.objects.get(manifestKey(SECOND, "full"));
    if (bytes) forger.store.objects.set(manifestKey(PLANTED, "snapshot"), bytes);
    return { id: PLANTED };
  }),
  "an older manifest of the same id, format 1 and unencrypted": refused(TIP, NEITHER, (forger) => {
    forger.write({
      ...plant(forger, "incremental"),
      id: TWO,
      format_version: 1,
      chunks: [forger.chunk({ id: TWO, kind: "full" }, [HIS_KEY], { table: "api_keys" })],
    });
  }),
  "the same manifest, downgraded to format 1": refused(TIP, /is of format 1/, (forger) =>
    forger.write({ ...forger.manifest(TWO), format_version: 1 }),
  ),
  "the same manifest, downgraded to format 1, with its MAC": refused(
    TIP,
    WRONG_MAC,
    change(() => ({ format_version: 1 })),
  ),
  "a backup of another BACKUP_KEY": refused(new RegExp(FOREIGN), /is of the key .*, and BACKUP_KEY is/, () => ({
    id: FOREIGN,
  })),
  "a backup of another BACKUP_KEY that says it is of ours": refused(new RegExp(FOREIGN), WRONG_MAC, (forger) => {
    forger.change(FOREIGN, "full", () => ({ encryption: forger.manifest(FULL).encryption }));
    return { id: FOREIGN };
  }),
  "a backup of format 1, encrypted": refused(new RegExp(LEGACY), /is of format 1.*accept_unauthenticated/, () => ({
    id: LEGACY,
  })),
  "a backup of format 1, unencrypted": refused(new RegExp(LEGACY_PLAIN), NEITHER, () => ({ id: LEGACY_PLAIN })),
  "a backup from before BACKUP_KEY was set": refused(new RegExp(BEFORE_KEY), NEITHER, () => ({ id: BEFORE_KEY })),
  "a snapshot whose rows are another instance's": refused(/^snapshots/, WRONG_MAC, (forger) => {
    forger.change(SNAPSHOT, "snapshot", (m) => ({ chunks: m.chunks.map((chunk) => ({ ...chunk, instance: 0 })) }));
    return { id: SNAPSHOT };
  }),
  "chunks of two backups exchanged": refused(/\.aes$/, /has \d+ bytes, the manifest says|its sum is wrong/, (forger) =>
    swapBytes(forger, chunkKey(forger, ONE, 0), chunkKey(forger, TWO, 0)),
  ),
  "chunks of one backup exchanged": refused(/\.aes$/, /has \d+ bytes, the manifest says|its sum is wrong/, (forger) =>
    swapBytes(forger, chunkKey(forger, TWO, 0), chunkKey(forger, TWO, 1)),
  ),
  "a chunk that is gone": refused(
    /\.aes$/,
    /is missing/,
    (forger) => void forger.store.objects.delete(chunkKey(forger, TWO, 1)),
  ),
  "a chunk of the parent that is gone": refused(
    new RegExp(FULL),
    /is missing/,
    (forger) => void forger.store.objects.delete(chunkKey(forger, FULL, 0)),
  ),
  "a chunk replaced by a plain one": refused(/\.aes$/, /bytes, the manifest says|its sum is wrong/, (forger) => {
    const own = forger.chunk({ id: TWO, kind: "full" }, [HIS_KEY]);
    swapBytes(forger, chunkKey(forger, TWO, 0), prefixOf(TWO, "full") + own.object);
  }),
  "a manifest that is no JSON": refused(
    TIP,
    /is not JSON/,
    (forger) => void forger.store.objects.set(manifestKey(TWO, "full"), bytesOf("{")),
  ),
  "a manifest of a later format": refused(
    TIP,
    /has format 3; this version reads up to 2/,
    change(() => ({ format_version: 3 })),
  ),
  "a manifest of no format": refused(
    TIP,
    /says no format_version/,
    change(() => ({ format_version: "2" as unknown as number })),
  ),
  "a manifest with white space": refused(TIP, /its sum is wrong/, (forger) => {
    const text = new TextDecoder().decode(forger.store.objects.get(manifestKey(TWO, "full")));
    forger.store.objects.set(manifestKey(TWO, "full"), bytesOf(`${text}\n`));
  }),
  "a manifest that says its id twice": refused(TIP, /its sum is wrong/, (forger) => {
    const text = new TextDecoder().decode(forger.store.objects.get(manifestKey(TWO, "full")));
    forger.store.objects.set(manifestKey(TWO, "full"), bytesOf(text.replace('"id":', '"id":"x","id":')));
  }),
  "a manifest beyond all bounds": refused(
    TIP,
    /at most \d+ are read/,
    (forger) => void forger.store.objects.set(manifestKey(TWO, "full"), new Uint8Array(MANIFEST_BYTES_MAX + 1)),
  ),
};

describe("with BACKUP_KEY, refused by verify and by restore before anything is touched", () => {
  it.each(Object.entries(WITH_KEY))("%s", (_name, forgery) => isRefused(authentic, keys, forgery));
});

/** In the tip of the unencrypted world, where sums are all that there is: the shape must hold. */
const row = (n: number): string => JSON.stringify(rowOf("episodes", n));
const withChunk =
  (lines: readonly string[], more: Partial<ChunkEntry> = {}): Forgery["forge"] =>
  (forger) => {
    const added = forger.chunk({ id: TWO, kind: "full" }, lines, { layer: 999, ...more });
    forger.change(TWO, "full", (m) => ({ chunks: [...m.chunks, added] }));
  };
const withEntry = (more: object): Forgery["forge"] => withChunk([row(1)], more as Partial<ChunkEntry>);
const withTables = (tables: object): Forgery["forge"] =>
  change((m) => ({ tables: { ...m.tables, ...(tables as Manifest["tables"]) } }));
const inSnapshot =
  (lines: readonly string[], more: object): Forgery["forge"] =>
  (forger) => {
    const of = { id: SNAPSHOT, kind: "snapshot" } as const;
    const local = { op: "local" as const, state: "local" as const, layer: 0, instance: 0, table: "errands" };
    const added = forger.chunk(of, lines, { ...local, ...(more as Partial<ChunkEntry>) });
    forger.change(SNAPSHOT, "snapshot", (m) => ({ chunks: [...m.chunks, added] }));
    return { id: SNAPSHOT };
  };
const bomb =
  (bytes: number): Forgery["forge"] =>
  (forger) => {
    const added = forger.packed({ id: TWO, kind: "full" }, new Uint8Array(64 << 20), { layer: 999, bytes });
    forger.change(TWO, "full", (m) => ({ chunks: [...m.chunks, added] }));
  };
const CHUNK = /\.ndjson\.gz$/;
const SNAP = new RegExp(`^snapshots/${SNAPSHOT}/manifest.json$`);
const BODY = "body) SELECT 1,2,3; DROP TABLE episodes; --";
const { columns } = TABLES.episodes;

const WITHOUT_KEY: Readonly<Record<string, Forgery>> = {
  "a foreign table": refused(
    TIP,
    /holds the table sqlite_master/,
    withTables({ sqlite_master: { columns: ["name"], key: 1, rows: null } }),
  ),
  "a table of the service's own": refused(
    TIP,
    /holds the table _writers/,
    withTables({ _writers: { columns: ["writer", "seq"], key: 1, rows: null } }),
  ),
  "a table that every object has": refused(
    TIP,
    /holds the table constructor/,
    withTables({ constructor: { columns: [], key: 0, rows: null } }),
  ),
  "SQL for a table's name": refused(
    TIP,
    /holds the table episodes; DROP/,
    withTables({ "episodes; DROP TABLE steps": { columns: ["a"], key: 1, rows: null } }),
  ),
  "a foreign column": refused(
    TIP,
    /holds episodes.rowid/,
    withTables({ episodes: { columns: [...columns, "rowid"], key: 2, rows: null } }),
  ),
  "SQL for a column's name": refused(
    TIP,
    /holds episodes.body\) SELECT/,
    withTables({ episodes: { columns: [...columns.slice(0, -1), BODY], key: 2, rows: null } }),
  ),
  "a column that comes twice": refused(
    TIP,
    /names a column of episodes twice/,
    withTables({ episodes: { columns: [...columns, "body"], key: 2, rows: null } }),
  ),
  "a key that is too narrow": refused(
    TIP,
    /the key of episodes is not/,
    withTables({ episodes: { columns, key: 1, rows: null } }),
  ),
  "a key that is too wide": refused(
    TIP,
    /the key of episodes is not/,
    withTables({ episodes: { columns, key: 3, rows: null } }),
  ),
  "a key column that is missing": refused(
    TIP,
    /the key of episodes is not/,
    withTables({ episodes: { columns: columns.slice(1), key: 2, rows: null } }),
  ),
  "key columns in another order": refused(
    TIP,
    /the key of steps is not/,
    withTables({ steps: { columns: ["episode_id", "namespace", "number", "body"], key: 3, rows: null } }),
  ),
  "columns that are none": refused(
    TIP,
    /does not describe the table/,
    withTables({ episodes: { columns: "body", key: 2, rows: null } }),
  ),
  "a chunk of a table that is not described": refused(
    TIP,
    /is of a table that is not described/,
    withEntry({ table: "_feed" }),
  ),
  "a chunk of a property that every object has": refused(
    TIP,
    /is of a table that is not described/,
    withEntry({ table: "toString" }),
  ),
  "an op that is not known": refused(TIP, /says an op/, withEntry({ op: "truncate" })),
  "an instance's op in an export": refused(
    TIP,
    /says an op/,
    withEntry({ op: "local", state: "local", layer: 0, instance: 0 }),
  ),
  "a layer below all": refused(TIP, /says no layer/, withEntry({ layer: -1 })),
  "a layer above all": refused(TIP, /says no layer/, withEntry({ layer: 1_000_000 })),
  "half a layer": refused(TIP, /says no layer/, withEntry({ layer: 1.5 })),
  "a scan in an incremental": refused(
    TIP,
    /is of a scan that such a backup does not have/,
    withEntry({ layer: 0, last: '["a","b"]' }),
  ),
  "an instance in an export": refused(TIP, /is of an instance/, withEntry({ instance: 1 })),
  "a state in an export": refused(TIP, /is of an instance/, withEntry({ state: "unsent" })),
  "an object elsewhere in the bucket": refused(
    TIP,
    /has no name of a chunk/,
    withEntry({ object: `../${FULL}/manifest.json` }),
  ),
  "an object that is no text": refused(TIP, /has no name of a chunk/, withEntry({ object: 7 })),
  "no rows": refused(TIP, /counts no rows/, withEntry({ rows: 0 })),
  "rows that are no number": refused(TIP, /counts no rows/, withEntry({ rows: "1" })),
  "more text than is ever read": refused(TIP, /unpacks to more than/, withEntry({ bytes: CHUNK_TEXT_MAX + 1 })),
  "a larger object than is ever read": refused(
    TIP,
    /has more than \d+ bytes/,
    withEntry({ stored: CHUNK_STORED_MAX + 1 }),
  ),
  "a bomb that says it is small": refused(CHUNK, /unpacks to more than 100 bytes/, bomb(100)),
  "a bomb that says what it is": refused(TIP, /unpacks to more than \d+ bytes/, bomb(64 << 20)),
  "text that is shorter than it says": refused(CHUNK, /unpacks to \d+ bytes, not/, withEntry({ bytes: 100_000 })),
  "what cannot be unpacked": refused(CHUNK, /cannot be unpacked/, (forger) => {
    const bytes = bytesOf("this is no gzip");
    const sha256 = sumOf(bytes);
    const entry = {
      ...forger.chunk({ id: TWO, kind: "full" }, ["1"]),
      sha256,
      stored: bytes.length,
      object: `x-${sha256.slice(0, 16)}.ndjson.gz`,
    };
    forger.store.objects.set(prefixOf(TWO, "full") + entry.object, bytes);
    forger.change(TWO, "full", (m) => ({ chunks: [...m.chunks, entry] }));
  }),
  "text that is no UTF-8": refused(CHUNK, /is not UTF-8/, (forger) => {
    const added = forger.packed({ id: TWO, kind: "full" }, new Uint8Array([0xff, 0xfe, 0x0a]), { layer: 999 });
    forger.change(TWO, "full", (m) => ({ chunks: [...m.chunks, added] }));
  }),
  "fewer rows than it says": refused(CHUNK, /has 1 rows, the manifest says 2/, withEntry({ rows: 2 })),
  "a row that is no JSON": refused(CHUNK, /line 1 is no row of episodes/, withChunk(["]; DROP TABLE episodes"])),
  "two rows in a line": refused(CHUNK, /line 1 is no row of episodes/, withChunk([`${row(1)},${row(2)}`])),
  "a row that is too short": refused(CHUNK, /line 2 is no row of episodes/, withChunk([row(1), '["ns","x"]'])),
  "a row whose key is missing": refused(
    CHUNK,
    /line 1 is no row of episodes/,
    withChunk([row(1).replace('"ns"', "null")]),
  ),
  "a row that holds an object": refused(
    CHUNK,
    /line 1 is no row of episodes/,
    withChunk([row(1).replace('"ns"', '{"a":1}')]),
  ),
  "a scan whose last key is not its last": refused(CHUNK, /its last key is not/, (forger) => {
    const added = forger.chunk({ id: SECOND, kind: "full" }, [row(1)], { layer: 0, last: '["zz","zz"]' });
    forger.change(SECOND, "full", (m) => ({ chunks: [...m.chunks, added] }));
    return { id: SECOND };
  }),
  "a scan whose last key is none": refused(new RegExp(SECOND), /does not say its last key/, (forger) => {
    const added = forger.chunk({ id: SECOND, kind: "full" }, [row(1)], { layer: 0, last: '["zz"]' });
    forger.change(SECOND, "full", (m) => ({ chunks: [...m.chunks, added] }));
    return { id: SECOND };
  }),
  "its own parent": refused(
    TIP,
    /is its own parent/,
    change(() => ({ parent: { id: TWO, sha256: sumOf("x") } })),
  ),
  "parents in a loop": refused(new RegExp(`${FULL}|${ONE}`), /is not what .* continues|is its own parent/, (forger) => {
    forger.change(FULL, "full", (m) => ({
      kind: "incremental",
      parent: { id: ONE, sha256: sumOf("x") },
      chunks: m.chunks.filter(({ layer }) => layer > 0),
    }));
  }),
  "a parent with another sum": refused(
    new RegExp(ONE),
    new RegExp(`is not what ${TWO} continues`),
    change(() => ({ parent: { id: ONE, sha256: sumOf("x") } })),
  ),
  "an incremental without a parent": refused(
    TIP,
    /an incremental, and no other, has a parent/,
    change(() => ({ parent: null })),
  ),
  "a parent elsewhere in the bucket": refused(
    TIP,
    /its parent is not named/,
    change(() => ({ parent: { id: "../snapshots/x", sha256: sumOf("x") } })),
  ),
  "an export without a watermark": refused(
    TIP,
    /a snapshot, and no other/,
    change(() => ({ watermark: null })),
  ),
  "a chain that never ends": refused(/exports\/long-/, /is one of a chain of more than 400/, (forger) => {
    let { sha256, manifest } = forger.sealed(FULL, "full");
    for (let n = 0; n < 401; n++) {
      const parent = { id: manifest.id, sha256 };
      forger.write({ ...forger.manifest(ONE), id: `long-${n}`, parent, chunks: [] });
      ({ sha256, manifest } = forger.sealed(`long-${n}`, "full"));
    }
    return { id: "long-400" };
  }),
  "a snapshot of an instance that cannot be": refused(SNAP, /says no instance/, inSnapshot(["{}"], { instance: 64 })),
  "a snapshot of an instance below all": refused(SNAP, /says no instance/, inSnapshot(["{}"], { instance: -2 })),
  "an instance's row of a table that it must not have": refused(
    SNAP,
    /is of the table api_keys/,
    inSnapshot(["{}"], { table: "api_keys" }),
  ),
  "an instance's row of a foreign table": refused(
    SNAP,
    /is of the table sqlite_schema/,
    inSnapshot(["{}"], { table: "sqlite_schema" }),
  ),
  "an instance's row with SQL for a column": refused(
    CHUNK,
    /line 1 is no row of errands/,
    inSnapshot(['{"kind) VALUES (1); DROP TABLE episodes; --":"x"}'], {}),
  ),
  "an instance's row with a foreign column": refused(
    CHUNK,
    /line 1 is no row of errands/,
    inSnapshot(['{"kind":"learn","namespace":"n","id":"i","rowid":1}'], {}),
  ),
  "an instance's row that holds an object": refused(
    CHUNK,
    /line 1 is no row of errands/,
    inSnapshot(['{"kind":{"a":1}}'], {}),
  ),
  "an instance's row that is an array": refused(CHUNK, /line 1 is no row of errands/, inSnapshot(["[1]"], {})),
  "a control document with SQL for a column": refused(
    CHUNK,
    /line 1 is no row of control/,
    inSnapshot(['{"body; --":"x"}'], { table: "control", instance: -1 }),
  ),
  "unsent rows in the layer of cached ones": refused(
    SNAP,
    /a state that its layer is not of/,
    inSnapshot([row(1)], { op: "put", state: "unsent", table: "episodes", layer: 1 }),
  ),
};

describe("without BACKUP_KEY, with every sum recomputed, refused all the same", () => {
  it.each(Object.entries(WITHOUT_KEY))("%s", (_name, forgery) => isRefused(plain, null, forgery));
});

const accepted = (id: string): { id: string; accept: true } => ({ id, accept: true });
const ACCEPTED: Readonly<Record<string, Forgery>> = {
  "a MAC that is wrong": refused(TIP, WRONG_MAC, (forger) => {
    forger.change(TWO, "full", () => ({ schema_version: 1 }));
    return accepted(TWO);
  }),
  "a MAC that was taken away": refused(TIP, /has no MAC although it is encrypted/, (forger) => {
    forger.write(forger.manifest(TWO));
    return accepted(TWO);
  }),
  "another BACKUP_KEY": refused(new RegExp(FOREIGN), /is of the key/, () => accepted(FOREIGN)),
  "one that stands in the place of an authentic one": refused(TIP, /is in the place of another/, (forger) => {
    forger.write({ ...forger.manifest(TWO), format_version: 1 });
    return accepted(TWO);
  }),
  "an authentic one downgraded to format 1, its verdict deleted": refused(/\.aes$/, /cannot be decrypted/, (forger) => {
    forger.write({ ...forger.manifest(SECOND), format_version: 1 });
    forger.store.objects.delete(verdictKey(SECOND));
    return accepted(SECOND);
  }),
  "format 1 with a chunk in another place": refused(/\.aes$/, /cannot be decrypted/, (forger) => {
    const { chunks, ...rest } = forger.manifest(LEGACY);
    const [a, b] = chunks;
    if (!a || !b) throw new Error("no chunks");
    const bytes = forger.store.objects.get(prefixOf(LEGACY, "full") + b.object);
    const object = a.object.replace(/-[0-9a-f]{16}\./, `-${b.sha256.slice(0, 16)}.`);
    if (bytes) forger.store.objects.set(prefixOf(LEGACY, "full") + object, bytes);
    forger.write({
      ...rest,
      chunks: [{ ...a, object, sha256: b.sha256, stored: b.stored, bytes: b.bytes, rows: b.rows }, ...chunks.slice(1)],
    });
    return accepted(LEGACY);
  }),
  "format 1 with a plain chunk": refused(new RegExp(LEGACY), /is not encrypted as the backup says/, (forger) => {
    const added = forger.chunk({ id: LEGACY, kind: "full" }, [HIS_KEY], { table: "api_keys" });
    forger.change(LEGACY, "full", (m) => ({ chunks: [...m.chunks, added] }), "none");
    return accepted(LEGACY);
  }),
};

describe("accept_unauthenticated does not accept", () => {
  it.each(Object.entries(ACCEPTED))("%s", (_name, forgery) => isRefused(authentic, keys, forgery));
});

describe("what may be accepted by name", () => {
  it.each([LEGACY, LEGACY_PLAIN, BEFORE_KEY])("%s comes back with a warning, and none of its keys does", async (id) => {
    const params = { backup: id, dry_run: true, accept_unauthenticated: true };
    const dry = (await restore(groundOf(authentic, keys), params)) as { warnings: string[]; tables: object };
    expect(dry.warnings).toEqual([expect.stringContaining(`The backup ${id} was accepted unauthenticated`)]);
    expect(Object.keys(dry.tables)).not.toContain("api_keys");
    await fillBack(async () => {
      const done = await restore(groundOf(authentic, keys, obliging as never), { ...params, dry_run: false });
      expect(done).toMatchObject({ authentic: false, warnings: dry.warnings, mode: "merge" });
      const now = await contentOf(target.url);
      expect(now["episodes"]?.length).toBeGreaterThan(untouched["episodes"]?.length ?? 0);
      expect(now["api_keys"]).toEqual(untouched["api_keys"]);
    });
  });

  it("is nothing that an authentic one needs: it comes back without a warning, and its keys do not either", async () => {
    await fillBack(async () => {
      const done = await restore(groundOf(authentic, keys, obliging as never), { backup: TWO });
      expect(done).toMatchObject({ authentic: true, keys: { in_backup: 37, named: [] } });
      expect(done).not.toHaveProperty("warnings");
      expect((await contentOf(target.url))["api_keys"]).toEqual(untouched["api_keys"]);
    });
  });
});

/** Lets a restore write to the database, and makes it as it was. */
async function fillBack(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    const clear = NAMES.filter((name) => name !== "api_keys").map((name) => ({ sql: `DELETE FROM ${name}`, args: [] }));
    await to.database.write([...clear, { sql: "DELETE FROM _writers", args: [] }]);
    await fill(target.url, 50, 3);
    expect(await contentOf(target.url)).toEqual(untouched);
  }
}

describe("what is chosen where nobody names a backup", () => {
  const NEWER = "20990101T000000Z-00000001";

  /** The newest backup in the bucket, with a right sum and a verdict. */
  async function withPlanted(): Promise<Forger> {
    const forger = new Forger(authentic);
    forger.write({ ...plant(forger, "full"), id: NEWER, started_at: "2099-01-01T00:00:00.000Z" });
    const { sha256 } = forger.sealed(NEWER, "full");
    const text = JSON.stringify({ id: NEWER, at: "2099-01-01T00:00:00.000Z", ok: true, sha256 });
    forger.store.objects.set(verdictKey(NEWER), bytesOf(text));
    return forger;
  }

  it("is never a planted one, neither as a parent nor for a drill", async () => {
    const { store } = await withPlanted();
    expect((await newestParent({ store, keys }))?.id).toBe(SECOND);
    expect((await newestForDrill({ store, keys }))?.ref.id).toBe(SECOND);
    // Without a key nobody can tell them apart.
    expect((await newestForDrill({ store, keys: null }))?.ref.id).toBe(NEWER);
  });

  it("is no unread one by a verdict that he planted, replayed or signed with another key", async () => {
    const forger = new Forger(authentic);
    const bucket = { store: forger.store, keys };
    const { sha256 } = forger.sealed(TWO, "full");
    const real = forger.store.objects.get(verdictKey(ONE));
    const verdict = { id: TWO, ok: true, chain: [], objects: 0, rows: 0, bytes: 0, faults: [] };
    const other = await createBackupKeys(new Uint8Array(32).fill(2));
    const his = new MemoryStore();
    await putVerdict({ store: his, keys: other }, verdict, sha256, "2099-01-01T00:00:00.000Z");
    const tries: [string, Uint8Array<ArrayBuffer> | undefined][] = [
      ["none", undefined],
      ["planted", bytesOf(JSON.stringify({ ...verdict, at: "2099-01-01T00:00:00.000Z", sha256 }))],
      ["replayed from another backup", real],
      ["signed with another key", his.objects.get(verdictKey(TWO))],
      [
        "with a MAC of a manifest",
        bytesOf(
          `{"mac":"${forger.sealed(TWO, "full").mac}","verdict":{"id":"${TWO}","at":"x","ok":true,"sha256":"${sha256}"}}`,
        ),
      ],
      ["no JSON", bytesOf("{")],
    ];
    for (const id of [SECOND, TWO]) forger.store.objects.delete(verdictKey(id));
    for (const [name, bytes] of tries) {
      if (bytes) forger.store.objects.set(verdictKey(TWO), bytes);
      expect([name, await getVerdict(bucket, TWO, sha256)]).toEqual([name, null]);
      expect([name, (await newestParent(bucket))?.id]).toEqual([name, ONE]);
    }
    await putVerdict(bucket, verdict, sha256, "2026-01-01T00:00:00.000Z");
    expect((await newestParent(bucket))?.id).toBe(TWO);
  });

  it("is for a drill one of format 1 only while there is no authentic one, and one that is encrypted", async () => {
    const forger = new Forger(authentic);
    const bucket = { store: forger.store, keys };
    for (const id of [FULL, ONE, TWO, SECOND]) forger.store.objects.delete(manifestKey(id, "full"));
    expect((await newestForDrill(bucket))?.ref).toMatchObject({ id: LEGACY, accept: true });
    expect(await newestParent(bucket)).toBeNull();
  });

  it("lets go of no good backup, however many he plants, and of no old one while nothing is authentic", async () => {
    const rules = { daily_days: 1, weekly_weeks: 5, monthly_months: 12 };
    const forger = await withPlanted();
    for (let n = 0; n < 30; n++) {
      const day = String(1 + (n % 28)).padStart(2, "0");
      const id = `202601${day}T0${n % 10}5959Z-0000${String(n).padStart(4, "0")}`;
      forger.write({ ...plant(forger, "full"), id, started_at: `2026-01-${day}T23:59:59.000Z` });
      const { sha256 } = forger.sealed(id, "full");
      forger.store.objects.set(verdictKey(id), bytesOf(JSON.stringify({ id, at: "x", ok: true, sha256 })));
    }
    const good = new Forger(authentic);
    const now = Date.UTC(2026, 0, 20);
    const [clean, dirty] = [
      await sweep({ store: good.store, keys }, rules, now),
      await sweep({ store: forger.store, keys }, rules, now),
    ];
    const mine = [FULL, ONE, TWO, SECOND, SNAPSHOT, LEGACY, LEGACY_PLAIN, BEFORE_KEY, FOREIGN];
    const ours = (ids: readonly string[]): string[] => mine.filter((id) => ids.includes(id));
    expect([ours(dirty.kept), ours(dirty.deleted)]).toEqual([ours(clean.kept), ours(clean.deleted)]);
    expect(ours(dirty.kept)).toEqual(expect.arrayContaining([SECOND, LEGACY]));
    expect(dirty.untrusted).toEqual(expect.arrayContaining([LEGACY, NEWER]));

    // Two years on what nobody vouches for goes by its own age; without an authentic chain nothing of it does.
    const later = Date.UTC(2028, 0, 1);
    expect((await sweep({ store: new Forger(authentic).store, keys }, rules, later)).untrusted).toEqual([]);
    const lost = new Forger(authentic);
    for (const id of [FULL, ONE, TWO, SECOND]) lost.store.objects.delete(manifestKey(id, "full"));
    expect((await sweep({ store: lost.store, keys }, rules, later)).untrusted).toContain(LEGACY);
  });
});
