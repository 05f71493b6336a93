/**
 * The table of fixed bounds, made of the comments and values of `src/contract/limits.ts`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LIMITS } from "../../src/contract/limits.ts";

const FILE = join(import.meta.dirname, "../../src/contract/limits.ts");

/** A comment of a section, a doc comment, or a bound. */
const PIECE = /^ {2}(?:\/\/ (?<section>.+)|\/\*\* ?(?<one>.+) \*\/|(?<name>\w+): )/;

interface Bound {
  section: string;
  about: string;
  name: string;
}

/** Throws where a bound has no comment, or one that the code does not have is found. */
export function limitsTable(): string {
  const rows = boundsOf(readFileSync(FILE, "utf8"));
  const known = Object.entries(LIMITS);
  const missing = known.filter(([name]) => !rows.some((row) => row.name === name));
  if (missing.length > 0 || rows.length !== known.length)
    throw new Error(`limits.ts is not as it is read: ${missing.map(([name]) => name).join(", ")}`);

  const values = new Map<string, number>(known);
  const sections = Map.groupBy(rows, ({ section }) => section);
  return [...sections]
    .map(([section, bounds]) => {
      const lines = bounds.map(({ name, about }) => {
        const value = values.get(name)?.toLocaleString("en-US") ?? "";
        return `| \`${name}\` | ${value} | ${about} |`;
      });
      return `**${section.replace(/\.$/, "")}**\n\n| bound | | of what |\n|---|--:|---|\n${lines.join("\n")}`;
    })
    .join("\n\n");
}

function boundsOf(code: string): Bound[] {
  const bounds: Bound[] = [];
  let [section, about, open] = ["", "", false];
  const body = code.slice(code.indexOf("export const LIMITS"), code.indexOf("} as const;"));
  for (const line of body.split("\n")) {
    if (open) {
      const text = line.replace(/^ *\*\/? ?/, "").trim();
      about = `${about} ${text}`.trim();
      open = !line.trim().endsWith("*/");
      continue;
    }
    if (line.trim() === "/**") {
      [about, open] = ["", true];
      continue;
    }
    const { section: named, one, name } = PIECE.exec(line)?.groups ?? {};
    if (named !== undefined) section = named;
    else if (one !== undefined) about = one;
    else if (name !== undefined) bounds.push({ section, about, name });
  }
  return bounds;
}
