/**
 * What a runbook names of the code, each made otherwise in the code: a page that does not notice is
 * not a test.
 *
 * @module
 */

import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "./page.ts";
import { commandsOf } from "./production.ts";

export interface Mutant {
  kind: "command" | "flag" | "path" | "metric";
  /** As the page has it. */
  name: string;
  page: string;
  /** Files to change, from the root, and what in them. */
  files: string;
  pattern: RegExp;
  replacement: string;
}

const quoted = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/** Those of all of a page's local blocks; what is not in the code is left out. */
export function mutantsOf(root: string, page: Page): Mutant[] {
  const blocks = page.blocks.filter(({ where, needs }) => where !== "production" && needs === null);
  const mutants = blocks
    .flatMap(({ text }) => [...commandMutants(text), ...pathMutants(text), ...metricMutants(text)])
    .map((mutant) => ({ ...mutant, page: page.id }))
    .filter((mutant) => changesOf(root, mutant).length > 0);
  return [...new Map(mutants.map((mutant) => [`${mutant.kind} ${mutant.name}`, mutant])).values()];
}

type Unplaced = Omit<Mutant, "page">;

/** Commands of `memory-cli` and their flags. */
function commandMutants(text: string): Unplaced[] {
  return commandsOf(text).flatMap(([program, one = "", two = "", ...rest]) => {
    if (program !== "memory-cli") return [];
    const commands = [one, `${one} ${two}`].map((name) => ({
      kind: "command" as const,
      name,
      files: "cli/commands/**/*.ts",
      pattern: new RegExp(`name: "${quoted(name)}"`, "g"),
      replacement: `name: "${name}-renamed"`,
    }));
    const flags = [two, ...rest]
      .filter((word) => /^--[a-z]/.test(word) && word !== "--format")
      .map((flag) => ({
        kind: "flag" as const,
        name: flag,
        files: "cli/{commands/**/*,program,spec}.ts",
        pattern: new RegExp(`${flag}(?=[ "])`, "g"),
        replacement: `${flag}-renamed`,
      }));
    return [...commands, ...flags];
  });
}

function pathMutants(text: string): Unplaced[] {
  return [...text.matchAll(/\$MEMORY_URL(\/[a-z0-9/-]+)/g)].map(([, path = ""]) => ({
    kind: "path",
    name: path,
    files: "src/**/*.ts",
    pattern: new RegExp(`path: "${quoted(path)}"`, "g"),
    replacement: `path: "${path}-renamed"`,
  }));
}

function metricMutants(text: string): Unplaced[] {
  return [...text.matchAll(/\bmemory_[a-z_]+[a-z]/g)].map(([metric]) => ({
    kind: "metric",
    name: metric,
    files: "src/**/*.ts",
    pattern: new RegExp(`\\b${metric}\\b`, "g"),
    replacement: `${metric}_renamed`,
  }));
}

function changesOf(
  root: string,
  { files, pattern, replacement }: Mutant,
): { file: string; text: string }[] {
  return globSync(files, { cwd: root }).flatMap((name) => {
    const file = join(root, name);
    const before = readFileSync(file, "utf8");
    const text = before.replaceAll(pattern, replacement);
    return text === before ? [] : [{ file, text }];
  });
}

/** Makes it so. @returns what puts it back */
export function apply(root: string, mutant: Mutant): () => void {
  const changes = changesOf(root, mutant).map(({ file, text }) => ({
    file,
    text,
    before: readFileSync(file, "utf8"),
  }));
  for (const { file, text } of changes) writeFileSync(file, text);
  return () => {
    for (const { file, before } of changes) writeFileSync(file, before);
  };
}
