/**
 * The scope of one call, which follows it through everything that is awaited: its deadline, its
 * trace, and where what it read came from.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { CacheMark } from "../../../contract/call.ts";
import { traceIdOf } from "../../../observability/index.ts";
import type { Trace } from "../../shared/instance/protocol.ts";

export interface CallScope {
  /** ms since the epoch. */
  deadline: number | null;
  cache: CacheMark | null;
  /** What it wrote: rows for the database, and their bytes. */
  readonly written: { rows: number; bytes: number };
  request_id: string;
  traceparent: string | null;
}

const scopes = new AsyncLocalStorage<CallScope>();

export function inScope<T>(scope: CallScope, work: () => T): T {
  return scopes.run(scope, work);
}

/** When the call that is worked on must be done; null outside of a call. */
export function deadlineOfCall(): number | null {
  return scopes.getStore()?.deadline ?? null;
}

/** What ties a log line to the call that is worked on; nothing outside of a call. */
export function traceOfCall(): { request_id: string; trace_id: string | null } | null {
  const scope = scopes.getStore();
  return scope ? { request_id: scope.request_id, trace_id: traceIdOf(scope.traceparent) } : null;
}

/** The caller's traceparent, for what is asked on its behalf; null outside of a call. */
export function traceparentOfCall(): string | null {
  return scopes.getStore()?.traceparent ?? null;
}

/** What goes along when another instance is asked on the call's behalf. */
export function callTrace(): Trace | undefined {
  const scope = scopes.getStore();
  return scope && { request_id: scope.request_id, traceparent: scope.traceparent };
}

/** Works on what another instance asks for a call of its own. */
export function onBehalf<T>(trace: Trace | undefined, work: () => T): T {
  return trace
    ? inScope({ deadline: null, cache: null, written: { rows: 0, bytes: 0 }, ...trace }, work)
    : work();
}

/** The worst of what the call read from decides: stale, then miss, then hit. */
export function markCache(mark: CacheMark): void {
  const scope = scopes.getStore();
  if (!scope) return;
  const rank = { hit: 0, miss: 1, stale: 2 };
  if (scope.cache === null || rank[mark] > rank[scope.cache]) scope.cache = mark;
}

/** The call that is worked on wrote rows for the database; nothing outside of a call. */
export function markWritten(rows: number, bytes: number): void {
  const scope = scopes.getStore();
  if (!scope) return;
  scope.written.rows += rows;
  scope.written.bytes += bytes;
}
