/**
 * The latest events of an object, in memory, for streams: whoever listens asks every few seconds,
 * and an object that is asked stays. Bounded in number; an event has a bounded size.
 *
 * @module
 */

import type { EventShare, MemoryEvent } from "../../contract/events/answers.ts";

const KEPT_MAX = 1_000;

export class RecentEvents {
  #events: MemoryEvent[] = [];
  /** What came before this id is not known. */
  #since: string;

  /** @param since an id of the moment in which it begins */
  constructor(since: string) {
    this.#since = since;
  }

  /** Returns what takes it back. */
  add(event: MemoryEvent): () => void {
    this.#events.push(event);
    if (this.#events.length > KEPT_MAX) {
      const gone = this.#events.splice(0, this.#events.length - KEPT_MAX).at(-1);
      if (gone) this.#since = gone.id;
    }
    return () => {
      this.#events = this.#events.filter(({ id }) => id !== event.id);
    };
  }

  /** Those of a namespace behind an id, in order. */
  after(namespace: string, after: string, limit: number): EventShare {
    const found = this.#events.filter((one) => one.namespace === namespace && one.id > after);
    const events = found.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit);
    return { events, hasGap: after < this.#since };
  }
}
