/**
 * Bounds how many calls are in flight, with a bounded queue before them, so that what is slow takes
 * only its share.
 *
 * @module
 */

export interface BulkheadLimits {
  /** Calls at once, ≥ 1. */
  concurrent: number;
  /** Calls that wait; beyond it a call is refused at once. */
  queued: number;
}

/** The queue is full, or no place became free in time. */
export class BulkheadFull extends Error {
  override readonly name = "BulkheadFull";
}

interface Waiting {
  admit: () => void;
}

export class Bulkhead {
  readonly #limits: () => BulkheadLimits;
  readonly #queue: Waiting[] = [];
  #running = 0;

  /** @param limits read at each call, so that they may change */
  constructor(limits: () => BulkheadLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Runs the work when there is a place for it. Throws `BulkheadFull`, and what the work throws.
   *
   * @param waitMs how long the call may wait for its place
   */
  async run<T>(work: () => Promise<T>, waitMs: number): Promise<T> {
    await this.#enter(waitMs);
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  #enter(waitMs: number): Promise<void> {
    const { concurrent, queued } = this.#limits();
    if (this.#running < concurrent && this.#queue.length === 0) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#queue.length >= queued) return Promise.reject(new BulkheadFull("the queue is full"));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const at = this.#queue.indexOf(waiting);
        if (at >= 0) this.#queue.splice(at, 1);
        reject(new BulkheadFull("no place became free in time"));
      }, waitMs);
      const waiting: Waiting = {
        admit: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      this.#queue.push(waiting);
      this.#next();
    });
  }

  #next(): void {
    while (this.#running < this.#limits().concurrent) {
      const next = this.#queue.shift();
      if (!next) return;
      this.#running += 1;
      next.admit();
    }
  }
}
