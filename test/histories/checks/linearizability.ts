/**
 * Whether a history of one object is linearizable: whether its operations can be put in one order
 * that an object without concurrency would answer the same, each between its beginning and its
 * answer (M. Herlihy and J. Wing, 1990). The search is that of J. Wing and C. Gong (1993) with the
 * memory of G. Lowe (2017), as Porcupine and Knossos have it.
 *
 * @module
 */

import type { Operation, Outcome } from "../history.ts";

/** An object without concurrency. Its states are texts, so that equal ones are known again. */
export interface Model<S> {
  readonly initial: S;
  /** Two states with the same text are one. */
  textOf(state: S): string;
  /** The state after the operation; null: such an object does not answer so. */
  step(state: S, action: Operation["action"], outcome: Outcome): S | null;
}

/** What the search found. undecided: it would have taken more than its bound of steps. */
export type Verdict = "linearizable" | "not linearizable" | "undecided";

/** Configurations that are looked at before the search gives up. */
const CONFIGURATIONS_MAX = 2_000_000;

/** The beginning of an operation, or its answer, in the list of what is left. */
interface Event {
  operation: number;
  /** null: this is an answer. */
  answer: Event | null;
  previous: Event | null;
  next: Event | null;
}

interface Chosen<S> {
  event: Event;
  before: S;
}

/** @param operations of one object, in any order */
export function linearizability<S>(model: Model<S>, operations: readonly Operation[]): Verdict {
  const head = eventsOf(operations);
  const done = new Done(operations.length);
  const seen = new Set<string>();
  const chosen: Chosen<S>[] = [];
  const answered = operations.filter(({ answered: at }) => Number.isFinite(at)).length;
  let state = model.initial;
  let left = answered;
  let event = head.next;

  for (let steps = 0; left > 0; steps++) {
    if (steps > CONFIGURATIONS_MAX) return "undecided";
    if (event?.answer) {
      const operation = operations[event.operation] as Operation;
      const after = model.step(state, operation.action, operation.outcome);
      if (after !== null && remember(seen, done.with(event.operation), model.textOf(after))) {
        chosen.push({ event, before: state });
        done.add(event.operation);
        state = after;
        if (Number.isFinite(operation.answered)) left -= 1;
        lift(event);
        event = head.next;
      } else event = event.next;
      continue;
    }
    // An answer, or the end, whose beginning was not chosen: the last choice was wrong.
    const last = chosen.pop();
    if (!last) return "not linearizable";
    state = last.before;
    done.remove(last.event.operation);
    if (Number.isFinite((operations[last.event.operation] as Operation).answered)) left += 1;
    unlift(last.event);
    event = last.event.next;
  }
  return "linearizable";
}

/** Whether it is new. */
function remember(seen: Set<string>, done: string, state: string): boolean {
  const configuration = `${done} ${state}`;
  if (seen.has(configuration)) return false;
  seen.add(configuration);
  return true;
}

/** Which operations were put into the order. */
class Done {
  readonly #bits: boolean[];

  constructor(count: number) {
    this.#bits = Array.from({ length: count }, () => false);
  }

  add(operation: number): void {
    this.#bits[operation] = true;
  }

  remove(operation: number): void {
    this.#bits[operation] = false;
  }

  /** As a text, as if this one were in it, too. */
  with(operation: number): string {
    return this.#bits.map((bit, i) => (bit || i === operation ? "1" : "0")).join("");
  }
}

/** Beginnings and answers in their order, as a list from which both can be taken and put back. */
function eventsOf(operations: readonly Operation[]): Event {
  const moments: { at: number; event: Event }[] = [];
  for (const [operation, { invoked, answered }] of operations.entries()) {
    const answer: Event = { operation, answer: null, previous: null, next: null };
    const begin: Event = { operation, answer, previous: null, next: null };
    moments.push({ at: invoked, event: begin }, { at: answered, event: answer });
  }
  // Never stands behind everything; of two that never came either may be first.
  moments.sort((a, b) => (a.at === b.at ? 0 : a.at - b.at));
  const head: Event = { operation: -1, answer: null, previous: null, next: null };
  let last = head;
  for (const { event } of moments) {
    last.next = event;
    event.previous = last;
    last = event;
  }
  return head;
}

function lift(begin: Event): void {
  take(begin);
  if (begin.answer) take(begin.answer);
}

function unlift(begin: Event): void {
  if (begin.answer) putBack(begin.answer);
  putBack(begin);
}

function take(event: Event): void {
  if (event.previous) event.previous.next = event.next;
  if (event.next) event.next.previous = event.previous;
}

function putBack(event: Event): void {
  if (event.previous) event.previous.next = event;
  if (event.next) event.next.previous = event;
}
