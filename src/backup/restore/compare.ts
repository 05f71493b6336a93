/**
 * Compares a restored database with its source row by row, as of the backup's watermark: rows that
 * changed in the source since are left out on both sides.
 *
 * @module
 */

import {
  changedKeysQuery,
  scanQuery,
  SLICE_BYTES,
  TABLE_NAMES,
  TABLES,
  type Database,
  type SnapshotReader,
  type TableName,
  type TypedValue,
} from "../../storage/index.ts";
import { byteLength } from "../../util/bytes.ts";
import { encodeRow, isInParts, keyOfRow, type RowKey } from "../format/rows.ts";
import type { Progress, Steps } from "../ports.ts";
import { countPortion, decideKeys } from "./apply.ts";
import type { Portion } from "./portion-sql.ts";
import type { PortionRules } from "./rules.ts";

export interface ComparePorts {
  steps: Steps;
  source: SnapshotReader;
  restored: Pick<Database, "all" | "write">;
  /** As the restore had it. */
  lineBytesMax?: number;
  report: (progress: Progress) => Promise<void>;
}

export interface Difference {
  /** Rows that were compared. */
  rows: number;
  /** In the source only. */
  missing: number;
  /** In both, but different. */
  different: number;
  /** In the restored database only. */
  surplus: number;
  /**
   * Larger than the restored place takes as a value: read back with the backup, and not compared.
   */
  too_large: number;
}

const ROWS_PER_PORTION = 500;
const PORTIONS_PER_STEP = 20;
const EVERYTHING = { namespace: null, since: null };
const RULES: PortionRules = {
  mode: "replace",
  scope: { namespace: null, episode: null },
  deleted: "bring_back",
};

const noDifference = (): Difference => ({
  rows: 0,
  missing: 0,
  different: 0,
  surplus: 0,
  too_large: 0,
});

/** By table. Throws `DatabaseError`. @param since the watermark's number in the change feed */
export async function compareTables(
  ports: ComparePorts,
  since: number,
): Promise<Record<string, Difference>> {
  const differences: Record<string, Difference> = {};
  let rows = 0;
  for (const [done, table] of TABLE_NAMES.entries()) {
    const total = noDifference();
    let after: RowKey | null = null;
    for (let piece = 0; ; piece++) {
      const from: RowKey | null = after;
      const part: Difference & { after: RowKey | null } = await ports.steps.run(
        `compare ${table} ${piece}`,
        () => comparePiece(ports, table, from, since),
      );
      total.rows += part.rows;
      total.missing += part.missing;
      total.different += part.different;
      total.surplus += part.surplus;
      total.too_large += part.too_large;
      rows += part.rows;
      const phase = `compare ${table}`;
      await ports.report({ phase, rows, bytes: 0, done, total: TABLE_NAMES.length });
      after = part.after;
      if (after === null) break;
    }
    differences[table] = total;
  }
  return differences;
}

/** Compares rows behind a key. `after` is the last key that was compared; null: the table ended. */
async function comparePiece(
  ports: ComparePorts,
  table: TableName,
  from: RowKey | null,
  since: number,
): Promise<Difference & { after: RowKey | null }> {
  const comparison = new PieceComparison(ports, table, from);
  const queries = [changedKeysQuery(table, since), scanQuery(table, from, EVERYTHING)];
  for await (const { query, rows } of ports.source.read(queries)) {
    if (query === 0) {
      await comparison.leaveOut(rows);
      continue;
    }
    for (const row of rows) {
      const isEnough = await comparison.add(row);
      if (isEnough) return { ...comparison.difference, after: comparison.last };
    }
  }
  await comparison.end();
  return { ...comparison.difference, after: null };
}

/** Collects rows of the source into portions, and counts how the restored database differs. */
class PieceComparison {
  readonly difference = noDifference();
  /** The key of the last row that was added. */
  last: RowKey | null;
  readonly #restored: ComparePorts["restored"];
  readonly #lineBytesMax: number;
  readonly #shape: Pick<Portion, "table" | "op" | "columns" | "key">;
  #lines: string[] = [];
  #bytes = 0;
  #hasParts = false;
  /** The last key of the portion before. */
  #after: RowKey | null;
  #portions = 0;

  constructor(
    { restored, lineBytesMax = Number.POSITIVE_INFINITY }: ComparePorts,
    table: TableName,
    from: RowKey | null,
  ) {
    const { columns, key } = TABLES[table];
    this.last = from;
    this.#after = from;
    this.#restored = restored;
    this.#lineBytesMax = lineBytesMax;
    this.#shape = { table, op: "put", columns, key };
  }

  /** Leaves rows of these keys out of the comparison: they changed after the watermark. */
  async leaveOut(keys: readonly TypedValue[][]): Promise<void> {
    const lines = keys.map(encodeRow);
    const parts = keys.some(isInParts);
    const changed = { ...this.#shape, layer: 1, lines, parts, after: null, through: null };
    await this.#restored.write([decideKeys(changed)]);
  }

  /** True when the piece has enough portions: the row is not added then. */
  async add(row: readonly TypedValue[]): Promise<boolean> {
    const line = encodeRow(row);
    const bytes = byteLength(line);
    const isFull =
      this.#lines.length >= ROWS_PER_PORTION ||
      (this.#lines.length > 0 && this.#bytes + bytes > SLICE_BYTES);
    if (isFull) {
      await this.#compare(this.last);
      if (this.#portions >= PORTIONS_PER_STEP) return true;
    }

    this.last = keyOfRow(row, this.#shape.key);
    if (bytes > this.#lineBytesMax) {
      this.difference.too_large += 1;
      return false;
    }
    this.#lines.push(line);
    this.#bytes += bytes;
    this.#hasParts ||= isInParts(row);
    return false;
  }

  /** The table has no more rows: compares the rest, and all that is behind it. */
  async end(): Promise<void> {
    await this.#compare(null);
  }

  async #compare(through: RowKey | null): Promise<void> {
    const portion: Portion = {
      ...this.#shape,
      layer: 0,
      lines: this.#lines,
      parts: this.#hasParts,
      after: this.#after === null ? null : JSON.stringify(this.#after),
      through: through === null ? null : JSON.stringify(through),
    };
    const { missing, changed, surplus } = await countPortion(this.#restored, portion, RULES);
    this.difference.rows += this.#lines.length;
    this.difference.missing += missing;
    this.difference.different += changed;
    this.difference.surplus += surplus;

    this.#after = through;
    this.#lines = [];
    this.#bytes = 0;
    this.#hasParts = false;
    this.#portions += 1;
  }
}
