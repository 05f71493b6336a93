import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MIGRATIONS } from "../../src/storage/index.ts";

const ROOT = join(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/storage.md"), "utf8");
const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readFileSync(join(ROOT, "src", file), "utf8"));
const tables = [
  ...new Set(
    sources.flatMap((text) =>
      [...text.matchAll(/CREATE (?:VIRTUAL )?TABLE IF NOT EXISTS (\w+)/g)].map(
        (match) => match[1] ?? "",
      ),
    ),
  ),
].sort();
/** The first cells of the rows under a heading. */
function named(...headings: string[]): Set<string> {
  const sections = page
    .split(/^## /m)
    .filter((section) => headings.some((heading) => section.startsWith(heading)));
  const cells = sections.flatMap((section) =>
    [...section.matchAll(/^\| ([^|]+) \|/gm)].map((match) => match[1] ?? ""),
  );
  return new Set(
    cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? "")),
  );
}

describe("docs/storage.md", () => {
  it("has every table that the code makes, and no other", () => {
    expect(tables.length).toBeGreaterThan(30);
    const written = named("The database", "What an instance keeps", "What the Coordinator keeps");
    expect([...written].sort()).toEqual(tables);
  });

  it("has every table of the migrations under the database", () => {
    const made = MIGRATIONS.flatMap(({ statements }) => statements).flatMap(
      (sql) => /CREATE (?:VIRTUAL )?TABLE IF NOT EXISTS (\w+)/.exec(sql)?.[1] ?? [],
    );
    expect([...named("The database")]).toEqual(expect.arrayContaining(made));
  });

  it("lists the migrations", () => {
    const rows = [...page.matchAll(/^\| (\d+) \| ([^|]+) \| (expand|contract) \|/gm)];
    expect(
      rows.map(([, version, name, kind]) => ({ version: Number(version), name, kind })),
    ).toEqual(MIGRATIONS.map(({ version, name, kind }) => ({ version, name, kind })));
  });
});
