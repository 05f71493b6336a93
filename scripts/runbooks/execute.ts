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
    if (why === "") return { block, ok: true, why, ms };
    if (ms >= retryMs || ended.exit === null)
      return { block, ok: false, why: `${why}\n${tail(ended.output)}`, ms };
    await sleep(RETRY_PAUSE_MS);
  }
}

/** The last lines of an output, indented. */
function tail(output: string): string {
  const lines = output.trim().split("\n").slice(-15);
  return lines.map((line) => `      ${line}`).join("\n");
}
