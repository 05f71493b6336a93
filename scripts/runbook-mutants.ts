/**
 * `npm run runbook:mutants [--count 10] [--seed N]`: in a copy of the checkout, commands, flags,
 * paths and metric names that the runbooks use are made otherwise, one at a time, chosen at random;
 * each time some block must fail.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { apply, mutantsOf, type Mutant } from "./runbooks/mutants.ts";
import { Shell } from "./runbooks/shell.ts";
import { isPreparation, pages, walk } from "./runbooks/walk.ts";
import { ROOT, World } from "./runbooks/world.ts";

process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

const { values } = parseArgs({ options: { count: { type: "string" }, seed: { type: "string" } } });
const count = Number(values.count ?? 10);
const seed = Number(values.seed ?? Date.now() % 1_000_000);

/** mulberry32: the same choice for the same seed. */
function random(state: number): () => number {
  let at = state;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function copy(): string {
  const root = mkdtempSync(join(tmpdir(), "memory-mutant-"));
  const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  for (const file of files.trim().split("\n")) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(ROOT, file), join(root, file));
  }
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  return root;
}

/** @returns the first block that failed, or null */
async function firstFailure(root: string, mutant: Mutant): Promise<string | null> {
  const page = pages(root).get(mutant.page);
  if (!page) throw new Error(`no ${mutant.page}`);
  // Drills that do not name it would only take time; npm run build says nothing of it.
  const naming = page.blocks.filter(({ text }) => text.includes(mutant.name));
  const named = new Set(naming.map(({ scenario }) => scenario));
  // What a page prepares, any of its blocks may use.
  const everywhere = naming.some(isPreparation);
  page.blocks = page.blocks.filter(
    ({ where, scenario, text }) =>
      where !== "production" &&
      !text.includes("npm run build") &&
      (everywhere || scenario === null || named.has(scenario)),
  );
  const world = await World.make(root);
  const shell = new Shell(world.env, root);
  let failed: string | null = null;
  try {
    if (page.id !== "RB-001") await world.startService();
    await walk({
      page,
      world,
      shell,
      helps: null,
      report: ({ block, verdict }) => {
        if (verdict === "FAIL") failed ??= block.id;
      },
    });
  } catch (error) {
    // A drill whose own bookkeeping trips over the mutant counts for nothing unless a block failed
    // too, or it never started.
    failed ??= String(error).includes("npm start is ready") ? "npm start" : null;
    if (failed === null) throw error;
  } finally {
    shell.remove();
    await world.remove();
  }
  return failed;
}

const root = copy();
const next = random(seed);
let survived = 0;
try {
  const list = [...pages(root).values()].flatMap((page) => mutantsOf(root, page));
  console.log(`${list.length} mutants; ${count} of them, seed ${seed}`);
  const chosen = list
    .map((mutant) => ({ mutant, at: next() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, count);
  for (const { mutant } of chosen) {
    const restore = apply(root, mutant);
    const block = await firstFailure(root, mutant);
    restore();
    if (block === null) survived += 1;
    console.log(
      `${block === null ? "SURVIVED" : "caught  "}  ${mutant.page}  ${mutant.kind} ${mutant.name}${block === null ? "" : `, by ${block}`}`,
    );
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
console.log(`${count - survived} of ${count} caught`);
process.exit(survived === 0 ? 0 : 1);
