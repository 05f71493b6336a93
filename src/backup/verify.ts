/**
 * Reads a backup back, all of it, and says which object is bad.
 *
 * @module
 */

import { loadChain, type BackupPlace, type ChainRef } from "./store/chain.ts";
import { readChunk } from "./format/chunks.ts";
import { BackupFault } from "./format/fault.ts";
import type { Loaded } from "./format/manifest.ts";
import type { Progress, Steps } from "./ports.ts";
import { warningOf } from "./format/trust.ts";

export interface VerifyPorts extends BackupPlace {
  steps: Steps;
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
  /**
   * What was accepted although nobody vouches for it, a text for each backup; absent: nothing was.
   */
  warnings?: string[];
}

const CHUNKS_PER_STEP = 12;
const FAULTS_MAX = 100;

/**
 * Checks the backup and everything it continues. Faults are in the verdict; throws only when the
 * store fails.
 */
export async function verifyBackup(ports: VerifyPorts, ref: ChainRef): Promise<Verdict> {
  const { id } = ref;
  const verdict: Verdict = { id, ok: true, chain: [], objects: 0, rows: 0, bytes: 0, faults: [] };
  let links: Loaded[];
  try {
    links = await loadChain(ports, ref);
  } catch (error) {
    if (!(error instanceof BackupFault)) throw error;
    return { ...verdict, ok: false, faults: [faultOf(error)] };
  }
  const chain = links.map(({ manifest }) => manifest);
  const warnings = links.flatMap(({ manifest, trust }) => warningOf(manifest.id, trust) ?? []);
  if (warnings.length > 0) verdict.warnings = warnings;
  verdict.chain = chain.map((manifest) => manifest.id);
  const chunks = chain.flatMap((manifest) => manifest.chunks.map((entry) => ({ manifest, entry })));
  for (let at = 0; at < chunks.length; at += CHUNKS_PER_STEP) {
    const part = chunks.slice(at, at + CHUNKS_PER_STEP);
    const found = await ports.steps.run(`verify ${id} ${at}`, async () => {
      const faults: Verdict["faults"] = [];
      for (const { manifest, entry } of part) {
        try {
          await readChunk(ports, manifest, entry);
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

function faultOf({ object, message }: BackupFault): { object: string; problem: string } {
  return { object, problem: message.slice(object.length + 2) };
}
