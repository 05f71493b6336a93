/**
 * What blocks printed when they were last recorded (`npm run runbook -- --record`), in
 * docs/runbooks/printed.json: of each its exit code and its telling lines, with a word in the place
 * of every id, time, port and folder. The tables of docs/runbooks/README.md show it, and each test
 * that runs a page holds the page's output to it: the same lines, whatever their numbers are.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Block } from "../page.ts";

/** A block that was run to its end. */
interface Ran {
  block: Pick<Block, "id" | "expect">;
  ended: { exit: number; output: string };
}

export interface Printed {
  exit: number;
  /** None: it printed nothing. */
  lines: string[];
}

/** By page and block: "RB-001 doctor". */
export type PrintedRecord = Readonly<Record<string, Printed>>;

/** Of one line, characters. */
const LINE_LENGTH = 400;

/** What differs with every run, and what stands in its place. */
const VOLATILE: readonly [RegExp, string][] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "ID"],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b/g, "ID"],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d[:-]?\d\d[:-]?\d\d(?:[.-]?\d+)?Z?/g, "TIME"],
  [/\b\d{8}T\d{6}Z?/g, "TIME"],
  [/\b20\d\d-\d\d-\d\d\b/g, "DAY"],
  [/\/tmp\/memory-world-\w+/g, "$TMPDIR"],
  [/\b127\.0\.0\.1:\d+/g, "127.0.0.1:PORT"],
  [/\bport \d+/g, "port PORT"],
];

/** A line as it is recorded. */
export function recordable(line: string): string {
  const same = VOLATILE.reduce((text, [what, word]) => text.replaceAll(what, word), line);
  return same.trimEnd().slice(0, LINE_LENGTH);
}

/**
 * What two lines have in common that say the same of other moments: numbers are equal, and so are
 * their units, the values of a metric's labels, and the room that is left for them.
 */
export function shapeOf(line: string): string {
  return recordable(line)
    .replaceAll(/([a-z_]+)="[^"]*"/g, '$1=""')
    .replaceAll(/\d[\d,.]*(?:e[+-]?\d+)? ?(?:ms|s|min|h|d|[kMG]i?B|bytes)?(?![A-Za-z])/g, "#")
    .replaceAll(/─+/g, "─")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** What is recorded of an output: the line that the block expects, else how it begins and ends. */
export function choose({ expect }: Pick<Block, "expect">, exit: number, output: string): Printed {
  const lines = linesOf(output);
  const expected = expect === null ? undefined : lines.find((line) => expect.test(line));
  const chosen = expected === undefined ? [lines[0], lines.at(-1)] : [expected];
  const said = chosen.filter((line) => line !== undefined).map(recordable);
  return { exit, lines: [...new Set(said)] };
}

/** What was recorded and is not so in this run; empty: nothing. */
export function unlike(recorded: Printed, exit: number, output: string): string[] {
  const shapes = new Set(linesOf(output).map(shapeOf));
  const missing = recorded.lines.filter((line) => !shapes.has(shapeOf(line)));
  const wrong = missing.map((line) => `it did not print: ${line}`);
  if (recorded.lines.length === 0 && shapes.size > 0)
    wrong.push(`it printed: ${[...shapes][0] ?? ""}`);
  if (exit !== recorded.exit) wrong.push(`it ended with ${exit} and not ${recorded.exit}`);
  return wrong;
}

/** Lines that say something: npm's own do not, and no field without a value. */
function linesOf(output: string): string[] {
  return output.split("\n").filter((line) => /[A-Za-z0-9]{2}/.test(line) && !/^> |\s-$/.test(line));
}

/** The last output of each block of a run, by the block's name. */
export function outputsOf(
  page: string,
  lines: readonly (Pick<Ran, "block"> & Partial<Ran>)[],
): Map<string, Ran> {
  const ran = lines.filter((line): line is Ran => line.ended !== undefined);
  return new Map(ran.map((line) => [`${page} ${line.block.id}`, line]));
}

/**
 * The record after a run of these. A line that was recorded and is printed again stays as it is, so
 * that it changes where the service did; what only one of two runs printed goes.
 */
export function recordedAnew(
  before: PrintedRecord,
  outputs: ReadonlyMap<string, Ran>,
  names: ReadonlySet<string>,
): PrintedRecord {
  const after: Record<string, Printed> = {};
  for (const name of [...names].sort()) {
    const run = outputs.get(name);
    const old = before[name];
    const printed = run ? again(old, run) : old;
    if (printed) after[name] = printed;
  }
  return after;
}

function again(old: Printed | undefined, { block, ended }: Ran): Printed {
  const fresh = choose(block, ended.exit, ended.output);
  if (!old || old.exit !== ended.exit) return fresh;
  const shapes = new Set(linesOf(ended.output).map(shapeOf));
  const kept = old.lines.filter((line) => shapes.has(shapeOf(line)));
  return kept.length === 0 ? fresh : { exit: ended.exit, lines: kept };
}

const FILE = "docs/runbooks/printed.json";

/** Where the record of a checkout is. */
export const recordFile = (root: string): string => join(root, FILE);

export function readRecord(root: string): PrintedRecord {
  return JSON.parse(readFileSync(recordFile(root), "utf8")) as PrintedRecord;
}
