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
  | { name: "archive" }
  | { name: "unarchive" }
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

/** What is asked of the namespace as a whole, and of the service. */
export type ReadAction =
  | { name: "list" }
  | { name: "search"; word: string }
  | { name: "recall"; task: string }
  | { name: "count" };

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
  /** `episode 3`, `lesson 1`, `settings`, `namespace`, `counters`: what it is about. */
  object: string;
  action: Action;
  /** Places in the order of all beginnings and answers of the history. */
  invoked: number;
  /** Infinity: it never was answered, and may take effect at any time. */
  answered: number;
  /** The service's clock at both, ms since the epoch. */
  clock: { invoked: number; answered: number | null };
  outcome: Outcome;
  /** What was heard when it was said again with the same key; absent: it was not, or in vain. */
  again?: Outcome;
  /** What a copy of it heard that was sent at the same time with the same key. */
  atOnce?: Outcome;
}

/** What a search or a recall found. */
export interface FoundEpisodes {
  items: string[];
  /** The answer says that there may be more: not everything was within reach. */
  isPartial: boolean;
}

/** Counters of the instances that answered, by name and by instance. */
export type Counts = Record<CounterName, Record<string, number>>;
export const COUNTERS = ["created", "steps", "completed"] as const;
export type CounterName = (typeof COUNTERS)[number];

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
  const again = operation.again ? `, again ${JSON.stringify(operation.again)}` : "";
  const atOnce = operation.atOnce ? `, at once ${JSON.stringify(operation.atOnce)}` : "";
  const asked = `client ${client} ${object} ${JSON.stringify(action)}`;
  return `${invoked}–${until} ${asked} → ${heard}${atOnce}${again}`;
}
