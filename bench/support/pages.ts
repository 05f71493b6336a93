/**
 * The pages whose figures are written by `npm run bench:figures`, as they are and as they should be.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { performanceFigures, targetFigures, withFigures } from "./figures.ts";
import type { Results } from "./report.ts";
import { badges, worthLines, type Outage } from "./worth.ts";

export interface FiguredPage {
  name: string;
  present: string;
  wanted: string;
}

/** @param root the checkout */
export function figuredPages(root: string): FiguredPage[] {
  const read = (name: string): string => readFileSync(join(root, name), "utf8");
  const results = JSON.parse(read("bench/results/kept.json")) as Results;
  const kept = "bench/results/outage.json";
  const outage = existsSync(join(root, kept)) ? (JSON.parse(read(kept)) as Outage) : null;
  const performance = read("docs/performance.md");
  const targets = withFigures(performance, "targets", targetFigures(results));
  const readme = read("README.md");
  const badged = withFigures(readme, "badges", badges(results));
  const worth = worthLines({ results, outage, learning: read("docs/learning.md") });
  return [
    { name: "README.md", present: readme, wanted: withFigures(badged, "worth", worth) },
    {
      name: "docs/performance.md",
      present: performance,
      wanted: withFigures(targets, "figures", performanceFigures(results)),
    },
  ];
}
