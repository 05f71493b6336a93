/**
 * What an attacker does to a bucket of backups: how a forgery is described, and the tools that forgeries
 * are made with.
 *
 * @module
 */

import type { BackupKind, Manifest } from "../../../src/backup/index.ts";
import { prefixOf } from "../../../src/backup/format/manifest.ts";
import { TABLES, type SqlValue, type TableName } from "../../../src/storage/index.ts";
import { Forger } from "./forger.ts";

export const FULL = "20260101T000000Z-f0000001";
export const ONE = "20260102T000000Z-10000001";
export const TWO = "20260103T000000Z-20000001";
export const SNAPSHOT = "20260104T000000Z-50000001";
export const SECOND = "20260105T000000Z-f0000002";
export const FOREIGN = "20260106T000000Z-f0000003";
export const LEGACY = "20251201T000000Z-f0000004";
export const LEGACY_PLAIN = "20251202T000000Z-f0000005";
export const BEFORE_KEY = "20251203T000000Z-f0000006";
export const PLANTED = "20270101T000000Z-deadbeef";

export const NAMES = Object.keys(TABLES) as TableName[];
export const report = async (): Promise<void> => {};

export function rowOf(name: TableName, n: number): SqlValue[] {
  const { columns, key } = TABLES[name];
  return columns.map((column, i) => {
    if (column === "namespace") return "ns";
    if (/_at$|version|count|length|dimension|success|failure|episodes|promoted|number/.test(column))
      return n + 1;
    return i < key || column === "hash" ? `${column}-${n}` : `text ${n}`;
  });
}

export interface Forgery {
  /** Changes the bucket; says which backup is tried, and how. The default: the chain's tip. */
  forge: (
    forger: Forger,
  ) => { id: string; accept?: boolean } | void | Promise<{ id: string; accept?: boolean } | void>;
  /** What the error names, and says. */
  object: RegExp;
  fault: RegExp;
}
export const WRONG_MAC = /is not trusted: it has a MAC that is wrong/;

/** The attacker's own key, which he would like to be let in by. */
export const HIS_KEY = JSON.stringify([
  "abc",
  "his hash",
  JSON.stringify({ id: "abc", scopes: ["admin"], namespaces: ["*"] }),
]);

export function plant(forger: Forger, kind: BackupKind, more: Partial<Manifest> = {}): Manifest {
  const of = { id: PLANTED, kind };
  const like = forger.manifest(kind === "snapshot" ? SNAPSHOT : kind === "full" ? FULL : ONE, kind);
  const place_ = kind === "snapshot" ? { instance: -1, state: "unsent" as const, layer: 2 } : {};
  const chunks = [forger.chunk(of, [HIS_KEY], { table: "api_keys", ...place_ })];
  return { ...like, id: PLANTED, encryption: null, chunks, ...more };
}
/** The manifest as one of format 1 would be: without a wrapped key. */
export function downgraded(manifest: Manifest): Manifest {
  const { wrapped: _wrapped, ...encryption } = manifest.encryption ?? { key_id: "", wrapped: "" };
  return { ...manifest, format_version: 1, encryption: encryption as Manifest["encryption"] };
}
export const swapBytes = (forger: Forger, a: string, b: string): void => {
  const [one, two] = [forger.store.objects.get(a), forger.store.objects.get(b)];
  if (!one || !two || a === b) throw new Error("nothing to swap");
  forger.store.objects.set(a, two);
  forger.store.objects.set(b, one);
};
export const chunkKey = (
  forger: Forger,
  id: string,
  n: number,
  kind: BackupKind = "full",
): string => prefixOf(id, kind) + (forger.manifest(id, kind).chunks[n]?.object ?? "");

export const TIP = new RegExp(`^exports/${TWO}/manifest.json$`);
export const BASE = new RegExp(`^exports/${FULL}/manifest.json$`);
export const HIS = new RegExp(`^(exports|snapshots)/${PLANTED}/manifest.json$`);
export const change =
  (how: (manifest: Manifest) => Partial<Manifest> | void): Forgery["forge"] =>
  (forger) => {
    forger.change(TWO, "full", how);
  };
export const planted = (
  kind: BackupKind,
  as: Parameters<Forger["write"]>[1],
  more: (forger: Forger) => Partial<Manifest> = () => ({}),
) =>
  ((forger) => {
    forger.write(plant(forger, kind, more(forger)), as);
    return { id: PLANTED };
  }) satisfies Forgery["forge"];
export const refused = (object: RegExp, fault: RegExp, forge: Forgery["forge"]): Forgery => ({
  object,
  fault,
  forge,
});
export const NEITHER =
  /is not trusted: it is neither authenticated nor encrypted; .*accept_unauthenticated.*--accept-unauthenticated/;
