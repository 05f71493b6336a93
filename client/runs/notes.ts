/**
 * Notes what an import could not take over, for the user: each kind once with how often, and each
 * odd record with its file, its place and the reason. Nothing is left out without a word.
 *
 * @module
 */

/** Odd records that are named; the rest is counted. */
const ODD_SHOWN = 50;
/** Characters of a reason. */
const REASON_MAX = 200;
/** Kinds that are told apart: what a file says may be a part of their names. */
const KINDS_MAX = 500;

/** What is left out: texts are cut, steps beyond the most; "unsaid" is left open, not left out. */
export type NoteKind = "spans" | "steps" | "texts" | "other" | "unsaid";

export class Notes {
  readonly #counts = new Map<string, number>();
  readonly #kinds = new Map<NoteKind, number>();
  readonly #odd: string[] = [];
  #odds = 0;

  /** Something of a kind was left out. */
  note(what: string, count = 1, of: NoteKind = "other"): void {
    this.#kinds.set(of, (this.#kinds.get(of) ?? 0) + count);
    const isNew = !this.#counts.has(what);
    const kind = isNew && this.#counts.size >= KINDS_MAX ? "others" : what;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
  }

  /** A record could not be read; the rest goes on. @param place `line 3` */
  odd(file: string, place: string, reason: string): void {
    this.#odds += 1;
    if (this.#odd.length < ODD_SHOWN)
      this.#odd.push(`${file}, ${place}: ${reason.slice(0, REASON_MAX)}`);
  }

  /** How much of each kind was left out. */
  kinds(): ReadonlyMap<NoteKind, number> {
    return this.#kinds;
  }

  lines(): string[] {
    const more = this.#odds - this.#odd.length;
    return [
      ...[...this.#counts].map(([what, count]) => `${what} (${count})`),
      ...this.#odd,
      ...(more > 0 ? [`and ${more} more records that could not be read`] : []),
    ];
  }
}

/**
 * Reads each record by itself: one that makes reading fail is reported, and the rest goes on.
 *
 * @param read what a record says
 */
export function* eachOf<T extends { place: string }, U>(
  records: Iterable<T>,
  file: string,
  notes: Notes,
  read: (record: T) => Iterable<U>,
): Generator<U> {
  for (const record of records) {
    let said: U[];
    try {
      said = [...read(record)];
    } catch (error) {
      notes.odd(file, record.place, String(error));
      continue;
    }
    yield* said;
  }
}
