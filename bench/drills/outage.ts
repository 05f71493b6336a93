/**
 * What clients feel of a bad database: an outage under load, a read that only the database could
 * answer, a slow database, and eight instances that flush at once. Prints each figure beside its
 * target; ends with 1 when one is missed.
 *
 *   node bench/drills/outage.ts [seconds of the outage, 60] [which part: outage, misses or together; all]
 *
 * @module
 */

import { Report } from "./outage/report.ts";
import { slow } from "./outage/slow.ts";
import { stopped } from "./outage/stopped.ts";
import { together } from "./outage/together.ts";

// A signal without a handler would leave the database and the runtime behind.
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

const [, , seconds = "60", chosen] = process.argv;
const report = new Report();
const parts = {
  outage: () => stopped(report, Number(seconds)),
  misses: () => slow(report),
  together: () => together(report),
};
for (const [name, part] of Object.entries(parts))
  if (chosen === undefined || chosen === name) await part();
process.exitCode = report.missed > 0 ? 1 : 0;
