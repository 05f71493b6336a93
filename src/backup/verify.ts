/**
 * Reads a backup back, all of it and everything it continues, and says which object is bad. Reads
 * only; keeping the verdict is the caller's.
 *
 * @module
 */

import { readChunk } from "./format/chunks.ts";
import { BackupFault, type ChunkEntry, type Manifest } from "./format/manifest.ts";
import { type Loaded, warningOf } from "./format/sealed-manifest.ts";
import type { BackupPlace, Progress, Steps } from "./ports.ts";
import { type ChainRef, loadChain } from "./store/chain.ts";
import type { Verdict } from "./store/verdicts.ts";

export interface VerifyPorts extends BackupPlace {
  steps: Steps;
  report: (progress: Progress) => Promise<void>;
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
    return { ...verdict, ok: false, faults: [viewOf(error)] };
  }

  verdict.chain = links.map(({ manifest }) => manifest.id);
  const warnings = links.flatMap(({ manifest, trust }) => warningOf(manifest.id, trust) ?? []);
  if (warnings.length > 0) verdict.warnings = warnings;
  const unsigned = links.find(({ trust }) => trust.authentic === null)?.trust.reason;
  if (unsigned) verdict.unsigned = unsigned;
  await verifyChunks(ports, verdict, links);
  return { ...verdict, ok: verdict.faults.length === 0 };
}

/** Adds what is read, and what is wrong with it, to the verdict. */
async function verifyChunks(
  ports: VerifyPorts,
  verdict: Verdict,
  links: readonly Loaded[],
): Promise<void> {
  const chunks = links.flatMap(({ manifest }) =>
    manifest.chunks.map((entry) => ({ manifest, entry })),
  );
  for (let at = 0; at < chunks.length; at += CHUNKS_PER_STEP) {
    const part = chunks.slice(at, at + CHUNKS_PER_STEP);
    const faults = await ports.steps.run(`verify ${verdict.id} ${at}`, () => faultsOf(ports, part));
    verdict.faults.push(...faults.slice(0, FAULTS_MAX - verdict.faults.length));
    verdict.objects += part.length;
    for (const { entry } of part) {
      verdict.rows += entry.rows;
      verdict.bytes += entry.bytes;
    }

    const { rows, bytes, objects: done } = verdict;
    await ports.report({ phase: "verify", rows, bytes, done, total: chunks.length });
  }
}

async function faultsOf(
  place: BackupPlace,
  chunks: readonly { manifest: Manifest; entry: ChunkEntry }[],
): Promise<Verdict["faults"]> {
  const faults: Verdict["faults"] = [];
  for (const { manifest, entry } of chunks) {
    try {
      await readChunk(place, manifest, entry);
    } catch (error) {
      if (!(error instanceof BackupFault)) throw error;
      faults.push(viewOf(error));
    }
  }
  return faults;
}

function viewOf({ object, problem }: BackupFault): { object: string; problem: string } {
  return { object, problem };
}
