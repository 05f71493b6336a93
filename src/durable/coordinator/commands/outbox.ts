/**
 * Commands about what the instances have not sent to the database.
 *
 * @module
 */

import { ASK_MS } from "../instances.ts";
import type { Handlers } from "./handler.ts";

type Names = "outbox.flush" | "outbox.drain" | "outbox.dead" | "outbox.retry_dead";

export const OUTBOX_COMMANDS: Handlers<Names> = {
  "outbox.flush": ({ instances }) => instances.view("flush"),

  "outbox.drain": ({ instances }, { timeout_ms }) => instances.drain(timeout_ms),

  "outbox.dead": async ({ instances }, { limit }) => {
    const answers = await instances.everywhere("dead", { limit }, ASK_MS);
    const letters = answers.flatMap((answer) => ("value" in answer ? answer.value : []));
    return letters.sort((a, b) => (a.parked_at < b.parked_at ? -1 : 1)).slice(0, limit);
  },

  "outbox.retry_dead": async ({ instances }) => {
    const answers = await instances.everywhere("retry_dead", null, ASK_MS);
    const counts = answers.map((answer) => ("value" in answer ? answer.value.retried : 0));
    return { retried: counts.reduce((sum, count) => sum + count, 0) };
  },
};
