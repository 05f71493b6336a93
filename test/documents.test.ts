/**
 * The documents name only what is there: files, links, npm scripts, in the glossary the code's
 * names, and in the picture of the rooms what imports what.
 *
 * @module
 */

import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import openapi from "../docs/openapi.json" with { type: "json" };
import packageJson from "../package.json" with { type: "json" };
import { importsOf } from "./support/imports.ts";

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

  // A decision that was replaced says what was, by the names of then.
  it.skipIf(/^Status: replaced/m.test(text))("names files that are there", () => {
    const paths = all(text, PATH).filter((path) => !/\b(?:NAME|SUBJECT|KIND)\b/.test(path));
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it("links to pages that are there", () => {
    // What GitHub makes of the repository beside its files, such as badges, is not in a checkout.
    const links = all(text, LINK).filter(
      (link) => !/^(?:[a-z]+:|\.\.\/\.\.\/actions\/)/.test(link),
    );
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([]);
  });

  it("names npm scripts that are there", () => {
    expect(all(text, SCRIPT).filter((name) => !(name in packageJson.scripts))).toEqual([]);
  });
});

describe("the map in CONTRIBUTING.md", () => {
  const map = /\n## The map\n(.*?)\n## /s.exec(read("CONTRIBUTING.md"))?.[1] ?? "";
  const rows = map.split("\n").filter((line) => /^\| .*`/.test(line));
  /** Files and folders of a row; the first are whole paths, others may be within them or beside. */
  const namedIn = (row: string): string[] =>
    all(row, /`([\w./-]+)`/g).filter((name) => /\/$|\.ts$/.test(name));

  it.each(rows)("names only files and folders that are there: %s", (row) => {
    const [first = "", ...others] = namedIn(row);
    const within = globSync(first, { cwd: ROOT }).map((path) =>
      path.endsWith(".ts") ? dirname(path) : path,
    );
    const isThere = (name: string): boolean =>
      existsSync(join(ROOT, name)) ||
      within.some((base) => globSync(join(base, "**", name), { cwd: ROOT }).length > 0);
    expect(within, first).not.toEqual([]);
    expect(others.filter((name) => !isThere(name))).toEqual([]);
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
    const kinds = openapi.components.schemas.PatternKind.enum;
    expect(kinds.length).toBeGreaterThan(0);
    const missing = kinds.filter((kind) => !glossary.includes(`\`${kind}\``));
    expect(missing, "name it in docs/architecture.md, Words").toEqual([]);
  });
});

describe("the picture of the rooms", () => {
  const picture =
    /```mermaid\nflowchart TD\n(.*?)```/s.exec(read("docs/architecture.md"))?.[1] ?? "";
  const arrows = [...picture.matchAll(/^ +(\w+) --> ([\w &]+)$/gm)].flatMap(([, from, to]) =>
    (to ?? "").split(" & ").map((one) => `${from} → ${one}`),
  );
  const rooms = [...new Set(arrows.flatMap((arrow) => arrow.split(" → ")))];
  /** The room of the picture that a file lies in; null: it is drawn in none. */
  const roomOf = (file: string): string | null => {
    const [top = "", inner = ""] = file.replace(/^src\//, "").split(/[./]/);
    const room = top === "durable" && rooms.includes(inner) ? inner : top;
    return rooms.includes(room) ? room : null;
  };
  const imported = new Set(
    globSync("src/**/*.ts", { cwd: ROOT }).flatMap((file) =>
      importsOf(file, read(file)).flatMap(({ specifier }) => {
        if (!specifier.startsWith(".")) return [];
        const [from, to] = [
          roomOf(file),
          roomOf(relative(ROOT, join(ROOT, dirname(file), specifier))),
        ];
        return from === null || to === null || from === to ? [] : [`${from} → ${to}`];
      }),
    ),
  );
  /** Rooms that the picture leads to from one, directly or through others. */
  const reachedFrom = (room: string, reached = new Set<string>()): Set<string> => {
    for (const arrow of arrows) {
      const [from, to = ""] = arrow.split(" → ");
      if (from !== room || reached.has(to)) continue;
      reachedFrom(to, reached.add(to));
    }
    return reached;
  };

  it("has an arrow, or a way of arrows, for every import", () => {
    expect(imported.size).toBeGreaterThan(15);
    expect(
      [...imported].filter((line) => {
        const [from = "", to = ""] = line.split(" → ");
        return !reachedFrom(from).has(to);
      }),
    ).toEqual([]);
  });

  it("has no arrow without an import", () => {
    expect(arrows.filter((arrow) => !imported.has(arrow))).toEqual([]);
  });
});
