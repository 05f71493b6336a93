/**
 * One block, run as its annotation says, and what came of it.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Block } from "./page.ts";
import type { Ended, Shell } from "./shell.ts";

const RETRY_PAUSE_MS = 500;

export interface Result {
  block: Block;
  ok: boolean;
  /** Why not, with the end of the output; empty when it is ok. */
  why: string;
  ms: number;
  /** How the last of its tries ended; null: it did not end. */
  ended: { exit: number; output: string } | null;
}

/** What a block's end lacks; empty: nothing. */
function lacking(block: Block, ended: Ended): string {
  if (ended.exit === null) return `it did not end in ${block.timeout_ms} ms`;
  if (ended.exit !== block.exit) return `it ended with ${ended.exit} and not ${block.exit}`;
  if (block.expect !== null && !block.expect.test(ended.output))
    return `its output does not match ${block.expect}`;
  return "";
}

/** @param retryMs for how long to try; the block's own time by default */
export async function execute(
  shell: Shell,
  block: Block,
  retryMs = block.retry_ms,
): Promise<Result> {
  const begun = performance.now();
  for (;;) {
    const ended = await shell.run(block.text, block.timeout_ms);
    const why = lacking(block, ended);
    const ms = performance.now() - begun;
    const last = { block, ms, ended: endOf(ended) };
    if (why === "") return { ...last, ok: true, why };
    if (ms >= retryMs || ended.exit === null)
      return { ...last, ok: false, why: `${why}\n${tail(ended.output)}` };
    await sleep(RETRY_PAUSE_MS);
  }
}

function endOf({ exit, output }: Ended): Result["ended"] {
  return exit === null ? null : { exit, output };
}

/** The last lines of an output, indented. */
function tail(output: string): string {
  const lines = output.trim().split("\n").slice(-15);
  return lines.map((line) => `      ${line}`).join("\n");
}
