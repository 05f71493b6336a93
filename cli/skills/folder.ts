/**
 * Reads a folder of skills and writes to it. It follows no link out of the folder, nor one on the way
 * to it from the working folder, reads a bounded
 * number of files of bounded size, and a file is written whole or not at all.
 *
 * @module
 */

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { CliError, EXIT } from "../exit.ts";
import { writeText } from "../hooks/install/files.ts";
import type { Change, SkillFolder } from "./plan.ts";

const FILE = "SKILL.md";
const FOLDERS_MAX = 500;
const BYTES_MAX = 1_048_576;

/**
 * Throws `CliError` where a link is on the way from the working folder to a path below it, which need
 * not be there: a project that a stranger made may bring one, and it may lead anywhere. How a person
 * goes to a path elsewhere is that person's own.
 *
 * @param path absolute
 */
export function requirePlainWay(path: string): void {
  let at = process.cwd();
  const way = relative(at, path);
  const steps = way.split(sep);
  if (isAbsolute(way) || steps[0] === "..") return;
  for (const step of steps) {
    at = join(at, step);
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink())
      throw new CliError(
        `${at} is a link; nothing was written. If it is meant, name the place that it leads to.`,
        EXIT.conflict,
      );
  }
}

/** Folders of the folder; none where there is no folder. */
export function readFolders(root: string): SkillFolder[] {
  if (!existsSync(root)) return [];
  const names = readdirSync(root).sort();
  if (names.length > FOLDERS_MAX)
    throw new CliError(`${root} holds more than ${FOLDERS_MAX} entries: is it the right folder?`);
  return names
    .filter((name) => lstatSync(join(root, name)).isDirectory())
    .map((name) => ({
      name,
      text: readPlain(join(root, name, FILE)),
      isAlone: readdirSync(join(root, name)).every((entry) => entry === FILE),
    }));
}

/** null: there is none. Throws for what is no plain file, or too large. */
export function readPlain(path: string): string | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return null;
  if (!found.isFile() || found.size > BYTES_MAX)
    throw new CliError(`${path} is no plain file of at most 1 MiB; nothing was changed.`);
  return readFileSync(path, "utf8");
}

export function applyChange(root: string, { name, does, text }: Change): void {
  const folder = join(root, name);
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new CliError(`${folder} is in the way of a skill's folder.`, EXIT.conflict);
  if (text !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeText(join(folder, FILE), text);
  } else if (does === "remove") {
    rmSync(join(folder, FILE));
    rmdirSync(folder);
  }
}
