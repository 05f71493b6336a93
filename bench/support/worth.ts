/**
 * What the memory is worth, in three lines for the README: each figure from a run that is kept or
 * from a table that a benchmark wrote. Pure. Throws when a figure is not there.
 *
 * @module
 */

import { format, type Results } from "./report.ts";

/** What `npm run bench:outage -- --keep` kept: each figure by its name, as it was printed. */
export interface Outage {
  command: string;
  at: string;
  figures: Record<string, string>;
}

export interface Sources {
  results: Results;
  /** null: none is kept, and the promise stands without its figures. */
  outage: Outage | null;
  /** The text of docs/learning.md. */
  learning: string;
}

const EPISODES = "1 M episodes of 7 steps, 3 requests each";

export function worthLines({ results, outage, learning }: Sources): string {
  const [, , , , ngram, next] = row(learning, "next-tool", "tau_retail");
  const [, known] = row(learning, "coding", "the kind was learned: what mended it is named");
  const [, silent] = row(learning, "coding", "the kind is new: silent");
  const price = (name: string): string => {
    const value = results.values[name];
    if (value === undefined) throw new Error(`the run that is kept has no "${name}"`);
    return format(value, results.units[name] ?? "");
  };
  return `- **What learning is worth.** On retail tasks that it never saw (τ-bench) it names the tool that comes next ${percent(next)} of the
  time. Going by what most often followed the same last calls in the same earlier runs, one is right ${percent(ngram)} of the
  time. When a call fails in a coding session it names what mended such an error before in ${known} cases, and where
  no such error was mended before it says nothing in ${silent}. [Where it gains nothing stands there too](docs/learning.md).
${outageLine(outage)}- **What it costs to run.** To record a million episodes of seven steps and to learn from them: ${price(`${EPISODES}: Cloudflare`)} at Cloudflare
  and ${price(`${EPISODES}: Turso`)} at Turso, by their prices for use, without storage and before what a plan includes. To answer
  100,000 recalls: ${price("100 k recalls: Cloudflare")}. No model is called ([performance.md](docs/performance.md#what-it-costs), with the goals that are missed).
`;
}

function outageLine(outage: Outage | null): string {
  const head = "- **What an outage costs.** The database";
  if (outage === null)
    return `${head} may be killed under load: no write is refused, and none is lost\n  (\`test/e2e/outages/outage.test.ts\`).\n`;
  const of = (name: string): string => {
    const figure = outage.figures[name];
    if (figure === undefined) throw new Error(`the outage that is kept has no "${name}"`);
    return figure;
  };
  return `${head} was stopped for a minute while 50 writes came each second. Of ${of("writes acknowledged")} writes in all, before and
  meanwhile, ${of("writes refused")} were refused, ${of("acknowledged and not in the database")} were lost and ${of("in the database twice")} were stored twice; ${of("outbox empty after its return")} after its return the database had all of
  them (\`npm run bench:outage\`).
`;
}

/**
 * Tests by what CI says of the main branch, the bundle by what was measured, the licence. What the
 * bundle should be stands where all goals do, in docs/performance.md.
 */
export function badges({ targets }: Results): string {
  const bundle = targets.find(({ what }) => what === "the bundle, gzip");
  if (!bundle) throw new Error("the run that is kept did not measure the bundle");
  const size = `${format(bundle.value, bundle.unit)} gzip`;
  return `[![tests](../../actions/workflows/ci.yml/badge.svg)](CONTRIBUTING.md#what-ci-checks)
[![bundle: ${size}](https://img.shields.io/badge/bundle-${encodeURIComponent(size)}-0550ae)](docs/performance.md)
[![licence: MIT](https://img.shields.io/badge/licence-MIT-6e7781)](LICENSE)
`;
}

/** The cells of the first row of that name, in the block that a benchmark wrote. */
function row(page: string, block: string, name: string): string[] {
  const [, table = ""] =
    new RegExp(`<!-- figures:${block} -->([\\s\\S]*?)<!-- end -->`).exec(page) ?? [];
  const line = table.split("\n").find((one) => one.startsWith(`| ${name} |`));
  if (line === undefined) throw new Error(`docs/learning.md has no "${name}" in ${block}`);
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

const percent = (share: string | undefined): string => `${(Number(share) * 100).toFixed(1)} %`;
