/**
 * A Durable Object's alarm, which only ever moves to an earlier time.
 *
 * @module
 */

import type { ObjectStorage } from "../sqlite.ts";

/** An alarm that only ever moves forward to an earlier time, and is set without waiting. */
export class Alarm {
  readonly #storage: Pick<ObjectStorage, "setAlarm">;
  /** When it rings, as far as this life of the object set it, ms since the epoch. */
  #at: number | null = null;

  constructor(storage: Pick<ObjectStorage, "setAlarm">) {
    this.#storage = storage;
  }

  /** Sees to it that it rings at this time or before, ms since the epoch. */
  wake(at: number): void {
    if (this.#at !== null && this.#at <= at) return;
    this.#at = at;
    void this.#storage.setAlarm(at);
  }

  /** Call it when the alarm rings, before its work. */
  fired(): void {
    this.#at = null;
  }
}
