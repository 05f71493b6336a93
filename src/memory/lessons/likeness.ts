/**
 * Tells whether two lessons say the same, and how near to each other they are. Both are symmetric,
 * and depend on nothing but the two. Pure.
 *
 * @module
 */

import type { LessonKind } from "../../contract/vocabulary.ts";
import { jaccard, sharedCount, type LessonTerms, type TermWeights } from "./terms.ts";

/** What of a lesson decides whether another says the same. */
export interface Comparable {
  kind: LessonKind;
  domain: string | null;
  terms: LessonTerms;
}

/** Shares of the terms, and of their neighbours, that two wordings of one thing have in common. */
export const SAME_TERMS_MIN = 0.8;
const SAME_PAIRS_MIN = 0.4;

/**
 * Whether they are wordings of one lesson. Where a word stands in the place of another, or a number
 * or a negation differs, they are not: that may be the very thing that was changed.
 */
function isSame(a: Comparable, b: Comparable): boolean {
  return a.kind === b.kind && saysWhatIs(a, b);
}

/** As `isSame`, of whatever kind they are. */
export function saysWhatIs(a: Omit<Comparable, "kind">, b: Omit<Comparable, "kind">): boolean {
  return isCompatible(a.domain, b.domain) && saysSame(a.terms, b.terms);
}

function saysSame(a: LessonTerms, b: LessonTerms): boolean {
  if (a.terms.size === 0 || b.terms.size === 0) return false;
  if (jaccard(a.turning, b.turning) < 1) return false;
  const shared = sharedCount(a.terms, b.terms);
  const isSubstituted = shared < a.terms.size && shared < b.terms.size;
  if (isSubstituted || jaccard(a.terms, b.terms) < SAME_TERMS_MIN) return false;
  return a.pairs.size === 0 || b.pairs.size === 0 || jaccard(a.pairs, b.pairs) >= SAME_PAIRS_MIN;
}

/** 0…1: the weight of the terms that both have, over that of the lesson with less. */
export function nearness(a: LessonTerms, b: LessonTerms, weights: TermWeights): number {
  const least = Math.min(weights.sum(a.terms), weights.sum(b.terms));
  return least === 0 ? 0 : weights.sumShared(a.terms, b.terms) / least;
}

/** Whether both may apply to one task, as far as their domains say. */
export function isCompatible(a: string | null, b: string | null): boolean {
  return a === null || b === null || a.toLowerCase() === b.toLowerCase();
}

/** A lesson, or another of its wordings. */
export interface Candidate extends Comparable {
  id: string;
}

/**
 * The lesson that the given one is a wording of; null: none. Of several the likest, then the first
 * by id, so that the order in which they came tells nothing.
 */
export function sameLesson(of: Comparable, candidates: Iterable<Candidate>): string | null {
  let best: { id: string; likeness: number } | null = null;
  for (const candidate of candidates) {
    if (!isSame(of, candidate)) continue;
    const likeness =
      jaccard(of.terms.terms, candidate.terms.terms) +
      jaccard(of.terms.pairs, candidate.terms.pairs);
    const isBetter =
      !best || likeness > best.likeness || (likeness === best.likeness && candidate.id < best.id);
    if (isBetter) best = { id: candidate.id, likeness };
  }
  return best?.id ?? null;
}
