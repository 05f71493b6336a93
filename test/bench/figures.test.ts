import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { targetFigures } from "../../bench/support/figures.ts";
import { figuredPages } from "../../bench/support/pages.ts";
import type { Results } from "../../bench/support/report.ts";
import { CANDIDATES_MAX, POSTINGS_MAX } from "../../src/memory/search/search.ts";

const ROOT = join(import.meta.dirname, "../..");
const results = JSON.parse(readFileSync(join(ROOT, "bench/results/kept.json"), "utf8")) as Results;

describe("the documents' figures", () => {
  it.each(figuredPages(ROOT))(
    "$name says what was measured; `npm run bench:figures` makes it so",
    ({ present, wanted }) => {
      expect(present).toBe(wanted);
    },
  );

  it("docs/performance.md names the bounds of recall that the code has", () => {
    const text = readFileSync(join(ROOT, "docs/performance.md"), "utf8").replaceAll(/\s+/g, " ");
    const postings = POSTINGS_MAX.toLocaleString("en");
    expect(text).toContain(`with no more than ${postings} entries together`);
    expect(text).toContain(`chooses ${CANDIDATES_MAX} candidates`);
  });

  it("drift is seen", () => {
    const [target] = results.targets;
    if (!target) throw new Error("there are targets");
    const other = { ...results, targets: [{ ...target, value: target.value * 3 + 1 }] };
    expect(targetFigures(other)).not.toBe(targetFigures(results));
  });
});
