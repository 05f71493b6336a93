/**
 * The operation on what happened in a namespace: each instance tells what happened there.
 *
 * @module
 */

import type { InstanceContext } from "../context.ts";
import type { OperationHandlers } from "../handlers.ts";

export function eventOperations({ askAll }: Pick<InstanceContext, "askAll">) {
  return {
    "events.list": async (input, { namespace }) => {
      const shares = await askAll("events", { namespace, ...input });
      const events = shares.flatMap((share) => share.events);
      events.sort((a, b) => (a.id < b.id ? -1 : 1));
      const hasGap = shares.some((share) => share.hasGap);
      return { events: events.slice(0, input.limit), hasGap };
    },
  } satisfies Partial<OperationHandlers>;
}
