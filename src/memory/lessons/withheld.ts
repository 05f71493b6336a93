/**
 * The wordings that people banned or rejected, to be found by what else says the same: as another
 * kind of lesson, or after its author gave it those words. Pure.
 *
 * @module
 */

import { SAME_TERMS_MIN, saysWhatIs, type Candidate } from "./likeness.ts";

export class WithheldWordings {
  readonly #byTerm = new Map<string, Candidate[]>();

  constructor(wordings: Iterable<Candidate>) {
    for (const wording of wordings)
      for (const term of wording.terms.terms) {
        const known = this.#byTerm.get(term);
        if (known) known.push(wording);
        else this.#byTerm.set(term, [wording]);
      }
  }

  /** The one whose wording says what this does, of whatever kind; null: none. */
  saidBy(lesson: Omit<Candidate, "id" | "kind">): string | null {
    if (this.#byTerm.size === 0) return null;
    const { terms } = lesson.terms;
    // Whatever says the same lacks fewer terms than that: it has one of them.
    const telling = Math.ceil(terms.size * (1 - SAME_TERMS_MIN)) + 1;
    const seen = new Set<Candidate>();
    for (const term of [...terms].slice(0, telling))
      for (const wording of this.#byTerm.get(term) ?? []) {
        if (seen.has(wording)) continue;
        seen.add(wording);
        if (saysWhatIs(lesson, wording)) return wording.id;
      }
    return null;
  }
}
