/**
 * What a snapshot holds beside rows of the database: what only instances had, and the settings. It
 * goes back where nothing is in its place. Ids, tables and columns are held to known ones here and
 * again where they are written.
 *
 * @module
 */

import {
  isPutBack,
  presentName,
  loadChain,
  readChunk,
  type ChainRef,
  type ChunkEntry,
  type Manifest,
} from "../../backup/index.ts";
import { byteLength } from "../../util/bytes.ts";
import { takeSlice, type Row } from "../../storage/index.ts";
import type { JobContext } from "../job-context.ts";

/** Rows that an instance is handed at once. */
const ROWS_AT_ONCE = 200;

/**
 * Everything of a snapshot and its chain, each chunk a step that is kept.
 *
 * @param instance only what this one had; null: all
 * @param settings the settings too
 */
export async function putBack(
  context: JobContext,
  ref: ChainRef,
  { instance, settings }: { instance: number | null; settings: boolean },
): Promise<void> {
  for (const { manifest } of await loadChain(context, ref)) {
    const chunks = manifest.chunks.filter(({ op }) => op === "local");
    for (const [n, entry] of chunks.entries()) {
      const from = entry.instance ?? -1;
      if (
        from >= 0 &&
        isPutBack(presentName(entry.table)) &&
        (instance === null || instance === from)
      ) {
        await context.steps.run(`put back ${n}`, () => putRows(context, manifest, entry, from));
      }
      if (settings && from === -1 && entry.table === "control") {
        await context.steps.run(`settings ${n}`, () => putSettings(context, manifest, entry));
      }
    }
  }
}

async function putRows(
  context: JobContext,
  manifest: Manifest,
  entry: ChunkEntry,
  from: number,
): Promise<number> {
  const table = presentName(entry.table);
  if (!isPutBack(table)) return 0;
  const lines = await readChunk(context, manifest, entry);
  const instance = from % (await context.ask("cluster.instance_count", null));
  for (let rest: readonly string[] = lines; rest.length > 0;) {
    const { rows: part } = takeSlice(rest, { rows: ROWS_AT_ONCE }, byteLength);
    await context.ask("restore.put_local", {
      instance,
      table,
      rows: part.map((line) => JSON.parse(line) as Row),
    });
    rest = rest.slice(part.length);
  }
  return lines.length;
}

async function putSettings(
  context: JobContext,
  manifest: Manifest,
  entry: ChunkEntry,
): Promise<null> {
  const [line = "{}"] = await readChunk(context, manifest, entry);
  const { body } = JSON.parse(line) as { body: string };
  const { settings } = JSON.parse(body) as { settings: Record<string, unknown> };
  if (Object.keys(settings).length > 0)
    await context.ask("restore.put_settings", { settings, by: `restore of ${manifest.id}` });
  return null;
}
