/**
 * What the documents say of a run: text made of its JSON and nothing else, between two marks.
 *
 * @module
 */

import type { Results, Target } from "./report.ts";
import { format } from "./report.ts";

/** The document with the block in the place of that name. Throws when it has none. */
export function withFigures(document: string, name: string, block: string): string {
  const place = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!place.test(document))
    throw new Error(`the document has no <!-- ${name} --> and <!-- /${name} -->`);
  return document.replace(place, (_, begin: string, end: string) => `${begin}${block}${end}`);
}

function source({ command, at, machine }: Results): string {
  return `Made by \`npm run bench:figures\` of one run of \`${command}\` on ${at.slice(0, 10)} (${machine.cpu}, ${machine.cores} cores, Node.js ${machine.node}).`;
}

function targetRow({ what, value, unit, bound, side, good }: Target): string {
  return `| ${what} | ${format(value, unit)} | ${side} ${format(bound, unit)} | ${good ? "ok" : "**missed**"} |`;
}

/** Each target, and whether it is met. */
export function targetFigures(results: Results): string {
  return `${source(results)}

| | measured | wanted | |
|---|---|---|---|
${results.targets.map(targetRow).join("\n")}
`;
}

/** Every figure. */
export function performanceFigures(results: Results): string {
  const rows = Object.entries(results.figures).map(([name, figures]) => {
    const { p50, p95, p99, perSecond, cpuMs, roundTrips, clients } = figures;
    const cells = [
      p50.toFixed(2),
      p95.toFixed(2),
      p99.toFixed(2),
      perSecond.toFixed(0),
      cpuMs.toFixed(2),
    ];
    return `| ${name} | ${clients} | ${cells.join(" | ")} | ${roundTrips.toFixed(3)} |`;
  });
  const values = Object.entries(results.values).map(
    ([name, value]) => `| ${name} | ${format(value, results.units[name] ?? "")} |`,
  );
  return `${source(results)} CPU is the runtime's, for one operation, what it puts off included.

| | clients | p50 ms | p95 ms | p99 ms | per second | CPU ms | requests to the database |
|---|---|---|---|---|---|---|---|
${rows.join("\n")}

| | |
|---|---|
${values.join("\n")}

${results.notes.map((note) => `- ${note}`).join("\n")}
`;
}
