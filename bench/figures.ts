/**
 * `npm run bench:figures`: writes the figures of the runs that are kept (`bench/results/`) into the
 * documents; with `-- --check` it writes nothing and fails when they say something else.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./support/bundle.ts";
import { figuredPages } from "./support/pages.ts";

const check = process.argv.includes("--check");
for (const { name, present, wanted } of figuredPages(ROOT)) {
  if (wanted === present) continue;
  if (check) {
    console.error(`${name} says other figures than bench/results. Run: npm run bench:figures`);
    process.exitCode = 1;
  } else writeFileSync(join(ROOT, name), wanted);
}
