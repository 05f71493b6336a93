/**
 * `npm run bench`: what an operation takes, beside the floor and beside a Worker that asks the
 * database directly. Ends with 1 when a target is missed.
 *
 * @module
 */

import { join } from "node:path";
import { all } from "./parts/quick.ts";
import { ROOT } from "./support/bundle.ts";
import { Report } from "./support/report.ts";

const report = new Report("npm run bench");
await all(report);
report.write(join(ROOT, "bench/results/quick.json"));
