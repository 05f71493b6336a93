/**
 * Makes a failing history small: everything after the first answer that cannot be right goes, and
 * then what changes nothing, as long as it fails without it (A. Zeller and R. Hildebrandt's ddmin,
 * 2002). What changed something stays: without it, an answer that tells of it would look wrong.
 *
 * @module
 */

import type { Operation } from "../history.ts";
import { READS } from "./check.ts";

/** Whether these operations still show it. */
type Fails = (operations: readonly Operation[]) => boolean;

export function shrink(operations: readonly Operation[], fails: Fails): Operation[] {
  let left = untilItFails(operations, fails);
  for (let size = Math.ceil(left.length / 2); size >= 1;) {
    const smaller = withoutSome(left, size, fails);
    if (smaller) left = smaller;
    else size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return left;
}

/** What had begun by the first answer with which it fails; later answers are not heard yet. */
function untilItFails(operations: readonly Operation[], fails: Fails): Operation[] {
  const moments = operations.map(({ answered }) => answered).filter(Number.isFinite);
  for (const at of moments.sort((a, b) => a - b)) {
    const before = operations
      .filter(({ invoked }) => invoked < at)
      .map((one) => (one.answered <= at ? one : unheard(one)));
    if (fails(before)) return before;
  }
  return [...operations];
}

function unheard(operation: Operation): Operation {
  return { ...operation, answered: Number.POSITIVE_INFINITY, outcome: { type: "unknown" } };
}

/** Without the first run of so many that it fails without; null: it needs all of them. */
function withoutSome(left: readonly Operation[], size: number, fails: Fails): Operation[] | null {
  for (let at = 0; at < left.length; at += size) {
    const rest = left.filter((one, i) => i < at || i >= at + size || changesSomething(one));
    if (rest.length < left.length && fails(rest)) return rest;
  }
  return null;
}

function changesSomething({ action, outcome }: Operation): boolean {
  return !READS.has(action.name) && outcome.type !== "refused";
}
