/**
 * Lets calls of several tenants begin in turns: one after the other, each tenant's next after every
 * other's, and whatever came meanwhile is heard between two. So a call waits for one of each other
 * tenant at most, however many of theirs came before it. Where one tenant is alone nobody waits.
 *
 * @module
 */

/** Who called within this is still counted as there, ms. */
const PRESENT_MS = 1_000;

interface FairTurnsDeps {
  now: () => number;
  /** Resolves when what came meanwhile was heard. */
  pause: () => Promise<unknown>;
}

export class FairTurns {
  readonly #deps: FairTurnsDeps;
  /** Calls that wait, by their tenants; whose turn is next comes first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #isBusy = false;
  #last: string | null = null;
  /** When the tenant that calls was another than before. */
  #changedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: FairTurnsDeps) {
    this.#deps = deps;
  }

  /** Resolves when the call may begin; null: at once. */
  take(tenant: string): Promise<void> | null {
    const isContended = this.#note(tenant);
    if (!this.#isBusy) {
      if (isContended) void this.#turn();
      return null;
    }
    return new Promise((resolve) => {
      const own = this.#waiting.get(tenant);
      if (own) own.push(resolve);
      else this.#waiting.set(tenant, [resolve]);
    });
  }

  /** Whether several tenants called lately. */
  #note(tenant: string): boolean {
    const now = this.#deps.now();
    if (this.#last !== null && this.#last !== tenant) this.#changedAt = now;
    this.#last = tenant;
    return now - this.#changedAt < PRESENT_MS;
  }

  /** Gives turns until nobody waits. */
  async #turn(): Promise<void> {
    this.#isBusy = true;
    try {
      do {
        await this.#deps.pause();
        this.#next()?.();
      } while (this.#waiting.size > 0);
    } finally {
      this.#isBusy = false;
      // Only where the pause failed does anybody wait here.
      for (const begin of [...this.#waiting.values()].flat()) begin();
      this.#waiting.clear();
    }
  }

  #next(): (() => void) | undefined {
    const [first] = this.#waiting;
    if (!first) return undefined;
    const [tenant, calls] = first;
    this.#waiting.delete(tenant);
    const begin = calls.shift();
    if (calls.length > 0) this.#waiting.set(tenant, calls);
    return begin;
  }
}
