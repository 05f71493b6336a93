/**
 * What clients did at once, and what they heard: a history. Each operation has a moment at which it
 * was begun and one at which its answer came, on the order that a checker needs, and the clock of
 * the service at both for who reads it.
 *
 * @module
 */

/** What is asked of one episode. */
export type EpisodeAction =
  | { name: "start"; task: string }
  | { name: "steps"; tools: readonly string[] }
  | { name: "tag"; tag: string }
  | { name: "untag"; tag: string }
  | { name: "note"; note: string; if_match: number | null }
  | { name: "complete" }
  | { name: "delete"; if_match: number | null }
  | { name: "get" };

/** What is asked of one lesson. */
export type LessonAction =
  | { name: "amend"; text: string }
  | { name: "pin" }
  | { name: "unpin" }
  | { name: "remove" }
  | { name: "read" };

/** What is asked of the settings of the namespace. */
export type SettingAction = { name: "set"; share: number } | { name: "view" };

/** What is asked of the namespace as a whole. */
export type ReadAction = { name: "list" } | { name: "search"; word: string };

export type Action = EpisodeAction | LessonAction | SettingAction | ReadAction;

/**
 * ok: answered with a value. refused: answered with a code, which says why nothing was done.
 * unknown: no answer came, or one that does not say whether something was done.
 */
export type Outcome =
  | { type: "ok"; value: unknown }
  | { type: "refused"; code: string }
  | { type: "unknown" };

export interface Operation {
  client: number;
  /** `episode e3`, `lesson l1`, `settings`, `namespace`: what it is about. */
  object: string;
  action: Action;
  /** Places in the order of all beginnings and answers of the history. */
  invoked: number;
  /** Infinity: it never was answered, and may take effect at any time. */
  answered: number;
  /** The service's clock at both, ms since the epoch. */
  clock: { invoked: number; answered: number | null };
  outcome: Outcome;
}

export interface History {
  seed: number;
  clients: number;
  instances: number;
  operations: Operation[];
  /** Faults, in their order, each with the number of the moment before it. */
  faults: { at: number; fault: string }[];
}

/** A breach of a promise, with the operations that show it. */
export interface Violation {
  object: string;
  promise: string;
  operations: readonly Operation[];
}

/** An operation as one line. */
export function lineOf(operation: Operation): string {
  const { client, invoked, answered, action, outcome, object } = operation;
  const until = Number.isFinite(answered) ? String(answered) : "never";
  const heard = outcome.type === "ok" ? JSON.stringify(outcome.value) : JSON.stringify(outcome);
  return `${invoked}–${until} client ${client} ${object} ${JSON.stringify(action)} → ${heard}`;
}
