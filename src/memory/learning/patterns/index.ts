/**
 * The list of the kinds of patterns, and what is done with all of them alike. Whatever is done with
 * every kind asks its definition; only predictions and advice ask for a kind by its name.
 *
 * @module
 */

import type { ContentOf, PatternContent, PatternKind } from "../../../contract/patterns.ts";
import { contextPattern } from "./context-pattern.ts";
import { decisionPoint } from "./decision-point.ts";
import type { MinedRun, PatternDefinition, RecentStep, Sighting } from "./definition.ts";
import { errorRecovery } from "./error-recovery.ts";
import { toolSequence } from "./tool-sequence.ts";

/** Every kind; what is mined of a step comes in this order. */
const PATTERNS: { readonly [K in PatternKind]: PatternDefinition<ContentOf<K>> } = {
  tool_sequence: toolSequence,
  decision_point: decisionPoint,
  error_recovery: errorRecovery,
  context_pattern: contextPattern,
};

const DEFINITIONS: readonly PatternDefinition[] = Object.values(PATTERNS);

/** The kinds of which a pattern may be a heuristic. */
export const HEURISTIC_KINDS: readonly PatternKind[] = DEFINITIONS.filter(
  (definition) => "heuristic" in definition,
).map(({ kind }) => kind);

/** What learning does with a content of this kind. */
export function definitionOf(content: PatternContent): PatternDefinition {
  return PATTERNS[content.kind];
}

/**
 * Every pattern that a run shows, each as often as it does: what begins at each step, in order, and
 * then what is of the whole run. Work is in proportion to the number of steps.
 */
export function* minePatterns(run: MinedRun): Generator<Sighting> {
  for (let at = 0; at < run.tools.length; at++) {
    for (const definition of DEFINITIONS) yield* definition.mineStep?.(run, at) ?? [];
  }
  for (const definition of DEFINITIONS) yield* definition.mineWhole?.(run) ?? [];
}

/** The actions that a pattern is about, in order: its tools, with their keys where it has any. */
export function actionsOf(content: PatternContent): string[] {
  const definition = definitionOf(content);
  return definition.actions?.(content) ?? definition.tools(content);
}

/** Those of its actions that it says to take, as `actionsOf` names them. */
export function proposedActions(content: PatternContent): string[] {
  return definitionOf(content).proposes(content);
}

/** Whether it is about what tools were used for, and not about the tools alone. */
export function isKeyed(content: PatternContent): boolean {
  return actionsOf(content).join() !== definitionOf(content).tools(content).join();
}

/** What the patterns of a kind with this prefix are found by; other prefixes may share it. */
export function groupOf(kind: PatternKind, prefix: string): string {
  return PATTERNS[kind].groupOf?.(prefix) ?? prefix;
}

/** Where the patterns are looked up that a step calls for. */
export function lookupsAfter(step: RecentStep): { kind: PatternKind; prefix: string }[] {
  return DEFINITIONS.flatMap((definition) =>
    (definition.prefixesAfter?.(step) ?? []).map((prefix) => ({ kind: definition.kind, prefix })),
  );
}

/** Which patterns others make needless: what they say, others say as well, and more. */
export class Implications<T extends { content: PatternContent }> {
  readonly #supportOf: (item: T) => number;
  readonly #alike: ReadonlyMap<string, readonly T[]>;

  /**
   * @param others what may make an item needless; the items themselves may be among them
   * @param supportOf episodes that a pattern was seen in: only where they are as many for both does
   *   one imply the other
   */
  constructor(others: readonly T[], supportOf: (item: T) => number) {
    this.#supportOf = supportOf;
    this.#alike = Map.groupBy(others, (item) => this.#nameOf(item));
  }

  isNeedless(item: T): boolean {
    const { content } = item;
    const definition = definitionOf(content);
    if (!definition.isImpliedBy) return false;
    const isImplied = (other: T): boolean =>
      definition.isImpliedBy?.(content, other.content) ?? false;
    return this.#alike.get(this.#nameOf(item))?.some(isImplied) ?? false;
  }

  #nameOf(item: T): string {
    return `${item.content.kind} ${this.#supportOf(item)}`;
  }
}
