/**
 * What clients feel of a bad database: an outage under load, a read that only the database could
 * answer, a slow database, and eight instances that flush at once. Prints each figure beside its
 * target; ends with 1 when one is missed.
 *
 *   node bench/drills/outage.ts [seconds of the outage, 60] [which part: outage, misses or together; all]
 *
 * With --keep the figures go to bench/results/outage.json, which the README's are made of.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/bundle.ts";
import { Report } from "./outage/report.ts";
import { slow } from "./outage/slow.ts";
import { stopped } from "./outage/stopped.ts";
import { together } from "./outage/together.ts";

// A signal without a handler would leave the database and the runtime behind.
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

const isKept = process.argv.includes("--keep");
const [seconds = "60", chosen] = process.argv.slice(2).filter((word) => word !== "--keep");
const report = new Report();
const parts = {
  outage: () => stopped(report, Number(seconds)),
  misses: () => slow(report),
  together: () => together(report),
};
for (const [name, part] of Object.entries(parts))
  if (chosen === undefined || chosen === name) await part();
if (isKept) {
  const command = `npm run bench:outage -- ${[seconds, chosen ?? ""].join(" ").trim()} --keep`;
  const kept = { command, at: new Date().toISOString(), figures: report.figures };
  const file = join(ROOT, "bench/results/outage.json");
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
}
process.exitCode = report.missed > 0 ? 1 : 0;
