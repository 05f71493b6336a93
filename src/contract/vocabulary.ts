/**
 * The closed lists of words that the wire, the database and learning share, each with its type.
 * Plain constants: every room may import them at no cost.
 *
 * @module
 */

export const TASK_TYPES = [
  "code_generation",
  "debugging",
  "refactoring",
  "testing",
  "analysis",
  "documentation",
  "other",
] as const;
export type TaskType = (typeof TASK_TYPES)[number];

export const COMPLEXITIES = ["simple", "moderate", "complex"] as const;
export type Complexity = (typeof COMPLEXITIES)[number];

/** in_progress: steps may still be logged. The other three are ends; abandoned: closed for idleness. */
export const STATUSES = ["in_progress", "completed", "failed", "abandoned"] as const;
export type Status = (typeof STATUSES)[number];

/** What lists of episodes are ordered by; with a hyphen the greatest comes first. */
export const EPISODE_SORTS = [
  "-started_at",
  "started_at",
  "-updated_at",
  "updated_at",
  "-ended_at",
  "ended_at",
  "-reward",
  "reward",
  "-steps",
  "steps",
] as const;
export type EpisodeSort = (typeof EPISODE_SORTS)[number];

/** How an episode ended, as its agent says. abstained: the agent declined to act. */
/** Whether lists and searches have archived episodes: only those, or those too; absent: none. */
export const ARCHIVED_CHOICES = ["only", "any"] as const;
export type ArchivedChoice = (typeof ARCHIVED_CHOICES)[number];

export const OUTCOME_TYPES = ["success", "partial_success", "failure", "abstained"] as const;
export type OutcomeType = (typeof OUTCOME_TYPES)[number];

/** The class of a step's result, as learning sees it. unknown: counts neither way. */
export const RESULT_CLASSES = ["success", "error", "timeout", "unknown"] as const;
export type ResultClass = (typeof RESULT_CLASSES)[number];

export const RELATIONSHIP_TYPES = [
  "parent_child",
  "depends_on",
  "follows",
  "related_to",
  "blocks",
  "duplicates",
  "references",
] as const;
export type RelationshipType = (typeof RELATIONSHIP_TYPES)[number];

/** Relationship types whose edges may not form a cycle, each type on its own. */
export const ACYCLIC_RELATIONSHIPS: readonly RelationshipType[] = [
  "parent_child",
  "depends_on",
  "blocks",
];

/** do: recommended. avoid: significantly worse than the base rate. neutral: shown only on request. */
export const POLARITIES = ["do", "avoid", "neutral"] as const;
export type Polarity = (typeof POLARITIES)[number];

/** What a lesson is: something to do, something to avoid, or how something is. */
export const LESSON_KINDS = ["do", "avoid", "fact"] as const;
export type LessonKind = (typeof LESSON_KINDS)[number];

/**
 * Where a lesson stands. active: it is recalled. pending: nobody approved it, where that is asked
 * for. superseded: another one took its place. banned, rejected: a person took it out.
 */
export const LESSON_STATES = ["active", "pending", "superseded", "banned", "rejected"] as const;
export type LessonState = (typeof LESSON_STATES)[number];

/** Whether a namespace shows only what a person approved. */
export const LEARNING_REVIEWS = ["off", "required"] as const;
export type LearningReview = (typeof LEARNING_REVIEWS)[number];

/** What people decide about. */
export const CURATED_KINDS = ["lesson", "pattern", "heuristic", "playbook"] as const;
export type CuratedKind = (typeof CURATED_KINDS)[number];

/**
 * What people decide. edit: other words, or with none those that it had. approve, reject: undo each
 * other; clear: as if nobody had decided anything.
 */
export const CURATION_ACTIONS = [
  "pin",
  "unpin",
  "ban",
  "unban",
  "edit",
  "approve",
  "reject",
  "clear",
] as const;
export type CurationAction = (typeof CURATION_ACTIONS)[number];

/** What an API key may do. metrics: read the metrics and nothing else. */
export const SCOPES = ["read", "write", "admin", "metrics"] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * How durable a write is. queued: durable in the instance, not yet in the database. stored: in the
 * database. none: nothing was written.
 */
export const DURABILITIES = ["queued", "stored", "none"] as const;
export type Durability = (typeof DURABILITIES)[number];

/** What the schedule starts. */
export const SCHEDULED_JOBS = [
  "health-check",
  "backup-snapshot",
  "backup-full",
  "restore-drill",
  "retention",
  "prune",
  "capacity-report",
] as const;
export type ScheduledJob = (typeof SCHEDULED_JOBS)[number];

/** What an entry of the incident timeline is about. */
export const INCIDENT_KINDS = [
  "breaker",
  "maintenance",
  "degraded",
  "deploy",
  "settings",
  "keys",
  "topology",
  "backup",
  "restore",
  "migration",
  "job",
  "health",
  "dead_letters",
  "overload",
  "erasure",
  "curation",
] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

export const SEVERITIES = ["info", "warning", "critical"] as const;

/** What a sample of the metrics keeps of them. */
export const SAMPLE_NAMES = [
  "episodes_created",
  "episodes_completed",
  "steps",
  "patterns",
  "recalls",
  "cache_hits",
  "cache_misses",
  "requests",
  "server_errors",
  "storage_operations",
  "storage_errors",
  "active_episodes",
  "outbox_rows",
  "outbox_oldest_seconds",
  "outbox_dead",
  "breakers_open",
  "instance_bytes",
  "instance_bytes_max",
  "database_bytes",
  "pattern_row_bytes",
  "r2_bytes",
] as const;
export type SampleName = (typeof SAMPLE_NAMES)[number];

/**
 * What is known of how much a namespace or a key uses the service. requests: that came in for it.
 * refusals: of them, those that were refused. episodes: that it began. open_episodes: that run now.
 * rows, bytes: that its requests wrote, each time that they did.
 */
export const USAGE_MEASURES = [
  "requests",
  "refusals",
  "episodes",
  "open_episodes",
  "rows",
  "bytes",
] as const;
export type UsageMeasure = (typeof USAGE_MEASURES)[number];

/** The time until now that usage is reported for. */
export const USAGE_SPANS = ["hour", "day"] as const;
export type UsageSpan = (typeof USAGE_SPANS)[number];
