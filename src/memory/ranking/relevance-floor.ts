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
 * A text is about what is here when a document's score times the words that one of its texts holds
 * comes to this: many words of little worth say as much as few of great worth. Words that it has
 * here and there, or only begins alike, are no such evidence: a long run has some of any question.
 * Chosen by leaving each domain out of customer service, SQL, shell, coding, routing and scientific
 * claims: nine in ten of their own questions are answered, and of those of the others four in 100.
 */
const MATCH_MIN = 0.27;
/** Half of that is enough for a document of the domain that the question is said to be of. */
const SAME_DOMAIN_MATCH_MIN = MATCH_MIN / 2;
/**
 * Or when one of its texts holds so many of the words, or this share of a short question's, however
 * little they are worth: in a memory of one matter its words are common. Of a long question it must
 * be this share at least: it has five words of anything.
 */
const WORDS_MIN = 5;
const WORDS_SHARE_MIN = 0.6;
const LONG_SHARE_MIN = 0.15;
/** A text of this many distinct words is not met by one of them alone. */
const SEVERAL_WORDS = 3;
/** Unless the score is so high: one word that says much. */
const SCORE_ENOUGH = 0.25;

interface Found extends Pick<Candidate, "text" | "inOneField" | "isMeant"> {
  /** It is of the domain that the question names; absent: that is not known. */
  isOfDomain?: boolean;
}

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

  #meets({ text, inOneField: matched, isMeant = false, isOfDomain = false }: Found): boolean {
    // What is meant by another text was left out before: `Meant`.
    if (isMeant || text >= SCORE_ENOUGH) return true;
    if (matched <= 1 && this.#words >= SEVERAL_WORDS) return false;
    const several = Math.max(WORDS_MIN, LONG_SHARE_MIN * this.#words);
    const enough = Math.min(several, WORDS_SHARE_MIN * this.#words);
    const least = isOfDomain ? SAME_DOMAIN_MATCH_MIN : MATCH_MIN;
    return text * matched >= least || matched >= enough;
  }
}
