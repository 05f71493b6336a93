/**
 * How the CLI ends: one code for each kind of end, for scripts.
 *
 * @module
 */

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
