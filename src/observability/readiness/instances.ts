/**
 * Judges the instances: whether all answer and their own storage is whole, whether eviction keeps
 * up with the cache's bound, whether the circuit breakers let requests through, whether writes that
 * wait for the database have room and reach it, and what they do by themselves (pending tasks,
 * loading, handing over). A part that stands still is named.
 *
 * @module
 */

import {
  type AnsweringInstance,
  type Check,
  degraded,
  healthy,
  listed,
  numbersOf,
  REMEDIES,
  spanText,
  total,
  unhealthy,
} from "./check.ts";

export const instances: Check = ({ instances: all, latency_ms }, answering) => {
  const silent = all.filter((answer) => "error" in answer);
  if (silent.length > 0) {
    const message = `instances ${numbersOf(silent)} do not answer; what lives there is out of reach. Look for their errors in the log; redeploying restarts them`;
    const finding = answering.length === 0 ? unhealthy(message) : degraded(message);
    return { ...finding, latency_ms };
  }

  const damaged = answering.filter(({ local_damage = 0 }) => local_damage > 0);
  const finding =
    damaged.length > 0
      ? degraded(`instances ${numbersOf(damaged)}: ${REMEDIES["local_damage"]}`)
      : healthy(`${all.length} of ${all.length} answer`);
  return { ...finding, latency_ms };
};

/**
 * The cache may be over its bound until the next alarm; by this factor, eviction does not keep up.
 */
const OVERFULL = 1.5;

export const cache: Check = ({ limits }, answering) => {
  const hits = total(answering, ({ cache_hits }) => cache_hits);
  const reads = hits + total(answering, ({ cache_misses }) => cache_misses);
  const rate =
    reads === 0 ? "no reads yet" : `${Math.round((100 * hits) / reads)} % hits since the beginning`;
  const message = `${total(answering, ({ view }) => view.cached_episodes)} episodes, ${rate}`;

  const overfull = answering.filter(({ view }) => {
    const ended = view.cached_episodes - view.active_episodes;
    return ended > limits.cache_max_size * OVERFULL + view.outbox.rows;
  });
  return overfull.length === 0
    ? healthy(message)
    : degraded(
        `${message}; instances ${numbersOf(overfull)} hold far more than cache_max_size: eviction does not keep up. Raise it or lower the load`,
      );
};

export const breakers: Check = ({ coordinator }, answering) => {
  const all = [
    ...answering.map(({ instance, view }) => ({
      name: "turso",
      at: String(instance),
      ...view.breakers.turso,
    })),
    ...(coordinator?.r2 ? [{ name: "r2", at: "the Coordinator", ...coordinator.r2 }] : []),
  ];
  const open = all
    .filter(({ state }) => state !== "closed" && state !== "disabled")
    .map(
      ({ name, at, state, reason }) => `${name} ${state} at ${at}${reason ? ` (${reason})` : ""}`,
    );
  return open.length === 0
    ? healthy("all closed")
    : degraded(
        `${listed(open, "; ")}. They close by themselves when a trial write succeeds; POST /admin/circuit-breaker/reset closes them at once`,
      );
};

/** A row that waits for longer says that flushing lags, ms. */
const LAG_MS = 60_000;

export const outbox: Check = ({ now, limits }, answering) => {
  const full = answering.filter(
    ({ view: { outbox: own } }) =>
      own.rows >= limits.outbox_max_rows || own.bytes >= limits.outbox_max_bytes,
  );
  if (full.length > 0) {
    return unhealthy(
      `the outbox of instances ${numbersOf(full)} is full: no episode can be started there. Mend the database, or raise outbox_max_rows and outbox_max_bytes`,
    );
  }

  const rows = total(answering, ({ view }) => view.outbox.rows);
  const oldest = Math.max(0, ...answering.map(({ view }) => ageOf(now, view.outbox.oldest_at)));
  const waiting =
    rows === 0 ? "nothing waits" : `${rows} rows wait, the longest for ${spanText(oldest)}`;
  const dead = total(answering, ({ view }) => view.outbox.dead);
  if (dead > 0) {
    return degraded(
      `${dead} rows are parked that the database never takes; ${waiting}. See GET /admin/outbox/dead, mend the cause, then POST /admin/outbox/dead/retry`,
    );
  }
  if (oldest > LAG_MS) {
    return degraded(
      `${waiting}${failedBatches(answering)}. It drains when the database takes writes; POST /admin/storage/flush tries at once`,
    );
  }
  return healthy(waiting);
};

function ageOf(now: number, at: string | null): number {
  return at === null ? 0 : now - Date.parse(at);
}

/** Why batches fail, where that is known. */
function failedBatches(answering: readonly AnsweringInstance[]): string {
  const errors = new Set(
    answering.flatMap(({ view }) => (view.outbox.rows > 0 ? (view.outbox.last_error ?? []) : [])),
  );
  const reasons = [...errors].map((error) => {
    const remedy = REMEDIES[error.split(":")[0] ?? ""];
    return remedy === undefined ? error : `[${error}] ${remedy}`;
  });
  return reasons.length === 0 ? "" : `; the last batch failed: ${listed(reasons, "; ")}`;
}

/** A namespace of the largest size is loaded in less than this, ms. */
const LOADING_MAX_MS = 300_000;

type BackgroundView = NonNullable<AnsweringInstance["view"]["background"]> & { instance: number };

export const background: Check = ({ now }, answering) => {
  const views = answering.flatMap(({ instance, view }): BackgroundView[] =>
    view.background ? [{ instance, ...view.background }] : [],
  );
  const problems = [
    ...deadTasks(views),
    ...views.flatMap(failingParts),
    ...views.flatMap((view) => slowLoading(now, view)),
    ...views.flatMap(stuckHandover),
  ];
  if (problems.length > 0) return degraded(listed(problems, ". "));

  const pending = total(views, ({ tasks }) => tasks.pending);
  const loading = total(views, (view) => view.loading.namespaces);
  const moving = answering.filter(({ view }) => view.moving);
  const underWay = [
    ...(pending > 0 ? [`${pending} tasks wait`] : []),
    ...(loading > 0 ? [`${loading} namespaces are loading`] : []),
    ...(moving.length > 0 ? [`instances ${numbersOf(moving)} hand over what moved`] : []),
  ];
  return healthy(underWay.length === 0 ? "nothing waits" : underWay.join("; "));
};

function deadTasks(views: readonly BackgroundView[]): string[] {
  const dead = views.filter(({ tasks }) => tasks.dead > 0);
  if (dead.length === 0) return [];
  const count = total(dead, ({ tasks }) => tasks.dead);
  const why = dead[0]?.tasks.last_error ?? "";
  return [
    `${count} tasks were given up at instances ${numbersOf(dead)} [${why}]; see GET /admin/outbox/dead, mend the cause, then POST /admin/outbox/dead/retry`,
  ];
}

function failingParts({ instance, failing }: BackgroundView): string[] {
  return failing.map(
    ({ part, failures, since, error }) =>
      `${part} failed ${failures} times at instance ${instance} since ${since} [${error}]; look for alarm_part_failed in the log`,
  );
}

function slowLoading(now: number, { instance, loading }: BackgroundView): string[] {
  const age = loading.since === null ? 0 : now - Date.parse(loading.since);
  return age <= LOADING_MAX_MS
    ? []
    : [
        `instance ${instance} loads ${loading.namespaces} namespaces, the longest for ${spanText(age)} [${loading.last_error ?? "no error"}]; recall is answered by the database meanwhile, and feedback waits`,
      ];
}

function stuckHandover({ instance, handover }: BackgroundView): string[] {
  return handover.failing === 0
    ? []
    : [
        `instance ${instance} cannot hand over ${handover.failing} items [${handover.last_error ?? ""}]; the change of INSTANCE_COUNT waits for them`,
      ];
}
