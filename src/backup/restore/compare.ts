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
  TABLES,
  type Database,
  type SnapshotReader,
  type TableName,
  type TypedValue,
} from "../../storage/index.ts";
import { byteLength } from "../../memory/bytes.ts";
import type { Progress, Steps } from "../ports.ts";
import { countPortion, settle, type Portion } from "./restore-sql.ts";
import { encodeRow } from "../format/rows.ts";

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
  /** In the source only, in both but different, in the restored database only. */
  missing: number;
  different: number;
  surplus: number;
  /**
   * Larger than the restored place takes as a value: read back with the backup, and not compared.
   */
  too_large: number;
}

const NAMES = Object.keys(TABLES) as TableName[];
const ROWS = 500;
/** Portions that one step compares. */
const PORTIONS = 20;
const SCOPE = { namespace: null, since: null };
const EVERYTHING = { namespace: null, episode: null };

/** @param since the watermark */
export async function compareTables(
  ports: ComparePorts,
  since: number,
): Promise<Record<string, Difference>> {
  const { steps } = ports;
  const found: Record<string, Difference> = {};
  let rows = 0;
  for (const [n, name] of NAMES.entries()) {
    const total: Difference = { rows: 0, missing: 0, different: 0, surplus: 0, too_large: 0 };
    let after: (string | number)[] | null = null;
    for (let piece = 0; ; piece++) {
      const behind: (string | number)[] | null = after;
      const part: Difference & { after: (string | number)[] | null } = await steps.run(
        `compare ${name} ${piece}`,
        () => comparePiece(ports, name, behind, since),
      );
      total.rows += part.rows;
      total.missing += part.missing;
      total.different += part.different;
      total.surplus += part.surplus;
      total.too_large += part.too_large;
      rows += part.rows;
      await ports.report({
        phase: `compare ${name}`,
        rows,
        bytes: 0,
        done: n,
        total: NAMES.length,
      });
      after = part.after;
      if (after === null) break;
    }
    found[name] = total;
  }
  return found;
}

async function comparePiece(
  { source, restored, lineBytesMax = Number.POSITIVE_INFINITY }: ComparePorts,
  name: TableName,
  behind: (string | number)[] | null,
  since: number,
): Promise<Difference & { after: (string | number)[] | null }> {
  const { columns, key } = TABLES[name];
  const total: Difference = { rows: 0, missing: 0, different: 0, surplus: 0, too_large: 0 };
  let after = behind;
  let lines: string[] = [];
  let [bytes, parts, portions] = [0, false, 0];
  let last: (string | number)[] | null = behind;
  const shape = { table: name, op: "put", columns, key } as const;
  const compare = async (through: (string | number)[] | null): Promise<void> => {
    const text = (value: (string | number)[] | null): string | null =>
      value === null ? null : JSON.stringify(value);
    const portion: Portion = {
      ...shape,
      layer: 0,
      lines,
      parts,
      after: text(after),
      through: text(through),
    };
    const { sql, args } = countPortion(portion, "replace", EVERYTHING, "bring_back");
    const [row] = await restored.all<{ missing: number; changed: number; surplus: number }>(
      sql,
      ...args,
    );
    total.rows += lines.length;
    total.missing += row?.missing ?? 0;
    total.different += row?.changed ?? 0;
    total.surplus += row?.surplus ?? 0;
    after = through;
    [lines, bytes, parts] = [[], 0, false];
    portions += 1;
  };
  for await (const { query, rows } of source.read([
    changedKeysQuery(name, since),
    scanQuery(name, behind, SCOPE),
  ])) {
    if (query === 0) {
      const changed: Portion = {
        ...shape,
        layer: 1,
        lines: rows.map(encodeRow),
        parts: rows.some(inParts),
        after: null,
        through: null,
      };
      await restored.write([settle(changed)]);
      continue;
    }
    for (const row of rows) {
      const line = encodeRow(row);
      const size = byteLength(line);
      if (lines.length >= ROWS || (lines.length > 0 && bytes + size > SLICE_BYTES)) {
        await compare(last);
        if (portions >= PORTIONS) return { ...total, after: last };
      }
      last = row
        .slice(0, key)
        .map((value) => (value.type === "integer" ? Number(value.value) : textOf(value)));
      if (size > lineBytesMax) {
        total.too_large += 1;
        continue;
      }
      lines.push(line);
      bytes += size;
      parts ||= inParts(row);
    }
  }
  await compare(null);
  return { ...total, after: null };
}

const inParts = (row: readonly TypedValue[]): boolean =>
  row.some((value) => value.type === "text" && value.value.includes("\0"));
const textOf = (value: TypedValue): string => (value.type === "text" ? value.value : "");
