/**
 * Episodes that are begun and not completed: what comes of many of them, slow requests too, ends with
 * them.
 *
 * @module
 */

import { duration } from "../../terminal/output.ts";
import { sumOf, type Signs } from "./signs.ts";
import { LEADS } from "./states.ts";
import { trouble, type Trouble } from "./turn.ts";

/** An episode that runs longer is one that its agent does not complete, ms. */
const RUN_MAX_MS = 7 * 86_400_000;
/** More open episodes than this are an alert, unless half of what begins also ends. */
const OPEN_MAX = 1_000;

export function leak({ answering, measures, now }: Signs): Trouble | null {
  const active = sumOf(answering, (one) => one.active_episodes);
  const begun = answering.map(({ oldest_active_at: at }) => (at === null ? now : Date.parse(at)));
  const age = now - Math.min(now, ...begun);
  const created = measures?.grown("memory_episode_created_total") ?? 0;
  const ended =
    measures?.grown("memory_episode_completed_total", (one) => one["outcome"] !== "abandoned") ?? 0;
  const isEnding = created > 0 && ended >= created / 2;
  const isLeaking = active > OPEN_MAX && !isEnding;
  if (!isLeaking && age <= RUN_MAX_MS) return null;
  return trouble(
    `${active} episodes run, the oldest for ${duration(age)}; just now ${created} began and ${ended} ended: an agent does not complete them`,
    LEADS.leak,
  );
}
