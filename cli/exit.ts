/**
 * How the CLI ends: one code for each kind of end, for scripts.
 *
 * @module
 */

import { MemoryError } from "../client/index.ts";

export const EXIT = {
  /** It worked. */
  ok: 0,
  /** A check failed, a line was refused, or something went wrong that has no code of its own. */
  failed: 1,
  /** The command line, a file or a value is not valid. */
  usage: 2,
  /** No key, or one that does not allow this. */
  auth: 3,
  /** There is no such thing. */
  not_found: 4,
  /** It is there already, has changed, or has ended. */
  conflict: 5,
  /** The service or its database is out of reach, busy, or under maintenance. */
  unavailable: 6,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export const EXIT_MEANINGS: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.ok, "it worked"],
  [EXIT.failed, "a check failed, a line was refused, or something else went wrong"],
  [EXIT.usage, "the command line, a file or a value is not valid"],
  [EXIT.auth, "no key, or one that does not allow this"],
  [EXIT.not_found, "there is no such thing"],
  [EXIT.conflict, "it is there already, has changed, or has ended"],
  [EXIT.unavailable, "the service or its database is out of reach, busy, or under maintenance"],
  [EXIT.interrupted, "Ctrl-C"],
];

/** An end that was foreseen: a line for a person, and a code. */
export class CliError extends Error {
  readonly exit: number;

  constructor(message: string, exit: number = EXIT.usage) {
    super(message);
    this.exit = exit;
  }
}

export function exitOf(error: unknown): number {
  if (error instanceof CliError) return error.exit;
  if (!(error instanceof MemoryError)) return EXIT.failed;
  const { status } = error;
  if (status === 0 || status === 429 || status >= 502) return EXIT.unavailable;
  if (status === 401 || status === 403) return EXIT.auth;
  if (status === 404) return EXIT.not_found;
  if (status === 409 || status === 412 || status === 422) return EXIT.conflict;
  return status >= 500 ? EXIT.failed : EXIT.usage;
}

/** What went wrong, for a person: what, which field, and what to do. */
export function explain(error: unknown): string {
  if (!(error instanceof MemoryError))
    return error instanceof Error ? error.message : String(error);
  const fields = error.errors.filter(
    ({ path, message }) => !error.message.includes(message) || !error.message.includes(path),
  );
  const lines = [error.message, ...fields.map(({ path, message }) => `  ${path}: ${message}`)];
  if (error.status === 401)
    lines.push("Set MEMORY_KEY, or save a key: memory-cli profile add NAME --url URL");
  if (error.code === "network")
    lines.push(
      "Is it running, and is the address right? memory-cli profile show; memory-cli doctor",
    );
  if (error.retryAfterMs !== null)
    lines.push(`Try again in ${Math.ceil(error.retryAfterMs / 1_000)} s.`);
  if (error.requestId !== null) lines.push(`request_id ${error.requestId}`);
  return lines.join("\n");
}
