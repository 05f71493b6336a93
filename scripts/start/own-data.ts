/**
 * Where `npm start` keeps its data, and whether what is there already was made by it. A checkout has
 * it beside itself, and is trusted as it is run; a package has it where it is called, which may be a
 * project that a stranger made: its files would say which secret lets others in, and its links where
 * is written. What a version control system or a stranger's user brings never has the modes and the
 * owner that the data has.
 *
 * @module
 */

import { chmodSync, lstatSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { packagedBuild } from "./runtime.ts";

const FOLDER = ".data";
/** Files that hold secrets. */
const SECRETS: ReadonlySet<string> = new Set([
  "admin-token",
  "database-token",
  "local-key",
  "worker.env",
]);
/** What others of the machine may do. */
const OTHERS = 0o077;

/**
 * The folder of the data, which need not be there.
 *
 * @param root the checkout, or the package's folder @param env of the process
 * @throws when it is one that was found where a package is called, and is not this user's own
 */
export function dataFolder(root: string, env: NodeJS.ProcessEnv): string {
  const named = env["MEMORY_DATA_DIR"];
  if (named) return resolve(named);
  if (packagedBuild(root) === null) return join(root, FOLDER);
  const folder = resolve(FOLDER);
  requireOwn(folder, process.getuid?.() ?? null);
  return folder;
}

/** @param user whose it must be; null: the platform has no such thing, nor modes */
export function requireOwn(folder: string, user: number | null): void {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isDirectory()) throw notOwn(folder, folder, "is no folder");
  const isOthers = (uid: number): boolean => user !== null && uid !== user;
  if (isOthers(found.uid)) throw notOwn(folder, folder, "is another user's");

  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  if (user !== null && (found.mode & OTHERS) !== 0) {
    // Nothing is in it that anybody could have meant.
    if (entries.length === 0) return chmodSync(folder, 0o700);
    throw notOwn(folder, folder, "is open to others");
  }
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) throw notOwn(folder, path, "is a link");
    if (entry.parentPath !== folder) continue;
    const { uid, mode } = lstatSync(path);
    if (isOthers(uid)) throw notOwn(folder, path, "is another user's");
    const isOpen = user !== null && (mode & OTHERS) !== 0;
    if (isOpen && SECRETS.has(entry.name)) throw notOwn(folder, path, "is open to others");
  }
}

function notOwn(folder: string, path: string, why: string): Error {
  return new Error(
    `${path} ${why}, as nothing is that the service made itself. Remove it; if you know that it is yours: MEMORY_DATA_DIR=${folder}`,
  );
}
