/**
 * `npm run runbook RB-00N [--from step] [--here] [--record]`: a runbook's page, run block by block
 * against a service that is started for it, or with --here against the one that MEMORY_URL names.
 * Without an id: all of them, and the appendix. With --record what the blocks of the tables printed
 * is written to docs/runbooks/printed.json; `npm run docs` shows it. Needs bash, curl and jq.
 *
 * @module
 */

import { existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Helps } from "./runbooks/production.ts";
import { namesOfAppendix } from "./runbooks/recorded/appendix.ts";
import { outputsOf, readRecord, recordedAnew, recordFile } from "./runbooks/recorded/printed.ts";
import { namesOfRows } from "./runbooks/rows.ts";
import { Shell } from "./runbooks/shell.ts";
import { runnable, walk, type Line } from "./runbooks/walk.ts";
import { ROOT, World } from "./runbooks/world.ts";

process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

const { values, positionals } = parseArgs({
  options: {
    from: { type: "string" },
    here: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const all = runnable();
const unknown = positionals.filter((id) => !all.has(id));
if (unknown.length > 0) {
  console.error(
    `There is no runbook ${unknown.join(", ")}; there are ${[...all.keys()].join(", ")}.`,
  );
  process.exit(2);
}

function show({ block, verdict, note, ms }: Line): void {
  console.log(
    `${verdict.padEnd(8)} ${(ms / 1_000).toFixed(1).padStart(6)} s  ${block.id}  ${note}`,
  );
}

/** Takes what a page printed into the record. */
function record(id: string, lines: readonly Line[]): void {
  const before = existsSync(recordFile(ROOT)) ? readRecord(ROOT) : {};
  const names = new Set([...namesOfRows(), ...namesOfAppendix()]);
  const after = recordedAnew(before, outputsOf(id, lines), names);
  writeFileSync(recordFile(ROOT), `${JSON.stringify(after, null, 2)}\n`);
}

const helps = values.here ? null : new Helps();
let well = true;
for (const [id, page] of all) {
  if (positionals.length > 0 && !positionals.includes(id)) continue;
  console.log(`\n${page.title}`);
  const world = values.here ? null : await World.make();
  const own = process.env as Record<string, string>;
  const shell = new Shell(world?.env ?? own, ROOT);
  const lines: Line[] = [];
  const report = (line: Line): void => {
    lines.push(line);
    show(line);
  };
  try {
    // RB-001 is about starting it.
    if (id !== "RB-001") await world?.startService();
    if (!(await walk({ page, world, shell, helps, report, from: values.from }))) well = false;
    if (values.record) record(id, lines);
  } catch (error) {
    well = false;
    console.error(error instanceof Error ? error.message : String(error));
  } finally {
    shell.remove();
    await world?.remove();
  }
}
process.exit(well ? 0 : 1);
