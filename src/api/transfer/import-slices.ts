/**
 * Gathers the episodes of an import by the instances that they belong to, and sends each instance
 * its own in slices, bounded in lines and bytes: a few at once, so that it always has one to work
 * on, and none for long.
 *
 * @module
 */

import { LIMITS } from "../../contract/limits.ts";
import type { EpisodeLine } from "../../contract/transfer/requests.ts";
import type { ImportAnswers, OpenLine } from "./import-answers.ts";
import type { ImportSender } from "./import-sender.ts";

/** Lines of a slice: an instance does nothing else while it writes one. */
const SLICE_LINES = 32;
/** Slices that are sent to one instance at once. */
const SLICES_AT_ONCE = 3;
/** How long lines wait for others, ms. */
const LINGER_MS = 10;

/** An episode that waits to be sent. */
interface Waiting {
  number: number;
  line: EpisodeLine;
  of: OpenLine;
}

/** What waits for one instance. */
class Group {
  readonly instance: number;
  readonly waiting: Waiting[] = [];
  /** Slices that are being sent. */
  sending = 0;
  /** So many of those that wait have waited for others for long enough. */
  due = 0;

  constructor(instance: number) {
    this.instance = instance;
  }

  /** The next slice; null: there is none to be sent now. */
  next(): Waiting[] | null {
    if (this.sending >= SLICES_AT_ONCE || this.waiting.length === 0) return null;
    let [lines, bytes] = [0, 0];
    for (const { of } of this.waiting.slice(0, SLICE_LINES)) {
      bytes += of.bytes;
      if (lines > 0 && bytes > LIMITS.slice_bytes) break;
      lines += 1;
    }
    const isFull = lines === SLICE_LINES || bytes > LIMITS.slice_bytes;
    if (!isFull && this.due === 0) return null;
    this.due = Math.max(0, this.due - lines);
    return this.waiting.splice(0, lines);
  }
}

export class ImportSlices {
  readonly #sender: ImportSender;
  readonly #answers: ImportAnswers;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #groups = new Map<number, Group>();
  #isLingering = false;

  constructor(sender: ImportSender, answers: ImportAnswers, wait: (ms: number) => Promise<void>) {
    this.#sender = sender;
    this.#answers = answers;
    this.#wait = wait;
  }

  /** @param instance the episode's home */
  add(instance: number, of: OpenLine, line: EpisodeLine): void {
    let group = this.#groups.get(instance);
    if (!group) this.#groups.set(instance, (group = new Group(instance)));
    group.waiting.push({ number: of.number, line, of });
    this.#send(group);
    if (group.waiting.length > 0 && !this.#isLingering) void this.#linger();
  }

  /** Nothing waits for others any more. */
  flush(): void {
    for (const group of this.#groups.values()) {
      group.due = group.waiting.length;
      this.#send(group);
    }
  }

  async #linger(): Promise<void> {
    this.#isLingering = true;
    await this.#wait(LINGER_MS);
    this.#isLingering = false;
    this.flush();
  }

  #send(group: Group): void {
    for (let slice = group.next(); slice; slice = group.next()) void this.#sendSlice(group, slice);
  }

  /** Never throws. */
  async #sendSlice(group: Group, slice: readonly Waiting[]): Promise<void> {
    group.sending += 1;
    const [first] = slice;
    if (slice.length === 1 && first) {
      const item = { kind: "episode", line: first.line } as const;
      this.#answers.end(first.of, await this.#sender.alone(first.number, item));
    } else
      await this.#sender.together(group.instance, slice, ({ of }, answer) =>
        this.#answers.end(of, answer),
      );
    group.sending -= 1;
    this.#send(group);
  }
}
