/**
 * What a command line reads from and writes to. A program gives it the process's own streams and
 * variables, a test gives it others; nothing else in the CLI asks the process for them.
 *
 * @module
 */

import type { Readable, Writable } from "node:stream";

export type Output = Writable & { isTTY?: boolean; columns?: number };

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** What is said of work that Ctrl-C breaks off, by whoever does it while it is done. */
  readonly leaving?: Set<() => string>;
}

/** The process's own. Its streams are opened when they are first asked for. */
export const processIo: Io = {
  env: process.env,
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  get stderr() {
    return process.stderr;
  },
  leaving: new Set(),
};
