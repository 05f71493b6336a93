/**
 * What an operation of an instance is: the instance that it runs at, the scope that it needs, and
 * the types of its input and output. Each subject declares its own; `operations.ts` lists all.
 *
 * @module
 */

import type { Scope } from "./vocabulary.ts";

export interface Operation<I, O> {
  /**
   * episode: runs at the instance that the input's `id` hashes to. namespace: at the one that the
   * namespace hashes to.
   */
  readonly home: "episode" | "namespace";
  readonly scope: Scope;
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
