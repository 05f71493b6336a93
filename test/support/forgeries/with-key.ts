/**
 * Forgeries of a bucket whose backups are authenticated.
 *
 * @module
 */

import { type ChunkEntry, type Manifest } from "../../../src/backup/index.ts";
import { manifestKey, prefixOf } from "../../../src/backup/format/manifest.ts";
import { MANIFEST_BYTES_MAX } from "../../../src/backup/format/shape.ts";
import { verdictKey } from "../../../src/backup/store/verdicts.ts";
import { TABLES } from "../../../src/storage/index.ts";
import { bytesOf, sumOf } from "./forger.ts";
import {
  BASE,
  BEFORE_KEY,
  FOREIGN,
  FULL,
  HIS,
  HIS_KEY,
  LEGACY,
  LEGACY_PLAIN,
  NEITHER,
  ONE,
  PLANTED,
  SECOND,
  SNAPSHOT,
  TIP,
  TWO,
  WRONG_MAC,
  change,
  chunkKey,
  downgraded,
  plant,
  planted,
  refused,
  swapBytes,
  type Forgery,
} from "./forgery.ts";

export const WITH_KEY: Readonly<Record<string, Forgery>> = {
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
  "a planted one with a MAC that he made up": refused(
    HIS,
    WRONG_MAC,
    planted("full", { text: "ab".repeat(32) }),
  ),
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
  "a planted one that says it is encrypted": refused(
    HIS,
    /has no MAC although it is encrypted/,
    (forger) => {
      forger.write(
        plant(forger, "full", { encryption: forger.manifest(FULL).encryption, chunks: [] }),
      );
      return { id: PLANTED };
    },
  ),
  "a MAC that was taken away": refused(TIP, /has no MAC although it is encrypted/, (forger) =>
    forger.write(forger.manifest(TWO)),
  ),
  "a MAC in capitals": refused(TIP, WRONG_MAC, (forger) =>
    forger.write(forger.manifest(TWO), {
      text: (forger.sealed(TWO, "full").mac ?? "").toUpperCase(),
    }),
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
    change((m) => ({
      encryption: { algorithm: "AES-256-GCM", ...m.encryption, key_id: "0123456789abcdef" },
    })),
  ),
  "a wrapped key taken away": refused(
    TIP,
    /has no wrapped key/,
    change((m) => ({ encryption: { ...m.encryption, wrapped: "" } as Manifest["encryption"] })),
  ),
  "the wrapped key of another backup": refused(TIP, WRONG_MAC, (forger) => {
    const { encryption } = forger.manifest(ONE);
    forger.change(TWO, "full", () => ({ encryption }));
  }),
  "an unknown algorithm": refused(
    TIP,
    /encrypted in a way that is not known/,
    change((m) => ({
      encryption: { ...m.encryption, algorithm: "ROT13" } as unknown as Manifest["encryption"],
    })),
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
    const added = forger.chunk({ id: TWO, kind: "full" }, [HIS_KEY], {
      table: "api_keys",
      layer: 999,
    });
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
      const of = ({ object, sha256, stored, bytes, rows }: ChunkEntry) => ({
        object,
        sha256,
        stored,
        bytes,
        rows,
      });
      return { chunks: [{ ...a, ...of(b) }, { ...b, ...of(a) }, ...rest] };
    }),
  ),
  "another table for a chunk": refused(
    TIP,
    WRONG_MAC,
    change((m) => ({
      chunks: m.chunks.map((chunk) => ({
        ...chunk,
        table: chunk.table === "api_keys" ? "tombstones" : chunk.table,
      })),
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
    change((m) => ({
      tables: { ...m.tables, steps: { columns: TABLES.steps.columns, key: 3, rows: 0 } },
    })),
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
  "a parent in place of which an old one of format 1 is": refused(
    BASE,
    /is of format 1/,
    (forger) => {
      const { parent: _parent, ...legacy } = forger.manifest(LEGACY);
      forger.write({ ...legacy, parent: null, id: FULL });
    },
  ),
  "a real manifest replayed under a new id": refused(
    HIS,
    new RegExp(`is the manifest of ${ONE}`),
    (forger) => {
      const bytes = forger.store.objects.get(manifestKey(ONE, "full"));
      if (bytes) forger.store.objects.set(manifestKey(PLANTED, "full"), bytes);
      return { id: PLANTED };
    },
  ),
  "a real manifest with a new id, chunks copied": refused(HIS, WRONG_MAC, (forger) => {
    const { manifest, mac = "" } = forger.sealed(ONE, "full");
    for (const { object } of manifest.chunks) {
      const bytes = forger.store.objects.get(prefixOf(ONE, "full") + object);
      if (bytes) forger.store.objects.set(prefixOf(PLANTED, "full") + object, bytes);
    }
    forger.write({ ...manifest, id: PLANTED }, { text: mac });
    return { id: PLANTED };
  }),
  "an export replayed as a snapshot": refused(
    /^snapshots/,
    new RegExp(`is the manifest of ${SECOND}`),
    (forger) => {
      const bytes = forger.store.objects.get(manifestKey(SECOND, "full"));
      if (bytes) forger.store.objects.set(manifestKey(PLANTED, "snapshot"), bytes);
      return { id: PLANTED };
    },
  ),
  "an older manifest of the same id, format 1 and unencrypted": refused(TIP, NEITHER, (forger) => {
    forger.write({
      ...plant(forger, "incremental"),
      id: TWO,
      format_version: 1,
      chunks: [forger.chunk({ id: TWO, kind: "full" }, [HIS_KEY], { table: "api_keys" })],
    });
  }),
  "the same manifest, downgraded to format 1": refused(TIP, /is of format 1/, (forger) =>
    forger.write(downgraded(forger.manifest(TWO))),
  ),
  "the same manifest, downgraded to format 1, with its MAC": refused(
    TIP,
    WRONG_MAC,
    change(downgraded),
  ),
  "a backup of another BACKUP_KEY": refused(
    new RegExp(FOREIGN),
    /is of the key .*, and BACKUP_KEY is/,
    () => ({
      id: FOREIGN,
    }),
  ),
  "a backup of another BACKUP_KEY that says it is of ours": refused(
    new RegExp(FOREIGN),
    WRONG_MAC,
    (forger) => {
      forger.change(FOREIGN, "full", () => ({ encryption: forger.manifest(FULL).encryption }));
      return { id: FOREIGN };
    },
  ),
  "a backup of format 1, encrypted": refused(
    new RegExp(LEGACY),
    /is of format 1.*accept_unauthenticated/,
    () => ({
      id: LEGACY,
    }),
  ),
  "a backup of format 1, unencrypted": refused(new RegExp(LEGACY_PLAIN), NEITHER, () => ({
    id: LEGACY_PLAIN,
  })),
  "a backup from before BACKUP_KEY was set": refused(new RegExp(BEFORE_KEY), NEITHER, () => ({
    id: BEFORE_KEY,
  })),
  "a snapshot whose rows are another instance's": refused(/^snapshots/, WRONG_MAC, (forger) => {
    forger.change(SNAPSHOT, "snapshot", (m) => ({
      chunks: m.chunks.map((chunk) => ({ ...chunk, instance: 0 })),
    }));
    return { id: SNAPSHOT };
  }),
  "chunks of two backups exchanged": refused(
    /\.aes$/,
    /has \d+ bytes, the manifest says|its sum is wrong/,
    (forger) => swapBytes(forger, chunkKey(forger, ONE, 0), chunkKey(forger, TWO, 0)),
  ),
  "chunks of one backup exchanged": refused(
    /\.aes$/,
    /has \d+ bytes, the manifest says|its sum is wrong/,
    (forger) => swapBytes(forger, chunkKey(forger, TWO, 0), chunkKey(forger, TWO, 1)),
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
  "a chunk replaced by a plain one": refused(
    /\.aes$/,
    /bytes, the manifest says|its sum is wrong/,
    (forger) => {
      const own = forger.chunk({ id: TWO, kind: "full" }, [HIS_KEY]);
      swapBytes(forger, chunkKey(forger, TWO, 0), prefixOf(TWO, "full") + own.object);
    },
  ),
  "a manifest that is no JSON": refused(
    TIP,
    /is not JSON/,
    (forger) => void forger.store.objects.set(manifestKey(TWO, "full"), bytesOf("{")),
  ),
  "a manifest of a later format": refused(
    TIP,
    /has format 4; this version reads up to 3/,
    change(() => ({ format_version: 4 })),
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
    forger.store.objects.set(
      manifestKey(TWO, "full"),
      bytesOf(text.replace('"id":', '"id":"x","id":')),
    );
  }),
  "a manifest beyond all bounds": refused(
    TIP,
    /at most \d+ are read/,
    (forger) =>
      void forger.store.objects.set(
        manifestKey(TWO, "full"),
        new Uint8Array(MANIFEST_BYTES_MAX + 1),
      ),
  ),
};
