/**
 * Stores and reads verdicts: what reading a backup back found. They are kept beside the backups,
 * so that they outlive everything else. With BACKUP_KEY a verdict carries a MAC, and one without
 * counts as none: a planted verdict must not make an unread backup the parent of the next one,
 * nor keep it in place of a good one.
 *
 * @module
 */

import { sha256Hex, utf8 } from "../../util/hashing/hash.ts";
import { sealingKey, signerOf } from "../format/keys.ts";
import { BackupFault } from "../format/manifest.ts";
import type { BackupPlace } from "../ports.ts";

const PREFIX = "verdicts/";
/** Of a verdict's object; it names at most 100 faults. */
const VERDICT_BYTES_MAX = 1 << 20;

export interface Verdict {
  id: string;
  ok: boolean;
  /** The backups that it needs, the full one first. */
  chain: string[];
  objects: number;
  rows: number;
  bytes: number;
  /** At most 100. */
  faults: { object: string; problem: string }[];
  /**
   * What was accepted although nobody vouches for it, a text for each backup; absent: nothing was.
   */
  warnings?: string[];
  /** Why nothing shows who wrote it: there is no BACKUP_KEY to tell by. Absent: there is one. */
  unsigned?: string;
}

/** What is read of a stored verdict. */
export interface StoredVerdict {
  id: string;
  /** RFC 3339. */
  at: string;
  ok: boolean;
  /** The manifest that was checked, with everything it continues. */
  sha256: string;
}

/** @param sha256 of the manifest that was checked, hex @param at RFC 3339 */
export async function putVerdict(
  { store, keys }: BackupPlace,
  verdict: Verdict,
  sha256: string,
  at: string,
): Promise<void> {
  const stored: StoredVerdict = { id: verdict.id, at, ok: verdict.ok, sha256 };
  const text = JSON.stringify({ ...verdict, ...stored });
  const key = sealingKey(keys);
  const signed = key ? signedText(text, await key.sign("verdict", text)) : text;
  const bytes = utf8(signed);
  await store.put(verdictKey(verdict.id), bytes, await sha256Hex(bytes));
}

/** The verdict on this very manifest; null: it was never read back. */
export async function getVerdict(
  place: BackupPlace,
  id: string,
  sha256: string,
): Promise<StoredVerdict | null> {
  const stored = await readVerdict(place, id);
  return stored?.sha256 === sha256 ? stored : null;
}

/** Whether an authentic verdict says that another manifest had this id. */
export async function isReplaced(place: BackupPlace, id: string, sha256: string): Promise<boolean> {
  if (!place.keys) return false;
  const stored = await readVerdict(place, id);
  return stored !== null && stored.sha256 !== sha256;
}

export const verdictKey = (id: string): string => `${PREFIX}${id}.json`;

const signedText = (text: string, mac: string): string => `{"mac":"${mac}","verdict":${text}}`;

/** Ids of the backups that there is a verdict on, the oldest first. */
export async function verdictIds({ store }: BackupPlace): Promise<string[]> {
  const keys = await store.list(PREFIX);
  return keys.map((key) => key.slice(PREFIX.length).replace(/\.json$/, "")).sort();
}

/** null: there is none, or what is there is no authentic verdict on this backup. */
export async function readVerdict(
  { store, keys }: BackupPlace,
  id: string,
): Promise<StoredVerdict | null> {
  try {
    const bytes = await store.get(verdictKey(id), VERDICT_BYTES_MAX);
    if (!bytes) return null;
    const text = new TextDecoder().decode(bytes);
    const parsed = JSON.parse(text) as Partial<StoredVerdict> & {
      mac?: unknown;
      verdict?: Partial<StoredVerdict>;
    };
    const verdict = parsed.verdict ?? parsed;
    if (keys) {
      const mac = typeof parsed.mac === "string" ? parsed.mac : "";
      const own = JSON.stringify(verdict);
      // Only this very text: its MAC is of all that was read.
      if (text !== signedText(own, mac)) return null;
      if (!(await signerOf(keys, "verdict", own, mac))) return null;
    }
    return storedVerdict(id, verdict);
  } catch (error) {
    const isUnreadable =
      error instanceof SyntaxError || error instanceof TypeError || error instanceof BackupFault;
    if (isUnreadable) return null;
    throw error;
  }
}

function storedVerdict(id: string, verdict: Partial<StoredVerdict>): StoredVerdict | null {
  const { at, ok, sha256 } = verdict;
  const isWhole =
    verdict.id === id &&
    typeof at === "string" &&
    typeof ok === "boolean" &&
    typeof sha256 === "string";
  return isWhole ? { id, at, ok, sha256 } : null;
}
