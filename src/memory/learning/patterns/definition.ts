/**
 * What a kind of pattern is to the rest of learning: how it is mined from an episode, looked up,
 * put into words, and when another pattern makes it needless. A kind is one file that implements
 * `PatternDefinition`, and its line in the list of `index.ts`. Types only.
 *
 * @module
 */

import type { Context } from "../../../contract/episodes/record.ts";
import type { ResultClass, TaskType } from "../../../contract/vocabulary.ts";
import type { PatternContent } from "../../../contract/patterns.ts";

/** An ended episode as patterns are mined from it; the lists have an entry for each step. */
export interface MinedRun {
  tools: readonly string[];
  /** The key of each action; null: the tool says it. */
  keys: readonly (string | null)[];
  results: readonly ResultClass[];
  /** The masked error, "timeout", or null where the step did not fail. */
  errors: readonly (string | null)[];
  /** Whole milliseconds; 0 when unknown. */
  latencies: readonly number[];
  context: Context;
  taskType: TaskType;
}

/** A pattern seen once in an episode. */
export interface Sighting<C extends PatternContent = PatternContent> {
  content: C;
  /** Of the steps involved together, whole milliseconds; 0 when unknown. */
  latency_ms: number;
}

/** The columns that stored patterns are looked up by; see `patterns` in storage/tables. */
export interface LookupColumns {
  /** What must have come before; parts are joined by `lookupKey`. */
  prefix: string;
  suffix: string;
  /** Tools that the pattern has beyond its condition, or in all. */
  length: number;
}

/** A pattern that is recommended or warned of, in two sentences without a full stop. */
export interface Heuristic {
  condition: string;
  action: string;
}

/** A step that was taken lately, as a client reports it. */
export interface RecentStep {
  tool: string;
  result: ResultClass;
  /** What it answered; absent: not reported. */
  message?: string | undefined;
  /** What it was called with; absent: not reported. */
  parameters?: unknown;
}

/**
 * One kind of pattern. All functions are pure, and take contents of this kind only.
 *
 * Methods may be absent: without `mineStep` nothing of the kind begins at a step, without
 * `heuristic` it is never promoted, without `prefixesAfter` no step calls for it, without
 * `isImpliedBy` none of its patterns makes another needless.
 */
export interface PatternDefinition<C extends PatternContent = PatternContent> {
  kind: C["kind"];
  /** What begins at this step, in an order that does not change. */
  mineStep?(run: MinedRun, at: number): Sighting<C>[];
  /** What is of the run as a whole, in an order that does not change. */
  mineWhole?(run: MinedRun): Sighting<C>[];
  lookup(content: C): LookupColumns;
  /**
   * What patterns are found by, all of the kind that have it at once; absent: the prefix. All
   * patterns of a prefix are in the group that `groupOf` gives for it.
   */
  groupOf?(prefix: string): string;
  /** The tools that it is about, in order. */
  tools(content: C): string[];
  /** The same with their keys, as `actionName` has them; absent: the tools. */
  actions?(content: C): string[];
  /** Those of its actions that it says to take. */
  proposes(content: C): string[];
  /** Names and values that must hold for it; null: it has no condition. */
  condition(content: C): Record<string, string> | null;
  /** One line for a person. */
  describe(content: C): string;
  /** Texts, beside its tools, that a search finds it by. */
  searchTexts(content: C): { tags?: string; errors?: string; calls?: string };
  heuristic?(content: C, isAvoided: boolean): Heuristic;
  /** The prefixes of the patterns about what to do after this step, the most telling first. */
  prefixesAfter?(step: RecentStep): string[];
  /** Whether another pattern of the kind, of the same support, makes this one needless. */
  isImpliedBy?(content: C, other: C): boolean;
}
