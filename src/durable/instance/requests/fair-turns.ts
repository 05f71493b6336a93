/**
 * Lets calls of several tenants begin in turns: one after the other, first of the key whose last
 * turn was longest ago, and of its namespaces in the same way; whatever came meanwhile is heard
 * between two. So a call of a key that calls seldom waits for the one that has begun, and for no
 * other of a key that calls often, however many of theirs came before it, and for however many
 * namespaces. Where one tenant is alone nobody waits.
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
/** Keys whose last turn is remembered, and tenants. */
const SERVED_MAX = 1_000;

/** Whose work a call is. */
export interface Tenant {
  /** The id of an API key, or what stands for several callers. */
  key: string;
  namespace: string;
}

interface FairTurnsDeps {
  now: () => number;
  /** Resolves when what came meanwhile was heard, and for so long, ms. */
  pause: (ms: number) => Promise<unknown>;
}

export class FairTurns {
  readonly #deps: FairTurnsDeps;
  /** Calls that wait, by their keys and namespaces. */
  readonly #waiting = new Map<string, Map<string, (() => void)[]>>();
  readonly #keys = new Served();
  /** By key and namespace. */
  readonly #tenants = new Served();
  #lastServed: Tenant | null = null;
  #isBusy = false;

  constructor(deps: FairTurnsDeps) {
    this.#deps = deps;
  }

  /** Resolves when the call may begin; null: at once. */
  take(tenant: Tenant): Promise<void> | null {
    const now = this.#deps.now();
    this.#keys.called(tenant.key, now);
    this.#tenants.called(nameOf(tenant), now);
    if (!this.#isBusy) {
      this.#serve(tenant);
      if (this.#tenants.areSeveral(now)) void this.#turn();
      return null;
    }
    return new Promise((resolve) => {
      const ofKey = this.#waiting.get(tenant.key) ?? new Map<string, (() => void)[]>();
      this.#waiting.set(tenant.key, ofKey);
      const own = ofKey.get(tenant.namespace);
      if (own) own.push(resolve);
      else ofKey.set(tenant.namespace, [resolve]);
    });
  }

  /** Gives turns until nobody waits. */
  async #turn(): Promise<void> {
    this.#isBusy = true;
    try {
      do {
        await this.#deps.pause(0);
        if (this.#isSameAgain()) await this.#deps.pause(HEARING_MS);
        this.#begin();
      } while (this.#waiting.size > 0);
    } finally {
      this.#isBusy = false;
      // Only where the pause failed does anybody wait here.
      const left = [...this.#waiting.values()].flatMap((ofKey) => [...ofKey.values()]);
      for (const begin of left.flat()) begin();
      this.#waiting.clear();
    }
  }

  /**
   * Whether only the tenant that had the last turn waits for another one; only its key, where
   * others call.
   */
  #isSameAgain(): boolean {
    const last = this.#lastServed;
    const own = last === null ? undefined : this.#waiting.get(last.key);
    if (last === null || !own || this.#waiting.size > 1) return false;
    return this.#keys.areSeveral(this.#deps.now()) || (own.size === 1 && own.has(last.namespace));
  }

  /** Begins the call whose turn it is. */
  #begin(): void {
    const key = this.#keys.next(this.#waiting.keys());
    const ofKey = key === null ? undefined : this.#waiting.get(key);
    if (key === null || !ofKey) return;
    const names = [...ofKey.keys()].map((namespace) => ({ key, namespace }));
    const first = this.#tenants.next(names.map(nameOf));
    const tenant = names.find((each) => nameOf(each) === first);
    const calls = tenant && ofKey.get(tenant.namespace);
    if (!tenant || !calls) return;

    this.#serve(tenant);
    const begin = calls.shift();
    if (calls.length === 0) ofKey.delete(tenant.namespace);
    if (ofKey.size === 0) this.#waiting.delete(key);
    begin?.();
  }

  #serve(tenant: Tenant): void {
    this.#keys.serve(tenant.key);
    this.#tenants.serve(nameOf(tenant));
    this.#lastServed = tenant;
  }
}

/** Who had turns and when, and whether several call. */
class Served {
  /** Whose last turn is longest ago first. */
  readonly #served = new Set<string>();
  #last: string | null = null;
  /** When who called was another than before, ms since the epoch. */
  #changedAt = Number.NEGATIVE_INFINITY;

  called(name: string, now: number): void {
    if (this.#last !== null && this.#last !== name) this.#changedAt = now;
    this.#last = name;
  }

  /** Whether several called lately. */
  areSeveral(now: number): boolean {
    return now - this.#changedAt < PRESENT_MS;
  }

  /** Who of these is the next; null: they are none. */
  next(waiting: Iterable<string>): string | null {
    const names = new Set(waiting);
    for (const name of names) if (!this.#served.has(name)) return name;
    for (const name of this.#served) if (names.has(name)) return name;
    return null;
  }

  serve(name: string): void {
    this.#served.delete(name);
    this.#served.add(name);
    const [oldest] = this.#served;
    if (this.#served.size > SERVED_MAX && oldest !== undefined) this.#served.delete(oldest);
  }
}

/** Neither a key's id nor a namespace has the sign between them. */
function nameOf({ key, namespace }: Tenant): string {
  return `${key} ${namespace}`;
}
