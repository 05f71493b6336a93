/**
 * What a kind of error of a coding session is, as data: the command that fails, what it says, what
 * was tried in vain, and what mended it. Texts are templates: `{word}` is filled from the words of
 * the session.
 *
 * @module
 */

/** Something that was tried and changed nothing. */
export interface Attempt {
  command: string;
  said: string;
  /** It failed itself; without it, it ran and did not help. */
  fails?: true;
}

export interface ErrorKind {
  kind: string;
  /** What the project is built with; the domain of its episodes is `coding/STACK`. */
  stack: string;
  /** The command that fails, and passes once it is mended. */
  command: string;
  /** What npm runs for it, which npm prints before its output. */
  script?: string;
  /** What it says when it fails, in the ways that it is seen; each session takes one of them. */
  errors: readonly string[];
  attempts: readonly Attempt[];
  /** The command that mends it; null: a file is edited. */
  mend: string | null;
  /** What the mending command says. */
  said: string;
  /** Program and sub-command that an answer must name; for an edit, the tool. */
  names: string;
  /** What the command says when it passes. */
  passes: string;
}
