/**
 * Declares every event that is logged, by a stable name, with the fields that it may have.
 * docs/logs.md is made from this list, and the compiler holds the code to it. No secret and no task
 * text is a field above debug.
 *
 * @module
 */

export const LEVELS = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];

interface EventRule {
  /** Where it comes from. */
  from: "worker" | "instance" | "coordinator" | "job";
  level: Level | "depends";
  meaning: string;
  fields: readonly string[];
}

/** Fields that every line has, or has when there is something to say. */
export const COMMON_FIELDS = {
  event: "the name",
  level: "debug, info, warn or error",
  request_id: "of the HTTP request that is worked on, or of the job's run",
  trace_id: "from the request's traceparent",
  instance: "the number of the instance that logs",
} as const;

/** The fields that a text names, with a blank between them. */
type FieldsIn<Text extends string> = Text extends `${infer Field} ${infer Rest}`
  ? Field | FieldsIn<Rest>
  : Text;

/** Declares events that come from there. */
const comesFrom =
  (from: EventRule["from"]) =>
  <const Fields extends string = never>(
    level: EventRule["level"],
    meaning: string,
    fields?: Fields,
  ) => ({ from, level, meaning, fields: (fields?.split(" ") ?? []) as FieldsIn<Fields>[] });

const worker = comesFrom("worker");
const instance = comesFrom("instance");
const coordinator = comesFrom("coordinator");
const job = comesFrom("job");

export const EVENTS = {
  request: worker(
    "info",
    "A request was answered; warn from status 500 on.",
    "method route status duration_ms version",
  ),
  request_failed: worker("error", "A bug: the request was answered with 500.", "route reason"),
  import_waits: worker(
    "info",
    "An import waits for room, or for its key's turn; a minute at most.",
    "code",
  ),
  import_line_failed: worker(
    "error",
    "A bug: a line of an import was not taken in.",
    "line reason",
  ),
  call: instance("debug", "An operation was worked on.", "operation code cache duration_ms"),
  storage_operation: instance(
    "debug",
    "A request to the database; warn when it failed.",
    "operation backend kind duration_ms",
  ),
  call_moved: instance(
    "info",
    "A call came while what it is about moved to another instance.",
    "operation",
  ),
  answers_dropped: instance(
    "warn",
    "Answers are not kept for a repetition: there are too many, or too large ones.",
    "reason count",
  ),
  breaker_transition: instance(
    "depends",
    "A circuit breaker changed its state.",
    "backend from to cause epoch calls failed slow",
  ),
  peer_unreachable: instance("error", "Another instance did not answer.", "peer reason"),
  local_storage_corrupt: instance(
    "error",
    "A page of the instance's own storage is damaged; at most once a minute.",
    "reason",
  ),
  outbox_flush_failed: instance(
    "warn",
    "A batch was not taken; it is sent again.",
    "failures error rows",
  ),
  outbox_fenced: instance("warn", "The database has a newer batch of ours.", "writer ours theirs"),
  outbox_dead_letter: instance(
    "error",
    "A row was set aside: the database never takes it.",
    "table reason code",
  ),
  episodes_evicted: instance("info", "Episodes left the cache.", "reason count"),
  episodes_forgotten: instance(
    "info",
    "A namespace at its capacity forgot its least relevant episodes.",
    "count",
  ),
  redaction_unanswered: instance(
    "warn",
    "The home of a namespace did not say what it asks of secrets; what was heard last is in force, or the deployment's setting.",
    "namespace redaction",
  ),
  quota_reached: instance(
    "warn",
    "A namespace is at a quota: episodes or lessons that it wants to begin are refused; at most once a minute of each namespace and quota.",
    "namespace quota limit used",
  ),
  quota_uncounted: instance(
    "warn",
    "Episodes were taken without being counted against a quota: the home of their namespace, or the database, could not be asked.",
    "namespace reason",
  ),
  trace_not_taken: instance(
    "warn",
    "A trace became no episode, or does not update it: refused, or given up after several tries; its spans are dropped later.",
    "episode_id why reason",
  ),
  trace_failed: instance(
    "error",
    "A trace could not be made an episode; it is tried again, a few times.",
    "episode_id failures reason",
  ),
  episode_abandoned: instance(
    "info",
    "An episode was closed after the idle timeout.",
    "episode_id",
  ),
  episode_not_abandoned: instance(
    "error",
    "A bug: an idle episode could not be closed; it is left alone for a minute, others go on.",
    "episode_id reason",
  ),
  forgotten_again: instance(
    "info",
    "A deleted episode was forgotten a second time, in case that what had been sent before arrived after the first.",
    "namespace episode_id",
  ),
  task_failed: instance(
    "warn",
    "A pending task failed; it is tried again after a wait that grows.",
    "task namespace episode_id tries reason",
  ),
  task_dead: instance(
    "error",
    "A pending task was given up: GET /admin/outbox/dead lists it, POST /admin/outbox/dead/retry tries it again.",
    "task namespace episode_id tries reason",
  ),
  alarm_part_failed: instance(
    "warn",
    "A part of the alarm failed; the others went on, it is tried again.",
    "part failures reason",
  ),
  digest_cut: instance(
    "warn",
    "An episode is too large to learn all of it; the rest is left out of learning.",
    "episode_id steps contributions",
  ),
  knowledge_load_failed: instance(
    "warn",
    "A namespace could not be loaded further; what is here answers meanwhile.",
    "namespace failures reason",
  ),
  knowledge_loaded: instance(
    "info",
    "A namespace was loaded from the database.",
    "namespace duration_ms",
  ),
  knowledge_reindexed: instance(
    "info",
    "A namespace is learned again, because texts are cut into terms in another way than before.",
    "namespace",
  ),
  knowledge_renewed: instance(
    "info",
    "The digests of a namespace that an earlier release had made were made anew.",
    "namespace count",
  ),
  learning_failed: instance(
    "error",
    "What an episode teaches could not be learned as it ended; it is tried again later.",
    "reason",
  ),
  patterns_not_published: instance(
    "warn",
    "The database's table of patterns, which is for people, could not be brought up to date.",
    "reason",
  ),
  vectors_queued: instance("info", "Episodes wait for a semantic vector of this model.", "model"),
  embedding_failed: instance(
    "warn",
    "The provider of vectors did not answer; it is left alone for a while.",
    "reason",
  ),
  embedding_refused: instance(
    "warn",
    "The provider's vector of an episode is none; the episode has none.",
    "episode_id reason",
  ),
  handover_failed: instance(
    "warn",
    "Something that moved could not be handed over yet; the rest goes on.",
    "kind failures reason",
  ),
  note_failed: instance(
    "warn",
    "The Coordinator did not take into the timeline what was done here; it was done.",
    "kind title reason",
  ),
  webhook_failed: instance(
    "info",
    "A receiver did not take an event; it is sent again, or at level warn set aside.",
    "webhook reason",
  ),
  webhook_dropped: instance(
    "warn",
    "Too many events wait for their receivers: one was left out.",
    "webhook type",
  ),
  mcp_refused: worker("info", "A message of the Model Context Protocol was refused.", "reason"),
  oauth_refused: worker(
    "info",
    "Something that an OAuth client, or a person whom it sent, asked was refused.",
    "step reason",
  ),
  oauth_granted: worker("info", "A person granted an OAuth client access by a key.", "key grant"),
  oauth_note_failed: worker(
    "warn",
    "The Coordinator did not take into the audit what became of a grant.",
    "reason",
  ),
  handover_stray: instance(
    "warn",
    "Something lay here that lives elsewhere, with nothing unsent: it was dropped.",
    "kind",
  ),
  handover_part_forgotten: instance(
    "info",
    "What was here of shards that a change of the number of instances did not take over in full is dropped: their old homes or the database have them.",
    "count",
  ),
  handover_settled: instance("info", "All that moved was handed over.", "topology"),
  keys_pull_failed: instance("warn", "The Coordinator could not be asked for keys.", "reason"),
  usage_save_failed: instance(
    "warn",
    "What namespaces and keys used could not be stored; it is tried again.",
    "reason",
  ),
  usage_point_lost: instance(
    "warn",
    "The Analytics Engine dataset did not take what a namespace used; it is left out there.",
    "reason",
  ),
  control_pull_failed: instance(
    "warn",
    "The Coordinator could not be asked what is in force.",
    "reason",
  ),
  report_failed: instance("debug", "The Coordinator could not be told of the breakers.", "reason"),
  write_lease_lapsed: coordinator(
    "warn",
    "An instance took a turn to write and did not give it back in time.",
  ),
  write_lease_unavailable: instance(
    "warn",
    "The Coordinator gave no turn to write; the batch went without.",
    "reason",
  ),
  rate_limit_unavailable: instance(
    "warn",
    "Nobody counted a key's requests; they were let through.",
    "reason",
  ),
  cluster_down: coordinator("warn", "Most instances found the database down.", "turso"),
  deployment_known: coordinator(
    "info",
    "The Coordinator made the id of its deployment, or found it again at an instance.",
    "deployment found",
  ),
  topology_settled: coordinator(
    "info",
    "The change of the number of instances is done.",
    "version count previous",
  ),
  maintenance_mode: coordinator("warn", "Maintenance was switched.", "enabled by"),
  degraded_mode: coordinator("warn", "Degraded mode was switched by hand.", "enabled by"),
  breaker_order: coordinator(
    "warn",
    "An operator ordered the circuit breakers.",
    "id by backend action until reason",
  ),
  migration_begun: coordinator(
    "warn",
    "A migration of the database begins, or goes on after some statements.",
    "by version name done",
  ),
  migration_applied: coordinator(
    "warn",
    "A migration of the database was applied.",
    "by version name backup",
  ),
  migration_backup_failed: coordinator(
    "error",
    "The backup before migrations failed; nothing was migrated.",
    "reason",
  ),
  migration_failed: coordinator(
    "error",
    "A migration stopped; what was applied stays applied.",
    "version name reason",
  ),
  instance_unreachable: coordinator("error", "An instance did not answer.", "reason"),
  incident: coordinator("depends", "An entry of the incident timeline.", "kind severity title"),
  incidents_keep_failed: coordinator(
    "warn",
    "R2 did not take the incidents; they are sent again.",
    "reason",
  ),
  measure_failed: coordinator("warn", "A size could not be measured.", "what reason"),
  job_started: job("info", "A scheduled job began.", "job scheduled_at"),
  job_not_started: job(
    "error",
    "A scheduled job could not be begun: the Coordinator refused it or is out of reach.",
    "job cron reason",
  ),
  job_skipped: job(
    "info",
    "Another run of the job is at work, or this one was done.",
    "job scheduled_at",
  ),
  job_ended: job(
    "depends",
    "A scheduled job ended; error when it failed.",
    "job scheduled_at result detail duration_ms",
  ),
  bucket_breaker_unavailable: job(
    "warn",
    "The Coordinator did not say whether R2 may be asked; it is asked.",
    "reason",
  ),
  job_queued: coordinator("info", "A long job was asked for.", "job by"),
  job_coalesced: coordinator(
    "info",
    "A long job was asked for, and one that waits does the same.",
    "job by",
  ),
  job_refused: coordinator("warn", "A long job was refused: too many wait.", "kind by reason"),
  job_launch_failed: coordinator(
    "warn",
    "A long job could not be started; it is tried again.",
    "job reason",
  ),
  job_finished: coordinator(
    "depends",
    "A long job ended; error when it failed.",
    "job status error",
  ),
  backup_unauthenticated: coordinator(
    "warn",
    "A job used a backup although nothing shows that the service wrote it.",
    "job reason",
  ),
  backup_chain_broken: coordinator(
    "error",
    "Backups from before cannot be restored any more; the job took one that does without them.",
    "job reason",
  ),
  health_changed: job("depends", "The health check found a change.", "title severity"),
} satisfies Record<string, EventRule>;

type EventName = keyof typeof EVENTS;

/** What is logged: an event of the list, with fields of its own. */
export type LogEvent = {
  [Name in EventName]: { event: Name; level?: Level } & {
    readonly [
      Field in
        | (typeof EVENTS)[Name]["fields"][number]
        | Exclude<keyof typeof COMMON_FIELDS, "event" | "level">
    ]?: unknown;
  };
}[EventName];

/** Logs an event. Never throws. */
export type Log = (event: LogEvent) => void;
