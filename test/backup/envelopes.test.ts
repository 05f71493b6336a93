import { describe, expect, it } from "vitest";
import {
  BackupFault,
  findBackup,
  listBackups,
  rewrapBackups,
  sweep,
  takeSnapshot,
  verifyBackup,
  type BackupKeys,
  type Manifest,
} from "../../src/backup/index.ts";
import { createCipher } from "../../src/backup/format/bytes.ts";
import { manifestKey, prefixOf } from "../../src/backup/format/manifest.ts";
import { backupKeys, KeptSteps, MemoryStore } from "../support/backups/ports.ts";
import { bytesOf, Forger, sumOf } from "../support/forgeries/forger.ts";
import { report, rowOf } from "../support/forgeries/forgery.ts";

const A = "20260101T000000Z-a0000001";
const B = "20260102T000000Z-b0000001";
const WRITTEN_BY = { name: "test", version: "0" };

/** A store that says which objects were read. */
class WatchedStore extends MemoryStore {
  readonly read: string[] = [];

  override get(key: string, max: number): Promise<Uint8Array<ArrayBuffer> | null> {
    this.read.push(key);
    return super.get(key, max);
  }
}

async function take(
  store: MemoryStore,
  keys: BackupKeys | null,
  id: string,
  steps = new KeptSteps(),
): Promise<Manifest> {
  const rows = [1, 2].map((n) => ({
    table: "episodes",
    state: "unsent" as const,
    key: null,
    row: rowOf("episodes", n),
  }));
  const page = async () => ({ rows, next: null });
  const plan = { id, instances: 1, schema_version: 3, written_by: WRITTEN_BY };
  return takeSnapshot({ store, keys, steps, now: Date.now, page, report }, plan);
}

const rewrap = (store: MemoryStore, keys: BackupKeys | null, only: string | null = null) =>
  rewrapBackups({ store, keys, steps: new KeptSteps(), report }, only);

/** What reading the backup back finds: its faults. */
async function faultsOf(store: MemoryStore, keys: BackupKeys | null, id = A): Promise<string[]> {
  const ports = { store, keys, steps: new KeptSteps(), report };
  const { faults } = await verifyBackup(ports, { id, kind: "snapshot" });
  return faults.map(({ problem }) => problem);
}

/** Writes a backup anew as format 2 had it: encrypted with a key that all backups shared. */
async function asFormat2(store: MemoryStore, keys: BackupKeys, id: string): Promise<void> {
  const plain = new MemoryStore();
  const manifest = await take(plain, null, id);
  const prefix = prefixOf(id, "snapshot");
  const key = keys.newest;
  if (!key) throw new Error("no key");
  const cipher = await createCipher(key.chunkKeyOf(2));
  const chunks: Manifest["chunks"] = [];
  for (const entry of manifest.chunks) {
    const place = entry.object.replace(/-[0-9a-f]{16}\.ndjson\.gz$/, "");
    const bytes = plain.objects.get(prefix + entry.object) ?? bytesOf("");
    const sealed = await cipher.seal(bytes, prefix + place);
    const object = `${place}-${sumOf(sealed).slice(0, 16)}.ndjson.gz.aes`;
    store.objects.set(prefix + object, sealed);
    chunks.push({ ...entry, object, stored: sealed.length, sha256: sumOf(sealed) });
  }
  const encryption = { algorithm: "AES-256-GCM", key_id: key.id } as const;
  const text = JSON.stringify({ ...manifest, format_version: 2, encryption, chunks });
  const mac = await key.sign("manifest", text);
  store.objects.set(
    manifestKey(id, "snapshot"),
    bytesOf(`{"sha256":"${sumOf(text)}","mac":"${mac}","manifest":${text}}`),
  );
}

const keyObjects = (store: MemoryStore): string[] =>
  [...store.objects.keys()].filter((key) => key.includes("/key-"));

describe("a backup's own key", () => {
  it("is random, another one for each backup, and in no step and no object but wrapped", async () => {
    const store = new MemoryStore();
    const [keys, steps] = [await backupKeys(1), new KeptSteps()];
    const first = await take(store, keys, A, steps);
    const second = await take(store, keys, B);
    const unwrap = (m: Manifest) =>
      keys.newest?.unwrap(m.encryption?.wrapped ?? "", prefixOf(m.id, m.kind));
    const [one, two] = [await unwrap(first), await unwrap(second)];
    expect(one).toHaveLength(32);
    expect(one).not.toEqual(two);

    const hex = Buffer.from(one ?? []).toString("hex");
    expect([...steps.kept.values()].join("\n")).not.toContain(hex);
    for (const bytes of store.objects.values()) {
      expect(Buffer.from(bytes).includes(Buffer.from(one ?? []))).toBe(false);
      expect(Buffer.from(bytes).includes(hex)).toBe(false);
    }
    expect(await faultsOf(store, keys)).toEqual([]);
  });

  it("opens in its own place only, by the key that wrapped it", async () => {
    const [key, other] = (await backupKeys(1, 2)).usable;
    const wrapped = (await key?.wrap(new Uint8Array(32).fill(9), "exports/a/")) ?? "";
    expect(await key?.unwrap(wrapped, "exports/a/")).toEqual(new Uint8Array(32).fill(9));
    await expect(key?.unwrap(wrapped, "exports/b/")).rejects.toThrow();
    await expect(other?.unwrap(wrapped, "exports/a/")).rejects.toThrow();
  });

  it("is not there without BACKUP_KEY, and nothing is wrapped", async () => {
    const store = new MemoryStore();
    expect((await take(store, null, A)).encryption).toBeNull();
    expect(await faultsOf(store, null)).toEqual([]);
    const ports = { store, keys: null, steps: new KeptSteps(), report };
    expect(await verifyBackup(ports, { id: A, kind: "snapshot" })).toMatchObject({
      ok: true,
      unsigned: "no BACKUP_KEY is set: only its sums can be checked",
    });
    await expect(rewrap(store, null)).rejects.toThrow("BACKUP_KEY: is not set");
  });
});

describe("backups whose keys were wrapped anew", () => {
  it("are authentic when the old key is gone, and no chunk is read for it", async () => {
    const store = new WatchedStore();
    await take(store, await backupKeys(1), A);
    await take(store, await backupKeys(1), B);
    const both = await backupKeys(2, 1);
    store.read.length = 0;
    const done = await rewrap(store, both);
    expect(done).toMatchObject({ key_id: both.newest?.id, rewrapped: [A, B], refused: [] });
    expect(store.read.filter((key) => key.includes(".ndjson"))).toEqual([]);
    expect(await rewrap(store, both)).toMatchObject({ rewrapped: [], current: 2 });

    const late = { store, keys: await backupKeys(2) };
    const { backups } = await listBackups(late, ({ trust }) => trust.authentic);
    expect(backups).toEqual([true, true]);
    expect(await faultsOf(store, late.keys)).toEqual([]);
    // And once more, by the envelope of before.
    await rewrap(store, await backupKeys(3, 2));
    expect(await faultsOf(store, await backupKeys(3))).toEqual([]);
    expect(keyObjects(store)).toHaveLength(4);
  });

  it("may be of format 2, which had no key of its own", async () => {
    const store = new MemoryStore();
    await asFormat2(store, await backupKeys(1), A);
    expect(await faultsOf(store, await backupKeys(1))).toEqual([]);
    expect(await faultsOf(store, await backupKeys(2))).toEqual([
      expect.stringMatching(/is of the key [0-9a-f]{16}, and BACKUP_KEY is/),
    ]);
    expect(await rewrap(store, await backupKeys(2, 1))).toMatchObject({ rewrapped: [A] });
    expect(await faultsOf(store, await backupKeys(2))).toEqual([]);
  });

  it("are authentic ones only: what nobody vouches for is named and left alone", async () => {
    const store = new MemoryStore();
    const keys = await backupKeys(1);
    await take(store, keys, A);
    await take(store, null, B);
    const forger = new Forger(store);
    forger.change(A, "snapshot", () => ({ schema_version: 9 }));
    const { refused, rewrapped } = await rewrap(forger.store, await backupKeys(2, 1));
    expect(rewrapped).toEqual([]);
    expect(refused).toEqual([
      { id: A, problem: expect.stringContaining("has a MAC that is wrong") },
      { id: B, problem: "is neither authenticated nor encrypted" },
    ]);
    expect(keyObjects(forger.store)).toEqual([]);
    await expect(rewrap(forger.store, await backupKeys(2, 1), A)).rejects.toThrow(BackupFault);
  });

  it("keep their envelopes when the bucket is swept, and lose them when they go", async () => {
    const store = new MemoryStore();
    await take(store, await backupKeys(1), A);
    await take(store, await backupKeys(1), B);
    await rewrap(store, await backupKeys(2, 1));
    const rules = { daily_days: 1, weekly_weeks: 1, monthly_months: 1 };
    const place = { store, keys: await backupKeys(2) };
    expect((await sweep(place, rules, Date.now())).strays).toBe(0);
    expect(keyObjects(store)).toHaveLength(2);
    await sweep(place, rules, Date.now(), A);
    expect(keyObjects(store)).toEqual([expect.stringContaining(B)]);
    expect(await findBackup(place, A)).toBeNull();
  });
});

describe("an attacker who writes to the bucket and has a key that was dropped", () => {
  /** Two backups of key 1, wrapped by key 2 before key 1 was dropped. */
  async function rotated(): Promise<{ forger: Forger; envelope: string }> {
    const store = new MemoryStore();
    await take(store, await backupKeys(1), A);
    await take(store, await backupKeys(1), B);
    await rewrap(store, await backupKeys(2, 1));
    const keys = await backupKeys(2);
    const envelope = `${prefixOf(A, "snapshot")}key-${keys.newest?.id}.json`;
    expect(keyObjects(store)).toContain(envelope);
    return { forger: new Forger(store), envelope };
  }
  const UNKNOWN = [expect.stringMatching(/is of the key [0-9a-f]{16}, and BACKUP_KEY is/)];
  const textOf = ({ store }: Forger, key: string): string =>
    new TextDecoder().decode(store.objects.get(key));

  it("cannot change what was wrapped anew, with a MAC that the old key made", async () => {
    const { forger } = await rotated();
    const changed = { ...forger.manifest(A, "snapshot"), schema_version: 9 };
    const [old] = (await backupKeys(1)).usable;
    const mac = (await old?.sign("manifest", JSON.stringify(changed))) ?? "";
    forger.write(changed, { text: mac });
    // With the old key still listed it would be taken: that is what dropping it is for.
    expect(await faultsOf(forger.store, await backupKeys(2, 1))).toEqual([]);
    expect(await faultsOf(forger.store, await backupKeys(2))).toEqual(UNKNOWN);
  });

  it("cannot plant one, nor an envelope for it", async () => {
    const { forger, envelope } = await rotated();
    const planted = "20270101T000000Z-deadbeef";
    await take(forger.store, await backupKeys(1), planted);
    const own = envelope.replace(A, planted);
    expect(await faultsOf(forger.store, await backupKeys(2), planted)).toEqual(UNKNOWN);
    const [old] = (await backupKeys(1)).usable;
    const fields = textOf(forger, envelope).replace(/^\{"mac":"[^"]*","envelope":(.*)\}$/, "$1");
    const said = fields.replace(A, planted);
    const tries = [
      textOf(forger, envelope),
      `{"mac":"${await old?.sign("envelope", said)}","envelope":${said}}`,
      `{"mac":"${"ab".repeat(32)}","envelope":${said}}`,
    ];
    for (const text of tries) {
      forger.store.objects.set(own, bytesOf(text));
      expect(await faultsOf(forger.store, await backupKeys(2), planted)).toEqual(UNKNOWN);
    }
  });

  it.each([
    ["is deleted", (): string | null => null],
    ["is another backup's", (text: string, other: string) => other],
    ["is cut short", (text: string) => text.slice(0, -9)],
    ["has another key in it", (text: string) => text.replace(/"wrapped":"../, '"wrapped":"00')],
    ["has something more in it", (text: string) => text.replace("{", '{"more":1,')],
    ["has no wrapped key", (text: string) => text.replace(/"wrapped":"[^"]*"/, '"wrapped":7')],
    ["is too large", (text: string) => text + " ".repeat(5_000)],
    ["is null", () => "null"],
    ["is no text", () => "\u0000\ufffd{"],
  ])("gets nothing taken for genuine where the envelope %s", async (_name, forge) => {
    const { forger, envelope } = await rotated();
    const text = forge(textOf(forger, envelope), textOf(forger, envelope.replace(A, B)));
    if (text === null) forger.store.objects.delete(envelope);
    else forger.store.objects.set(envelope, bytesOf(text));
    expect(await faultsOf(forger.store, await backupKeys(2))).toEqual(UNKNOWN);
    // The key that wrote it opens it still, whatever lies beside it.
    expect(await faultsOf(forger.store, await backupKeys(1))).toEqual([]);
    // What was spoiled is wrapped anew.
    await rewrap(forger.store, await backupKeys(2, 1));
    expect(await faultsOf(forger.store, await backupKeys(2))).toEqual([]);
  });
});
