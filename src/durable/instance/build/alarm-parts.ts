/**
 * Lists the parts of an instance's alarm in the order in which they run: first what sends, then
 * what makes more to send.
 *
 * @module
 */

import type { Outbox } from "../../outbox/outbox.ts";
import type { AlarmPart } from "../../shared/parts/alarm-runner.ts";
import type { Breakers } from "../database/breakers.ts";
import type { Eviction } from "../episodes/cache/eviction.ts";
import type { IdleEpisodes } from "../episodes/idle-episodes.ts";
import type { LearningTasks } from "../episodes/tasks/learning.ts";
import type { Knowledge } from "../knowledge/index.ts";
import type { Offers } from "../placement/offers.ts";
import type { KeptAnswers } from "../requests/kept-answers.ts";

/** The least time to the next alarm, ms; */
const DELAY_MS = 500;
/** while something is loaded or handed over; */
const BUSY_DELAY_MS = 50;
/** before a trial of the circuit breaker; */
const TRIAL_DELAY_MS = 100;
/** for tasks that just came up, which are done by the call that made them. */
const TASK_DELAY_MS = 1_000;

export interface AlarmPartsDeps {
  breakers: Breakers;
  outbox: Outbox;
  learning: LearningTasks;
  idle: IdleEpisodes;
  knowledge: Knowledge;
  offers: Offers;
  eviction: Eviction;
  answers: KeptAnswers;
}

export function alarmPartsOf(parts: AlarmPartsDeps): AlarmPart[] {
  const { breakers, outbox, learning, idle, knowledge, offers, eviction, answers } = parts;
  const save = { onAlarm: () => breakers.save() };
  return [
    { name: "probe", part: breakers, minDelayMs: TRIAL_DELAY_MS },
    { name: "flush", part: outbox, minDelayMs: DELAY_MS },
    { name: "tasks", part: learning, minDelayMs: TASK_DELAY_MS },
    { name: "abandon", part: idle, minDelayMs: DELAY_MS },
    { name: "load", part: knowledge.loading, minDelayMs: BUSY_DELAY_MS },
    { name: "embed", part: knowledge.embedding, minDelayMs: BUSY_DELAY_MS },
    { name: "handover", part: offers, minDelayMs: BUSY_DELAY_MS },
    { name: "evict", part: eviction, minDelayMs: 0 },
    { name: "answers", part: answers, minDelayMs: DELAY_MS },
    { name: "breakers", part: save, minDelayMs: DELAY_MS },
  ];
}
