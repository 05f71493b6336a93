/**
 * A published runbook as a test: every local block run as it is. What production blocks name, a unit
 * test holds to the help of the programs.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { outputsOf, readRecord, unlike } from "../../../scripts/runbooks/recorded/printed.ts";
import { Shell } from "../../../scripts/runbooks/shell.ts";
import { runnable, walk, type Line } from "../../../scripts/runbooks/walk.ts";
import { ROOT, World } from "../../../scripts/runbooks/world.ts";

const missing = ["bash", "curl", "jq"].filter(
  (name) => spawnSync(name, ["--version"]).status !== 0,
);

/** Where a block printed another thing than the tables of the index show. */
function otherThanRecorded(id: string, lines: readonly Line[]): string[] {
  const record = readRecord(ROOT);
  return [...outputsOf(id, lines)].flatMap(([name, { ended }]) => {
    const recorded = record[name];
    if (recorded === undefined) return [];
    return unlike(recorded, ended.exit, ended.output).map((wrong) => `${name}: ${wrong}`);
  });
}

/** Declares the test of one page. A file has one of them, so that pages run side by side. */
export function itRuns(id: string): void {
  it(`${id} runs from its first block to its last`, { timeout: 600_000 }, async (context) => {
    if (missing.length > 0) return context.skip(`apt-get install -y ${missing.join(" ")}`);
    const page = runnable().get(id);
    if (!page) throw new Error(`there is no ${id}`);
    const world = await World.make();
    const shell = new Shell(world.env, ROOT);
    const lines: Line[] = [];
    try {
      // RB-001 is about starting it.
      if (page.id !== "RB-001") await world.startService();
      const well = await walk({
        page,
        world,
        shell,
        helps: null,
        report: (line) => lines.push(line),
      });
      expect(
        lines
          .filter(({ verdict }) => verdict === "FAIL")
          .map(({ block, note }) => `${block.id}: ${note}`),
      ).toEqual([]);
      expect(well).toBe(true);
    } finally {
      shell.remove();
      await world.remove();
    }
    // Nobody may be passed over in silence.
    const seen = new Set(lines.map(({ block }) => block.id));
    expect(page.blocks.filter((block) => !seen.has(block.id)).map((block) => block.id)).toEqual([]);
    const skipped = lines.filter(
      ({ block, verdict }) => verdict === "not run" && block.where !== "production",
    );
    expect(skipped.every(({ block }) => block.needs !== null)).toBe(true);
    expect(otherThanRecorded(id, lines), `npm run runbook ${id} -- --record`).toEqual([]);
    if (skipped.length > 0)
      console.log(skipped.map(({ block, note }) => `${page.id} ${block.id}: ${note}`).join("\n"));
  });
}
