/**
 * The version that each file of the repository says it is of.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";

const STATED = {
  "package.json": /^ {2}"version": "(.*)"/m,
  "python/pyproject.toml": /^version = "(.*)"/m,
  "integrations/claude-code/.claude-plugin/plugin.json": /"version": "(.*)"/,
  // The newest release, below what is not released yet.
  "CHANGELOG.md": /^## \[(\d[^\]]*)\]/m,
} as const;

/** By file; "": it says none. @param root the checkout */
export const versionsOf = (root: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(STATED).map(([file, pattern]) => [
      file,
      pattern.exec(readFileSync(join(root, file), "utf8"))?.[1] ?? "",
    ]),
  );
