/**
 * The appendix as a page that is run like any other, and as the table of docs/runbooks/README.md:
 * there, here, and what was printed here.
 *
 * @module
 */

import type { Block, Page } from "../page.ts";
import { blockOf, printedCell } from "../rows.ts";
import { EQUIVALENTS, type Here } from "./equivalents.ts";
import type { PrintedRecord } from "./printed.ts";

export const APPENDIX = "appendix";
/** Its preparation, as every page has it. */
const PREPARED_BY = "RB-005 environment";
const TIMEOUT_MS = 60_000;
/** A service that has just begun may need a moment, ms. */
const RETRY_MS = 15_000;

/** The commands that no page has, in the order of the rows. */
export function appendixPage(pages: ReadonlyMap<string, Page>): Page {
  const blocks = EQUIVALENTS.flatMap(({ here }, row) =>
    here.flatMap((one, at) => (one.within === undefined ? [ownBlock(one, row, at)] : [])),
  );
  const title = "Appendix: what the predecessor typed";
  const prepared = { ...blockOf(PREPARED_BY, pages) };
  return { id: APPENDIX, title, blocks: [prepared, ...blocks], headings: [] };
}

function ownBlock({ run, expect }: Here, row: number, at: number): Block {
  return {
    id: idOf(row, at),
    where: "local",
    text: run,
    line: 1,
    step: `Row ${row + 1}`,
    expect: expect ?? null,
    exit: 0,
    timeout_ms: TIMEOUT_MS,
    retry_ms: RETRY_MS,
    human_ms: 0,
    scenario: null,
    role: null,
    fault: null,
    needs: null,
  };
}

const idOf = (row: number, at: number): string => `row-${row + 1}-${at + 1}`;

/** The block of a command: of a page, or of the appendix itself. */
function nameOf({ within }: Here, row: number, at: number): string {
  return within ?? `${APPENDIX} ${idOf(row, at)}`;
}

/** The names of all blocks that the table shows. */
export const namesOfAppendix = (): string[] =>
  EQUIVALENTS.flatMap(({ here }, row) => here.map((one, at) => nameOf(one, row, at)));

/** @param pages with the appendix. Throws when a block has not the command that it is named for */
export function appendixTable(pages: ReadonlyMap<string, Page>, record: PrintedRecord): string {
  const rows = EQUIVALENTS.map(({ there, here, note }, row) => {
    const commands = here.map(({ run }) => `\`${run.replaceAll("|", "\\|")}\``);
    const cells = here.map((one, at) => {
      const name = nameOf(one, row, at);
      const block = blockOf(name, pages);
      if (!block.text.includes(one.run)) throw new Error(`${name} has no ${one.run}`);
      return printedCell(name, block, record, 1);
    });
    const said = note === undefined ? [] : [note];
    return `| ${[row + 1, there, [...commands, ...said].join("<br>"), cells.join("<br>")].join(" | ")} |`;
  });
  return ["| # | there | here | it printed |", "|---|---|---|---|", ...rows].join("\n");
}
