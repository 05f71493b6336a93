/**
 * The service that `npm start` runs in a folder, by what it noted there: its address and its keys.
 * The working folder may be a project that a stranger made, so that what is found in it decides
 * only where it is this user's own and closed to others, as `npm start` leaves it and version
 * control does not. Of each file at most `NOTE_BYTES_MAX` are read, and no link is followed.
 *
 * @module
 */

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import type { Io } from "./terminal/io.ts";

const LOCAL = "http://127.0.0.1:";
const LOCAL_PORT = "8787";
/** Longer than any note, bytes. */
const NOTE_BYTES_MAX = 1_024;
/** What others of the machine may do. */
const OTHERS = 0o077;

/** What was noted. */
export interface LocalService {
  /** Where it said that it listens; undefined: it did not, or at no address of this machine. */
  url?: string | undefined;
  key?: string | undefined;
  adminToken?: string | undefined;
}

interface Folder {
  path: string;
  /** Whether the environment names it: then it is what it is. */
  isNamed: boolean;
}

/** Where `npm start` listens before it has said so. */
export function usualUrl(env: Io["env"]): string {
  return `${LOCAL}${env["MEMORY_PORT"] || LOCAL_PORT}`;
}

/** What is noted in `MEMORY_DATA_DIR`, else in `.data` of the working folder. Never throws. */
export function localService(env: Io["env"]): LocalService {
  const folder = folderOf(env);
  if (folder === null) return {};
  const url = noted(folder, "url");
  // An address of another machine is none of npm start's: nor are the keys beside it.
  if (url !== undefined && !isLocal(url)) return {};
  return { url, key: noted(folder, "local-key"), adminToken: noted(folder, "admin-token") };
}

/** null: there is none that decides about anything. */
function folderOf(env: Io["env"]): Folder | null {
  const named = env["MEMORY_DATA_DIR"];
  if (named) return { path: named, isNamed: true };
  const path = join(process.cwd(), ".data");
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() && isOwn(found) ? { path, isNamed: false } : null;
}

/** Whether it is this user's, and nobody else may look into it. */
function isOwn({ uid, mode }: Pick<Stats, "uid" | "mode">): boolean {
  return !process.getuid || (uid === process.getuid() && (mode & OTHERS) === 0);
}

/** The text of a note; undefined: there is none, or not as `npm start` writes it. */
function noted({ path, isNamed }: Folder, name: string): string | undefined {
  // A link is not opened, and a pipe is not waited for.
  const flags = constants.O_NONBLOCK | (isNamed ? 0 : constants.O_NOFOLLOW);
  let file: number;
  try {
    file = openSync(join(path, name), constants.O_RDONLY | flags);
  } catch {
    return undefined;
  }
  try {
    const found = fstatSync(file);
    // The address is no secret: npm start writes it for all to read, in a closed folder.
    const isTaken = isNamed || isOwn({ uid: found.uid, mode: name === "url" ? 0 : found.mode });
    if (!found.isFile() || found.size > NOTE_BYTES_MAX || !isTaken) return undefined;
    const bytes = Buffer.alloc(NOTE_BYTES_MAX);
    return bytes.toString("utf8", 0, readSync(file, bytes)).trim();
  } finally {
    closeSync(file);
  }
}

/** Whether it is an address as `npm start` notes it: of this machine, so that nothing leaves it. */
function isLocal(url: string): boolean {
  return url.startsWith(LOCAL) && Number.isInteger(Number(url.slice(LOCAL.length)));
}
