/**
 * A page from its first block to its last, each of them run or checked, none passed over in
 * silence.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execute, type Result } from "./execute.ts";
import { appendixPage, APPENDIX } from "./recorded/appendix.ts";
import { parsePage, scenariosOf, type Block, type Page } from "./page.ts";
import { checkProduction, type Helps } from "./production.ts";
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

/** Every page that is run: the runbooks and the appendix. */
export function runnable(root = ROOT): Map<string, Page> {
  const all = pages(root);
  return all.set(APPENDIX, appendixPage(all));
}

export interface Line {
  block: Block;
  /** `checked`: what can be said of it without an account. */
  verdict: "pass" | "FAIL" | "checked" | "not run";
  /** What it is of a drill, or why it did not pass. */
  note: string;
  ms: number;
  /** Of a block that passed. */
  ended?: { exit: number; output: string };
}

export interface WalkOptions {
  page: Page;
  /** null: blocks run against what the environment names, and nothing is broken. */
  world: World | null;
  shell: Shell;
  /** By which blocks for production are checked; null: they are only said not to be run. */
  helps: Helps | null;
  report: (line: Line) => void;
  /**
   * The id of the block, or the heading, to begin with; what stands under "Before you begin" runs
   * anyway.
   */
  from?: string | undefined;
}

/** The blocks that set the shell up for any part of a page. */
export const isPreparation = (block: Block): boolean =>
  block.step === "Before you begin" && block.where !== "production";

/** @returns whether all went well. @throws when there is no such place to begin */
export async function walk(options: WalkOptions): Promise<boolean> {
  return new Walk(options).run();
}

class Walk {
  readonly #options: WalkOptions;
  readonly #scenarios: Map<string, Block[]>;
  readonly #drilled = new Set<string>();
  #isWell = true;

  constructor(options: WalkOptions) {
    this.#options = options;
    this.#scenarios = scenariosOf(options.page);
  }

  async run(): Promise<boolean> {
    const { blocks } = this.#options.page;
    const start = this.#start();
    for (const [at, block] of blocks.entries()) {
      if (at < start && !isPreparation(block)) continue;
      // What comes after a block that failed counts on it.
      if (!(await this.#take(block))) return false;
    }
    return this.#isWell;
  }

  #start(): number {
    const { page, from } = this.#options;
    if (from === undefined) return 0;
    const at = page.blocks.findIndex(({ id, step }) => id === from || step.includes(from));
    if (at >= 0) return at;
    const ids = page.blocks.map(({ id }) => id).join(", ");
    throw new Error(`${page.id} has no step "${from}"; it has ${ids}`);
  }

  /** @returns whether the next block may come */
  async #take(block: Block): Promise<boolean> {
    const { world } = this.#options;
    if (block.where === "production") {
      await this.#check(block);
      return true;
    }
    if (block.needs !== null && !(await this.#hasPath(block.needs))) {
      this.#notRun(block, `this service has no ${block.needs}`);
      return true;
    }
    if (block.scenario === null) {
      const result = await execute(this.#options.shell, block);
      this.#say(lineOf(result));
      return result.ok;
    }
    if (!world) {
      this.#notRun(block, "part of a drill; nothing is broken on a service that is given");
      return true;
    }
    return this.#drill(block, block.scenario, world);
  }

  /** A scenario is drilled as a whole, at the first of its blocks. */
  async #drill(block: Block, scenario: string, world: World): Promise<boolean> {
    if (this.#drilled.has(scenario)) return true;
    this.#drilled.add(scenario);
    const blocks = this.#scenarios.get(scenario) ?? [];
    const { failures } = await runScenario(scenario, blocks, world, this.#options.shell, {
      report: (result, role) => this.#say(lineOf(result, role)),
    });
    for (const failure of failures) this.#say({ block, verdict: "FAIL", note: failure, ms: 0 });
    return failures.length === 0;
  }

  async #check(block: Block): Promise<void> {
    const { helps } = this.#options;
    if (!helps) return this.#notRun(block, "for production; run it by hand");
    const { wrong, unchecked } = await checkProduction(helps, block);
    const open = unchecked.length > 0 ? `not to be checked here: ${unchecked.join("; ")}` : "";
    const verdict = wrong.length > 0 ? "FAIL" : "checked";
    this.#say({ block, verdict, note: wrong.join("; ") || open, ms: 0 });
  }

  async #hasPath(path: string): Promise<boolean> {
    const { world } = this.#options;
    await world?.startService();
    const url = world?.url ?? process.env["MEMORY_URL"] ?? "http://127.0.0.1:8787";
    const answer = await fetch(`${url}/openapi.json`);
    const { paths } = (await answer.json()) as { paths: Record<string, unknown> };
    return paths[path] !== undefined;
  }

  #notRun(block: Block, note: string): void {
    this.#say({ block, verdict: "not run", note, ms: 0 });
  }

  #say(line: Line): void {
    this.#isWell &&= line.verdict !== "FAIL";
    this.#options.report(line);
  }
}

function lineOf({ block, ok, why, ms, ended }: Result, role = ""): Line {
  const line: Line = { block, verdict: ok ? "pass" : "FAIL", note: ok ? role : why, ms };
  return ok && ended !== null ? { ...line, ended } : line;
}
