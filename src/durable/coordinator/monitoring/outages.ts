/**
 * Makes one outage of the many transitions of circuit breakers that belong to it: an entry of the
 * timeline when the first breaker of a backend opens, and one with its course when the last of them
 * has closed. Whatever happens in between is part of the course. What an outage came to so far is
 * stored, so that a new Coordinator ends what another one saw beginning.
 *
 * @module
 */

import { MS } from "../../../contract/limits.ts";
import type { BreakerState } from "../../../resilience/index.ts";
import { isoTime } from "../../../util/time.ts";
import type { IncidentLog, NewIncident } from "./incidents.ts";

/** A transition of a breaker. */
export interface BreakerMove {
  backend: "turso" | "r2";
  /** Whose breaker it is, in words; and its number, which the Coordinator has none of. */
  words: string;
  instance?: number;
  from: string;
  to: BreakerState;
}

/** Transitions that an outage's course names: the first of them. */
const COURSE_MAX = 50;
/**
 * An outage of which nothing was heard for this long is over when another breaker moves: those that
 * were not closed may be of instances that are there no more, ms.
 */
const SILENT_MS = MS.hour;

/** What is stored of an outage that goes on. */
interface Outage {
  /** ms since the epoch. */
  since: number;
  heardAt: number;
  /** Whose breakers are not closed now, and all that ever were. */
  shut: string[];
  met: string[];
  transitions: number;
  failedTrials: number;
  course: { at: string; where: string; from: string; to: string }[];
}

export class Outages {
  readonly #incidents: Pick<IncidentLog, "watched" | "watch">;
  readonly #now: () => number;

  constructor(incidents: Pick<IncidentLog, "watched" | "watch">, now: () => number) {
    this.#incidents = incidents;
    this.#now = now;
  }

  /** The entries of the timeline that a transition makes: mostly none. */
  moved(move: BreakerMove): NewIncident[] {
    const now = this.#now();
    const stored = this.#incidents.watched(`outage:${move.backend}`);
    const outage = stored === null ? null : (JSON.parse(stored) as Outage);
    const isSilent = outage !== null && now - outage.heardAt >= SILENT_MS;
    if (isSilent && !outage.shut.includes(move.words)) {
      const over = incidentOfEnd(move.backend, outage, outage.heardAt);
      return [over, ...this.#first(move, now)];
    }
    return outage ? this.#next(move, outage, now) : this.#first(move, now);
  }

  #first(move: BreakerMove, now: number): NewIncident[] {
    if (isShut(move.to)) this.#store(move.backend, grown(begun(now), move, now));
    else this.#store(move.backend, null);
    return [incidentOfMove(move)];
  }

  #next(move: BreakerMove, outage: Outage, now: number): NewIncident[] {
    const next = grown(outage, move, now);
    const isOver = next.shut.length === 0;
    this.#store(move.backend, isOver ? null : next);
    return isOver ? [incidentOfEnd(move.backend, next, now)] : [];
  }

  #store(backend: BreakerMove["backend"], outage: Outage | null): void {
    this.#incidents.watch(`outage:${backend}`, outage === null ? null : JSON.stringify(outage));
  }
}

/** Requests do not pass, or only to try. */
function isShut(state: BreakerState): boolean {
  return state !== "closed" && state !== "disabled";
}

function begun(since: number): Outage {
  return {
    since,
    heardAt: since,
    shut: [],
    met: [],
    transitions: 0,
    failedTrials: 0,
    course: [],
  };
}

function grown(outage: Outage, { words, from, to }: BreakerMove, now: number): Outage {
  const others = outage.shut.filter((where) => where !== words);
  const isFailedTrial = from === "half_open" && to === "open";
  const entry = { at: isoTime(now), where: words, from, to };
  return {
    since: outage.since,
    heardAt: now,
    shut: isShut(to) ? [...others, words] : others,
    met: outage.met.includes(words) ? outage.met : [...outage.met, words],
    transitions: outage.transitions + 1,
    failedTrials: outage.failedTrials + (isFailedTrial ? 1 : 0),
    course: outage.course.length < COURSE_MAX ? [...outage.course, entry] : outage.course,
  };
}

function incidentOfMove({ backend, words, instance, from, to }: BreakerMove): NewIncident {
  const isOpen = to === "open" || to === "forced_open";
  return {
    kind: "breaker",
    severity: isOpen ? "critical" : to === "closed" ? "info" : "warning",
    title: `circuit breaker of ${backend} at ${words}: ${from} → ${to}`,
    detail: { backend, instance: instance ?? null, from, to },
  };
}

/** @param until when it was over, as far as is known, ms since the epoch */
function incidentOfEnd(backend: string, outage: Outage, until: number): NewIncident {
  const { since, shut, met, transitions, failedTrials, course } = outage;
  const seconds = Math.round((until - since) / 1_000);
  const where = met.length === 1 ? String(met[0]) : `${met.length} instances`;
  const end = shut.length === 0 ? "closed again" : `not heard of again (${shut.join(", ")})`;
  return {
    kind: "breaker",
    severity: shut.length === 0 ? "info" : "warning",
    title: `circuit breaker of ${backend} at ${where}: ${end} after ${seconds} s, ${transitions} transitions, ${failedTrials} failed trials`,
    detail: {
      backend,
      since: isoTime(since),
      until: isoTime(until),
      where: met,
      transitions,
      failed_trials: failedTrials,
      course,
    },
  };
}
