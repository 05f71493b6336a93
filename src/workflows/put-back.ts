/**
 * What a snapshot holds beside rows of the database: what only instances had, and the settings. It goes back where
 * nothing is in its place. Ids, tables and columns are held to known ones here and again where they are written.
 *
 * @module
 */

import { isPutBack, loadChain, readChunk, type ChainRef, type ChunkEntry, type Manifest } from "../backup/index.ts";
import type { Row } from "../storage/index.ts";
import type { JobGround } from "./ground.ts";

/** Rows and characters that an instance is handed at once: far below what an RPC may carry. */
const ROWS_AT_ONCE = 200;
const CHARS_AT_ONCE = 4_000_000;

/** @param instance only what this one had; null: all @param settings the settings too */
export async function putBack(
  ground: JobGround,
  ref: ChainRef,
  { instance, settings }: { instance: number | null; settings: boolean },
): Promise<void> {
  for (const { manifest } of await loadChain(ground, ref)) {
    const chunks = manifest.chunks.filter(({ op }) => op === "local");
    for (const [n, entry] of chunks.entries()) {
      const from = entry.instance ?? -1;
      if (from >= 0 && isPutBack(entry.table) && (instance === null || instance === from)) {
        await ground.steps.run(`put back ${n}`, () => putRows(ground, manifest, entry, from));
      }
      if (settings && from === -1 && entry.table === "control") {
        await ground.steps.run(`settings ${n}`, () => putSettings(ground, manifest, entry));
      }
    }
  }
}

async function putRows(ground: JobGround, manifest: Manifest, entry: ChunkEntry, from: number): Promise<number> {
  const { table } = entry;
  if (!isPutBack(table)) return 0;
  const lines = await readChunk(ground, manifest, entry);
  const instance = from % (await ground.ask("instances", null));
  let at = 0;
  while (at < lines.length) {
    const rows: Row[] = [];
    for (let chars = 0; at < lines.length && rows.length < ROWS_AT_ONCE; at++) {
      const line = lines[at] ?? "{}";
      chars += line.length;
      if (rows.length > 0 && chars > CHARS_AT_ONCE) break;
      rows.push(JSON.parse(line) as Row);
    }
    await ground.ask("put_local", { instance, table, rows });
  }
  return lines.length;
}

async function putSettings(ground: JobGround, manifest: Manifest, entry: ChunkEntry): Promise<null> {
  const [line = "{}"] = await readChunk(ground, manifest, entry);
  const { body } = JSON.parse(line) as { body: string };
  const { settings } = JSON.parse(body) as { settings: Record<string, unknown> };
  if (Object.keys(settings).length > 0) await ground.ask("put_settings", { settings, by: `restore of ${manifest.id}` });
  return null;
}
