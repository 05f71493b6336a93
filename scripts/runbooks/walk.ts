/**
 * A page from its first block to its last, each of them run or checked, none passed over in
 * silence.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execute, type Result } from "./execute.ts";
import { parsePage, scenariosOf, type Block, type Page } from "./page.ts";
import { checkProduction } from "./production.ts";
import { runScenario } from "./scenario.ts";
import type { Shell } from "./shell.ts";
import { ROOT, type World } from "./world.ts";

const FOLDER = "docs/runbooks";

/** Every runbook, by id. @param root the checkout */
export function pages(root = ROOT): Map<string, Page> {
  const folder = join(root, FOLDER);
  const files = readdirSync(folder).filter((name) => /^RB-\d{3}\.md$/.test(name));
  const all = files.sort().map((name) => parsePage(readFileSync(join(folder, name), "utf8")));
  return new Map(all.map((page) => [page.id, page]));
}

export interface Line {
  block: Block;
  verdict: "pass" | "FAIL" | "checked" | "not run";
  said: string;
  ms: number;
}

/** The blocks that set the shell up for any part of a page. */
export const isPreparation = (block: Block): boolean =>
  block.step === "Before you begin" && block.where !== "production";

async function lacks(world: World | null, url: string, needs: string | null): Promise<boolean> {
  if (needs === null) return false;
  await world?.startService();
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, unknown>;
  };
  return paths[needs] === undefined;
}

function lineOf({ block, ok, why, ms }: Result, role = ""): Line {
  return { block, verdict: ok ? "pass" : "FAIL", said: ok ? role : why, ms };
}

/**
 * @param world null: blocks run against what the environment names, and nothing is broken
 * @param from the id of the block, or the heading, to begin with; what stands under "Before you
 *   begin" runs anyway
 * @returns whether all went well
 */
export async function walk(
  page: Page,
  world: World | null,
  shell: Shell,
  report: (line: Line) => void,
  from?: string,
): Promise<boolean> {
  const start =
    from === undefined
      ? 0
      : page.blocks.findIndex(({ id, step }) => id === from || step.includes(from));
  if (start < 0)
    throw new Error(
      `${page.id} has no step "${from}"; it has ${page.blocks.map(({ id }) => id).join(", ")}`,
    );
  const scenarios = scenariosOf(page);
  const drilled = new Set<string>();
  let well = true;
  const say = (line: Line): void => {
    well &&= line.verdict !== "FAIL";
    report(line);
  };
  for (const [at, block] of page.blocks.entries()) {
    if (at < start && !isPreparation(block)) continue;
    const url = world?.url ?? process.env["MEMORY_URL"] ?? "http://127.0.0.1:8787";
    if (block.where === "production") {
      if (!world) {
        say({ block, verdict: "not run", said: "for production; run it by hand", ms: 0 });
        continue;
      }
      const { wrong, unchecked } = await checkProduction(world, block);
      const said =
        wrong.join("; ") ||
        (unchecked.length > 0 ? `not to be checked here: ${unchecked.join("; ")}` : "");
      say({ block, verdict: wrong.length > 0 ? "FAIL" : "checked", said, ms: 0 });
    } else if (await lacks(world, url, block.needs)) {
      say({ block, verdict: "not run", said: `this service has no ${block.needs}`, ms: 0 });
    } else if (block.scenario === null) {
      const result = await execute(shell, block);
      say(lineOf(result));
      // What comes after it counts on it.
      if (!result.ok) return false;
    } else if (!world) {
      say({
        block,
        verdict: "not run",
        said: "part of a drill; nothing is broken on a service that is given",
        ms: 0,
      });
    } else if (!drilled.has(block.scenario)) {
      drilled.add(block.scenario);
      const outcome = await runScenario(
        block.scenario,
        scenarios.get(block.scenario) ?? [],
        world,
        shell,
        {
          report: (result, role) => say(lineOf(result, role)),
        },
      );
      for (const failure of outcome.failures) say({ block, verdict: "FAIL", said: failure, ms: 0 });
      if (outcome.failures.length > 0) return false;
    }
  }
  return well;
}
