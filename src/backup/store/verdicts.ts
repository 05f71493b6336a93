/**
 * Whether a backup was read back: kept in the store beside the backups, so that it outlives
 * everything else. With BACKUP_KEY a verdict carries a MAC, and one without is none: a planted
 * verdict must not make an unread backup the parent of the next one, nor keep it in place of a good
 * one.
 *
 * @module
 */

import { sha256Hex, utf8 } from "../../util/hash.ts";
import type { BackupPlace } from "./chain.ts";
import { BackupFault } from "../format/fault.ts";
import type { Verdict } from "../verify.ts";

const PREFIX = "verdicts/";
/** Of a verdict's object; it names at most 100 faults. */
const VERDICT_BYTES_MAX = 1 << 20;

export interface KnownVerdict {
  id: string;
  /** RFC 3339. */
  at: string;
  ok: boolean;
  /** The manifest that was checked, with everything it continues. */
  sha256: string;
}

export async function putVerdict(
  { store, keys }: BackupPlace,
  verdict: Verdict,
  sha256: string,
  at: string,
): Promise<void> {
  const known: KnownVerdict = { id: verdict.id, at, ok: verdict.ok, sha256 };
  const text = JSON.stringify({ ...verdict, ...known });
  const signed = keys ? `{"mac":"${await keys.sign("verdict", text)}","verdict":${text}}` : text;
  const bytes = utf8(signed);
  await store.put(verdictKey(verdict.id), bytes, await sha256Hex(bytes));
}

/** Of this very manifest; null: it was never read back. */
export async function getVerdict(
  place: BackupPlace,
  id: string,
  sha256: string,
): Promise<KnownVerdict | null> {
  const known = await read(place, id);
  return known?.sha256 === sha256 ? known : null;
}

/** Whether an authentic verdict says that another manifest had this id. */
export async function isReplaced(place: BackupPlace, id: string, sha256: string): Promise<boolean> {
  if (!place.keys) return false;
  const known = await read(place, id);
  return known !== null && known.sha256 !== sha256;
}

export const verdictKey = (id: string): string => `${PREFIX}${id}.json`;

async function read({ store, keys }: BackupPlace, id: string): Promise<KnownVerdict | null> {
  try {
    const bytes = await store.get(verdictKey(id), VERDICT_BYTES_MAX);
    if (!bytes) return null;
    const text = new TextDecoder().decode(bytes);
    const said = JSON.parse(text) as Partial<KnownVerdict> & {
      mac?: unknown;
      verdict?: Partial<KnownVerdict>;
    };
    const verdict = said.verdict ?? said;
    if (keys) {
      const mac = typeof said.mac === "string" ? said.mac : "";
      const own = JSON.stringify(verdict);
      if (
        text !== `{"mac":"${mac}","verdict":${own}}` ||
        !(await keys.isSigned("verdict", own, mac))
      )
        return null;
    }
    const { at, ok, sha256 } = verdict;
    if (
      verdict.id !== id ||
      typeof at !== "string" ||
      typeof ok !== "boolean" ||
      typeof sha256 !== "string"
    )
      return null;
    return { id, at, ok, sha256 };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof BackupFault)
      return null;
    throw error;
  }
}
