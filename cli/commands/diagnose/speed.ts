/**
 * "Is it fast?": the quickest of several requests of each sort, so that one slow moment does not
 * count; first of those that the database serves.
 *
 * @module
 */

import { duration } from "../../terminal/output.ts";
import { leak } from "./leak.ts";
import type { Signs } from "./signs.ts";
import { LEADS } from "./states.ts";
import { no, trouble, type Turn } from "./turn.ts";

export function isFast(signs: Signs): Turn {
  const { probes, slowMs } = signs;
  const question = `Is it fast (the quickest of several below ${slowMs} ms)?`;
  const timed = probes.flatMap(({ what, by, quickest_ms, tries }) =>
    quickest_ms === null ? [] : [{ what, by, ms: quickest_ms, tries }],
  );
  const saw = timed
    .map(({ what, by, ms, tries }) => `${what} (by the ${by}) ${duration(ms)} in ${tries}`)
    .join(", ");
  const slow = timed.find(({ ms }) => ms >= slowMs);
  if (!slow) return { question, answer: "yes", saw };
  const cause = leak(signs);
  if (cause) return no(question, { ...cause, saw: `${cause.saw}; ${saw}` });
  return no(question, trouble(saw, slow.by === "database" ? LEADS.slow : LEADS.slowInstance));
}
