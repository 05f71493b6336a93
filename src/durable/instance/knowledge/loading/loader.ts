/**
 * Keeps which namespaces an instance knows, and chooses which of the others is loaded next. They
 * take turns, and one that fails waits longer each time: none holds back another. The slices
 * themselves are copied by `slices.ts`.
 *
 * @module
 */

import { backoffMs } from "../../../../util/backoff.ts";
import { Moved } from "../../../shared/refusals.ts";
import type { KnowledgeDeps } from "../deps.ts";
import {
  cursorOf,
  loadingNow,
  recountDigests,
  setState,
  stateOf,
  type LoadCursor,
  type StoredState,
} from "../rows/namespaces.ts";
import { isAnyDue, isAnyPending, isAnyUntried } from "../rows/pending.ts";
import { copySlice, FIRST_CURSOR, LAST_CURSOR } from "./slices.ts";

/**
 * The database is asked about an unknown namespace once in this time at most, and again after it
 * when it did not answer, ms.
 */
const ASK_INTERVAL_MS = 2_000;
/** The wait after the first failure of a namespace, doubled with each, and the longest, ms. */
const WAIT_MIN_MS = 1_000;
const WAIT_MAX_MS = 60_000;
/** Namespaces among which one is looked for whose turn it is. */
const CANDIDATES_MAX = 200;
/** Characters of an error that are kept. */
const ERROR_LENGTH_MAX = 300;

/** ready: all is here. loading: slices are on their way. cold: the database did not answer. */
export type LoadState = StoredState | "cold";

/** How loading goes, for readiness. */
export interface LoadingView {
  namespaces: number;
  /** When the one that takes longest was begun, ms since the epoch; null: none is loading. */
  since: number | null;
  /** Why the last try of one that fails did; null: none fails. */
  last_error: string | null;
}

/** Why a namespace waits. */
interface Wait {
  /** Tries that failed in a row; 0: it only waits. */
  failures: number;
  /** ms since the epoch. */
  notBefore: number;
  error: string;
}

export class Loader {
  readonly #deps: KnowledgeDeps;
  readonly #askedAt = new Map<string, number>();
  readonly #asking = new Map<string, Promise<LoadState>>();
  readonly #waits = new Map<string, Wait>();
  /** The namespace whose turn was last. */
  #last = "";

  constructor(deps: KnowledgeDeps) {
    this.#deps = deps;
  }

  isReady(namespace: string): boolean {
    return stateOf(this.#deps.sql, namespace) === "ready";
  }

  /** The state of a namespace; of one that is unknown here the database is asked first. */
  async ensure(namespace: string, now: number): Promise<LoadState> {
    const state = stateOf(this.#deps.sql, namespace);
    if (state) return state;
    const asking = this.#asking.get(namespace);
    if (asking) return asking;
    const askedAt = this.#askedAt.get(namespace) ?? Number.NEGATIVE_INFINITY;
    if (now - askedAt < ASK_INTERVAL_MS) return "cold";

    this.#askedAt.set(namespace, now);
    const answer = this.#ask(namespace, now).finally(() => this.#asking.delete(namespace));
    this.#asking.set(namespace, answer);
    return answer;
  }

  /** Whether the database has anything of the namespace: loading begins, or there is nothing to. */
  async #ask(namespace: string, now: number): Promise<LoadState> {
    const { sql, database } = this.#deps;
    let hasRows = false;
    try {
      const rows = await database.all(
        `SELECT EXISTS (SELECT 1 FROM digests WHERE namespace = ?)
          + EXISTS (SELECT 1 FROM recalls WHERE namespace = ?)
          + EXISTS (SELECT 1 FROM domains WHERE namespace = ?) AS n`,
        namespace,
        namespace,
        namespace,
      );
      hasRows = Number(rows[0]?.["n"] ?? 0) > 0;
    } catch {
      return "cold";
    }
    // Another caller may have learned it meanwhile.
    const state = stateOf(sql, namespace);
    if (state) return state;

    this.#askedAt.delete(namespace);
    if (!hasRows && !isAnyPending(sql, namespace)) {
      this.finish(namespace);
      return "ready";
    }
    this.#set(namespace, "loading", { ...(hasRows ? FIRST_CURSOR : LAST_CURSOR), since: now });
    return "loading";
  }

  /** The namespace whose turn it is to be loaded, or to be asked about; null when none is due. */
  next(now: number): string | null {
    const isDue = (namespace: string): boolean =>
      (this.#waits.get(namespace)?.notBefore ?? 0) <= now && this.#hasWork(namespace);
    const next =
      this.#waiting("namespace > ?", this.#last).find(isDue) ??
      this.#waiting("namespace <= ?", this.#last).find(isDue);
    if (next === undefined) return null;
    this.#last = next;
    return next;
  }

  /** When something may be due, ms since the epoch; null: nothing waits. */
  nextAt(): number | null {
    const waiting = this.#waiting("true").filter((namespace) => this.#hasWork(namespace));
    const times = waiting.map((namespace) => this.#waits.get(namespace)?.notBefore ?? 0);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Copies or drops a slice. True: the last one has come. Throws `DatabaseError`, `Moved`. */
  async slice(namespace: string): Promise<boolean> {
    const { isDone, isRead } = await copySlice(this.#deps, namespace);
    if (isRead) this.#waits.delete(namespace);
    return isDone;
  }

  /** The namespace could not be loaded further; it is tried again after a wait that grows. */
  failed(namespace: string, error: unknown, now: number): void {
    const failures = (this.#waits.get(namespace)?.failures ?? 0) + 1;
    const wait = backoffMs(failures, WAIT_MIN_MS, WAIT_MAX_MS);
    const reason = String(error);
    this.#waits.set(namespace, {
      failures,
      notBefore: now + wait,
      error: reason.slice(0, ERROR_LENGTH_MAX),
    });
    this.#deps.log({
      event: "knowledge_load_failed",
      level: "warn",
      namespace,
      failures,
      reason,
    });
  }

  /** The database did not answer whether it has the namespace: it is asked again after a while. */
  askLater(namespace: string, now: number): void {
    const { failures = 0, error = "" } = this.#waits.get(namespace) ?? {};
    this.#waits.set(namespace, { failures, notBefore: now + ASK_INTERVAL_MS, error });
  }

  /** All of it is here; in a transaction or not. @param now absent: it was not loaded */
  finish(namespace: string, now?: number): void {
    const { sql, log } = this.#deps;
    const isLoading = stateOf(sql, namespace) === "loading";
    const since = isLoading ? cursorOf(sql, namespace).since : undefined;
    this.#set(namespace, "ready", LAST_CURSOR);
    if (since && now !== undefined) {
      log({ event: "knowledge_loaded", level: "info", namespace, duration_ms: now - since });
    }
    recountDigests(sql, namespace);
  }

  /** It serves, unless something waits to be learned that was not tried yet; in a transaction. */
  finishIfLearned(namespace: string, now: number): void {
    if (!this.isReady(namespace) && !isAnyUntried(this.#deps.sql, namespace))
      this.finish(namespace, now);
  }

  /**
   * Begins anew: what the database has as well is dropped, slice by slice, and read again. In a
   * transaction.
   */
  restart(namespace: string, now: number): void {
    this.#waits.delete(namespace);
    this.#set(namespace, "loading", { ...FIRST_CURSOR, since: now, drop: 0 });
  }

  view(): LoadingView {
    const failing = [...this.#waits.values()].findLast(({ failures }) => failures > 0);
    return { ...loadingNow(this.#deps.sql), last_error: failing?.error ?? null };
  }

  /** Namespaces that are being loaded, or of which something came before they were. */
  #waiting(where: string, ...args: string[]): string[] {
    const rows = this.#deps.sql.all<{ namespace: string }>(
      `SELECT namespace FROM (SELECT namespace FROM knowledge_namespaces WHERE state = 'loading'
          UNION SELECT namespace FROM knowledge_pending) WHERE ${where} ORDER BY namespace LIMIT ?`,
      ...args,
      CANDIDATES_MAX,
    );
    return rows.map(({ namespace }) => namespace);
  }

  /** All that came before it was loaded may wait for a later try. */
  #hasWork(namespace: string): boolean {
    // It is being handed over.
    if (!this.#deps.isHome(namespace)) return false;
    return !this.isReady(namespace) || isAnyDue(this.#deps.sql, namespace, this.#deps.now());
  }

  /** Throws `Moved` when the namespace lives elsewhere by now: nothing of it may be left here. */
  #set(namespace: string, state: StoredState, cursor: LoadCursor): void {
    if (!this.#deps.isHome(namespace)) throw new Moved(namespace);
    setState(this.#deps.sql, namespace, state, cursor);
  }
}
