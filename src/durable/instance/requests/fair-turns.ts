/**
 * Lets calls of several tenants begin in turns: one after the other, first of whoever's last turn
 * was longest ago, and whatever came meanwhile is heard between two. So a call of a tenant that
 * calls seldom waits for the one that has begun, and for no other of a tenant that calls often,
 * however many of theirs came before it. Where one tenant is alone nobody waits.
 *
 * @module
 */

/** Who called within this is still counted as there, ms. */
const PRESENT_MS = 1_000;
/**
 * Before a tenant has two turns in a row it is heard for so long whether another one's call is on
 * its way, ms: a call comes in several steps, and what runs between two of them delays it.
 */
const HEARING_MS = 2;
/** Tenants whose last turn is remembered. */
const TENANTS_MAX = 1_000;

interface FairTurnsDeps {
  now: () => number;
  /** Resolves when what came meanwhile was heard, and for so long, ms. */
  pause: (ms: number) => Promise<unknown>;
}

export class FairTurns {
  readonly #deps: FairTurnsDeps;
  /** Calls that wait, by their tenants. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** Tenants that had turns, whose last is longest ago first; and whose was the last of all. */
  readonly #served = new Set<string>();
  #lastServed: string | null = null;
  #isBusy = false;
  /** Whose call came last. */
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
      this.#serve(tenant);
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
        await this.#deps.pause(0);
        if (this.#isSameAgain()) await this.#deps.pause(HEARING_MS);
        this.#begin(this.#next());
      } while (this.#waiting.size > 0);
    } finally {
      this.#isBusy = false;
      // Only where the pause failed does anybody wait here.
      for (const begin of [...this.#waiting.values()].flat()) begin();
      this.#waiting.clear();
    }
  }

  /** Whether only the tenant that had the last turn waits for another one. */
  #isSameAgain(): boolean {
    const last = this.#lastServed;
    return this.#waiting.size === 1 && last !== null && this.#waiting.has(last);
  }

  /** Whose turn it is; null: nobody waits. */
  #next(): string | null {
    for (const tenant of this.#waiting.keys()) if (!this.#served.has(tenant)) return tenant;
    for (const tenant of this.#served) if (this.#waiting.has(tenant)) return tenant;
    return null;
  }

  #begin(tenant: string | null): void {
    const calls = tenant === null ? undefined : this.#waiting.get(tenant);
    if (tenant === null || !calls) return;
    this.#serve(tenant);
    const begin = calls.shift();
    if (calls.length === 0) this.#waiting.delete(tenant);
    begin?.();
  }

  #serve(tenant: string): void {
    this.#served.delete(tenant);
    this.#served.add(tenant);
    this.#lastServed = tenant;
    const [oldest] = this.#served;
    if (this.#served.size > TENANTS_MAX && oldest !== undefined) this.#served.delete(oldest);
  }
}
