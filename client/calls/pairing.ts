/**
 * Pairs calls with their results by occurrence: an id arms at its call and is used up by its
 * result. So an id that recurs loses nothing: of calls with one id that wait, the oldest gets the
 * next result. Pure.
 *
 * @module
 */

export class Pairing<Call> {
  readonly #waiting = new Map<string, Call[]>();

  arm(id: string, call: Call): void {
    const waiting = this.#waiting.get(id);
    if (waiting) waiting.push(call);
    else this.#waiting.set(id, [call]);
  }

  /** The newest call of an id that waits. */
  armed(id: string): Call | undefined {
    return this.#waiting.get(id)?.at(-1);
  }

  /** The call that a result of this id belongs to; undefined: none waits for one. */
  use(id: string): Call | undefined {
    const waiting = this.#waiting.get(id);
    const call = waiting?.shift();
    if (waiting?.length === 0) this.#waiting.delete(id);
    return call;
  }
}
