/**
 * Closes episodes that nobody wrote to for the idle timeout as abandoned. One that cannot be closed
 * is skipped for a while, so that it holds back no other.
 *
 * @module
 */

import type { Part } from "../../shared/context.ts";
import { Moved } from "../../shared/refusals.ts";
import type { EpisodeDeps } from "./deps.ts";
import type { CachedRows } from "./store/cached-rows.ts";
import { isoTime } from "../../../util/time.ts";

/** Episodes that one alarm closes. */
const CLOSED_PER_ALARM = 25;
/** Between two looks: some may be left, or skipped, ms. */
const LOOK_MS = 500;
/** One that could not be closed is left alone for this long, ms; so many are remembered. */
const SKIP_MS = 60_000;
const SKIPPED_MAX = 1_000;

export class IdleEpisodes implements Part {
  readonly #deps: EpisodeDeps;
  readonly #cached: CachedRows;
  /** Those that could not be closed, and until when they are left alone, ms since the epoch. */
  readonly #skipped = new Map<string, number>();
  /**
   * Before this nothing is idle, as the last look found it: what is written only puts it off. And
   * the timeout that it was found with. ms since the epoch, and ms.
   */
  #notBefore = 0;
  #timeout = 0;

  constructor(deps: EpisodeDeps, cached: CachedRows) {
    this.#deps = deps;
    this.#cached = cached;
  }

  nextAt(): number | null {
    if (!this.#cached.isAnyRunning()) return null;
    return this.#timeoutMs() === this.#timeout ? this.#notBefore : 0;
  }

  /** Looks through the episodes that run, once one of them may be idle. */
  onAlarm(now: number): void {
    const timeout = this.#timeoutMs();
    if (timeout === this.#timeout && now < this.#notBefore) return;
    for (const [key, until] of this.#skipped) if (until <= now) this.#skipped.delete(key);

    const limit = CLOSED_PER_ALARM + this.#skipped.size;
    for (const { namespace, id } of this.#cached.idleSince(now - timeout, limit)) {
      const key = JSON.stringify([namespace, id]);
      if (this.#skipped.has(key)) continue;
      try {
        this.#close(namespace, id);
      } catch (error) {
        if (this.#skipped.size < SKIPPED_MAX) this.#skipped.set(key, now + SKIP_MS);
        this.#failed(id, error);
      }
    }
    const idleAt = this.#deps.rows.longestIdleAt();
    this.#timeout = timeout;
    this.#notBefore = Math.max(now + LOOK_MS, (idleAt ?? now) + timeout);
  }

  #timeoutMs(): number {
    return this.#deps.context.settings().episode_idle_timeout_seconds * 1_000;
  }

  #close(namespace: string, id: string): void {
    const { context, store, tasks } = this.#deps;
    context.transaction(() => {
      const record = store.present(namespace, id);
      const ended_at = isoTime(context.now());
      store.change(record, { status: "abandoned", ended_at }, { by: "service" });
      context.meter.count("memory_episode_completed_total", { outcome: "abandoned" });
      tasks.add({ kind: "learn", namespace, id });
    });
    context.log({ event: "episode_abandoned", level: "info", episode_id: id });
  }

  #failed(id: string, error: unknown): void {
    // It is being handed over: its new home will close it.
    if (error instanceof Moved) return;
    const { meter, log } = this.#deps.context;
    const reason = String(error);
    meter.count("memory_alarm_failures_total", { part: "abandon" });
    log({ event: "episode_not_abandoned", level: "error", episode_id: id, reason });
  }
}
