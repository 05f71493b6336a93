/**
 * Reads a backup back, all of it, and says which object is bad.
 *
 * @module
 */

import type { Cipher } from "./bytes.ts";
import { loadChain } from "./chain.ts";
import { readChunk } from "./chunks.ts";
import { BackupFault, type BackupKind, type Manifest } from "./manifest.ts";
import type { ObjectStore, Progress, Steps } from "./ports.ts";

export interface VerifyPorts {
  steps: Steps;
  store: ObjectStore;
  cipher: Cipher | null;
  report: (progress: Progress) => Promise<void>;
}

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
}

const CHUNKS_PER_STEP = 12;
const FAULTS_MAX = 100;

/** Checks the backup and everything it continues. Faults are in the verdict; throws only when the store fails. */
export async function verifyBackup(ports: VerifyPorts, id: string, kind: BackupKind): Promise<Verdict> {
  const verdict: Verdict = { id, ok: true, chain: [], objects: 0, rows: 0, bytes: 0, faults: [] };
  let chain: Manifest[];
  try {
    chain = (await loadChain(ports.store, id, kind)).map(({ manifest }) => manifest);
  } catch (error) {
    if (!(error instanceof BackupFault)) throw error;
    return { ...verdict, ok: false, faults: [faultOf(error)] };
  }
  verdict.chain = chain.map((manifest) => manifest.id);
  const chunks = chain.flatMap((manifest) => manifest.chunks.map((entry) => ({ manifest, entry })));
  for (let at = 0; at < chunks.length; at += CHUNKS_PER_STEP) {
    const part = chunks.slice(at, at + CHUNKS_PER_STEP);
    const found = await ports.steps.run(`verify ${id} ${at}`, async () => {
      const faults: Verdict["faults"] = [];
      for (const { manifest, entry } of part) {
        try {
          checkLines(await readChunk(ports.store, ports.cipher, manifest, entry), manifest, entry);
        } catch (error) {
          if (!(error instanceof BackupFault)) throw error;
          faults.push(faultOf(error));
        }
      }
      return faults;
    });
    verdict.faults.push(...found.slice(0, FAULTS_MAX - verdict.faults.length));
    verdict.objects += part.length;
    for (const { entry } of part) {
      verdict.rows += entry.rows;
      verdict.bytes += entry.bytes;
    }
    await ports.report({
      phase: "verify",
      rows: verdict.rows,
      bytes: verdict.bytes,
      done: verdict.objects,
      total: chunks.length,
    });
  }
  return { ...verdict, ok: verdict.faults.length === 0 };
}

/** Every line is a JSON array of the right length. */
function checkLines(lines: readonly string[], manifest: Manifest, entry: Manifest["chunks"][number]): void {
  if (entry.op === "local") return;
  const table = manifest.tables[entry.table];
  const width = entry.op === "put" ? table?.columns.length : table?.key;
  for (const [i, line] of lines.entries()) {
    let values: unknown;
    try {
      values = JSON.parse(line);
    } catch {
      values = null;
    }
    if (!Array.isArray(values) || values.length !== width) {
      throw new BackupFault(entry.object, `line ${i + 1} is no row of ${entry.table}`);
    }
  }
}

function faultOf({ object, message }: BackupFault): { object: string; problem: string } {
  return { object, problem: message.slice(object.length + 2) };
}
