/**
 * `npm run bench:figures`: writes the figures of the run that is kept (`bench/results/kept.json`)
 * into the documents; with `-- --check` it writes nothing and fails when they say something else.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./support/bundle.ts";
import { performanceFigures, readmeFigures, withFigures } from "./support/figures.ts";
import type { Results } from "./support/report.ts";

const results = JSON.parse(readFileSync(join(ROOT, "bench/results/kept.json"), "utf8")) as Results;
const check = process.argv.includes("--check");
for (const [name, figures] of [
  ["README.md", readmeFigures],
  ["docs/performance.md", performanceFigures],
] as const) {
  const file = join(ROOT, name);
  const present = readFileSync(file, "utf8");
  const wanted = withFigures(present, figures(results));
  if (wanted === present) continue;
  if (check) {
    console.error(
      `${name} says other figures than bench/results/kept.json. Run: npm run bench:figures`,
    );
    process.exitCode = 1;
  } else writeFileSync(file, wanted);
}
