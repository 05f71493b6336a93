/**
 * Pairs calls with their results by occurrence: an id arms at its call and is used up by its
 * result. So an id that recurs loses nothing: of the calls of one turn with one id, the oldest gets
 * the next result, and one that was left without a result gets none of a later turn. Pure.
 *
 * @module
 */

interface Armed<Call> {
  call: Call;
  turn: number;
}

export class Pairing<Call> {
  readonly #waiting = new Map<string, Armed<Call>[]>();
  #turn = 0;
  /** A result, or a prompt, came since the last call. */
  #isTurnOver = false;

  arm(id: string, call: Call): void {
    if (this.#isTurnOver) this.#turn += 1;
    this.#isTurnOver = false;
    const turn = this.#turn;
    const waiting = this.#waiting.get(id)?.filter((other) => other.turn === turn) ?? [];
    this.#waiting.set(id, [...waiting, { call, turn }]);
  }

  /** The call that a result of this id belongs to; undefined: none waits for one. */
  use(id: string): Call | undefined {
    this.endTurn();
    const [first, ...others] = this.#waiting.get(id) ?? [];
    if (others.length > 0) this.#waiting.set(id, others);
    else this.#waiting.delete(id);
    return first?.call;
  }

  /** Calls from now on are of another turn: somebody said something. */
  endTurn(): void {
    this.#isTurnOver = true;
  }
}
