/**
 * "Will it stay so?": what does not hurt yet.
 *
 * @module
 */

import type { App } from "../../app.ts";
import { duration } from "../../terminal/output.ts";
import { instancesOf, type Instance } from "./instances.ts";
import { STEPS } from "./steps.ts";
import { no, trouble, type Turn } from "./turn.ts";

const QUESTION = "Will it stay so?";
/** A row that waits longer for the database is a sign, ms; it is sent at once when all is well. */
const WAIT_MAX_MS = 5 * 60_000;
/** An episode that runs longer is one that its agent does not complete, ms. */
const RUN_MAX_MS = 7 * 86_400_000;

export async function willStaySo(app: App): Promise<Turn> {
  const view = await instancesOf(app);
  if (!view)
    return {
      question: QUESTION,
      answer: "unknown",
      saw: "without MEMORY_ADMIN_TOKEN the instances were not asked",
    };
  const instances = view.instances.flatMap((one) => ("error" in one ? [] : [one]));

  const rows = sumOf(instances, (one) => one.outbox.rows);
  const waited = oldestMs(instances, (one) => one.outbox.oldest_at);
  if (waited > WAIT_MAX_MS)
    return no(
      QUESTION,
      trouble(
        `${rows} rows wait for the database, the oldest for ${duration(waited)}`,
        STEPS.optimize,
        "memory-cli storage flush",
        "memory-cli config set batch_size 1000",
      ),
    );

  const active = sumOf(instances, (one) => one.active_episodes);
  const age = oldestMs(instances, (one) => one.oldest_active_at);
  if (age > RUN_MAX_MS)
    return no(
      QUESTION,
      trouble(
        `${active} episodes run, the oldest for ${duration(age)}: an agent does not complete them`,
        STEPS.leak,
        "memory-cli episode list --status in_progress --all",
        "memory-cli config set episode_idle_timeout_seconds 86400",
      ),
    );

  const saw = `${rows} rows wait for the database, ${active} episodes run`;
  return { question: QUESTION, answer: "yes", saw };
}

function sumOf(instances: readonly Instance[], of: (one: Instance) => number): number {
  return instances.reduce((sum, one) => sum + of(one), 0);
}

/** How long ago the earliest of the times was, ms; 0 when there is none. */
function oldestMs(instances: readonly Instance[], of: (one: Instance) => string | null): number {
  const times = instances.map(of).filter((at) => at !== null);
  const oldest = times.sort()[0];
  return oldest === undefined ? 0 : Date.now() - Date.parse(oldest);
}
