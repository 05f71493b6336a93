/**
 * Puts traces together from spans that come in any number of requests, in any order, and twice; and
 * makes episodes of them. A trace is taken in when its root has ended and nothing came for a while,
 * or when it is old or full; spans that come later update its episode.
 *
 * @module
 */

import { MS } from "../../../../contract/limits.ts";
import type { Input, Output } from "../../../../contract/operations.ts";
import { backoffMs } from "../../../../util/backoff.ts";
import type { Part } from "../../../shared/context.ts";
import { Moved, Refused } from "../../../shared/refusals.ts";
import type { OperationScope } from "../../handlers.ts";
import type { EpisodeDeps } from "../deps.ts";
import type { EpisodeImport } from "../imports/import.ts";
import { isPassing } from "../tasks/task-failures.ts";
import { traceLine } from "./trace-line.ts";
import { TraceRoom } from "./trace-room.ts";
import { TRACES_SCHEMA, type TraceRow, type TraceRows } from "./trace-rows.ts";

/** Traces that one alarm takes in, or drops. */
const TRACES_PER_ALARM = 20;
/** How long a trace waits after a failure, at first and at most, ms; and how often it is tried. */
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 300_000;
const TRIES_MAX = 8;

export class Traces implements Part {
  readonly schema = TRACES_SCHEMA;
  readonly #deps: EpisodeDeps;
  readonly #rows: TraceRows;
  readonly #room: TraceRoom;
  readonly #imports: EpisodeImport;

  constructor(deps: EpisodeDeps, imports: EpisodeImport) {
    this.#deps = deps;
    this.#rows = deps.traces;
    this.#room = new TraceRoom(deps.traces, deps.context);
    this.#imports = imports;
  }

  /** Throws `Refused` where there is no room by now, or for a new trace no quota. */
  async take(
    { id, trace, spans, meant }: Input<"spans.take">,
    { namespace, commit }: OperationScope,
  ): Promise<Output<"spans.take">> {
    if (this.#rows.find(namespace, id) === null) await this.#requireRoom(namespace, id);
    // What gives way does so even if these spans are refused.
    this.#room.make(namespace, this.#rows.find(namespace, id) === null);
    return commit(() => {
      const now = this.#deps.context.now();
      const row = this.#rows.find(namespace, id) ?? begun({ namespace, id, trace, now });
      let [rejected, changed] = [0, 0];
      for (const span of spans) {
        const added = this.#rows.add(row, span);
        if (added === "full") rejected += 1;
        else if (added) changed += 1;
      }
      // What is there already is no reason to wait longer, nor to say anything anew.
      if (changed > 0) this.#changed(row, { now, meant, isFull: rejected > 0 });
      this.#deps.context.meter.count("memory_trace_spans_rejected_total", {}, rejected);
      return { rejected };
    });
  }

  /** What is here of all namespaces, for the metrics. */
  held(): { traces: number; bytes: number } {
    return this.#room.held();
  }

  nextAt(): number | null {
    return this.#rows.nextAt();
  }

  /** Takes in the traces that are due, and drops those that were kept long enough. */
  async onAlarm(now: number): Promise<void> {
    for (const row of this.#rows.due(now, TRACES_PER_ALARM)) {
      if (row.openAt === null) this.#drop(row);
      else if (this.#deps.context.isHome(row.id)) await this.#takeIn(row);
      // It is being handed over: its new home will take it in.
      else this.#rows.put({ ...row, dueAt: now + FIRST_WAIT_MS });
    }
  }

  /** Throws `Refused` for a trace that would become an episode beyond its namespace's quota. */
  async #requireRoom(namespace: string, id: string): Promise<void> {
    const { quotas, store } = this.#deps;
    try {
      await quotas.requireRoom(namespace);
    } catch (error) {
      // Spans that come late update an episode that is there already.
      if (!(error instanceof Refused) || !(await store.find(namespace, id))) throw error;
    }
  }

  #changed(
    row: TraceRow,
    { now, meant, isFull }: { now: number; meant: Input<"spans.take">["meant"]; isFull: boolean },
  ): void {
    const { trace_quiet_seconds, trace_age_seconds } = this.#deps.context.settings();
    const openAt = row.openAt ?? now;
    const oldAt = openAt + trace_age_seconds * MS.second;
    const quietAt = now + trace_quiet_seconds * MS.second;
    const dueAt = isFull ? now : row.hasRoot ? Math.min(oldAt, quietAt) : oldAt;
    this.#rows.put({
      ...row,
      openAt,
      dueAt,
      seenAt: now,
      tries: 0,
      revision: row.revision + 1,
      meant: { ...row.meant, ...meant },
    });
    this.#deps.context.wake(dueAt);
  }

  #drop({ namespace, id, revision }: TraceRow): void {
    this.#deps.context.transaction(() => {
      if (this.#rows.find(namespace, id)?.revision === revision) this.#rows.drop(namespace, id);
    });
  }

  async #takeIn(row: TraceRow): Promise<void> {
    const { context, store } = this.#deps;
    const { namespace, id } = row;
    try {
      const told = traceLine(row, this.#rows.spansOf(row));
      if (!told) return this.#done(row, true);
      const { episode, leftOut } = told;
      const present = row.takenIn === 0 ? await store.find(namespace, id) : null;
      // Spans that came after the others were dropped are not all of it, and would take back.
      if (present && present.step_count > episode.steps.length)
        throw new Refused("conflict", "Its first spans are not kept any more.");
      const { transaction: commit } = context;
      const visible = [namespace];
      const scope: OperationScope = { namespace, by: "spans", calls: 1, visible, commit };
      await this.#imports.import({ id, episode, on_conflict: "update" }, scope);
      for (const [what, count] of leftOut)
        context.meter.count("memory_trace_left_out_total", { what }, count);
      this.#done(row, false);
    } catch (error) {
      this.#failed(row, error);
    }
  }

  /** @param isNone it is no trace of an agent */
  #done(row: TraceRow, isNone: boolean): void {
    const { transaction, settings } = this.#deps.context;
    transaction(() => {
      const present = this.#rows.find(row.namespace, row.id);
      if (!present) return;
      const takenIn = present.takenIn + (isNone ? 0 : 1);
      const dueAt = present.seenAt + settings().trace_kept_seconds * MS.second;
      if (present.revision !== row.revision) this.#rows.put({ ...present, takenIn });
      else if (isNone) this.#rows.drop(row.namespace, row.id);
      else this.#rows.put({ ...present, takenIn, openAt: null, tries: 0, dueAt });
    });
  }

  #failed(row: TraceRow, error: unknown): void {
    const { transaction, now, log, meter } = this.#deps.context;
    const { id } = row;
    const reason = String(error);
    const failures = row.tries + 1;
    const isPassed = isPassing(error);
    const isRefused = error instanceof Refused && !isPassed;
    if (!isRefused && !(error instanceof Moved))
      log({ event: "trace_failed", level: "error", episode_id: id, failures, reason });
    if (isRefused || (failures >= TRIES_MAX && !isPassed)) {
      const why = isRefused ? "refused" : "given_up";
      log({ event: "trace_not_taken", level: "warn", episode_id: id, why, reason });
      meter.count("memory_traces_not_taken_total", { why });
      return this.#done(row, false);
    }

    transaction(() => {
      const present = this.#rows.find(row.namespace, id);
      if (!present || present.revision !== row.revision) return;
      const dueAt = now() + backoffMs(failures, FIRST_WAIT_MS, LONGEST_WAIT_MS);
      this.#rows.put({ ...present, tries: failures, dueAt });
    });
  }
}

function begun({
  now,
  ...of
}: Pick<TraceRow, "namespace" | "id" | "trace"> & { now: number }): TraceRow {
  const nothing = { hasRoot: false, spans: 0, bytes: 0, revision: 0, takenIn: 0, tries: 0 };
  return { ...of, ...nothing, meant: {}, openAt: null, seenAt: now, dueAt: now };
}
