/**
 * Keeps how far a batch has come: which rows of the outbox are dealt with as a whole, and up to
 * which of its new steps each episode is. Rows are dealt with in any order, taken by the database
 * or set aside; a watermark passes only steps that were, so that none below it is forgotten. Pure.
 *
 * @module
 */

import { byteLength } from "../../util/bytes.ts";
import type { Loaded } from "./batch.ts";
import type { OutboxRow, SentSteps } from "./outbox-rows.ts";

/** The rows of a batch that one row of the outbox stands for. */
interface Entry {
  /** New steps of an episode in their order, and the row that is named at the end. */
  rows: Loaded[];
  done: Set<Loaded>;
  /** How many of the first ones are done. */
  passed: number;
  /** The episode's watermark as it is in the outbox. */
  watermark: number | null;
}

export interface Dealt {
  /** The rows of the outbox of which nothing is left. */
  whole: OutboxRow[];
  steps: SentSteps[];
}

export class BatchProgress {
  readonly #entries = new Map<OutboxRow, Entry>();

  /** @param rows of the batch, in their order */
  constructor(rows: readonly Loaded[]) {
    for (const [dirty, own] of Map.groupBy(rows, (row) => row.dirty))
      this.#entries.set(dirty, {
        rows: own,
        done: new Set(),
        passed: 0,
        watermark: dirty.steps_after,
      });
  }

  /** These are dealt with. Returns what follows for the outbox. */
  done(rows: readonly Loaded[]): Dealt {
    const dealt: Dealt = { whole: [], steps: [] };
    for (const [dirty, own] of Map.groupBy(rows, (row) => row.dirty)) {
      const entry = this.#entries.get(dirty);
      if (!entry) continue;
      for (const row of own) entry.done.add(row);
      const steps = pass(entry);
      if (steps) dealt.steps.push(steps);
      const last = entry.rows.at(-1);
      const isWhole = entry.passed === entry.rows.length && last?.table === dirty.table_name;
      if (isWhole) dealt.whole.push(dirty);
    }
    return dealt;
  }
}

/** Goes on behind what is done. null: no step was passed. */
function pass(entry: Entry): SentSteps | null {
  const from = entry.watermark;
  let [steps, bytes] = [0, 0];
  for (; entry.passed < entry.rows.length; entry.passed++) {
    const row = entry.rows[entry.passed];
    if (!row || !entry.done.has(row)) break;
    if (row.table === row.dirty.table_name) continue;
    steps += 1;
    bytes += byteLength(String(row.row?.at(-1) ?? ""));
    entry.watermark = numberOfStep(row);
  }
  const { watermark: to } = entry;
  const seq = entry.rows[0]?.dirty.seq;
  if (steps === 0 || seq === undefined || from === null || to === null) return null;
  return { seq, from, to, steps, bytes };
}

function numberOfStep({ key }: Loaded): number {
  return Number(key.at(-1));
}
