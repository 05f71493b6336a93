/** docs/faults.md names only tests that are there. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const COLUMNS = 6;
const page = readFileSync(join(ROOT, "docs/faults.md"), "utf8");
/** Without the heading and the line beneath it. */
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(1)
  .map((line) => line.slice(2, -2).split(" | "));
const NAMED = /`(test\/[\w./-]+)` "([^"]+)"/g;

describe("docs/faults.md", () => {
  it.each(rows)("says everything of a fault, and names its tests: %s", (...cells) => {
    expect(cells).toHaveLength(COLUMNS);
    const named = [...(cells[2] ?? "").matchAll(NAMED)];
    expect(named.length).toBeGreaterThan(0);
    for (const [, file = "", title = ""] of named) {
      expect(existsSync(join(ROOT, file)), file).toBe(true);
      const text = readFileSync(join(ROOT, file), "utf8").replaceAll('\\"', '"');
      expect(text, file).toContain(title);
    }
  });
});
