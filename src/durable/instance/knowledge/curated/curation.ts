/**
 * Applies what people decided about the items of a namespace to a question: what may be shown, what
 * comes first, and in whose words. Reads only.
 *
 * @module
 */

import type { CurationMark } from "../../../../contract/curation/view.ts";
import type { CuratedKind } from "../../../../contract/vocabulary.ts";
import { isoTime } from "../../../../util/time.ts";
import type { StoredCuration } from "./curated-rows.ts";
import { isUndecided } from "./records.ts";

export interface CurationOptions {
  /** Nothing is shown that nobody approved. */
  isReviewed: boolean;
  /** What was decided cannot be read: nothing is shown that somebody may have banned. */
  isUnknown?: boolean;
}

const NONE: ReadonlySet<string> = new Set();

export class Curation {
  readonly #marks: ReadonlyMap<string, CurationMark>;
  readonly #withheld: ReadonlyMap<CuratedKind, ReadonlySet<string>>;
  readonly #options: CurationOptions;

  constructor(decisions: readonly StoredCuration[], options: CurationOptions) {
    this.#marks = new Map(
      decisions
        .filter(({ record }) => !isUndecided(record))
        .map((one) => [keyOf(one.kind, one.id), markFrom(one)]),
    );
    const withheld = decisions.filter(({ record }) => isWithheld(record));
    this.#withheld = new Map(
      [...Map.groupBy(withheld, ({ kind }) => kind)].map(([kind, own]) => [
        kind,
        new Set(own.map(({ id }) => id)),
      ]),
    );
    this.#options = options;
  }

  /** null: nothing is decided. */
  markOf(kind: CuratedKind, id: string): CurationMark | null {
    if (this.#marks.size === 0) return null;
    return this.#marks.get(keyOf(kind, id)) ?? null;
  }

  /** Nothing is decided, and nothing needs to be: everything is shown as it is. */
  get isEmpty(): boolean {
    const { isReviewed, isUnknown = false } = this.#options;
    return this.#marks.size === 0 && !isReviewed && !isUnknown;
  }

  /** Whether it is not known what was decided: nothing is shown that somebody may have banned. */
  get isUnknown(): boolean {
    return this.#options.isUnknown ?? false;
  }

  /** Whether nothing is shown that nobody approved. */
  get isReviewed(): boolean {
    return this.#options.isReviewed;
  }

  /** Whether the item may be recalled, advised and found. */
  allows(kind: CuratedKind, id: string): boolean {
    const { isReviewed, isUnknown } = this.#options;
    if (isUnknown) return false;
    const mark = this.markOf(kind, id);
    return this.isListed(kind, id) && (!isReviewed || mark?.review === "approved");
  }

  /** Whether the item is in lists that do not ask for it: all but what was banned or rejected. */
  isListed(kind: CuratedKind, id: string): boolean {
    if (this.#options.isUnknown) return false;
    const mark = this.markOf(kind, id);
    return !mark || !isWithheld(mark);
  }

  /** The ids of what was banned or rejected. */
  withheld(kind: CuratedKind): ReadonlySet<string> {
    return this.#withheld.get(kind) ?? NONE;
  }

  isPinned(kind: CuratedKind, id: string): boolean {
    return this.markOf(kind, id)?.pinned ?? false;
  }

  /** The words that a person gave it; null: its own. */
  textOf(kind: CuratedKind, id: string): string | null {
    return this.markOf(kind, id)?.text ?? null;
  }
}

function isWithheld({ banned, review }: Pick<CurationMark, "banned" | "review">): boolean {
  return banned || review === "rejected";
}

const keyOf = (kind: CuratedKind, id: string): string => `${kind} ${id}`;

function markFrom({ record, updatedAt }: StoredCuration): CurationMark {
  const { pinned, banned, review, text, log } = record;
  return { pinned, banned, review, text, by: log.at(-1)?.by ?? "", at: isoTime(updatedAt) };
}
