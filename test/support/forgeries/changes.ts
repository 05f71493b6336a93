/**
 * What forgeries change in a bucket: a chunk more, other columns, a manifest with something else in it.
 *
 * @module
 */

import { type ChunkEntry, type Manifest } from "../../../src/backup/index.ts";
import { TABLES } from "../../../src/storage/index.ts";
import { SNAPSHOT, TWO, change, rowOf, type Forgery } from "./forgery.ts";

/** In the tip of the unencrypted world, where sums are all that there is: the shape must hold. */
export const row = (n: number): string => JSON.stringify(rowOf("episodes", n));
export const withChunk =
  (lines: readonly string[], more: Partial<ChunkEntry> = {}): Forgery["forge"] =>
  (forger) => {
    const added = forger.chunk({ id: TWO, kind: "full" }, lines, { layer: 999, ...more });
    forger.change(TWO, "full", (m) => ({ chunks: [...m.chunks, added] }));
  };
export const withEntry = (more: object): Forgery["forge"] =>
  withChunk([row(1)], more as Partial<ChunkEntry>);
export const withTables = (tables: object): Forgery["forge"] =>
  change((m) => ({ tables: { ...m.tables, ...(tables as Manifest["tables"]) } }));
export const inSnapshot =
  (lines: readonly string[], more: object): Forgery["forge"] =>
  (forger) => {
    const of = { id: SNAPSHOT, kind: "snapshot" } as const;
    const local = {
      op: "local" as const,
      state: "local" as const,
      layer: 0,
      instance: 0,
      table: "pending_tasks",
    };
    const added = forger.chunk(of, lines, { ...local, ...(more as Partial<ChunkEntry>) });
    forger.change(SNAPSHOT, "snapshot", (m) => ({ chunks: [...m.chunks, added] }));
    return { id: SNAPSHOT };
  };
export const bomb =
  (bytes: number): Forgery["forge"] =>
  (forger) => {
    const added = forger.packed({ id: TWO, kind: "full" }, new Uint8Array(64 << 20), {
      layer: 999,
      bytes,
    });
    forger.change(TWO, "full", (m) => ({ chunks: [...m.chunks, added] }));
  };
export const CHUNK = /\.ndjson\.gz$/;
export const SNAP = new RegExp(`^snapshots/${SNAPSHOT}/manifest.json$`);
export const BODY = "body) SELECT 1,2,3; DROP TABLE episodes; --";
/** Those that a backup of episodes has. */
export const { columns } = TABLES.episodes;
