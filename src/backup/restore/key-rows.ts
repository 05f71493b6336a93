/**
 * Reads the rows of `api_keys` out of a chain of backups. A restore never writes them: an
 * operator names the keys that are to come back, and the Coordinator, which owns them, decides
 * about each.
 *
 * @module
 */

import type { KeyRow } from "../../contract/backups/restore.ts";
import { LIMITS } from "../../contract/limits.ts";
import { readChunk } from "../format/chunks.ts";
import { LAYERS_MAX } from "../format/shape.ts";
import type { BackupPlace, Steps } from "../ports.ts";
import { type ChainRef, loadChain } from "../store/chain.ts";

export interface KeysFound {
  /** Ids of keys in the backup, at most `LIMITS.restore_keys_max`, in their order. */
  ids: string[];
  /** How many there are. */
  total: number;
  /** The rows of those that were named. */
  rows: KeyRow[];
}

/**
 * The keys as the tip of the chain shows them: the newest layer that names one counts. Throws
 * `BackupFault`.
 *
 * @param named ids whose rows are wanted
 */
export function keysOf(
  ports: BackupPlace & { steps: Steps },
  ref: ChainRef,
  named: readonly string[],
): Promise<KeysFound> {
  return ports.steps.run("keys", async () => {
    const links = await loadChain(ports, ref);
    const chunks = links.flatMap(({ manifest }, link) =>
      manifest.chunks
        .filter(({ table, op }) => table === "api_keys" && op !== "local")
        .map((entry) => ({ manifest, entry, order: link * LAYERS_MAX + entry.layer })),
    );
    chunks.sort((a, b) => a.order - b.order);

    const rows = new Map<string, KeyRow>();
    for (const { manifest, entry } of chunks) {
      const columns = manifest.tables["api_keys"]?.columns ?? [];
      for (const line of await readChunk(ports, manifest, entry)) {
        const values = JSON.parse(line) as unknown[];
        const of = (name: string): string => {
          const value = values[columns.indexOf(name)];
          return typeof value === "string" ? value : "";
        };
        const id = of("id");
        if (entry.op === "delete") rows.delete(id);
        else rows.set(id, { id, hash: of("hash"), body: of("body") });
      }
    }
    const ids = [...rows.keys()].sort();
    return {
      ids: ids.slice(0, LIMITS.restore_keys_max),
      total: ids.length,
      rows: named.flatMap((id) => rows.get(id) ?? []),
    };
  });
}
