import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { limitsTable } from "../../scripts/docs/limits.ts";
import { insert } from "../../scripts/runbooks/card.ts";

const ROOT = join(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/security.md"), "utf8");
const table = /<!-- threats -->\n([^]*?)\n<!-- \/threats -->/.exec(page)?.[1] ?? "";

interface Row {
  threat: string;
  control: string;
  tests: { file: string; title: string }[];
}

const rows = table
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| threat "))
  .map((line): Row => {
    const [threat = "", control = "", tests = ""] = line.slice(2, -2).split(" | ");
    const named = [...tests.matchAll(/`(test\/[\w./-]+)` "([^"]+)"/g)];
    return {
      threat,
      control,
      tests: named.map(([, file = "", title = ""]) => ({ file, title })),
    };
  });

/** What a review must not find missing. */
const ASKED = [
  "Tenants",
  "Keys",
  "Poisoned memories",
  "Poisoned lessons",
  "Prompt injection",
  "SSRF",
  "ReDoS",
  "Bombs",
  "XSS",
  "CSRF",
  "Replay",
  "Timing",
  "Supply chain",
  "stolen backup",
  "malicious operator of R2",
];

describe("docs/security.md", () => {
  it.each(ASKED)("has the threat: %s", (name) => {
    expect(rows.some(({ threat }) => threat.includes(name))).toBe(true);
  });

  it.each(rows)("names tests that are there: $threat", ({ control, tests }) => {
    expect(control).not.toBe("");
    expect(tests.length).toBeGreaterThan(0);
    for (const { file, title } of tests) {
      expect(existsSync(join(ROOT, file)), file).toBe(true);
      const code = readFileSync(join(ROOT, file), "utf8");
      const isTitle = code.includes(`"${title}"`) || code.includes(`\`${title}\``);
      expect(isTitle, `${file} has no part "${title}"`).toBe(true);
    }
  });

  it("has every bound of the code: npm run docs", () => {
    expect(page).toBe(insert(page, "limits", `\n${limitsTable()}\n`));
  });
});
