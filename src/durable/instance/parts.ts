/**
 * Makes the parts of an instance in the order in which they need each other: its episodes, the
 * knowledge of its namespaces, what moves them between instances, and the ways in.
 *
 * @module
 */

import { homeTextOfNamespace } from "../shared/instance/placement.ts";
import { AlarmRunner, type AlarmPart } from "../shared/alarm.ts";
import { bookmarkOf, type Part, type PartContext } from "../shared/context.ts";
import { LogRing } from "../../observability/index.ts";
import type { EpisodeDeps } from "./episodes/deps.ts";
import { Eraser } from "./episodes/eraser.ts";
import { EpisodeImport } from "./episodes/imports/import.ts";
import { ImportSlices } from "./episodes/imports/slices.ts";
import { IdleEpisodes } from "./episodes/idle-episodes.ts";
import { EpisodeLists } from "./episodes/lists/episode-lists.ts";
import { episodeInternals, episodeOperations, namespaceOperations } from "./episodes/operations.ts";
import { Relationships } from "./episodes/relationships.ts";
import { CachedRows, migrateCached } from "./episodes/store/cached-rows.ts";
import { EpisodeRows, migrateSteps } from "./episodes/store/episode-rows.ts";
import { EpisodeStore } from "./episodes/store/episode-store.ts";
import { Eviction } from "./episodes/store/eviction.ts";
import { LearningTasks } from "./episodes/tasks/learning.ts";
import { migratePendingTasks, PendingTasks } from "./episodes/tasks/pending-tasks.ts";
import { migrateTaskFailures, TaskFailures } from "./episodes/tasks/task-failures.ts";
import { TraceRows } from "./episodes/traces/trace-rows.ts";
import { Traces } from "./episodes/traces/traces.ts";
import { migrateOutbox } from "../outbox/outbox-rows.ts";
import type { Foundation } from "./foundation.ts";
import type { InternalHandlers, OperationHandlers } from "./handlers.ts";
import { Knowledge } from "./knowledge/index.ts";
import { LearnedNamespaces } from "./knowledge/learned/namespaces.ts";
import type { Loading } from "./knowledge/loading/loading.ts";
import { knowledgeInternals, knowledgeOperations } from "./knowledge/operations.ts";
import { AfterRestore } from "./placement/after-restore.ts";
import { Offers } from "./placement/offers.ts";
import { placementInternals } from "./placement/operations.ts";
import { migrateClaims, Rebalance } from "./placement/rebalance.ts";
import { ShardRows } from "./placement/shard-rows.ts";
import { Admission } from "./requests/admission.ts";
import { ApiKeyCopies } from "./requests/api-keys.ts";
import { FairTurns } from "./requests/fair-turns.ts";
import { KeptAnswers } from "./requests/kept-answers.ts";
import { RequestPipeline } from "./requests/pipeline.ts";
import { RateLimiter } from "./requests/rate-limiter.ts";
import { RedactionModes } from "./requests/redaction-modes.ts";
import { Redactor } from "./requests/redactor.ts";
import { OperationRunner } from "./requests/runner.ts";
import { QuotaKeeper } from "./quotas/quota-keeper.ts";
import { quotaInternals } from "./quotas/operations.ts";
import { QuotaRefusals } from "./quotas/quota-refusals.ts";
import { Quotas } from "./quotas/quotas.ts";
import { eventOperations } from "./status/events.ts";
import { statusInternals } from "./status/operations.ts";
import { UsageSink } from "./status/usage-sink.ts";
import { UsageCounter } from "./status/usage-counts.ts";

/** The least time to the next alarm, ms; */
const DELAY_MS = 500;
/** while something is loaded or handed over; */
const BUSY_DELAY_MS = 50;
/** before a trial of the circuit breaker; */
const TRIAL_DELAY_MS = 100;
/** for tasks that just came up, which are done by the call that made them. */
const TASK_DELAY_MS = 1_000;

export interface InstanceParts {
  rebalance: Rebalance;
  pipeline: RequestPipeline;
  handlers: InternalHandlers;
  runner: AlarmRunner;
  loading: Loading;
}

export function partsOf(foundation: Foundation): InstanceParts {
  const { context, platform, peers } = foundation;
  const data = dataPartsOf(foundation);
  const { sqlOfCounts } = foundation;
  const keys = new ApiKeyCopies({ ...context, sqlOfCounts, later }, platform.coordinator);
  const limiter = new RateLimiter(context);
  const usage = usageOf(foundation);
  const admission = new Admission(context, foundation.outbox, data.eraser);
  const { rebalance } = data;
  makeTables(context, [foundation.outbox, foundation.webhooks, ...ownersOf(data), keys, usage]);

  const runner = new AlarmRunner(alarmPartsOf(foundation, data), context);
  const redactor = redactorOf(foundation);
  const parts = { ...foundation, ...data, admission, runner, redactor, usage };
  const imports = importSlicesOf(data.episodeDeps, { admission, redactor });
  const pipeline = new RequestPipeline({
    ...parts,
    keys,
    limiter,
    turns: new FairTurns({ now: context.now, pause: (ms) => platform.wait(ms) }),
    runner: new OperationRunner({ ...parts, handlers: operationHandlersOf(data, imports) }),
    instance: platform.instance,
  });
  const handlers = {
    keys: ({ keys: records, isComplete }) => {
      keys.accept(records, isComplete);
      return null;
    },
    keys_used: () => keys.used(),
    rate_take: ({ key, wanted }) => limiter.grant(key, wanted),
    gather: (request) => peers.gather(request),
    ...episodeInternals(data.episodeDeps, data),
    ...knowledgeInternals(parts),
    ...quotaInternals(parts),
    ...placementInternals({ ...parts, episodes: data.rows }),
    ...statusInternals({
      ...parts,
      storageBytes: () => platform.storage.sql.databaseSize,
      workerLogs: new LogRing(platform.now),
      bookmark: () => bookmarkOf(platform.storage, platform.now()),
      release: platform.release,
    }),
  } satisfies InternalHandlers;
  return { rebalance, pipeline, handlers, runner, loading: data.knowledge.loading };
}

const later = (work: () => void, ms: number): void => void setTimeout(work, ms);

function usageOf({ context, platform, sqlOfCounts: sql }: Foundation): UsageCounter {
  const { now, log, meter, settings } = context;
  const { usageDataset: dataset } = platform;
  const sink = dataset && new UsageSink({ dataset, log, meter });
  const saveAfterMs = () => settings().usage_save_ms;
  return new UsageCounter({ sql, now, log, later, saveAfterMs, sink });
}

function redactorOf({ context, platform }: Foundation): Redactor {
  const modes = new RedactionModes(context);
  return new Redactor({
    mode: (namespace) => modes.of(namespace),
    own: platform.secretPatterns,
    meter: context.meter,
  });
}

type DataParts = ReturnType<typeof dataPartsOf>;

/** The parts that have tables of their own, in the order in which those are made. */
function ownersOf({ cached, failures, tasks, traces, ...data }: DataParts) {
  const { answers, relationships, rebalance, eraser } = data;
  return [cached, failures, tasks, traces, answers, relationships, rebalance, eraser];
}

/** The parts that hold episodes and what was learned, and move them. */
function dataPartsOf(foundation: Foundation) {
  const { context, outbox, copies } = foundation;
  const { coordinator } = foundation.platform;
  const rows = new EpisodeRows(context.sql);
  const cached = new CachedRows(context);
  const failures = new TaskFailures(context);
  const tasks = new PendingTasks(context, failures);
  const answers = new KeptAnswers(context);
  const quotaRefusals = new QuotaRefusals(context);
  const knowledge = knowledgeOf(foundation, quotaRefusals);
  const relationships = new Relationships(context);

  const { sql } = context;
  const shardRows = new ShardRows({ sql, outbox, episodes: rows });
  const moving = { context, outbox, rows: shardRows, episodes: rows, knowledge };
  const traceRows = new TraceRows(sql);
  const rebalance = new Rebalance({ ...moving, cached, failures });
  const toOffer = { tasks, traces: traceRows, answers };
  const offers = new Offers({ ...moving, ...toOffer, rebalance, coordinator });
  const afterRestore = new AfterRestore({ ...moving, relationships });

  const store = new EpisodeStore({ context, rows, cached, copies });
  const recording = { context, rows, store, tasks, rebalance };
  const learning = new LearningTasks({ ...recording, knowledge, failures });
  const { quotas, keeper } = quotasOf(foundation, quotaRefusals, knowledge);
  const episodeDeps: EpisodeDeps = { ...recording, traces: traceRows, learning, quotas };
  const imports = new EpisodeImport(episodeDeps);
  return {
    ...recording,
    cached,
    failures,
    imports,
    traces: new Traces(episodeDeps, imports),
    answers,
    quotas,
    keeper,
    knowledge,
    relationships,
    shardRows,
    offers,
    afterRestore,
    learning,
    episodeDeps,
    lists: new EpisodeLists(context),
    eraser: new Eraser(context, outbox, { failures, knowledge }),
    idle: new IdleEpisodes(episodeDeps, cached),
    eviction: new Eviction({ context, cached, store }),
  };
}

function quotasOf({ context }: Foundation, refusals: QuotaRefusals, { settings }: Knowledge) {
  const keeper = new QuotaKeeper({
    context,
    settingsOf: (namespace) => settings.ifReadable(namespace),
    epoch: context.uuid(context.now()),
  });
  return { quotas: new Quotas(context, refusals), keeper };
}

function knowledgeOf(
  { context, platform, dirtyRows, outbox, onRollback }: Foundation,
  quotaRefusals: QuotaRefusals,
): Knowledge {
  const { sql, settings } = context;
  const cacheBytes = (): number => settings().knowledge_cache_bytes;
  return new Knowledge({
    ...context,
    learned: new LearnedNamespaces({ sql, onRollback, cacheBytes, now: context.now }),
    isHome: (namespace) => context.isHome(homeTextOfNamespace(namespace)),
    markAllDirty: (table, keys) => dirtyRows.markAllDirty(table, keys),
    publish: (statements) => outbox.write(statements),
    askDigests: (instance, input) => context.ask(instance, "digests", input),
    ablations: platform.ablations,
    capacity: () => settings().namespace_episodes_max,
    publishSeconds: () => settings().derived_flush_seconds,
    embedder: platform.embedder,
    quotaRefusals,
  });
}

function importSlicesOf(
  episodes: EpisodeDeps,
  { admission, redactor }: { admission: Admission; redactor: Redactor },
): ImportSlices {
  return new ImportSlices({
    episodes,
    redact: (episode, namespace) => redactor.redact("episode.import", episode, namespace),
    check: (namespace) => admission.check("episode.import", namespace),
  });
}

function operationHandlersOf(data: DataParts, imports: ImportSlices): OperationHandlers {
  return {
    // The pipeline has authorised the caller before.
    authorize: () => ({}),
    "episodes.import": (input, scope) => imports.import(input, scope),
    ...episodeOperations(data.episodeDeps, data),
    ...namespaceOperations(data.episodeDeps, { ...data, filters: data.knowledge.filters }),
    ...knowledgeOperations(data),
    ...eventOperations(data.episodeDeps.context),
  };
}

/** The parts of the alarm in the order in which they run: what sends, then what makes more. */
function alarmPartsOf({ outbox, breakers, webhooks }: Foundation, parts: DataParts): AlarmPart[] {
  const { learning, traces, idle, knowledge, offers, eviction, answers } = parts;
  const save = { onAlarm: () => breakers.save() };
  return [
    { name: "probe", part: breakers, minDelayMs: TRIAL_DELAY_MS },
    { name: "flush", part: outbox, minDelayMs: DELAY_MS },
    { name: "tasks", part: learning, minDelayMs: TASK_DELAY_MS },
    { name: "traces", part: traces, minDelayMs: DELAY_MS },
    { name: "abandon", part: idle, minDelayMs: DELAY_MS },
    { name: "former", part: knowledge.formerTables, minDelayMs: BUSY_DELAY_MS },
    { name: "load", part: knowledge.loading, minDelayMs: BUSY_DELAY_MS },
    { name: "renew", part: knowledge.renewal, minDelayMs: BUSY_DELAY_MS },
    { name: "learned", part: knowledge.learning, minDelayMs: BUSY_DELAY_MS },
    { name: "embed", part: knowledge.embedding, minDelayMs: BUSY_DELAY_MS },
    { name: "publish", part: knowledge.publisher, minDelayMs: DELAY_MS },
    { name: "handover", part: offers, minDelayMs: BUSY_DELAY_MS },
    { name: "evict", part: eviction, minDelayMs: 0 },
    { name: "answers", part: answers, minDelayMs: DELAY_MS },
    { name: "webhooks", part: webhooks, minDelayMs: 0 },
    { name: "breakers", part: save, minDelayMs: DELAY_MS },
  ];
}

/** Makes the tables of the parts, and takes over what an earlier release kept otherwise. */
function makeTables(
  { sql, transaction }: Pick<PartContext, "sql" | "transaction">,
  parts: readonly Part[],
): void {
  for (const { schema } of parts) for (const statement of schema ?? []) sql.run(statement);
  transaction(() => {
    migrateOutbox(sql);
    migratePendingTasks(sql);
    migrateTaskFailures(sql);
    migrateClaims(sql);
    migrateSteps(sql);
    migrateCached(sql);
  });
}
