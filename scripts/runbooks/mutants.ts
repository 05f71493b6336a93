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

/** All of a page's local blocks; those that change nothing in the code are left out. */
export function mutantsOf(root: string, page: Page): Mutant[] {
  const found = new Map<string, Mutant>();
  const add = (
    kind: Mutant["kind"],
    name: string,
    files: string,
    pattern: RegExp,
    replacement: string,
  ): void => {
    const mutant = { kind, name, page: page.id, files, pattern, replacement };
    if (!found.has(`${kind} ${name}`) && changesOf(root, mutant).length > 0)
      found.set(`${kind} ${name}`, mutant);
  };
  for (const { text, where, needs } of page.blocks) {
    if (where === "production" || needs !== null) continue;
    for (const [program, one = "", two = "", ...rest] of commandsOf(text)) {
      if (program !== "memory-cli") continue;
      for (const name of [one, `${one} ${two}`])
        add(
          "command",
          name,
          "cli/commands/*.ts",
          new RegExp(`name: "${quoted(name)}"`, "g"),
          `name: "${name}-renamed"`,
        );
      for (const flag of [two, ...rest].filter(
        (word) => /^--[a-z]/.test(word) && word !== "--format",
      ))
        add(
          "flag",
          flag,
          "cli/{commands/*,program,spec}.ts",
          new RegExp(`${flag}(?=[ "])`, "g"),
          `${flag}-renamed`,
        );
    }
    for (const [, path = ""] of text.matchAll(/\$MEMORY_URL(\/[a-z0-9/-]+)/g))
      add(
        "path",
        path,
        "src/**/*.ts",
        new RegExp(`path: "${quoted(path)}"`, "g"),
        `path: "${path}-renamed"`,
      );
    for (const [metric] of text.matchAll(/\bmemory_[a-z_]+[a-z]/g))
      add("metric", metric, "src/**/*.ts", new RegExp(`\\b${metric}\\b`, "g"), `${metric}_renamed`);
  }
  return [...found.values()];
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
