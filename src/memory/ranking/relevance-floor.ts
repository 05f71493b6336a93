/**
 * Says below what match a document has nothing to do with a text: a few common words that both
 * have. What is below it is neither recalled nor advised from. Pure.
 *
 * @module
 */

import type { Candidate } from "../search/index.ts";
import { queryTokens } from "../text/tokens.ts";

/**
 * Below this share of the best possible text score a document has next to nothing of the text.
 * Chosen over the labelled sets and questions of other domains, leaving each domain out.
 */
const SCORE_MIN = 0.06;
/** A text of this many distinct words is not met by one of them alone, unless that says much. */
const SEVERAL_WORDS = 3;
const ONE_WORD_SCORE_MIN = 0.25;
/**
 * Who holds this share of the words has to do with them, however little they are worth: in a memory
 * of one matter its words are common.
 */
const WORDS_SHARE_MIN = 0.5;

export class RelevanceFloor {
  readonly #words: number;

  /** @param text that the documents were searched by */
  constructor(text: string) {
    this.#words = queryTokens(text).length;
  }

  /** Whether the candidate has something to do with the text. */
  admits({ text, matched_terms }: Pick<Candidate, "text" | "matched_terms">): boolean {
    const matched = matched_terms.length;
    const isOneOfSeveral = this.#words >= SEVERAL_WORDS && matched <= 1;
    if (isOneOfSeveral) return text >= ONE_WORD_SCORE_MIN;
    return text >= SCORE_MIN || matched >= WORDS_SHARE_MIN * this.#words;
  }
}
