/**
 * Judges what instances do by themselves: pending tasks, loading, handing over. A part that
 * stands still is named.
 *
 * @module
 */

import { degraded, healthy, numbersOf, spanText, total, type Check } from "./check.ts";
import type { AnsweringInstance } from "./facts.ts";

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
  if (problems.length > 0) return degraded(problems.join(". "));

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
