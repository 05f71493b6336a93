/**
 * What is true of one call while it is worked on, wherever its work leads: when it must be done, and where what it
 * read came from.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { CacheMark } from "../memory/operations.ts";

export interface CallScope {
  /** ms since the epoch. */
  deadline: number;
  cache: CacheMark | null;
}

const scopes = new AsyncLocalStorage<CallScope>();

export function inScope<T>(scope: CallScope, work: () => Promise<T>): Promise<T> {
  return scopes.run(scope, work);
}

/** When the call that is worked on must be done; null outside of a call. */
export function deadlineOfCall(): number | null {
  return scopes.getStore()?.deadline ?? null;
}

/** The worst of what the call read from decides: stale, then miss, then hit. */
export function markCache(mark: CacheMark): void {
  const scope = scopes.getStore();
  if (!scope) return;
  const rank = { hit: 0, miss: 1, stale: 2 };
  if (scope.cache === null || rank[mark] > rank[scope.cache]) scope.cache = mark;
}
