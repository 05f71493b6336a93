/**
 * "Will it stay so?": what does not hurt yet, or hurts little: what grows, what is missed by the
 * cache, what waits, and whatever else readiness names.
 *
 * @module
 */

import { leak } from "./leak.ts";
import { sumOf, type Signs } from "./signs.ts";
import { CHECKS, leadOf, LEADS } from "./states.ts";
import { firstOf, no, trouble, type Trouble, type Turn } from "./turn.ts";

const QUESTION = "Will it stay so?";
/** Reads that missed the cache, beyond our own, before their share says something. */
const MISSES_MIN = 10;
/** A share of a bound that is nearly all of it. */
const FULL_SHARE = 0.9;
/** The 95th percentile of the database that is an alert, s, and of how many requests. */
const SLOW_S = 0.5;
const ASKED_MIN = 20;

const TROUBLES: readonly ((signs: Signs) => Trouble | null)[] = [
  leak,
  cacheMisses,
  filling,
  sickCheck,
  queue,
  sometimesSlow,
];

export function willStaySo(signs: Signs): Turn {
  const found = firstOf(TROUBLES, signs);
  if (found) return no(QUESTION, found);
  if (!signs.instances)
    return {
      question: QUESTION,
      answer: "unknown",
      saw: "without MEMORY_ADMIN_TOKEN the instances and the metrics were not asked",
    };
  const rows = sumOf(signs.answering, (one) => one.outbox.rows);
  const active = sumOf(signs.answering, (one) => one.active_episodes);
  const saw = `${rows} rows wait for the database, ${active} episodes run`;
  return { question: QUESTION, answer: "yes", saw };
}

function cacheMisses({ measures, probes }: Signs): Trouble | null {
  const own = probes.find(({ what }) => what === "read")?.tries ?? 0;
  const hits = measures?.grown("memory_cache_hit_total") ?? 0;
  const misses = (measures?.grown("memory_cache_miss_total") ?? 0) - own;
  if (misses < MISSES_MIN || hits >= misses) return null;
  return trouble(`the cache had ${hits} of the last ${hits + misses} reads`, LEADS.cache);
}

function filling({ measures }: Signs): Trouble | null {
  const shares = {
    "an instance": measures?.share(
      "memory_instance_storage_bytes",
      "memory_instance_storage_max_bytes",
    ),
    "the database": measures?.share("memory_database_bytes", "memory_database_max_bytes"),
    "an outbox": Math.max(
      measures?.share("memory_outbox_depth", "memory_outbox_max_rows") ?? 0,
      measures?.share("memory_outbox_bytes", "memory_outbox_max_bytes") ?? 0,
    ),
  };
  const full = Object.entries(shares).find(([, share = 0]) => share > FULL_SHARE);
  if (!full) return null;
  const [what, share = 0] = full;
  return trouble(`${what} is ${Math.round(100 * share)} % full`, LEADS.full);
}

/** Of those that an hour's delay does not hurt, the one that is first in this list. */
function sickCheck({ sick }: Signs): Trouble | null {
  const known = Object.keys(CHECKS);
  const [check] = sick.toSorted((a, b) => known.indexOf(a.name) - known.indexOf(b.name));
  if (!check) return null;
  return trouble(`${check.name}: ${check.message}`, leadOf(check) ?? LEADS.another);
}

function queue({ answering }: Signs): Trouble | null {
  const waiting = answering.filter(({ connections: { waiting: n, limit } }) => n >= limit);
  const [first] = waiting;
  if (!first) return null;
  const { waiting: n, limit } = first.connections;
  return trouble(
    `${n} requests of instance ${first.instance} wait for one of ${limit} connections`,
    LEADS.queue,
  );
}

/** Slow for a part of the requests, of which ours were none. */
function sometimesSlow({ measures }: Signs): Trouble | null {
  const seconds = measures?.quantile(0.95, ASKED_MIN) ?? null;
  if (seconds === null || seconds <= SLOW_S) return null;
  return trouble(`5 % of the requests to the database take more than ${SLOW_S} s`, LEADS.slow);
}
