/**
 * What an operation of an instance is, and what a command of the Coordinator is: a line of a table,
 * which gives its types and how it is called. Each subject declares its own; `operations.ts` lists
 * all. Inputs and outputs are plain data: they cross between processes.
 *
 * @module
 */

import type { Scope } from "./vocabulary.ts";

export interface Operation<I, O> {
  /**
   * episode: runs at the instance that the input's `id` hashes to. namespace: at the one that the
   * namespace hashes to. asked: at the one that is asked, for what of it belongs there.
   */
  readonly home: "episode" | "namespace" | "asked";
  readonly scope: Scope;
  /** How many calls it counts as: its handler judges each of its items by itself. Absent: one. */
  readonly calls?: (input: I) => number;
  /** For the compiler alone: absent at run time. */
  readonly types: { input: I; output: O };
}

/** An input without parameters, or an output that says nothing. */
export type None = Record<string, never>;

/** One page of a list; `next_cursor` null: the last one. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  /** The database was out of reach: these are only what instances hold. */
  degraded: boolean;
}

export function operation<I, O>(home: Operation<I, O>["home"], scope: Scope): Operation<I, O> {
  return { home, scope } as Operation<I, O>;
}

/** An operation on several items of one home, each of which is answered by itself. */
export function batch<I, O>(scope: Scope, calls: (input: I) => number): Operation<I, O> {
  return { home: "asked", scope, calls } as Operation<I, O>;
}

/** A command: what the Coordinator is asked, by an operator or by an instance. */
export interface CommandRule<Input, Output> {
  /** A call whose answer was lost may be sent once more: the second does no harm. */
  readonly isRepeatable: boolean;
  /** For the compiler alone: absent at run time. */
  readonly types?: (input: Input) => Output;
}

// oxlint-disable-next-line typescript/no-explicit-any -- of whatever types.
export type CommandTable = Readonly<Record<string, CommandRule<any, any>>>;
export type InputOf<R> = R extends CommandRule<infer Input, unknown> ? Input : never;
export type OutputOf<R> = R extends CommandRule<never, infer Output> ? Output : never;

export const repeatable = <Input, Output>(): CommandRule<Input, Output> => ({ isRepeatable: true });
export const unrepeatable = <Input, Output>(): CommandRule<Input, Output> => ({
  isRepeatable: false,
});
