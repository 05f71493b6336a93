/**
 * Keeps how far namespaces are loaded, and chooses which is loaded next. They take turns, and one
 * that fails waits longer each time: none holds back another. The slices themselves are read by
 * `slices.ts`.
 *
 * @module
 */

import { TERMS_VERSION } from "../../../../memory/text/index.ts";
import { backoffMs, isWaitOver } from "../../../../util/backoff.ts";
import { Moved } from "../../../shared/refusals.ts";
import type { KnowledgeDeps } from "../deps.ts";
import type { LoadCursor, StoredState } from "../learned/namespaces.ts";
import { forgetUsage } from "../rows/usage.ts";
import type { Vectors } from "../vectors/vectors.ts";
import { SliceReader } from "./slices.ts";

/** The wait after the first failure of a namespace, doubled with each, and the longest, ms. */
const WAIT_MIN_MS = 1_000;
const WAIT_MAX_MS = 60_000;
/** Namespaces among which one is looked for whose turn it is. */
const CANDIDATES_MAX = 200;
/** Characters of an error that are kept. */
const ERROR_LENGTH_MAX = 300;

/** How loading goes, for readiness. */
export interface LoadingView {
  namespaces: number;
  /** When the one that takes longest was begun, ms since the epoch; null: none is loading. */
  since: number | null;
  /** The least share of a namespace's episodes that is here, 0…1; null: none is loading. */
  share: number | null;
  /** Why the last try of one that fails did; null: none fails. */
  last_error: string | null;
}

/** Why a namespace waits. */
interface Wait {
  /** Tries that failed in a row. */
  failures: number;
  /** ms since the epoch. */
  notBefore: number;
  error: string;
}

export class Loader {
  readonly #deps: KnowledgeDeps;
  readonly #reader: SliceReader;
  readonly #vectors: Pick<Vectors, "loaded">;
  readonly #waits = new Map<string, Wait>();
  readonly #running = new Map<string, Promise<void>>();
  /** The namespace whose turn was last. */
  #last = "";

  constructor(deps: KnowledgeDeps, vectors: Pick<Vectors, "loaded">) {
    this.#deps = deps;
    this.#vectors = vectors;
    this.#reader = new SliceReader(deps);
  }

  isReady(namespace: string): boolean {
    return this.#deps.learned.stateOf(namespace) === "ready";
  }

  /** Whether the last slice of the namespace could not be read. */
  isFailing(namespace: string): boolean {
    return this.#waits.has(namespace);
  }

  /** The state of a namespace; loading of one that is unknown here begins. Throws `Moved`. */
  ensure(namespace: string, now: number): StoredState {
    const state = this.#deps.learned.stateOf(namespace);
    if (state) return state;
    this.begin(namespace, now, null);
    return "loading";
  }

  /** Begins to load a namespace. @param from the instance that had it before; null: none */
  begin(namespace: string, now: number, from: number | null): void {
    // Judgements are counted as they are loaded.
    forgetUsage(this.#deps.sql, namespace);
    const phase = from === null ? "episodes" : "peer";
    const begun = {
      phase,
      after: null,
      since: now,
      from,
      total: null,
      terms: TERMS_VERSION,
    } as const;
    this.#set(namespace, begun);
    this.#deps.wake(now);
  }

  /** Begins anew: what was learned is dropped. In a transaction. */
  restart(namespace: string, now: number): void {
    const { learned } = this.#deps;
    this.#waits.delete(namespace);
    learned.eraseToLearnAnew(namespace);
    this.begin(namespace, now, null);
    learned.publishAnew(namespace);
  }

  /** The share of a namespace's episodes that is here, 0…1. */
  share(namespace: string): number {
    const { learned } = this.#deps;
    if (learned.stateOf(namespace) === "ready") return 1;
    const total = learned.cursorOf(namespace)?.total ?? null;
    if (total === null) return 0;
    return Math.min(1, (learned.of(namespace)?.episodes ?? 0) / Math.max(1, total));
  }

  /** The namespace whose turn it is to be loaded; null when none is due. */
  next(now: number): string | null {
    const names = this.#waiting();
    const isDue = (name: string): boolean => this.#notBefore(name) <= now;
    const next = names.find((name) => name > this.#last && isDue(name)) ?? names.find(isDue);
    if (next === undefined) return null;
    this.#last = next;
    return next;
  }

  /** What failed before is tried again without waiting: the database is back. */
  resetBackoff(): void {
    for (const wait of this.#waits.values()) wait.notBefore = 0;
  }

  /** When something may be due, ms since the epoch; null: nothing waits. */
  nextAt(): number | null {
    const times = this.#waiting().map((name) => this.#notBefore(name));
    return times.length === 0 ? null : Math.min(...times);
  }

  /**
   * Reads and learns a slice of a namespace that is loading; joins one that runs. Never throws for
   * what the database or another instance does.
   */
  slice(namespace: string): Promise<void> {
    const running = this.#running.get(namespace);
    if (running) return running;
    const slice = this.#slice(namespace).finally(() => this.#running.delete(namespace));
    this.#running.set(namespace, slice);
    return slice;
  }

  view(): LoadingView {
    const loading = this.#deps.learned.loading(CANDIDATES_MAX);
    const failing = [...this.#waits.values()].at(-1);
    const shares = loading.map(({ namespace }) => this.share(namespace));
    return {
      namespaces: loading.length,
      since: loading.length === 0 ? null : Math.min(...loading.map(({ cursor }) => cursor.since)),
      share: loading.length === 0 ? null : Math.min(...shares),
      last_error: failing?.error ?? null,
    };
  }

  async #slice(namespace: string): Promise<void> {
    const { learned, transaction, now } = this.#deps;
    const cursor = learned.cursorOf(namespace);
    if (!cursor || cursor.phase === "done") return;
    try {
      const number = learned.of(namespace)?.number;
      const slice = await this.#reader.read(namespace, cursor);
      // Erased, begun anew, or moved to another instance, while somebody answered.
      if (learned.of(namespace)?.number !== number) return;
      if (JSON.stringify(learned.cursorOf(namespace)) !== JSON.stringify(cursor)) return;
      for (const learn of slice.learn.slice(0, -1)) transaction(learn);
      transaction(() => {
        slice.learn.at(-1)?.();
        this.#proceed(namespace, slice.next);
      });
      this.#waits.delete(namespace);
    } catch (error) {
      if (error instanceof Moved) return;
      this.#failed(namespace, error, now());
    }
  }

  #proceed(namespace: string, next: LoadCursor): void {
    const { learned, log, now } = this.#deps;
    if (next.phase !== "done") return this.#set(namespace, next);
    if (!this.#deps.isHome(namespace)) throw new Moved(namespace);
    learned.setState(namespace, "ready", next);
    learned.forgetForgotten(namespace);
    this.#vectors.loaded(namespace);
    const episodes = learned.of(namespace)?.episodes ?? 0;
    if (episodes > 0)
      log({ event: "knowledge_loaded", level: "info", namespace, duration_ms: now() - next.since });
  }

  /** The namespace could not be loaded further; it is tried again after a wait that grows. */
  #failed(namespace: string, error: unknown, now: number): void {
    const failures = (this.#waits.get(namespace)?.failures ?? 0) + 1;
    const reason = String(error);
    this.#waits.delete(namespace);
    this.#waits.set(namespace, {
      failures,
      notBefore: now + backoffMs(failures, WAIT_MIN_MS, WAIT_MAX_MS),
      error: reason.slice(0, ERROR_LENGTH_MAX),
    });
    this.#deps.log({ event: "knowledge_load_failed", level: "warn", namespace, failures, reason });
  }

  /** Until when a namespace waits, ms since the epoch; 0: it does not. */
  #notBefore(namespace: string): number {
    const notBefore = this.#waits.get(namespace)?.notBefore ?? 0;
    return isWaitOver(notBefore, this.#deps.now(), WAIT_MAX_MS) ? 0 : notBefore;
  }

  /** Namespaces that are being loaded here, in their order. */
  #waiting(): string[] {
    return this.#deps.learned
      .loading(CANDIDATES_MAX)
      .map(({ namespace }) => namespace)
      .filter((namespace) => this.#deps.isHome(namespace));
  }

  /** Throws `Moved` when the namespace lives elsewhere by now: nothing of it may be left here. */
  #set(namespace: string, cursor: LoadCursor): void {
    if (!this.#deps.isHome(namespace)) throw new Moved(namespace);
    this.#deps.learned.setState(namespace, "loading", cursor);
  }
}
