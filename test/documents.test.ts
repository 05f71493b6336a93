/**
 * The documents name only what is there: files, links, npm scripts, and in the glossary the code's
 * names.
 *
 * @module
 */

import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import openapi from "../docs/openapi.json" with { type: "json" };

const ROOT = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const pages = globSync(["*.md", "docs/*.md", "docs/decisions/*.md", "bench/*.md"], { cwd: ROOT });
/** What a changelog says of earlier versions need not be there any more. */
const present = pages.filter((page) => page !== "CHANGELOG.md");

const TOP = ["src", "test", "docs", "cli", "client", "scripts", "bench", "ops", "console", ".ci"];
/** A path in backticks; one with a word in capitals is for the reader to fill in. */
const PATH = new RegExp(`\`((?:${TOP.join("|")})/[A-Za-z0-9_./-]+)\``, "g");
const LINK = /\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g;
const SCRIPT = /npm run ([a-z][a-z:-]*)/g;

const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found]) => found ?? "");

describe.each(present)("%s", (page) => {
  const text = read(page);

  it("names files that are there", () => {
    const paths = all(text, PATH).filter((path) => !/\b(?:NAME|SUBJECT|KIND)\b/.test(path));
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it("links to pages that are there", () => {
    const links = all(text, LINK).filter((link) => !/^[a-z]+:/.test(link));
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([]);
  });

  it("names npm scripts that are there", () => {
    expect(all(text, SCRIPT).filter((name) => !(name in packageJson.scripts))).toEqual([]);
  });
});

describe("the glossary", () => {
  const glossary = /\n## Words\n(.*?)\n## /s.exec(read("docs/architecture.md"))?.[1] ?? "";
  /** Term, meaning, name in the code. */
  const rows = [...glossary.matchAll(/^\| \*\*(.+?)\*\* \| (.+) \| (.*) \|$/gm)];
  const code = globSync(["src/**/*.ts", "client/**/*.ts"], { cwd: ROOT }).map(read).join("\n");

  it("has the terms, each once", () => {
    const terms = rows.map(([, term]) => term ?? "");
    expect(terms.length).toBeGreaterThan(60);
    expect(terms.filter((term, i) => terms.indexOf(term) !== i)).toEqual([]);
  });

  it("gives names that the code has", () => {
    const names = rows.flatMap(([, , , named]) => all(named ?? "", /`([^`]+)`/g));
    expect(names.length).toBeGreaterThan(40);
    const has = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(code);
    expect(names.filter((name) => !existsSync(join(ROOT, name)) && !has(name))).toEqual([]);
  });

  it("has every kind of pattern", () => {
    const kinds = openapi.components.schemas.Pattern.properties.kind.enum;
    expect(kinds.length).toBeGreaterThan(0);
    expect(kinds.filter((kind) => !glossary.includes(`\`${kind}\``))).toEqual([]);
  });
});
