/**
 * What the predecessor's operations had, row by row, and the blocks of the pages that do it here, with
 * what they printed: the table in docs/runbooks/README.md. The blocks are run by the tests of their
 * pages, which hold their output to the record, or, where they need an account, checked against the
 * programs' help; so no row says more than a machine has seen.
 *
 * @module
 */

import type { Block, Page } from "./page.ts";
import type { PrintedRecord } from "./recorded/printed.ts";

/** Of a line in a table, characters. */
const SHOWN = 110;
/** Lines of a block in the table of the rows. */
const LINES = 2;

interface Row {
  what: string;
  /** "RB-001 doctor", by page and id; none: this page itself. */
  blocks: readonly string[];
}

const row = (what: string, ...blocks: string[]): Row => ({ what, blocks });

/** In the order of the appendix. */
export const ROWS: readonly Row[] = [
  row("verify prerequisites", "RB-001 prerequisites", "RB-001 doctor"),
  row("build and test", "RB-001 build"),
  row("initialise storage", "RB-007 migrated"),
  row("start", "RB-001 start", "RB-001 start-production"),
  row("liveness", "RB-001 liveness"),
  row("readiness", "RB-001 readiness"),
  row("metrics", "RB-001 metrics"),
  row("logs", "RB-001 logs", "RB-001 logs-production"),
  row("dashboards", "RB-001 console"),
  row("rollback", "RB-001 rollback-production"),
  row("maintenance mode", "RB-002 announce", "RB-002 refused", "RB-002 end"),
  row("drain", "RB-002 drain", "RB-002 drained"),
  row("shutdown, emergency", "RB-002 stop", "RB-002 stopped", "RB-002 emergency"),
  row("daily backup", "RB-003 snapshot", "RB-003 verify"),
  row("weekly export", "RB-003 full", "RB-003 export-episodes"),
  row("restore of an instance", "RB-003 restore-instance"),
  row("restore", "RB-003 restore-dry", "RB-003 restore", "RB-003 restored"),
  row("disaster", "RB-003 disaster-production", "RB-003 sync"),
  row("alerts", "RB-004 errors-detect", "RB-004 breaker-detect", "RB-004 cache-detect"),
  row("error rate", "RB-004 errors-kinds"),
  row("causes told apart", "RB-004 breaker-backend"),
  row("degraded mode", "RB-004 errors-degrade", "RB-004 errors-after"),
  row("rate limits", "RB-004 rate-limit"),
  row("test of recovery", "RB-004 errors-verify"),
  row("post-incident", "RB-004 incident"),
  row("state of the breaker", "RB-004 breaker-detect"),
  row("reset of the breaker", "RB-004 breaker-reset", "RB-004 breaker-verify"),
  row("hit rate", "RB-004 cache-cause"),
  row("tuning of the cache", "RB-004 cache-tune"),
  row("debug log, latency, pool", "RB-005 debug", "RB-005 slow-storage"),
  row("batches, connections", "RB-005 batches"),
  row("memory, leaks", "RB-005 leak-detect", "RB-005 leak-who", "RB-005 leak-close"),
  row("vertical limits", "RB-006 vertical-production"),
  row("several instances", "RB-006 instances", "RB-006 resize", "RB-006 resized"),
  row("capacity", "RB-006 capacity"),
  row("minor upgrade", "RB-007 check", "RB-007 gradual-production", "RB-007 smoke"),
  row("major upgrade", "RB-007 migrate-dry", "RB-007 migrate", "RB-007 full-backup"),
  row("decision tree", "RB-004 breaker-backend"),
  row("maintenance schedule", "RB-006 schedule"),
  row("clean-up", "RB-006 schedule"),
  row("health check every five minutes", "RB-006 schedule", "RB-006 health"),
  row("capacity review, security audit", "RB-006 capacity", "RB-006 audit-production"),
  row("checklist, contacts, links"),
];

/** The block that a row names. Throws when there is none. */
export function blockOf(named: string, pages: ReadonlyMap<string, Page>): Block {
  const [page = "", id = ""] = named.split(" ");
  const block = pages.get(page)?.blocks.find((one) => one.id === id);
  if (!block) throw new Error(`a row names ${named}, and there is no such block`);
  return block;
}

/** The names of all blocks that the table shows. */
export const namesOfRows = (): string[] => ROWS.flatMap(({ blocks }) => blocks);

export function rowTable(pages: ReadonlyMap<string, Page>, record: PrintedRecord): string {
  const rows = ROWS.map(({ what, blocks }, i) => {
    const named = blocks.map((name) => ({ name, block: blockOf(name, pages) }));
    const cells = [
      String(i + 1),
      what,
      named.map(({ block }) => code(block)).join("<br>") || "this page",
      named.map(({ name, block }) => printedCell(name, block, record, LINES)).join("<br>"),
      named.map(({ name, block }) => howRun(name, block)).join("<br>"),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return ["| # | what | command | it printed | run by |", "|---|---|---|---|---|", ...rows].join(
    "\n",
  );
}

/** Its first command that says something; "…" where there is more. */
function code({ text }: Block): string {
  const lines = text.split("\n").filter((line) => !/^(\s|[A-Z_]+=|export |#)/.test(line));
  const [first = text.split("\n")[0] ?? ""] = lines;
  const more = text.split("\n").length > 1 ? " …" : "";
  return `\`${first.replaceAll("|", "\\|")}\`${more}`;
}

/** What a block printed when it was recorded, as a cell; else what it must print, said as such. */
export function printedCell(
  name: string,
  { where, expect }: Block,
  record: PrintedRecord,
  lines: number,
): string {
  if (where === "production") return "–";
  const printed = record[name];
  if (!printed)
    return expect === null ? "not recorded" : `not recorded; must match ${cellOf(expect.source)}`;
  const ended = printed.exit === 0 ? [] : [`ends with ${printed.exit}`];
  const said = printed.lines.slice(0, lines).map(cellOf);
  return [...(said.length === 0 ? ["nothing"] : said), ...ended].join("<br>");
}

function cellOf(line: string): string {
  const text = line.trim().replaceAll(/\s+/g, " ").replaceAll("`", "'");
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return `\`${shown.replaceAll("|", "\\|")}\``;
}

function howRun(name: string, { where, scenario }: Block): string {
  if (where === "production") return `${name}: flags checked`;
  return scenario === null ? name : `${name}, in the drill ${scenario}`;
}
