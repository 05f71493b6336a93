/**
 * Says below what match a document has nothing to do with a text: a few common words that both
 * have. What is below it is neither recalled nor advised from. Pure.
 *
 * @module
 */

import type { Candidate } from "../search/index.ts";
import { queryTokens } from "../text/tokens.ts";

/** Below this share of the best possible text score a document has next to nothing of a text. */
const SCORE_MIN = 0.04;
/**
 * A text is about what is here when a document's score times the words that it shares comes to this:
 * many words of little worth say as much as few of great worth. Chosen by leaving each domain out of
 * customer service, SQL, shell, routing and scientific claims: of 85 questions of the others each
 * memory answers three at most, and no labelled query loses what it found.
 */
const MATCH_MIN = 0.3;
/**
 * Or when one holds so many of the words, or this share of them, however little they are worth: in a
 * memory of one matter its words are common.
 */
const WORDS_MIN = 5;
const WORDS_SHARE_MIN = 0.6;
/** A text of this many distinct words is not met by one of them alone. */
const SEVERAL_WORDS = 3;
/** Unless the score is so high: one word that says much, or the meaning. */
const SCORE_ENOUGH = 0.25;

type Found = Pick<Candidate, "text" | "matched_terms">;

export class RelevanceFloor {
  /** Whether anything that was found has to do with the text. */
  readonly isMet: boolean;
  readonly #words: number;

  /** @param text that the candidates were found by */
  constructor(text: string, candidates: readonly Found[]) {
    this.#words = queryTokens(text).length;
    this.isMet = candidates.some((candidate) => this.#meets(candidate));
  }

  /** Whether the candidate has something to do with the text. */
  admits(candidate: Found): boolean {
    return this.isMet && (candidate.text >= SCORE_MIN || this.#meets(candidate));
  }

  #meets({ text, matched_terms }: Found): boolean {
    const matched = matched_terms.length;
    if (text >= SCORE_ENOUGH) return true;
    if (matched <= 1 && this.#words >= SEVERAL_WORDS) return false;
    const enough = Math.min(WORDS_MIN, WORDS_SHARE_MIN * this.#words);
    return text * matched >= MATCH_MIN || matched >= enough;
  }
}
