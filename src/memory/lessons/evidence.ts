/**
 * Counts what is known for and against a lesson. Its evidence is a set of entries, each with a key
 * of its own; what is counted follows from the set, so that the order in which entries came tells
 * nothing, and taking one out is exact. Pure.
 *
 * @module
 */

import type { LessonEvidence } from "../../contract/lessons/answers.ts";
import type { EvidenceEntry, Statement } from "../../contract/lessons/requests.ts";
import { weightOfDay } from "../learning/evidence/decayed.ts";
import { wilsonInterval } from "../statistics.ts";

/** Other wordings of a lesson that are kept and compared with. */
const WORDINGS_MAX = 4;

/** Sums of a lesson's entries of one day; successes and failures in thousandths of a use. */
export interface DaySum {
  /** Days since 1970-01-01. */
  day: number;
  said: number;
  used: number;
  /** How many of both an import brought. */
  imported: number;
  success: number;
  failure: number;
}

/** Before the source of an entry that an import brought: nobody here saw that it happened. */
const IMPORTED = "i:";

/** The source as it is stored of an entry that an import brings. */
export function importedSource(source: string): string {
  return source.startsWith(IMPORTED) ? source : `${IMPORTED}${source}`;
}

/** The source of the entry before it was imported, if it was. */
export function ownSource(source: string): string {
  return source.startsWith(IMPORTED) ? source.slice(IMPORTED.length) : source;
}

export function countEvidence(days: readonly DaySum[], now: number): LessonEvidence {
  let [said, used, imported, success, failure] = [0, 0, 0, 0, 0];
  for (const sum of days) {
    const weight = weightOfDay(sum.day, now) / 1000;
    said += sum.said;
    used += sum.used;
    imported += sum.imported;
    success += weight * sum.success;
    failure += weight * sum.failure;
  }
  const total = success + failure;
  const [low, high] = wilsonInterval(success, total);
  const rate = total > 0 ? success / total : null;
  return { said, used, imported, success, failure, rate, low, high };
}

/** What a lesson's statements come to. */
export interface Said {
  /** The first of them: the lesson's text, kind, and what it applies to. */
  first: Statement;
  /** In other words, in the order in which they were said first. */
  wordings: string[];
  /** When it was said first and last, RFC 3339. */
  created_at: string;
  said_at: string;
}

/**
 * null: nobody says it any more.
 *
 * @param kept stands for the first of them, whatever is known of earlier ones; null: nothing does
 */
export function whatWasSaid(
  entries: readonly EvidenceEntry[],
  kept: Statement | null = null,
): Said | null {
  const statements = entries
    .flatMap(({ at, source, statement }) => (statement ? [{ at, source, statement }] : []))
    .sort((a, b) => compare(a.at, b.at) || compare(a.source, b.source));
  const [earliest] = statements;
  const last = statements.at(-1);
  if (!earliest || !last) return null;
  const first = kept ?? earliest.statement;
  const texts = new Set(statements.map(({ statement }) => statement.text));
  texts.delete(first.text);
  return {
    first,
    wordings: [...texts].slice(0, WORDINGS_MAX),
    created_at: earliest.at,
    said_at: last.at,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
