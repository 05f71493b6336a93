/**
 * Makes a failing history small: operations are left out as long as it fails without them. What is
 * left is not what would have happened without the others, but it is still something that no right
 * service answers, in lines that a person can read (A. Zeller and R. Hildebrandt's ddmin, 2002).
 *
 * @module
 */

import type { Operation } from "./history.ts";

/** Whether these operations still show it. */
type Fails = (operations: readonly Operation[]) => boolean;

/** Which operation may not be left out, however large the rest is. */
const isKept = ({ action }: Operation): boolean => action.name === "start";

export function shrink(operations: readonly Operation[], fails: Fails): Operation[] {
  let left = [...operations];
  for (let size = Math.ceil(left.length / 2); size >= 1;) {
    const smaller = withoutSome(left, size, fails);
    if (smaller) left = smaller;
    else size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return left;
}

/** Without the first run of so many that it fails without; null: it needs all of them. */
function withoutSome(left: readonly Operation[], size: number, fails: Fails): Operation[] | null {
  for (let at = 0; at < left.length; at += size) {
    const rest = left.filter((one, i) => i < at || i >= at + size || isKept(one));
    if (rest.length < left.length && fails(rest)) return rest;
  }
  return null;
}
