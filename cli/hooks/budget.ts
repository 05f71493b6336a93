/**
 * How long an agent waits for a hook, all of it: from the start of the hook's process to its end.
 *
 * @module
 */

import type { Io } from "../terminal/io.ts";

/** Names another one, for whoever lets the agent wait longer for what the memory says. */
export const BUDGET_NAME = "MEMORY_HOOK_BUDGET_MS";

const DEFAULT_MS = 150;
/** A larger one is taken for this: nobody waits longer for a hook. */
const MAX_MS = 600_000;

/** ms; what is no positive number is as if it were not set. */
export function budgetOf(env: Io["env"]): number {
  const wanted = Number(env[BUDGET_NAME]);
  return wanted > 0 ? Math.min(wanted, MAX_MS) : DEFAULT_MS;
}
