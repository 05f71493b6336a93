"""Types and operations of the API, made of the OpenAPI document by `npm run openapi`.

Do not edit.
"""

from __future__ import annotations

from typing import Any, Dict, List, Literal, Union

from ._compat import NotRequired, TypedDict
from ._transport import UNSET, AsyncTransport, RequestOptions, Transport


class Key(TypedDict):
    id: str
    name: str
    scopes: List["KeyScope"]
    namespaces: List[str]
    default_namespace: str
    created_at: str
    expires_at: Union[str, None]
    revoked_at: Union[str, None]
    last_used_at: Union[str, None]


class Grant(TypedDict):
    id: str
    key_id: str
    key_name: Union[str, None]
    client_id: str
    client_name: str
    namespace: str
    scopes: List["KeyScope"]
    active: bool
    created_at: str
    last_token_at: Union[str, None]
    expires_at: Union[str, None]


class Job(TypedDict):
    id: str
    kind: "JobKind"
    status: "JobStatus"
    params: Dict[str, Any]
    by: str
    created_at: str
    started_at: Union[str, None]
    finished_at: Union[str, None]
    progress: Union["JobProgress", None]
    result: Any
    error: Union[str, None]


class ScheduledRun(TypedDict):
    job: str
    status: "ScheduledRunStatus"
    id: Union[str, None]
    detail: Union[str, None]


class Backup(TypedDict):
    id: str
    kind: "BackupKind"
    started_at: str
    finished_at: str
    parent: Union[str, None]
    watermark: Union[str, None]
    scope: "BackupScope"
    rows: int
    objects: int
    bytes: int
    stored_bytes: int
    encrypted: bool
    authentic: Union[bool, None]
    authentic_reason: Union[str, None]
    schema_version: int
    written_by: "BackupWrittenBy"
    instances: int
    verified: Union["BackupVerified", None]


class Deployment(TypedDict):
    id: str
    database: "DeploymentDatabase"
    bucket: "DeploymentBucket"


class Config(TypedDict):
    version: int
    settings: "ConfigSettings"
    audit: List["ConfigAuditItem"]


class CircuitBreaker(TypedDict):
    state: "CircuitBreakerState"
    until: Union[str, None]
    reason: Union[str, None]
    calls: int
    failed: int
    slow: int


class Fleet(TypedDict):
    topology: "FleetTopology"
    maintenance: Union["FleetDegraded", None]
    degraded: Union["FleetDegraded", None]
    fleet_down_until: "FleetFleetDownUntil"
    instances: List[Union["FleetInstance1", "FleetInstance2"]]
    bookmarks: NotRequired[Dict[str, str]]


class CuratedItem(TypedDict):
    kind: "CurateBodyKind"
    id: str
    pinned: bool
    banned: bool
    review: Union["CurationReview", None]
    text: Union[str, None]
    description: str
    updated_at: str
    log: List["CuratedItemLogItem"]


class CurationWritten(TypedDict):
    kind: "CurateBodyKind"
    id: str
    pinned: bool
    banned: bool
    review: Union["CurationReview", None]
    text: Union[str, None]
    description: str
    updated_at: str
    log: List["CuratedItemLogItem"]
    durability: "CompletionDurability"


class Curation(TypedDict):
    pinned: bool
    banned: bool
    review: Union["CurationReview", None]
    text: Union[str, None]
    by: str
    at: str


class LessonEvidence(TypedDict):
    said: int
    used: int
    imported: int
    success: float
    failure: float
    rate: Union[float, None]
    low: float
    high: float


class Lesson(TypedDict):
    id: str
    text: str
    kind: "LessonKind"
    applies_to: "LessonAppliesTo"
    source: str
    by: str
    state: "LessonState"
    wordings: List[str]
    superseded_by: Union[str, None]
    supersedes: List[str]
    created_at: str
    said_at: str
    updated_at: str
    evidence: "LessonEvidence"
    shown: int
    curation: Union["Curation", None]


class RecalledLesson(TypedDict):
    id: str
    text: str
    kind: "LessonKind"
    applies_to: "LessonAppliesTo"
    score: float
    pinned: bool
    evidence: "LessonEvidence"
    amends: Union[str, None]
    said_at: str


class LessonAdded(TypedDict):
    id: str
    text: str
    kind: "LessonKind"
    applies_to: "LessonAppliesTo"
    source: str
    by: str
    state: "LessonState"
    wordings: List[str]
    superseded_by: Union[str, None]
    supersedes: List[str]
    created_at: str
    said_at: str
    updated_at: str
    evidence: "LessonEvidence"
    shown: int
    curation: Union["Curation", None]
    is_new: bool
    durability: "CompletionDurability"


class LessonWritten(TypedDict):
    id: str
    text: str
    kind: "LessonKind"
    applies_to: "LessonAppliesTo"
    source: str
    by: str
    state: "LessonState"
    wordings: List[str]
    superseded_by: Union[str, None]
    supersedes: List[str]
    created_at: str
    said_at: str
    updated_at: str
    evidence: "LessonEvidence"
    shown: int
    curation: Union["Curation", None]
    durability: "CompletionDurability"


class Step(TypedDict):
    number: int
    at: str
    tool: str
    action: str
    parameters: Any
    result: Union[Union["StepResultSuccess", "StepResultError", "StepResultTimeout"], None]
    latency_ms: Union[float, None]
    tokens: Union[float, None]
    metadata: Dict[str, str]


Outcome = Union["OutcomeSuccess", "OutcomePartialSuccess", "OutcomeFailure", "OutcomeAbstained"]


class Reward(TypedDict):
    total: float
    base: float
    efficiency: float
    quality: float
    learning: float
    weights: "RewardWeights"


class Reflection(TypedDict):
    successes: List[str]
    improvements: List[str]
    insights: List[str]


class Episode(TypedDict):
    id: str
    namespace: str
    task: str
    task_type: "EpisodeTaskType"
    context: "EpisodeContext"
    status: "EpisodeStatus"
    started_at: str
    ended_at: Union[str, None]
    updated_at: str
    outcome: Union["Outcome", None]
    reward: Union["Reward", None]
    reflection: Union["Reflection", None]
    pattern_ids: List[str]
    tags: List[str]
    checkpoints: List["EpisodeCheckpoint"]
    metadata: Dict[str, str]
    step_count: int
    archived_at: NotRequired[str]
    version: int


class EpisodeWithSteps(TypedDict):
    id: str
    namespace: str
    task: str
    task_type: "EpisodeTaskType"
    context: "EpisodeContext"
    status: "EpisodeStatus"
    started_at: str
    ended_at: Union[str, None]
    updated_at: str
    outcome: Union["Outcome", None]
    reward: Union["Reward", None]
    reflection: Union["Reflection", None]
    pattern_ids: List[str]
    tags: List[str]
    checkpoints: List["EpisodeCheckpoint"]
    metadata: Dict[str, str]
    step_count: int
    archived_at: NotRequired[str]
    version: int
    steps: List["Step"]


class EpisodeWritten(TypedDict):
    id: str
    namespace: str
    task: str
    task_type: "EpisodeTaskType"
    context: "EpisodeContext"
    status: "EpisodeStatus"
    started_at: str
    ended_at: Union[str, None]
    updated_at: str
    outcome: Union["Outcome", None]
    reward: Union["Reward", None]
    reflection: Union["Reflection", None]
    pattern_ids: List[str]
    tags: List[str]
    checkpoints: List["EpisodeCheckpoint"]
    metadata: Dict[str, str]
    step_count: int
    archived_at: NotRequired[str]
    version: int
    durability: "CompletionDurability"


class EpisodesFound(TypedDict):
    episodes: List["EpisodeWithSteps"]
    missing: List[str]
    remaining: List[str]


class StepsLogged(TypedDict):
    episode_id: str
    accepted: int
    duplicates: int
    last_number: int
    version: int
    durability: "CompletionDurability"


class Completion(TypedDict):
    id: str
    status: "EpisodeStatus"
    reward: Union["Reward", None]
    reflection: Union["Reflection", None]
    patterns: List["CompletionPattern"]
    learning: "CompletionLearning"
    omitted: Union["CompletionOmitted", None]
    lessons: NotRequired[List["CompletionLesson"]]
    version: int
    durability: "CompletionDurability"


class Checkpoint(TypedDict):
    id: str
    at: str
    step_number: int
    reason: str
    note: Union[str, None]
    state: Any
    durability: "CompletionDurability"


class HandoffPack(TypedDict):
    episode: "Episode"
    checkpoint: Union["EpisodeCheckpoint", None]
    recent_steps: List["Step"]
    progress: "HandoffPackProgress"
    open_errors: List["HandoffPackOpenError"]
    next_tools: List["RecallNextTool"]
    next_actions: NotRequired[List["AdviceNextAction"]]
    lessons: NotRequired[List["RecalledLesson"]]


class EpisodesArchived(TypedDict):
    changed: int
    running: int
    refused: List["TagsRenamedRefusedItem"]
    next_cursor: Union[str, None]


class SavedFilter(TypedDict):
    name: str
    filter: "SavedFilterFilter"
    updated_at: str


class NamespaceSettings(TypedDict):
    namespace: str
    settings: "NamespaceSettingsSettings"


class Namespace(TypedDict):
    name: str
    empty: bool


class MemoryEvent(TypedDict):
    id: str
    type: str
    timestamp: str
    namespace: Union[str, None]
    data: Dict[str, Any]


class Webhook(TypedDict):
    id: str
    url: str
    types: Union[List[str], None]
    namespaces: List[str]
    created_at: str


class UndeliveredEvent(TypedDict):
    webhook: str
    event_id: str
    type: str
    namespace: Union[str, None]
    tries: int
    error: Union[str, None]
    created_at: str


class Pattern(TypedDict):
    id: str
    kind: "PatternKind"
    polarity: "PatternPolarity"
    description: str
    tools: List[str]
    actions: NotRequired[List[str]]
    condition: Union[Dict[str, str], None]
    confidence: float
    lift: float
    support: "PatternSupport"
    occurrences: float
    mean_latency_ms: Union[float, None]
    last_seen_at: str
    episodes: List[str]
    curation: NotRequired["Curation"]


class Heuristic(TypedDict):
    id: str
    pattern_id: str
    kind: "PatternKind"
    polarity: "PatternPolarity"
    tools: List[str]
    actions: NotRequired[List[str]]
    condition: str
    action: str
    confidence: float
    lift: float
    support: "PatternSupport"
    episodes: List[str]
    curation: NotRequired["Curation"]


class Use(TypedDict):
    shown: int
    used: int
    helped: float
    rate: Union[float, None]
    low: Union[float, None]
    high: Union[float, None]


class RateOfSuccess(TypedDict):
    episodes: int
    rate: Union[float, None]
    low: Union[float, None]
    high: Union[float, None]


class Calibration(TypedDict):
    forecasts: int
    error: Union[float, None]
    bins: List["CalibrationBin"]


class HoldoutGroup(TypedDict):
    episodes: int
    unjudged: int
    success: "HoldoutGroupSuccess"
    error_repeated: "HoldoutGroupSuccess"
    mean_steps: Union[float, None]


class HoldoutDifference(TypedDict):
    value: Union[float, None]
    low: Union[float, None]
    high: Union[float, None]


class HoldoutComparison(TypedDict):
    share: float
    shown: "HoldoutGroup"
    held_out: "HoldoutGroup"
    effect: "HoldoutComparisonEffect"
    verdict: "HoldoutComparisonVerdict"
    still_needed: int


class Stats(TypedDict):
    namespace: str
    episodes: "StatsEpisodes"
    outcomes: "StatsOutcomes"
    success_rate: Union[float, None]
    mean_reward: Union[float, None]
    steps: int
    patterns: "StatsPatterns"
    recalls: int
    feedback: int
    use: "StatsUse"
    recall_effect: "StatsRecallEffect"
    calibration: "StatsCalibration"
    holdout: NotRequired["StatsHoldout"]
    quotas: "StatsQuotas"
    domains: List["StatsDomain"]
    degraded: bool


class QualityWeek(TypedDict):
    begins_at: str
    ended: int
    success: int
    partial_success: int
    failure: int
    unknown: int
    unknown_share: float
    scores: "QualityWeekScores"


class Quality(TypedDict):
    namespace: str
    since: str
    weeks: List["QualityWeek"]
    calibration: "StatsCalibration"
    playbooks: "Use"
    lessons: "QualityLessons"
    degraded: bool


class Skill(TypedDict):
    name: str
    description: str
    body: str
    domain: str
    runs: int
    succeeded: int


class Playbook(TypedDict):
    id: str
    task: str
    steps: List["PlaybookStep"]
    confidence: float
    based_on: List[str]
    when_not_to_apply: List[str]
    continues_after: int
    detours: NotRequired[List["PlaybookDetour"]]
    note: NotRequired[str]
    curation: NotRequired["Curation"]


class RecalledEpisode(TypedDict):
    id: str
    score: float
    task: str
    task_type: "EpisodeTaskType"
    context: "EpisodeContext"
    status: "EpisodeStatus"
    outcome: Union["ListEpisodesOutcome", None]
    reward: Union[float, None]
    warning: bool
    summary: Union[str, None]
    insights: List[str]
    tools: List[str]
    ended_at: Union[str, None]
    why: "RecalledEpisodeWhy"
    matched_terms: List[str]


class ToldAction(TypedDict):
    action: str
    tool: str
    key: Union[str, None]
    parameters: List["ToldActionParameter"]


class Recall(TypedDict):
    recall_id: str
    episodes: List["RecalledEpisode"]
    patterns: List["RecallPattern"]
    heuristics: List["RecallHeuristic"]
    playbook: Union["Playbook", None]
    next_tools: List["RecallNextTool"]
    recoveries: NotRequired[List["RecallRecovery"]]
    lessons: NotRequired[List["RecalledLesson"]]
    untrusted: List[str]
    served_by: "RecallServedBy"
    completeness: float
    degraded: bool
    truncated: int
    held_out: NotRequired[Literal[True]]


class Advice(TypedDict):
    recall_id: str
    next_tools: List["RecallNextTool"]
    next_actions: NotRequired[List["AdviceNextAction"]]
    expected_tools: List["AdviceExpectedTool"]
    avoid: List["AdviceAvoidItem"]
    recoveries: List["RecallRecovery"]
    proposed: Union["AdviceProposed", None]
    outlook: Union["AdviceOutlook", None]
    line: NotRequired[Union[str, None]]
    lessons: NotRequired[List["RecalledLesson"]]
    untrusted: List[str]
    served_by: "RecallServedBy"
    completeness: float
    degraded: bool
    held_out: NotRequired[Literal[True]]


class Drain(TypedDict):
    drained: bool
    waited_ms: float
    active_episodes: int
    unsent_rows: int
    message: str
    instances: List[Union["FleetInstance1", "FleetInstance2"]]


class Migration(TypedDict):
    version: int
    name: str
    kind: Union["MigrationKind", None]
    state: "MigrationState"
    checksum: Union[str, None]
    applied_checksum: Union[str, None]
    applied_at: Union[str, None]
    sql: List[str]


class Migrations(TypedDict):
    schema_version: int
    needed_version: int
    problems: List[str]
    lease: Union["MigrationsLease", None]
    migrations: List["Migration"]
    executed: bool
    applied: List[int]
    backup: Union[str, None]
    bookmarks: NotRequired[Dict[str, str]]


class DeadLetter(TypedDict):
    instance: int
    table: str
    key: List[Union[str, float]]
    reason: str
    detail: str
    parked_at: str
    tries: int


class TagCount(TypedDict):
    tag: str
    episodes: int
    started_at: str


class TagsRenamed(TypedDict):
    renamed: int
    refused: List["TagsRenamedRefusedItem"]
    next_cursor: Union[str, None]


Relationship = TypedDict(
    "Relationship",
    {
        "from": str,
        "to": str,
        "type": "RelationshipType",
        "created_at": str,
        "reason": Union[str, None],
    },
)


class ExportTraceServiceResponse(TypedDict):
    partialSuccess: NotRequired["ExportTraceServiceResponsePartialSuccess"]


ImportLineAnswer = Union["ImportLineAnswer1", "ImportLineAnswer2", "ImportLineAnswer3", "ImportLineAnswer4"]


class Readiness(TypedDict):
    status: "ReadinessStatus"
    checks: List["ReadinessCheck"]


class JobRun(TypedDict):
    job: str
    scheduled_at: str
    started_at: str
    ended_at: Union[str, None]
    result: Union["JobRunResult", None]
    detail: str
    last_success_at: Union[str, None]


class Incident(TypedDict):
    seq: int
    at: str
    kind: "IncidentKind"
    severity: "IncidentSeverity"
    title: str
    detail: Dict[str, Any]


class MetricSample(TypedDict):
    at: str
    totals: Dict[str, float]
    histograms: Dict[str, List[int]]
    silent: int


Capacity = TypedDict(
    "Capacity",
    {
        "from": Union[str, None],
        "to": Union[str, None],
        "hours": float,
        "rates": "CapacityRates",
        "bytes_per_episode": Union[float, None],
        "bytes_per_pattern": Union[float, None],
        "storage": "CapacityStorage",
        "backlog": "CapacityBacklog",
        "cache_hit_rate": Union[float, None],
        "forecasts": List["CapacityForecast"],
    },
)


class Usage(TypedDict):
    over: "UsageOver"
    by: "UsageBy"
    namespaces: List["UsageNamespace"]
    keys: List["UsageKey"]
    others: "UsageOthers"
    silent: List[int]


class Problem(TypedDict):
    type: str
    title: str
    status: int
    code: "ProblemCode"
    detail: str
    request_id: str
    errors: NotRequired[List["ProblemError"]]


KeyScope = Literal["read", "write", "admin", "metrics"]


JobKind = Literal["backup", "snapshot", "verify", "restore", "retention", "drill", "rewrap"]


JobStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class JobProgress(TypedDict):
    phase: str
    rows: int
    bytes: int
    done: int
    total: int
    percent: Union[float, None]
    rows_per_second: int
    seconds_left: Union[int, None]


ScheduledRunStatus = Literal["queued", "running", "succeeded", "failed", "cancelled", "skipped"]


BackupKind = Literal["full", "incremental", "snapshot"]


class BackupScope(TypedDict):
    namespace: Union[str, None]
    since: Union[str, None]


class BackupWrittenBy(TypedDict):
    name: str
    version: str


class BackupVerified(TypedDict):
    at: str
    ok: bool


class DeploymentDatabase(TypedDict):
    state: "DeploymentBucketState"
    deployment: Union[str, None]
    since: Union[str, None]
    problem: Union[str, None]
    last_write_at: Union[str, None]


DeploymentBucketState = Literal["own", "unmarked", "foreign", "unknown"]


class DeploymentBucket(TypedDict):
    state: "DeploymentBucketState"
    deployment: Union[str, None]
    since: Union[str, None]
    problem: Union[str, None]


class ConfigSettings(TypedDict):
    cache_max_size: "ConfigSettingsCacheMaxSize"
    cache_max_bytes: "ConfigSettingsCacheMaxBytes"
    cache_ttl_seconds: "ConfigSettingsCacheTtlSeconds"
    namespace_episodes_max: "ConfigSettingsNamespaceEpisodesMax"
    quota_episodes: "ConfigSettingsQuotaEpisodes"
    quota_bytes: "ConfigSettingsQuotaBytes"
    quota_lessons: "ConfigSettingsQuotaLessons"
    knowledge_cache_bytes: "ConfigSettingsKnowledgeCacheBytes"
    derived_flush_seconds: "ConfigSettingsTraceAgeSeconds"
    episode_idle_timeout_seconds: "ConfigSettingsCacheTtlSeconds"
    trace_quiet_seconds: "ConfigSettingsTraceQuietSeconds"
    trace_age_seconds: "ConfigSettingsTraceAgeSeconds"
    trace_kept_seconds: "ConfigSettingsTraceKeptSeconds"
    instance_traces_max: "ConfigSettingsCacheMaxSize"
    instance_traces_max_bytes: "ConfigSettingsInstanceTracesMaxBytes"
    step_output_max_bytes: "ConfigSettingsStepOutputMaxBytes"
    usage_save_ms: "ConfigSettingsUsageSaveMs"
    batch_writes: "ConfigSettingsBatchWrites"
    batch_size: "ConfigSettingsBatchSize"
    max_connections: "ConfigSettingsMaxConnections"
    connection_queue_max: "ConfigSettingsConnectionQueueMax"
    database_timeout_ms: "ConfigSettingsDatabaseTimeoutMs"
    database_attempts: "ConfigSettingsDatabaseAttempts"
    outbox_max_rows: "ConfigSettingsOutboxMaxRows"
    outbox_max_bytes: "ConfigSettingsOutboxMaxBytes"
    instance_in_flight_max: "ConfigSettingsInstanceInFlightMax"
    rate_limit_per_second: "ConfigSettingsRateLimitPerSecond"
    rate_limit_burst: "ConfigSettingsRateLimitBurst"
    database_max_bytes: "ConfigSettingsR2MaxBytes"
    r2_timeout_ms: "ConfigSettingsUsageSaveMs"
    r2_max_bytes: "ConfigSettingsR2MaxBytes"
    retention_daily_days: "ConfigSettingsRetentionDailyDays"
    retention_weekly_weeks: "ConfigSettingsRetentionWeeklyWeeks"
    retention_monthly_months: "ConfigSettingsRetentionMonthlyMonths"
    redaction: "ConfigSettingsRedaction"
    webhooks_private: "ConfigSettingsBatchWrites"
    log_level: "ConfigSettingsLogLevel"
    breaker_window_size: "ConfigSettingsBatchSize"
    breaker_minimum_calls: "ConfigSettingsBatchSize"
    breaker_failure_rate: "ConfigSettingsBreakerFailureRate"
    breaker_slow_call_rate: "ConfigSettingsBreakerFailureRate"
    breaker_slow_call_ms: "ConfigSettingsBreakerSlowCallMs"
    breaker_trial_calls: "ConfigSettingsBreakerTrialCalls"
    breaker_open_ms: "ConfigSettingsBreakerOpenMs"
    breaker_open_max_ms: "ConfigSettingsBreakerOpenMs"


class ConfigSettingsCacheMaxSize(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


ConfigSettingsLogLevelSource = Literal["override", "deployment", "default"]


class ConfigSettingsCacheMaxBytes(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsCacheTtlSeconds(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsNamespaceEpisodesMax(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsQuotaEpisodes(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsQuotaBytes(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsQuotaLessons(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsKnowledgeCacheBytes(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsTraceAgeSeconds(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsTraceQuietSeconds(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsTraceKeptSeconds(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsInstanceTracesMaxBytes(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsStepOutputMaxBytes(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsUsageSaveMs(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsBatchWrites(TypedDict):
    value: bool
    source: "ConfigSettingsLogLevelSource"
    type: Literal["boolean"]
    default: bool
    meaning: str


class ConfigSettingsBatchSize(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsMaxConnections(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsConnectionQueueMax(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsDatabaseTimeoutMs(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsDatabaseAttempts(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsOutboxMaxRows(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsOutboxMaxBytes(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsInstanceInFlightMax(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsRateLimitPerSecond(TypedDict):
    value: float
    source: "ConfigSettingsLogLevelSource"
    type: Literal["number"]
    default: float
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsRateLimitBurst(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsR2MaxBytes(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsRetentionDailyDays(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsRetentionWeeklyWeeks(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsRetentionMonthlyMonths(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsRedaction(TypedDict):
    value: "ConfigSettingsRedactionValue"
    source: "ConfigSettingsLogLevelSource"
    type: Literal["choice"]
    default: "ConfigSettingsRedactionValue"
    meaning: str
    choices: List[str]


ConfigSettingsRedactionValue = Literal["redact", "block", "off"]


class ConfigSettingsLogLevel(TypedDict):
    value: "ConfigSettingsLogLevelValue"
    source: "ConfigSettingsLogLevelSource"
    type: Literal["choice"]
    default: "ConfigSettingsLogLevelValue"
    meaning: str
    choices: List[str]


ConfigSettingsLogLevelValue = Literal["debug", "info", "warn", "error"]


class ConfigSettingsBreakerFailureRate(TypedDict):
    value: float
    source: "ConfigSettingsLogLevelSource"
    type: Literal["number"]
    default: float
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsBreakerSlowCallMs(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsBreakerTrialCalls(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


class ConfigSettingsBreakerOpenMs(TypedDict):
    value: int
    source: "ConfigSettingsLogLevelSource"
    type: Literal["integer"]
    default: int
    meaning: str
    min: float
    max: float
    unit: str


ConfigAuditItem = TypedDict(
    "ConfigAuditItem",
    {
        "at": str,
        "by": str,
        "what": str,
        "from": Any,
        "to": Any,
    },
)


CircuitBreakerState = Literal["closed", "open", "half_open", "forced_open", "disabled"]


class FleetTopology(TypedDict):
    version: int
    count: int
    previous: Union[int, None]


class FleetDegraded(TypedDict):
    message: str
    since: str
    by: str
    until: NotRequired[Union[str, None]]


class FleetFleetDownUntil(TypedDict):
    turso: Union[str, None]
    r2: Union[str, None]


class FleetInstance1(TypedDict):
    instance: int
    release: NotRequired[str]
    control_version: int
    topology_version: int
    active_episodes: int
    oldest_active_at: Union[str, None]
    cached_episodes: int
    cached_bytes: int
    outbox: "FleetInstance1Outbox"
    breakers: "FleetInstance1Breakers"
    connections: "FleetInstance1Connections"
    in_flight: int
    storage_bytes: int
    moving: bool
    background: NotRequired["FleetInstance1Background"]


class FleetInstance1Outbox(TypedDict):
    rows: int
    bytes: int
    dead: int
    oldest_at: Union[str, None]
    last_error: Union[str, None]


class FleetInstance1Breakers(TypedDict):
    turso: "CircuitBreaker"
    r2: "CircuitBreaker"


class FleetInstance1Connections(TypedDict):
    in_use: int
    waiting: int
    limit: int


class FleetInstance1Background(TypedDict):
    tasks: "FleetInstance1BackgroundTasks"
    loading: "FleetInstance1BackgroundLoading"
    handover: "FleetInstance1BackgroundHandover"
    unpublished: NotRequired["FleetInstance1BackgroundUnpublished"]
    failing: List["FleetInstance1BackgroundFailingItem"]


class FleetInstance1BackgroundTasks(TypedDict):
    pending: int
    dead: int
    last_error: Union[str, None]


class FleetInstance1BackgroundLoading(TypedDict):
    namespaces: int
    since: Union[str, None]
    last_error: Union[str, None]


class FleetInstance1BackgroundHandover(TypedDict):
    failing: int
    last_error: Union[str, None]


class FleetInstance1BackgroundUnpublished(TypedDict):
    changes: int
    last_error: Union[str, None]


class FleetInstance1BackgroundFailingItem(TypedDict):
    part: str
    failures: int
    since: str
    error: str


class FleetInstance2(TypedDict):
    instance: int
    error: str


CurateBodyKind = Literal["lesson", "pattern", "heuristic", "playbook"]


CurationReview = Literal["approved", "rejected"]


CuratedItemLogItem = TypedDict(
    "CuratedItemLogItem",
    {
        "at": str,
        "by": str,
        "action": "CurateBodyAction",
        "reason": str,
        "from": "CuratedItemLogItemTo",
        "to": "CuratedItemLogItemTo",
    },
)


CurateBodyAction = Literal["pin", "unpin", "ban", "unban", "edit", "approve", "reject", "clear"]


class CuratedItemLogItemTo(TypedDict):
    pinned: bool
    banned: bool
    review: Union["CurationReview", None]
    text: Union[str, None]


CompletionDurability = Literal["queued", "stored", "none"]


LessonKind = Literal["do", "avoid", "fact"]


class LessonAppliesTo(TypedDict):
    tools: List[str]
    domain: Union[str, None]
    tags: List[str]
    task: Union[str, None]


LessonState = Literal["active", "pending", "superseded", "banned", "rejected"]


class StepResultSuccess(TypedDict):
    type: Literal["success"]
    output: str


class StepResultError(TypedDict):
    type: Literal["error"]
    message: str


class StepResultTimeout(TypedDict):
    type: Literal["timeout"]


class OutcomeSuccess(TypedDict):
    type: Literal["success"]
    verdict: str
    artifacts: List[str]


class OutcomePartialSuccess(TypedDict):
    type: Literal["partial_success"]
    verdict: str
    completed: List[str]
    failed: List[str]


class OutcomeFailure(TypedDict):
    type: Literal["failure"]
    reason: str
    details: Union[str, None]


class OutcomeAbstained(TypedDict):
    type: Literal["abstained"]
    reason: str
    signals: List[str]


class RewardWeights(TypedDict):
    base: float
    efficiency: float
    quality: float
    learning: float


EpisodeTaskType = Literal["code_generation", "debugging", "refactoring", "testing", "analysis", "documentation", "other"]


class EpisodeContext(TypedDict):
    domain: str
    language: Union[str, None]
    framework: Union[str, None]
    complexity: "EpisodeContextComplexity"
    tags: List[str]


EpisodeContextComplexity = Literal["simple", "moderate", "complex"]


EpisodeStatus = Literal["in_progress", "completed", "failed", "abandoned"]


class EpisodeCheckpoint(TypedDict):
    id: str
    at: str
    step_number: int
    reason: str
    note: Union[str, None]
    state: Any


class CompletionPattern(TypedDict):
    id: str
    kind: "PatternKind"
    is_new: bool


PatternKind = Literal["tool_sequence", "decision_point", "error_recovery", "context_pattern"]


CompletionLearning = Literal["done", "queued"]


class CompletionOmitted(TypedDict):
    steps: int
    contributions: int


class CompletionLesson(TypedDict):
    id: str
    is_new: bool


class HandoffPackProgress(TypedDict):
    steps: int
    succeeded: int
    failed: int
    tools: List[str]


class HandoffPackOpenError(TypedDict):
    step_number: int
    tool: str
    message: str


class RecallNextTool(TypedDict):
    tool: str
    probability: float
    why: str
    episodes: List[str]


class AdviceNextAction(TypedDict):
    action: str
    tool: str
    key: Union[str, None]
    probability: float
    parameters: List["HandoffPackNextActionParameter"]


HandoffPackNextActionParameter = TypedDict(
    "HandoffPackNextActionParameter",
    {
        "name": str,
        "value": NotRequired[str],
        "source": NotRequired[str],
        "or": NotRequired[List[str]],
        "one_of": NotRequired[List[str]],
        "support": float,
        "found": NotRequired[List[str]],
    },
)


class TagsRenamedRefusedItem(TypedDict):
    id: str
    code: str
    detail: str


class SavedFilterFilter(TypedDict):
    status: NotRequired["EpisodeStatus"]
    outcome: NotRequired["ListEpisodesOutcome"]
    domain: NotRequired[str]
    language: NotRequired[str]
    framework: NotRequired[str]
    tag: NotRequired[str]
    tags: NotRequired[List[str]]
    tags_match: NotRequired["ListEpisodesTagsMatch"]
    task_type: NotRequired["EpisodeTaskType"]
    started_after: NotRequired[str]
    started_before: NotRequired[str]
    text: NotRequired[str]
    archived: NotRequired["SearchArchived"]
    sort: NotRequired["ListEpisodesSort"]


ListEpisodesOutcome = Literal["success", "partial_success", "failure", "abstained"]


ListEpisodesTagsMatch = Literal["any", "all"]


SearchArchived = Literal["only", "any"]


ListEpisodesSort = Literal["-started_at", "started_at", "-updated_at", "updated_at", "-ended_at", "ended_at", "-reward", "reward", "-steps", "steps"]


class NamespaceSettingsSettings(TypedDict):
    recall_holdout: float
    redaction: "SetNamespaceSettingsBodyRedaction"
    quota_episodes: Union[int, None]
    quota_bytes: Union[int, None]
    quota_lessons: Union[int, None]


SetNamespaceSettingsBodyRedaction = Literal["as_deployment", "redact", "block"]


PatternPolarity = Literal["do", "avoid", "neutral"]


class PatternSupport(TypedDict):
    success: float
    failure: float
    episodes: int


class CalibrationBin(TypedDict):
    predicted: float
    observed: float
    forecasts: int


class HoldoutGroupSuccess(TypedDict):
    rate: Union[float, None]
    low: Union[float, None]
    high: Union[float, None]


class HoldoutComparisonEffect(TypedDict):
    success: "HoldoutDifference"
    error_repeated: "HoldoutDifference"
    steps: "HoldoutDifference"


HoldoutComparisonVerdict = Literal["helps", "harms", "undecided"]


class StatsEpisodes(TypedDict):
    total: int
    in_progress: int
    completed: int
    failed: int
    abandoned: int


class StatsOutcomes(TypedDict):
    success: int
    partial_success: int
    failure: int
    abstained: int


class StatsPatterns(TypedDict):
    total: int
    by_kind: Dict[str, int]
    promoted: int


class StatsUse(TypedDict):
    episodes: "Use"
    patterns: "Use"
    heuristics: "Use"
    playbooks: "Use"
    lessons: NotRequired["Use"]


class StatsRecallEffect(TypedDict):
    with_recall: "RateOfSuccess"
    without_recall: "RateOfSuccess"


class StatsCalibration(TypedDict):
    next_tools: "Calibration"
    outcome: "Calibration"


class StatsHoldout(TypedDict):
    share: float
    comparisons: List["HoldoutComparison"]


class StatsQuotas(TypedDict):
    episodes: "StatsQuotasBytes"
    bytes: "StatsQuotasBytes"
    lessons: "StatsQuotasBytes"


class StatsQuotasBytes(TypedDict):
    used: Union[int, None]
    limit: Union[int, None]


class StatsDomain(TypedDict):
    domain: str
    episodes: int
    success_rate: Union[float, None]


class QualityWeekScores(TypedDict):
    total: Union[float, None]
    base: Union[float, None]
    efficiency: Union[float, None]
    quality: Union[float, None]
    learning: Union[float, None]


class QualityLessons(TypedDict):
    total: int
    without_evidence: int
    examples: List[str]


class PlaybookStep(TypedDict):
    order: int
    tool: str
    action: str
    key: NotRequired[str]
    parameters: NotRequired[List["PlaybookStepParameter"]]
    when: NotRequired[str]
    for_each: NotRequired[str]
    support: float
    success_rate: Union[float, None]
    expected: Union[str, None]
    episodes: List[str]
    pitfalls: List["PlaybookStepPitfall"]
    ways_out: NotRequired[List["PlaybookStepWaysOutItem"]]


PlaybookStepParameter = TypedDict(
    "PlaybookStepParameter",
    {
        "name": str,
        "value": NotRequired[str],
        "source": NotRequired[str],
        "or": NotRequired[List[str]],
        "one_of": NotRequired[List[str]],
        "support": float,
    },
)


class PlaybookStepPitfall(TypedDict):
    description: str
    episodes: List[str]
    way_out: NotRequired[str]


class PlaybookStepWaysOutItem(TypedDict):
    error: str
    actions: List["PlaybookStepWaysOutItemAction"]
    episodes: List[str]
    in_vain: int
    did_not_help: NotRequired[List["RecallRecoveryDidNotHelpItem"]]


class PlaybookStepWaysOutItemAction(TypedDict):
    tool: str
    action: str
    key: NotRequired[str]
    parameters: List["PlaybookStepParameter"]


class RecallRecoveryDidNotHelpItem(TypedDict):
    action: str
    episodes: int


class PlaybookDetour(TypedDict):
    tool: str
    action: str
    episodes: List[str]
    way_out: NotRequired[str]


class RecalledEpisodeWhy(TypedDict):
    text: float
    context: float
    reward: float
    recency: float
    use: float


class ToldActionParameter(TypedDict):
    name: str
    value: str
    support: float


class RecallPattern(TypedDict):
    id: str
    kind: "PatternKind"
    polarity: "PatternPolarity"
    description: str
    tools: List[str]
    actions: NotRequired[List[str]]
    condition: Union[Dict[str, str], None]
    confidence: float
    lift: float
    support: "PatternSupport"
    occurrences: float
    mean_latency_ms: Union[float, None]
    last_seen_at: str
    episodes: List[str]
    curation: NotRequired["Curation"]
    score: float
    why: Dict[str, float]


class RecallHeuristic(TypedDict):
    id: str
    pattern_id: str
    kind: "PatternKind"
    polarity: "PatternPolarity"
    tools: List[str]
    actions: NotRequired[List[str]]
    condition: str
    action: str
    confidence: float
    lift: float
    support: "PatternSupport"
    episodes: List[str]
    curation: NotRequired["Curation"]
    score: float
    why: Dict[str, float]


class RecallRecovery(TypedDict):
    pattern_id: str
    polarity: "PatternPolarity"
    confidence: float
    support: "PatternSupport"
    episodes: List[str]
    tool: str
    error: str
    likeness: float
    path: List[str]
    key: NotRequired[str]
    actions: NotRequired[List["ToldAction"]]
    mended_by: NotRequired[str]
    worked: NotRequired[int]
    in_vain: NotRequired[int]
    did_not_help: NotRequired[List["RecallRecoveryDidNotHelpItem"]]
    note: NotRequired[str]


RecallServedBy = Literal["instance", "database"]


class AdviceExpectedTool(TypedDict):
    tool: str
    probability: float
    episodes: List[str]


class AdviceAvoidItem(TypedDict):
    tool: str
    why: str
    pattern_id: Union[str, None]
    episodes: List[str]


class AdviceProposed(TypedDict):
    tool: str
    probability: float
    rank: Union[int, None]
    verdict: "AdviceProposedVerdict"
    why: NotRequired[Union[str, None]]


AdviceProposedVerdict = Literal["usual", "unusual", "avoid"]


class AdviceOutlook(TypedDict):
    success: float
    base_rate: float
    why: Dict[str, float]
    runs: int
    episodes: List[str]


MigrationKind = Literal["expand", "contract"]


MigrationState = Literal["applied", "started", "pending"]


class MigrationsLease(TypedDict):
    holder: str
    until: str


RelationshipType = Literal["parent_child", "depends_on", "follows", "related_to", "blocks", "duplicates", "references"]


class ExportTraceServiceResponsePartialSuccess(TypedDict):
    rejectedSpans: str
    errorMessage: str


class ImportLineAnswer1(TypedDict):
    line: int
    status: Literal["created"]
    id: str
    replaced: NotRequired[int]


class ImportLineAnswer2(TypedDict):
    line: int
    status: Literal["updated"]
    id: str
    replaced: NotRequired[int]


class ImportLineAnswer3(TypedDict):
    line: int
    status: Literal["duplicate"]
    id: str
    replaced: NotRequired[int]


class ImportLineAnswer4(TypedDict):
    line: int
    status: Literal["error"]
    error: "ImportLineAnswer4Error"


class ImportLineAnswer4Error(TypedDict):
    code: str
    detail: str
    errors: List["ImportLineAnswer4ErrorError"]


class ImportLineAnswer4ErrorError(TypedDict):
    path: str
    message: str


ReadinessStatus = Literal["healthy", "degraded", "unhealthy"]


class ReadinessCheck(TypedDict):
    name: str
    status: "ReadinessStatus"
    latency_ms: float
    message: str


JobRunResult = Literal["success", "failure"]


IncidentKind = Literal["breaker", "maintenance", "degraded", "deploy", "settings", "keys", "topology", "backup", "restore", "migration", "job", "health", "dead_letters", "overload", "erasure", "curation"]


IncidentSeverity = Literal["info", "warning", "critical"]


class CapacityRates(TypedDict):
    episodes: "CapacityRatesSteps"
    steps: "CapacityRatesSteps"
    recalls: "CapacityRatesSteps"
    requests: "CapacityRatesSteps"
    patterns: "CapacityRatesSteps"


class CapacityRatesSteps(TypedDict):
    per_hour: Union[float, None]
    per_day: Union[float, None]


class CapacityStorage(TypedDict):
    database_bytes: Union[float, None]
    instance_bytes: Union[float, None]
    r2_bytes: Union[float, None]


class CapacityBacklog(TypedDict):
    rows: Union[float, None]
    oldest_seconds: Union[float, None]
    dead: Union[float, None]


class CapacityForecast(TypedDict):
    resource: str
    now: float
    limit: float
    unit: "CapacityForecastUnit"
    used: float
    per_day: Union[float, None]
    in_30_days: Union["CapacityForecastIn30Days", None]
    reached_at: "CapacityForecastReachedAt"
    advice: str


CapacityForecastUnit = Literal["bytes", "rows"]


class CapacityForecastIn30Days(TypedDict):
    expected: float
    low: float
    high: float


class CapacityForecastReachedAt(TypedDict):
    expected: Union[str, None]
    earliest: Union[str, None]
    latest: Union[str, None]


UsageOver = Literal["hour", "day"]


UsageBy = Literal["requests", "refusals", "episodes", "open_episodes", "rows", "bytes"]


class UsageNamespace(TypedDict):
    namespace: str
    requests: int
    refusals: int
    episodes: int
    open_episodes: int
    rows: int
    bytes: int
    quotas: Union["UsageNamespaceQuotas", None]


class UsageNamespaceQuotas(TypedDict):
    episodes: "UsageNamespaceQuotasBytes"
    bytes: "UsageNamespaceQuotasBytes"


class UsageNamespaceQuotasBytes(TypedDict):
    used: Union[int, None]
    limit: Union[int, None]


class UsageKey(TypedDict):
    key: str
    name: Union[str, None]
    revoked_at: Union[str, None]
    requests: int
    refusals: int
    episodes: int
    open_episodes: int
    rows: int
    bytes: int


class UsageOthers(TypedDict):
    namespaces: "UsageOthersKeys"
    keys: "UsageOthersKeys"


class UsageOthersKeys(TypedDict):
    requests: int
    refusals: int
    episodes: int
    open_episodes: int
    rows: int
    bytes: int


ProblemCode = Literal["body_too_large", "conflict", "cycle", "database_unavailable", "deadline_exceeded", "episode_ended", "forbidden", "idempotency_conflict", "idempotency_in_flight", "internal", "key_in_url", "limit_exceeded", "maintenance", "method_not_allowed", "no_such_route", "not_found", "not_ready", "outbox_full", "overloaded", "precondition_failed", "quota_exceeded", "rate_limited", "request_cut_off", "secret_found", "unauthenticated", "unsupported_media_type", "validation_failed"]


class ProblemError(TypedDict):
    path: str
    message: str


class StartEpisodeBody(TypedDict):
    task: str
    task_type: NotRequired["EpisodeTaskType"]
    context: NotRequired["StartEpisodeBodyContext"]
    metadata: NotRequired[Dict[str, str]]
    tags: NotRequired[List[str]]
    recall_id: NotRequired[str]


class StartEpisodeBodyContext(TypedDict):
    domain: NotRequired[Union[str, None]]
    language: NotRequired[Union[str, None]]
    framework: NotRequired[Union[str, None]]
    complexity: NotRequired["EpisodeContextComplexity"]
    tags: NotRequired[List[str]]


class ListEpisodesAnswer(TypedDict):
    episodes: List["Episode"]
    next_cursor: Union[str, None]
    degraded: bool


class GetEpisodesBody(TypedDict):
    ids: List[str]


class AmendEpisodeBody(TypedDict):
    task: NotRequired[str]
    task_type: NotRequired["EpisodeTaskType"]
    context: NotRequired["RecallBodyContext"]
    metadata: NotRequired[Dict[str, Union[str, None]]]
    tags: NotRequired[List[str]]


class RecallBodyContext(TypedDict):
    domain: NotRequired[str]
    language: NotRequired[Union[str, None]]
    framework: NotRequired[Union[str, None]]
    complexity: NotRequired["EpisodeContextComplexity"]
    tags: NotRequired[List[str]]


LogStepsBody = Union["LogStepsBody1", "LogStepsBody2"]


class LogStepsBody1(TypedDict):
    number: NotRequired[int]
    at: NotRequired[str]
    tool: str
    action: NotRequired[str]
    parameters: NotRequired[Any]
    result: NotRequired[Union[Union["LogStepsBody1ResultSuccess", "LogStepsBody1ResultError", "LogStepsBody1ResultTimeout"], None]]
    latency_ms: NotRequired[Union[float, None]]
    tokens: NotRequired[Union[int, None]]
    metadata: NotRequired[Dict[str, str]]


class LogStepsBody1ResultSuccess(TypedDict):
    type: Literal["success"]
    output: NotRequired[str]


class LogStepsBody1ResultError(TypedDict):
    type: Literal["error"]
    message: str


class LogStepsBody1ResultTimeout(TypedDict):
    type: Literal["timeout"]


class LogStepsBody2(TypedDict):
    steps: List["LogStepsBody1"]


class CompleteEpisodeBody(TypedDict):
    outcome: Union["CompleteEpisodeBodyOutcomeSuccess", "CompleteEpisodeBodyOutcomePartialSuccess", "CompleteEpisodeBodyOutcomeFailure", "CompleteEpisodeBodyOutcomeAbstained"]
    recall_id: NotRequired[Union[str, None]]
    lessons: NotRequired[List["CompleteEpisodeBodyLesson"]]


class CompleteEpisodeBodyOutcomeSuccess(TypedDict):
    type: Literal["success"]
    verdict: NotRequired[str]
    artifacts: NotRequired[List[str]]


class CompleteEpisodeBodyOutcomePartialSuccess(TypedDict):
    type: Literal["partial_success"]
    verdict: NotRequired[str]
    completed: NotRequired[List[str]]
    failed: NotRequired[List[str]]


class CompleteEpisodeBodyOutcomeFailure(TypedDict):
    type: Literal["failure"]
    reason: NotRequired[str]
    details: NotRequired[Union[str, None]]


class CompleteEpisodeBodyOutcomeAbstained(TypedDict):
    type: Literal["abstained"]
    reason: NotRequired[str]
    signals: NotRequired[List[str]]


class CompleteEpisodeBodyLesson(TypedDict):
    text: str
    kind: "LessonKind"
    applies_to: NotRequired["AddLessonBodyAppliesTo"]
    supersedes: NotRequired[Union[str, None]]


class AddLessonBodyAppliesTo(TypedDict):
    tools: NotRequired[List[str]]
    domain: NotRequired[Union[str, None]]
    tags: NotRequired[List[str]]
    task: NotRequired[Union[str, None]]


class FailEpisodeBody(TypedDict):
    reason: str
    details: NotRequired[Union[str, None]]


class CheckpointEpisodeBody(TypedDict):
    reason: str
    note: NotRequired[Union[str, None]]
    state: NotRequired[Any]


RecallEvidence = Literal["true", "false"]


RecallFormat = Literal["json", "text"]


class ArchiveEpisodesBody(TypedDict):
    filter: "ArchiveEpisodesBodyFilter"
    dry_run: NotRequired[bool]
    cursor: NotRequired[str]


class ArchiveEpisodesBodyFilter(TypedDict):
    status: NotRequired["EpisodeStatus"]
    outcome: NotRequired["ListEpisodesOutcome"]
    domain: NotRequired[str]
    language: NotRequired[str]
    framework: NotRequired[str]
    tag: NotRequired[str]
    tags_match: NotRequired["ListEpisodesTagsMatch"]
    task_type: NotRequired["EpisodeTaskType"]
    started_after: NotRequired[str]
    started_before: NotRequired[str]
    text: NotRequired[str]
    tags: NotRequired[List[str]]


class ListFiltersAnswer(TypedDict):
    filters: List["SavedFilter"]


class SaveFilterBody(TypedDict):
    status: NotRequired["EpisodeStatus"]
    outcome: NotRequired["ListEpisodesOutcome"]
    domain: NotRequired[str]
    language: NotRequired[str]
    framework: NotRequired[str]
    tag: NotRequired[str]
    tags_match: NotRequired["ListEpisodesTagsMatch"]
    task_type: NotRequired["EpisodeTaskType"]
    started_after: NotRequired[str]
    started_before: NotRequired[str]
    text: NotRequired[str]
    tags: NotRequired[List[str]]
    archived: NotRequired["SearchArchived"]
    sort: NotRequired["ListEpisodesSort"]


class SaveFilterAnswer(TypedDict):
    name: str
    filter: "SavedFilterFilter"
    updated_at: str
    durability: "CompletionDurability"


class CountTagsAnswer(TypedDict):
    tags: List["TagCount"]
    next_cursor: Union[str, None]
    degraded: bool


RenameTagBody = TypedDict(
    "RenameTagBody",
    {
        "from": str,
        "to": str,
        "cursor": NotRequired[str],
    },
)


class ListTagsAnswer(TypedDict):
    tags: List[str]


class AddTagsBody(TypedDict):
    tags: List[str]


class AddTagsAnswer(TypedDict):
    tags: List[str]
    durability: "CompletionDurability"


class ListRelationshipsAnswer(TypedDict):
    relationships: List["Relationship"]


class AddRelationshipBody(TypedDict):
    type: "RelationshipType"
    to: str
    reason: NotRequired[Union[str, None]]


AddRelationshipAnswer = TypedDict(
    "AddRelationshipAnswer",
    {
        "from": str,
        "to": str,
        "type": "RelationshipType",
        "created_at": str,
        "reason": Union[str, None],
        "durability": "CompletionDurability",
    },
)


class RecallBody(TypedDict):
    task: str
    context: NotRequired["RecallBodyContext"]
    task_type: NotRequired["EpisodeTaskType"]
    limit: NotRequired[int]
    include: NotRequired[List["RecallBodyIncludeItem"]]
    recent_steps: NotRequired[List["RecallBodyRecentStep"]]
    episode_id: NotRequired[str]
    max_tokens: NotRequired[Union[int, None]]


RecallBodyIncludeItem = Literal["episodes", "patterns", "heuristics", "playbook", "lessons"]


class RecallBodyRecentStep(TypedDict):
    tool: str
    result: NotRequired["RecallBodyRecentStepResult"]
    message: NotRequired[str]
    parameters: NotRequired[Any]


RecallBodyRecentStepResult = Literal["success", "error", "timeout", "unknown"]


class AdviseBody(TypedDict):
    task: str
    context: NotRequired["RecallBodyContext"]
    recent_steps: NotRequired[List["RecallBodyRecentStep"]]
    episode_id: NotRequired[str]
    next_tool: NotRequired[Union[str, None]]
    error: NotRequired[Union[str, None]]
    only_line: NotRequired[bool]


class SearchAnswer(TypedDict):
    results: List["SearchAnswerResult"]
    next_cursor: Union[str, None]
    degraded: bool


class SearchAnswerResult(TypedDict):
    kind: "SearchAnswerResultKind"
    id: str
    score: float
    task: str
    outcome: Union["ListEpisodesOutcome", None]
    matched_terms: List[str]


SearchAnswerResultKind = Literal["episode", "pattern"]


class PlaybookBody(TypedDict):
    task: str
    context: NotRequired["RecallBodyContext"]
    recent_steps: NotRequired[List["RecallBodyRecentStep"]]
    episode_id: NotRequired[str]


class PlaybookAnswer(TypedDict):
    playbook: Union["Playbook", None]
    held_out: NotRequired[Literal[True]]


class GiveFeedbackBody(TypedDict):
    recall_id: str
    used: List[str]
    helpful: bool
    rating: NotRequired[Union[float, None]]


class GiveFeedbackAnswer(TypedDict):
    recall_id: str
    counted: int
    unknown: List[str]
    durability: "CompletionDurability"


class ListPatternsAnswer(TypedDict):
    patterns: List["Pattern"]
    next_cursor: Union[str, None]
    degraded: bool


class ListHeuristicsAnswer(TypedDict):
    heuristics: List["Heuristic"]
    next_cursor: Union[str, None]
    degraded: bool


class EraseNamespaceAnswer(TypedDict):
    name: str
    erased_at: str


class AddLessonBody(TypedDict):
    text: str
    kind: "LessonKind"
    applies_to: NotRequired["AddLessonBodyAppliesTo"]
    supersedes: NotRequired[Union[str, None]]
    source: NotRequired[str]


ListLessonsState = Literal["active", "pending", "superseded", "banned", "rejected", "all"]


class ListLessonsAnswer(TypedDict):
    lessons: List["Lesson"]
    next_cursor: Union[str, None]
    degraded: bool


class AmendLessonBody(TypedDict):
    text: NotRequired[str]
    kind: NotRequired["LessonKind"]
    applies_to: NotRequired["AddLessonBodyAppliesTo"]
    supersedes: NotRequired[Union[str, None]]


class ListSkillsAnswer(TypedDict):
    skills: List["Skill"]
    left_out: int
    runs: int
    untrusted: List[str]


class ListWebhooksAnswer(TypedDict):
    webhooks: List["Webhook"]


class AddWebhookBody(TypedDict):
    url: str
    types: NotRequired[List["AddWebhookBodyType"]]
    namespaces: NotRequired[List[str]]


AddWebhookBodyType = Literal["episode.completed", "pattern.promoted", "lesson.added", "incident", "backup"]


class AddWebhookAnswer(TypedDict):
    id: str
    url: str
    types: Union[List[str], None]
    namespaces: List[str]
    created_at: str
    secret: str


class TestWebhookAnswer(TypedDict):
    delivered: bool
    status: Union[int, None]
    error: Union[str, None]


class ListUndeliveredAnswer(TypedDict):
    undelivered: List["UndeliveredEvent"]


class RetryUndeliveredAnswer(TypedDict):
    retried: int


class CurateBody(TypedDict):
    kind: "CurateBodyKind"
    id: str
    action: "CurateBodyAction"
    text: NotRequired[Union[str, None]]
    reason: NotRequired[str]


ListCurationState = Literal["pinned", "banned", "edited", "approved", "rejected"]


class ListCurationAnswer(TypedDict):
    items: List["CuratedItem"]
    next_cursor: Union[str, None]
    degraded: bool


class GetReviewAnswer(TypedDict):
    learning_review: "SetReviewBodyLearningReview"


SetReviewBodyLearningReview = Literal["off", "required"]


class SetReviewBody(TypedDict):
    learning_review: "SetReviewBodyLearningReview"


class SetReviewAnswer(TypedDict):
    learning_review: "SetReviewBodyLearningReview"
    durability: "CompletionDurability"


class ListNamespacesAnswer(TypedDict):
    namespaces: List["Namespace"]
    next_cursor: Union[str, None]
    degraded: bool


class SetNamespaceSettingsBody(TypedDict):
    recall_holdout: NotRequired[Union[float, None]]
    redaction: NotRequired[Union["SetNamespaceSettingsBodyRedaction", None]]
    quota_episodes: NotRequired[Union[int, None]]
    quota_bytes: NotRequired[Union[int, None]]
    quota_lessons: NotRequired[Union[int, None]]


class SetNamespaceSettingsAnswer(TypedDict):
    namespace: str
    settings: "NamespaceSettingsSettings"
    durability: "CompletionDurability"


ImportEpisodesOnConflict = Literal["refuse", "update"]


ImportEpisodesBody = Union["ImportEpisodesBodyEpisode", "ImportEpisodesBodyTranscript", "ImportEpisodesBodyFeedback", "ImportEpisodesBodyLesson", "ImportEpisodesBodyCuration"]


class ImportEpisodesBodyEpisode(TypedDict):
    type: Literal["episode"]
    id: NotRequired[str]
    task_type: NotRequired["EpisodeTaskType"]
    context: NotRequired["StartEpisodeBodyContext"]
    metadata: NotRequired[Dict[str, str]]
    tags: NotRequired[List[str]]
    started_at: NotRequired[Union[str, None]]
    ended_at: NotRequired[Union[str, None]]
    outcome: NotRequired[Union[Union["CompleteEpisodeBodyOutcomeSuccess", "CompleteEpisodeBodyOutcomePartialSuccess", "CompleteEpisodeBodyOutcomeFailure", "CompleteEpisodeBodyOutcomeAbstained"], None]]
    status: NotRequired[Union["EpisodeStatus", None]]
    task: str
    steps: NotRequired[List["LogStepsBody1"]]
    reward: NotRequired[Union["ImportEpisodesBodyEpisodeReward", None]]
    reflection: NotRequired[Union["ImportEpisodesBodyEpisodeReflection", None]]
    checkpoints: NotRequired[List["ImportEpisodesBodyEpisodeCheckpoint"]]
    relationships: NotRequired[List["ImportEpisodesBodyEpisodeRelationship"]]
    archived_at: NotRequired[str]
    version: NotRequired[int]


class ImportEpisodesBodyEpisodeReward(TypedDict):
    total: float
    base: float
    efficiency: float
    quality: float
    learning: float
    weights: "ImportEpisodesBodyEpisodeRewardWeights"


class ImportEpisodesBodyEpisodeRewardWeights(TypedDict):
    base: float
    efficiency: float
    quality: float
    learning: float


class ImportEpisodesBodyEpisodeReflection(TypedDict):
    successes: List[str]
    improvements: List[str]
    insights: List[str]


class ImportEpisodesBodyEpisodeCheckpoint(TypedDict):
    id: str
    at: str
    step_number: int
    reason: str
    note: Union[str, None]
    state: Any


class ImportEpisodesBodyEpisodeRelationship(TypedDict):
    to: str
    type: "RelationshipType"
    created_at: str
    reason: Union[str, None]


class ImportEpisodesBodyTranscript(TypedDict):
    type: Literal["transcript"]
    id: NotRequired[str]
    task_type: NotRequired["EpisodeTaskType"]
    context: NotRequired["StartEpisodeBodyContext"]
    metadata: NotRequired[Dict[str, str]]
    tags: NotRequired[List[str]]
    started_at: NotRequired[Union[str, None]]
    ended_at: NotRequired[Union[str, None]]
    outcome: NotRequired[Union[Union["CompleteEpisodeBodyOutcomeSuccess", "CompleteEpisodeBodyOutcomePartialSuccess", "CompleteEpisodeBodyOutcomeFailure", "CompleteEpisodeBodyOutcomeAbstained"], None]]
    status: NotRequired[Union["EpisodeStatus", None]]
    task: NotRequired[str]
    messages: List["ImportEpisodesBodyTranscriptMessage"]


class ImportEpisodesBodyTranscriptMessage(TypedDict):
    role: str


class ImportEpisodesBodyFeedback(TypedDict):
    type: Literal["feedback"]
    recall_id: str
    at: str
    helpful: int
    unhelpful: int
    episodes: List[str]
    patterns: List[Union["ImportEpisodesBodyFeedbackPatternToolSequence", "ImportEpisodesBodyFeedbackPatternDecisionPoint", "ImportEpisodesBodyFeedbackPatternErrorRecovery", "ImportEpisodesBodyFeedbackPatternContextPattern"]]


class ImportEpisodesBodyFeedbackPatternToolSequence(TypedDict):
    kind: Literal["tool_sequence"]
    tools: List[str]
    keys: NotRequired[List[Union[str, None]]]


class ImportEpisodesBodyFeedbackPatternDecisionPoint(TypedDict):
    kind: Literal["decision_point"]
    after_tool: str
    after_result: "RecallBodyRecentStepResult"
    next_tool: str
    after_key: NotRequired[str]
    next_key: NotRequired[str]


class ImportEpisodesBodyFeedbackPatternErrorRecovery(TypedDict):
    kind: Literal["error_recovery"]
    tool: str
    error: str
    path: List[str]
    key: NotRequired[str]
    keys: NotRequired[List[Union[str, None]]]


class ImportEpisodesBodyFeedbackPatternContextPattern(TypedDict):
    kind: Literal["context_pattern"]
    features: Dict[str, str]
    tool: str


class ImportEpisodesBodyLesson(TypedDict):
    type: Literal["lesson"]
    id: str
    created_at: str
    updated_at: str
    amended: Union["ImportEpisodesBodyLessonAmended", None]
    superseded_by: Union["ImportEpisodesBodyLessonSupersededBy", None]
    deleted_at: Union[str, None]
    evidence: List["ImportEpisodesBodyLessonEvidenceItem"]


class ImportEpisodesBodyLessonAmended(TypedDict):
    text: str
    kind: "LessonKind"
    applies_to: NotRequired["AddLessonBodyAppliesTo"]
    source: str
    by: str


class ImportEpisodesBodyLessonSupersededBy(TypedDict):
    id: str
    at: str


class ImportEpisodesBodyLessonEvidenceItem(TypedDict):
    source: str
    episode_id: Union[str, None]
    at: str
    success: int
    failure: int
    statement: Union["ImportEpisodesBodyLessonAmended", None]


class ImportEpisodesBodyCuration(TypedDict):
    type: Literal["curation"]
    kind: "CurateBodyKind"
    id: str
    updated_at: str
    pinned: NotRequired[bool]
    banned: NotRequired[bool]
    review: Union["CurationReview", None]
    text: Union[str, None]
    content: Union[Union["ImportEpisodesBodyFeedbackPatternToolSequence", "ImportEpisodesBodyFeedbackPatternDecisionPoint", "ImportEpisodesBodyFeedbackPatternErrorRecovery", "ImportEpisodesBodyFeedbackPatternContextPattern"], None]
    description: str
    log: List["ImportEpisodesBodyCurationLogItem"]


ImportEpisodesBodyCurationLogItem = TypedDict(
    "ImportEpisodesBodyCurationLogItem",
    {
        "at": str,
        "by": str,
        "action": "CurateBodyAction",
        "reason": str,
        "from": "ImportEpisodesBodyCurationLogItemTo",
        "to": "ImportEpisodesBodyCurationLogItemTo",
    },
)


class ImportEpisodesBodyCurationLogItemTo(TypedDict):
    pinned: NotRequired[bool]
    banned: NotRequired[bool]
    review: Union["CurationReview", None]
    text: Union[str, None]


ExportEpisodesAnswer = Union["ImportEpisodesBodyEpisode", "ImportEpisodesBodyFeedback", "ImportEpisodesBodyLesson", "ImportEpisodesBodyCuration"]


class RecordSpansBody(TypedDict):
    resourceSpans: NotRequired[List[Dict[str, Any]]]


class CreateKeyBody(TypedDict):
    name: str
    scopes: List["KeyScope"]
    namespaces: List[str]
    default_namespace: NotRequired[str]
    expires_at: NotRequired[Union[str, None]]


class CreateKeyAnswer(TypedDict):
    id: str
    name: str
    scopes: List["KeyScope"]
    namespaces: List[str]
    default_namespace: str
    created_at: str
    expires_at: Union[str, None]
    revoked_at: Union[str, None]
    last_used_at: Union[str, None]
    key: str


class ListKeysAnswer(TypedDict):
    keys: List["Key"]


class RotateKeyBody(TypedDict):
    overlap_seconds: NotRequired[int]


class ListGrantsAnswer(TypedDict):
    grants: List["Grant"]
    next_cursor: Union[str, None]


class SetConfigBody(TypedDict):
    settings: "SetConfigBodySettings"


class SetConfigBodySettings(TypedDict):
    cache_max_size: NotRequired[Union[int, None]]
    cache_max_bytes: NotRequired[Union[int, None]]
    cache_ttl_seconds: NotRequired[Union[int, None]]
    namespace_episodes_max: NotRequired[Union[int, None]]
    quota_episodes: NotRequired[Union[int, None]]
    quota_bytes: NotRequired[Union[int, None]]
    quota_lessons: NotRequired[Union[int, None]]
    knowledge_cache_bytes: NotRequired[Union[int, None]]
    derived_flush_seconds: NotRequired[Union[int, None]]
    episode_idle_timeout_seconds: NotRequired[Union[int, None]]
    trace_quiet_seconds: NotRequired[Union[int, None]]
    trace_age_seconds: NotRequired[Union[int, None]]
    trace_kept_seconds: NotRequired[Union[int, None]]
    instance_traces_max: NotRequired[Union[int, None]]
    instance_traces_max_bytes: NotRequired[Union[int, None]]
    step_output_max_bytes: NotRequired[Union[int, None]]
    usage_save_ms: NotRequired[Union[int, None]]
    batch_writes: NotRequired[Union[bool, None]]
    batch_size: NotRequired[Union[int, None]]
    max_connections: NotRequired[Union[int, None]]
    connection_queue_max: NotRequired[Union[int, None]]
    database_timeout_ms: NotRequired[Union[int, None]]
    database_attempts: NotRequired[Union[int, None]]
    outbox_max_rows: NotRequired[Union[int, None]]
    outbox_max_bytes: NotRequired[Union[int, None]]
    instance_in_flight_max: NotRequired[Union[int, None]]
    rate_limit_per_second: NotRequired[Union[float, None]]
    rate_limit_burst: NotRequired[Union[int, None]]
    database_max_bytes: NotRequired[Union[int, None]]
    r2_timeout_ms: NotRequired[Union[int, None]]
    r2_max_bytes: NotRequired[Union[int, None]]
    retention_daily_days: NotRequired[Union[int, None]]
    retention_weekly_weeks: NotRequired[Union[int, None]]
    retention_monthly_months: NotRequired[Union[int, None]]
    redaction: NotRequired[Union["ConfigSettingsRedactionValue", None]]
    webhooks_private: NotRequired[Union[bool, None]]
    log_level: NotRequired[Union["ConfigSettingsLogLevelValue", None]]
    breaker_window_size: NotRequired[Union[int, None]]
    breaker_minimum_calls: NotRequired[Union[int, None]]
    breaker_failure_rate: NotRequired[Union[float, None]]
    breaker_slow_call_rate: NotRequired[Union[float, None]]
    breaker_slow_call_ms: NotRequired[Union[int, None]]
    breaker_trial_calls: NotRequired[Union[int, None]]
    breaker_open_ms: NotRequired[Union[int, None]]
    breaker_open_max_ms: NotRequired[Union[int, None]]


class ListAuditAnswer(TypedDict):
    audit: List["ConfigAuditItem"]
    next_cursor: Union[str, None]


class SetDegradedBody(TypedDict):
    enabled: bool
    message: NotRequired[str]
    ttl_seconds: NotRequired[Union[int, None]]


class OpenBreakerBody(TypedDict):
    backend: "ResetBreakerBodyBackend"
    instance: NotRequired[Union[int, None]]
    ttl_seconds: NotRequired[Union[int, None]]
    reason: NotRequired[str]


ResetBreakerBodyBackend = Literal["turso", "r2"]


class ResizeFleetBody(TypedDict):
    count: int


TakeOverDeploymentBody = TypedDict(
    "TakeOverDeploymentBody",
    {
        "from": str,
        "jurisdiction_changed": NotRequired[bool],
    },
)


class SyncStorageBody(TypedDict):
    namespace: NotRequired[str]


class SyncStorageAnswer(TypedDict):
    namespaces: List[str]


class DrainBody(TypedDict):
    timeout_seconds: NotRequired[int]


class MigrateBody(TypedDict):
    execute: NotRequired[bool]
    without_backup: NotRequired[bool]


class ListDeadLettersAnswer(TypedDict):
    dead_letters: List["DeadLetter"]


class CreateBackupBody(TypedDict):
    kind: NotRequired["BackupKind"]
    window_days: NotRequired[Union[int, None]]
    namespace: NotRequired[Union[str, None]]


class ListBackupsAnswer(TypedDict):
    backups: List["Backup"]
    unreadable: List["ListBackupsAnswerUnreadableItem"]


class ListBackupsAnswerUnreadableItem(TypedDict):
    object: str
    problem: str


class RestoreBackupBody(TypedDict):
    mode: NotRequired["RestoreBackupBodyMode"]
    namespace: NotRequired[Union[str, None]]
    episode: NotRequired[Union[str, None]]
    deleted: NotRequired["RestoreBackupBodyDeleted"]
    outbox: NotRequired["RestoreBackupBodyOutbox"]
    dry_run: NotRequired[bool]
    instance: NotRequired[Union[int, None]]
    settings: NotRequired[bool]
    keys: NotRequired[List[str]]
    accept_unauthenticated: NotRequired[bool]


RestoreBackupBodyMode = Literal["merge", "replace"]


RestoreBackupBodyDeleted = Literal["respect", "bring_back"]


RestoreBackupBodyOutbox = Literal["replay", "keep"]


class RewrapBackupsBody(TypedDict):
    backup: NotRequired[Union[str, None]]


class RunJobBody(TypedDict):
    job: "RunJobBodyJob"


RunJobBodyJob = Literal["health-check", "backup-snapshot", "backup-full", "restore-drill", "retention", "prune", "capacity-report"]


class ListJobsAnswer(TypedDict):
    jobs: List["Job"]


class CancelJobBody(TypedDict):
    release: NotRequired[bool]


class IsReadyAnswer(TypedDict):
    status: "ReadinessStatus"
    checks: List["IsReadyAnswerCheck"]


class IsReadyAnswerCheck(TypedDict):
    name: str
    status: "ReadinessStatus"
    latency_ms: NotRequired[float]
    message: NotRequired[str]


class GetVersionAnswer(TypedDict):
    name: str
    version: str
    commit: Union[str, None]
    id: Union[str, None]
    deployed_at: Union[str, None]
    schema_version: int
    settings: Union["GetVersionAnswerSettings", None]


class GetVersionAnswerSettings(TypedDict):
    version: int
    digest: str


ListIncidentsFormat = Literal["json", "markdown"]


class ListIncidentsAnswer(TypedDict):
    since: str
    until: str
    incidents: List["Incident"]
    samples: List["MetricSample"]
    logs: NotRequired[List["ListIncidentsAnswerLog"]]
    logs_silent: NotRequired[List[str]]


ListIncidentsAnswerLog = TypedDict(
    "ListIncidentsAnswerLog",
    {
        "at": str,
        "from": str,
        "line": str,
    },
)


class GetOverviewAnswer(TypedDict):
    at: str
    version: "GetOverviewAnswerVersion"
    readiness: "Readiness"
    fleet: "Fleet"
    jobs: List["JobRun"]
    incidents: List["Incident"]
    samples: List["MetricSample"]
    now: "MetricSample"
    bucket_bounds: List[float]


class GetOverviewAnswerVersion(TypedDict):
    name: str
    version: str


class McpBody(TypedDict):
    jsonrpc: Literal["2.0"]
    id: NotRequired[Union[str, int]]
    method: str
    params: NotRequired[Dict[str, Any]]


class McpAnswer(TypedDict):
    jsonrpc: Literal["2.0"]


class GetDocumentAnswer(TypedDict):
    openapi: str


class Operations:
    """A method for each operation of the API; each raises `MemoryServiceError`."""

    _transport: Transport

    def start_episode(
        self,
        *,
        task: str,
        task_type: "EpisodeTaskType" = UNSET,
        context: "StartEpisodeBodyContext" = UNSET,
        metadata: Dict[str, str] = UNSET,
        tags: List[str] = UNSET,
        recall_id: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "EpisodeWritten":
        """Start an episode."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes",
            {},
            {},
            {"task": task, "task_type": task_type, "context": context, "metadata": metadata, "tags": tags, "recall_id": recall_id},
            options,
        )

    def list_episodes(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        status: "EpisodeStatus" = UNSET,
        outcome: "ListEpisodesOutcome" = UNSET,
        domain: str = UNSET,
        language: str = UNSET,
        framework: str = UNSET,
        tag: str = UNSET,
        tags_match: "ListEpisodesTagsMatch" = UNSET,
        task_type: "EpisodeTaskType" = UNSET,
        started_after: str = UNSET,
        started_before: str = UNSET,
        text: str = UNSET,
        tags: str = UNSET,
        archived: "SearchArchived" = UNSET,
        sort: "ListEpisodesSort" = UNSET,
        filter: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListEpisodesAnswer":
        """List episodes, newest first."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/episodes",
            {},
            {"limit": limit, "cursor": cursor, "status": status, "outcome": outcome, "domain": domain, "language": language, "framework": framework, "tag": tag, "tags_match": tags_match, "task_type": task_type, "started_after": started_after, "started_before": started_before, "text": text, "tags": tags, "archived": archived, "sort": sort, "filter": filter},
            None,
            options,
        )

    def get_episodes(
        self,
        *,
        ids: List[str],
        options: RequestOptions | None = None,
    ) -> "EpisodesFound":
        """View several episodes with their steps."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/get",
            {},
            {},
            {"ids": ids},
            options,
        )

    def get_episode(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "EpisodeWithSteps":
        """View an episode with its steps."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/episodes/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    def amend_episode(
        self,
        id_: str,
        *,
        task: str = UNSET,
        task_type: "EpisodeTaskType" = UNSET,
        context: "RecallBodyContext" = UNSET,
        metadata: Dict[str, Union[str, None]] = UNSET,
        tags: List[str] = UNSET,
        options: RequestOptions | None = None,
    ) -> "EpisodeWritten":
        """Amend an episode."""
        return self._transport.call(  # type: ignore[no-any-return]
            "PATCH",
            "/v1/episodes/{id}",
            {"id": id_},
            {},
            {"task": task, "task_type": task_type, "context": context, "metadata": metadata, "tags": tags},
            options,
        )

    def delete_episode(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> None:
        """Delete an episode everywhere."""
        return self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/v1/episodes/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    def log_steps(
        self,
        id_: str,
        body: "LogStepsBody",
        *,
        options: RequestOptions | None = None,
    ) -> "StepsLogged":
        """Log one step, or several."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/steps",
            {"id": id_},
            {},
            body,
            options,
        )

    def complete_episode(
        self,
        id_: str,
        *,
        outcome: Union["CompleteEpisodeBodyOutcomeSuccess", "CompleteEpisodeBodyOutcomePartialSuccess", "CompleteEpisodeBodyOutcomeFailure", "CompleteEpisodeBodyOutcomeAbstained"],
        recall_id: Union[str, None] = UNSET,
        lessons: List["CompleteEpisodeBodyLesson"] = UNSET,
        options: RequestOptions | None = None,
    ) -> "Completion":
        """Complete an episode."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/complete",
            {"id": id_},
            {},
            {"outcome": outcome, "recall_id": recall_id, "lessons": lessons},
            options,
        )

    def fail_episode(
        self,
        id_: str,
        *,
        reason: str,
        details: Union[str, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "Completion":
        """Close an episode that its agent left."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/fail",
            {"id": id_},
            {},
            {"reason": reason, "details": details},
            options,
        )

    def checkpoint_episode(
        self,
        id_: str,
        *,
        reason: str,
        note: Union[str, None] = UNSET,
        state: Any = UNSET,
        options: RequestOptions | None = None,
    ) -> "Checkpoint":
        """Save a checkpoint mid-task."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/checkpoints",
            {"id": id_},
            {},
            {"reason": reason, "note": note, "state": state},
            options,
        )

    def hand_off_episode(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "HandoffPack":
        """What another agent needs to go on."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/episodes/{id}/handoff",
            {"id": id_},
            {},
            None,
            options,
        )

    def hand_off_episode_text(
        self,
        id_: str,
        *,
        max_tokens: int = UNSET,
        evidence: "RecallEvidence" = UNSET,
        checkpoint_id: str = UNSET,
        options: RequestOptions | None = None,
    ) -> str:
        """What another agent needs to go on, as text for a prompt."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/episodes/{id}/handoff",
            {"id": id_},
            {"format": "text", "max_tokens": max_tokens, "evidence": evidence, "checkpoint_id": checkpoint_id},
            None,
            options,
        )

    def archive_episode(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "EpisodeWritten":
        """Archive an episode."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/archive",
            {"id": id_},
            {},
            None,
            options,
        )

    def unarchive_episode(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "EpisodeWritten":
        """Bring an archived episode back."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/unarchive",
            {"id": id_},
            {},
            None,
            options,
        )

    def archive_episodes(
        self,
        *,
        filter: "ArchiveEpisodesBodyFilter",
        dry_run: bool = UNSET,
        cursor: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "EpisodesArchived":
        """Archive the episodes that a filter lets through."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/archive",
            {},
            {},
            {"filter": filter, "dry_run": dry_run, "cursor": cursor},
            options,
        )

    def unarchive_episodes(
        self,
        *,
        filter: "ArchiveEpisodesBodyFilter",
        dry_run: bool = UNSET,
        cursor: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "EpisodesArchived":
        """Bring back the archived episodes that a filter lets through."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/unarchive",
            {},
            {},
            {"filter": filter, "dry_run": dry_run, "cursor": cursor},
            options,
        )

    def list_filters(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "ListFiltersAnswer":
        """List the filters that the namespace keeps."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/filters",
            {},
            {},
            None,
            options,
        )

    def save_filter(
        self,
        name: str,
        *,
        status: "EpisodeStatus" = UNSET,
        outcome: "ListEpisodesOutcome" = UNSET,
        domain: str = UNSET,
        language: str = UNSET,
        framework: str = UNSET,
        tag: str = UNSET,
        tags_match: "ListEpisodesTagsMatch" = UNSET,
        task_type: "EpisodeTaskType" = UNSET,
        started_after: str = UNSET,
        started_before: str = UNSET,
        text: str = UNSET,
        tags: List[str] = UNSET,
        archived: "SearchArchived" = UNSET,
        sort: "ListEpisodesSort" = UNSET,
        options: RequestOptions | None = None,
    ) -> "SaveFilterAnswer":
        """Keep a filter under a name."""
        return self._transport.call(  # type: ignore[no-any-return]
            "PUT",
            "/v1/filters/{name}",
            {"name": name},
            {},
            {"status": status, "outcome": outcome, "domain": domain, "language": language, "framework": framework, "tag": tag, "tags_match": tags_match, "task_type": task_type, "started_after": started_after, "started_before": started_before, "text": text, "tags": tags, "archived": archived, "sort": sort},
            options,
        )

    def remove_filter(
        self,
        name: str,
        *,
        options: RequestOptions | None = None,
    ) -> None:
        """Forget a filter."""
        return self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/v1/filters/{name}",
            {"name": name},
            {},
            None,
            options,
        )

    def count_tags(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "CountTagsAnswer":
        """Count the tags of the namespace."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/tags",
            {},
            {"limit": limit, "cursor": cursor},
            None,
            options,
        )

    def rename_tag(
        self,
        *,
        from_: str,
        to: str,
        cursor: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "TagsRenamed":
        """Rename a tag across the namespace."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/tags/rename",
            {},
            {},
            {"from": from_, "to": to, "cursor": cursor},
            options,
        )

    def list_tags(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "ListTagsAnswer":
        """List an episode's tags."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/episodes/{id}/tags",
            {"id": id_},
            {},
            None,
            options,
        )

    def add_tags(
        self,
        id_: str,
        *,
        tags: List[str],
        options: RequestOptions | None = None,
    ) -> "AddTagsAnswer":
        """Add tags to an episode."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/tags",
            {"id": id_},
            {},
            {"tags": tags},
            options,
        )

    def remove_tag(
        self,
        id_: str,
        tag: str,
        *,
        options: RequestOptions | None = None,
    ) -> "AddTagsAnswer":
        """Remove a tag from an episode."""
        return self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/v1/episodes/{id}/tags/{tag}",
            {"id": id_, "tag": tag},
            {},
            None,
            options,
        )

    def list_relationships(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "ListRelationshipsAnswer":
        """List an episode's relationships, in both directions."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/episodes/{id}/relationships",
            {"id": id_},
            {},
            None,
            options,
        )

    def add_relationship(
        self,
        id_: str,
        *,
        type_: "RelationshipType",
        to: str,
        reason: Union[str, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "AddRelationshipAnswer":
        """Relate an episode to another."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/relationships",
            {"id": id_},
            {},
            {"type": type_, "to": to, "reason": reason},
            options,
        )

    def remove_relationship(
        self,
        id_: str,
        type_: str,
        to: str,
        *,
        options: RequestOptions | None = None,
    ) -> None:
        """Remove a relationship."""
        return self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/v1/episodes/{id}/relationships/{type}/{to}",
            {"id": id_, "type": type_, "to": to},
            {},
            None,
            options,
        )

    def recall(
        self,
        *,
        task: str,
        context: "RecallBodyContext" = UNSET,
        task_type: "EpisodeTaskType" = UNSET,
        limit: int = UNSET,
        include: List["RecallBodyIncludeItem"] = UNSET,
        recent_steps: List["RecallBodyRecentStep"] = UNSET,
        episode_id: str = UNSET,
        max_tokens: Union[int, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "Recall":
        """What helps with a new task."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/recall",
            {},
            {},
            {"task": task, "context": context, "task_type": task_type, "limit": limit, "include": include, "recent_steps": recent_steps, "episode_id": episode_id, "max_tokens": max_tokens},
            options,
        )

    def recall_text(
        self,
        *,
        task: str,
        max_tokens: int = UNSET,
        evidence: "RecallEvidence" = UNSET,
        context: "RecallBodyContext" = UNSET,
        task_type: "EpisodeTaskType" = UNSET,
        limit: int = UNSET,
        include: List["RecallBodyIncludeItem"] = UNSET,
        recent_steps: List["RecallBodyRecentStep"] = UNSET,
        episode_id: str = UNSET,
        options: RequestOptions | None = None,
    ) -> str:
        """What helps with a new task, as text for a prompt."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/recall",
            {},
            {"format": "text", "max_tokens": max_tokens, "evidence": evidence},
            {"task": task, "context": context, "task_type": task_type, "limit": limit, "include": include, "recent_steps": recent_steps, "episode_id": episode_id},
            options,
        )

    def advise(
        self,
        *,
        task: str,
        context: "RecallBodyContext" = UNSET,
        recent_steps: List["RecallBodyRecentStep"] = UNSET,
        episode_id: str = UNSET,
        next_tool: Union[str, None] = UNSET,
        error: Union[str, None] = UNSET,
        only_line: bool = UNSET,
        options: RequestOptions | None = None,
    ) -> "Advice":
        """What to do next, at the moment of action."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/advise",
            {},
            {},
            {"task": task, "context": context, "recent_steps": recent_steps, "episode_id": episode_id, "next_tool": next_tool, "error": error, "only_line": only_line},
            options,
        )

    def advise_text(
        self,
        *,
        task: str,
        max_tokens: int = UNSET,
        evidence: "RecallEvidence" = UNSET,
        context: "RecallBodyContext" = UNSET,
        recent_steps: List["RecallBodyRecentStep"] = UNSET,
        episode_id: str = UNSET,
        next_tool: Union[str, None] = UNSET,
        error: Union[str, None] = UNSET,
        only_line: bool = UNSET,
        options: RequestOptions | None = None,
    ) -> str:
        """What to do next, at the moment of action, as text for a prompt."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/advise",
            {},
            {"format": "text", "max_tokens": max_tokens, "evidence": evidence},
            {"task": task, "context": context, "recent_steps": recent_steps, "episode_id": episode_id, "next_tool": next_tool, "error": error, "only_line": only_line},
            options,
        )

    def search(
        self,
        *,
        q: str,
        limit: int = UNSET,
        cursor: str = UNSET,
        archived: "SearchArchived" = UNSET,
        options: RequestOptions | None = None,
    ) -> "SearchAnswer":
        """Full-text search over episodes and patterns."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/search",
            {},
            {"q": q, "limit": limit, "cursor": cursor, "archived": archived},
            None,
            options,
        )

    def playbook(
        self,
        *,
        task: str,
        context: "RecallBodyContext" = UNSET,
        recent_steps: List["RecallBodyRecentStep"] = UNSET,
        episode_id: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "PlaybookAnswer":
        """A playbook for a task."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/playbooks",
            {},
            {},
            {"task": task, "context": context, "recent_steps": recent_steps, "episode_id": episode_id},
            options,
        )

    def playbook_text(
        self,
        *,
        task: str,
        max_tokens: int = UNSET,
        evidence: "RecallEvidence" = UNSET,
        context: "RecallBodyContext" = UNSET,
        recent_steps: List["RecallBodyRecentStep"] = UNSET,
        episode_id: str = UNSET,
        options: RequestOptions | None = None,
    ) -> str:
        """A playbook for a task, as text for a prompt."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/playbooks",
            {},
            {"format": "text", "max_tokens": max_tokens, "evidence": evidence},
            {"task": task, "context": context, "recent_steps": recent_steps, "episode_id": episode_id},
            options,
        )

    def give_feedback(
        self,
        *,
        recall_id: str,
        used: List[str],
        helpful: bool,
        rating: Union[float, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "GiveFeedbackAnswer":
        """Report which recalled items were used, and whether they helped."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/feedback",
            {},
            {},
            {"recall_id": recall_id, "used": used, "helpful": helpful, "rating": rating},
            options,
        )

    def list_patterns(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        kind: "PatternKind" = UNSET,
        polarity: "PatternPolarity" = UNSET,
        tool: str = UNSET,
        min_support: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListPatternsAnswer":
        """List patterns."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/patterns",
            {},
            {"limit": limit, "cursor": cursor, "kind": kind, "polarity": polarity, "tool": tool, "min_support": min_support},
            None,
            options,
        )

    def get_pattern(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "Pattern":
        """View a pattern with its evidence."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/patterns/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    def list_heuristics(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListHeuristicsAnswer":
        """List heuristics: when CONDITION then ACTION."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/heuristics",
            {},
            {"limit": limit, "cursor": cursor},
            None,
            options,
        )

    def get_stats(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Stats":
        """Counts and rates of the namespace."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/stats",
            {},
            {},
            None,
            options,
        )

    def erase_namespace(
        self,
        name: str,
        *,
        options: RequestOptions | None = None,
    ) -> "EraseNamespaceAnswer":
        """Erase a namespace everywhere."""
        return self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/v1/namespaces/{name}",
            {"name": name},
            {},
            None,
            options,
        )

    def get_quality(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Quality":
        """How good the runs of the namespace are, and what is said about them."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/quality",
            {},
            {},
            None,
            options,
        )

    def get_quality_text(
        self,
        *,
        weeks: int = UNSET,
        options: RequestOptions | None = None,
    ) -> str:
        """How good the runs of the namespace are, and what is said about them, as text for a prompt."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/quality",
            {},
            {"format": "text", "weeks": weeks},
            None,
            options,
        )

    def add_lesson(
        self,
        *,
        text: str,
        kind: "LessonKind",
        applies_to: "AddLessonBodyAppliesTo" = UNSET,
        supersedes: Union[str, None] = UNSET,
        source: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "LessonAdded":
        """Say what the next run should know."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/lessons",
            {},
            {},
            {"text": text, "kind": kind, "applies_to": applies_to, "supersedes": supersedes, "source": source},
            options,
        )

    def list_lessons(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        q: str = UNSET,
        state: "ListLessonsState" = UNSET,
        kind: "LessonKind" = UNSET,
        tool: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListLessonsAnswer":
        """List or search lessons."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/lessons",
            {},
            {"limit": limit, "cursor": cursor, "q": q, "state": state, "kind": kind, "tool": tool},
            None,
            options,
        )

    def get_lesson(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "Lesson":
        """View a lesson with its evidence."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/lessons/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    def amend_lesson(
        self,
        id_: str,
        *,
        text: str = UNSET,
        kind: "LessonKind" = UNSET,
        applies_to: "AddLessonBodyAppliesTo" = UNSET,
        supersedes: Union[str, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "LessonWritten":
        """Change a lesson."""
        return self._transport.call(  # type: ignore[no-any-return]
            "PATCH",
            "/v1/lessons/{id}",
            {"id": id_},
            {},
            {"text": text, "kind": kind, "applies_to": applies_to, "supersedes": supersedes},
            options,
        )

    def delete_lesson(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> None:
        """Delete a lesson."""
        return self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/v1/lessons/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    def list_skills(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "ListSkillsAnswer":
        """What was learned, as skills: a file for each kind of task."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/skills",
            {},
            {},
            None,
            options,
        )

    def stream_events(
        self,
        *,
        seconds: int = UNSET,
        options: RequestOptions | None = None,
    ) -> str:
        """What happens in a namespace, as it happens."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/events",
            {},
            {"seconds": seconds},
            None,
            options,
        )

    def list_webhooks(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "ListWebhooksAnswer":
        """List webhooks."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/webhooks",
            {},
            {},
            None,
            options,
        )

    def add_webhook(
        self,
        *,
        url: str,
        types: List["AddWebhookBodyType"] = UNSET,
        namespaces: List[str] = UNSET,
        options: RequestOptions | None = None,
    ) -> "AddWebhookAnswer":
        """Add a webhook."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/webhooks",
            {},
            {},
            {"url": url, "types": types, "namespaces": namespaces},
            options,
        )

    def remove_webhook(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> None:
        """Remove a webhook."""
        return self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/admin/webhooks/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    def test_webhook(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "TestWebhookAnswer":
        """Send a test to a webhook."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/webhooks/{id}/test",
            {"id": id_},
            {},
            None,
            options,
        )

    def list_undelivered(
        self,
        *,
        limit: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListUndeliveredAnswer":
        """Events that were sent in vain."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/undelivered",
            {},
            {"limit": limit},
            None,
            options,
        )

    def retry_undelivered(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "RetryUndeliveredAnswer":
        """Send again what was set aside."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/undelivered/retry",
            {},
            {},
            None,
            options,
        )

    def curate(
        self,
        *,
        kind: "CurateBodyKind",
        id_: str,
        action: "CurateBodyAction",
        text: Union[str, None] = UNSET,
        reason: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "CurationWritten":
        """Pin, ban, edit, approve or reject what was learned."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/curation",
            {},
            {},
            {"kind": kind, "id": id_, "action": action, "text": text, "reason": reason},
            options,
        )

    def list_curation(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        kind: "CurateBodyKind" = UNSET,
        state: "ListCurationState" = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListCurationAnswer":
        """List what people decided, banned items included."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/curation",
            {},
            {"limit": limit, "cursor": cursor, "kind": kind, "state": state},
            None,
            options,
        )

    def get_review(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "GetReviewAnswer":
        """Whether the namespace shows only what a person approved."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/curation/review",
            {},
            {},
            None,
            options,
        )

    def set_review(
        self,
        *,
        learning_review: "SetReviewBodyLearningReview",
        options: RequestOptions | None = None,
    ) -> "SetReviewAnswer":
        """Show only what a person approved, or everything."""
        return self._transport.call(  # type: ignore[no-any-return]
            "PUT",
            "/v1/curation/review",
            {},
            {},
            {"learning_review": learning_review},
            options,
        )

    def list_namespaces(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListNamespacesAnswer":
        """List the namespaces that the key may see."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/namespaces",
            {},
            {"limit": limit, "cursor": cursor},
            None,
            options,
        )

    def get_namespace_settings(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "NamespaceSettings":
        """View the settings of the namespace."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/namespace/settings",
            {},
            {},
            None,
            options,
        )

    def set_namespace_settings(
        self,
        *,
        recall_holdout: Union[float, None] = UNSET,
        redaction: Union["SetNamespaceSettingsBodyRedaction", None] = UNSET,
        quota_episodes: Union[int, None] = UNSET,
        quota_bytes: Union[int, None] = UNSET,
        quota_lessons: Union[int, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "SetNamespaceSettingsAnswer":
        """Change settings of the namespace."""
        return self._transport.call(  # type: ignore[no-any-return]
            "PUT",
            "/v1/namespace/settings",
            {},
            {},
            {"recall_holdout": recall_holdout, "redaction": redaction, "quota_episodes": quota_episodes, "quota_bytes": quota_bytes, "quota_lessons": quota_lessons},
            options,
        )

    def record_spans(
        self,
        *,
        outcome: "JobRunResult" = UNSET,
        domain: str = UNSET,
        resourceSpans: List[Dict[str, Any]] = UNSET,
        options: RequestOptions | None = None,
    ) -> "ExportTraceServiceResponse":
        """Record agents by their OpenTelemetry spans."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/traces",
            {},
            {"outcome": outcome, "domain": domain},
            {"resourceSpans": resourceSpans},
            options,
        )

    def create_key(
        self,
        *,
        name: str,
        scopes: List["KeyScope"],
        namespaces: List[str],
        default_namespace: str = UNSET,
        expires_at: Union[str, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "CreateKeyAnswer":
        """Create a key."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/keys",
            {},
            {},
            {"name": name, "scopes": scopes, "namespaces": namespaces, "default_namespace": default_namespace, "expires_at": expires_at},
            options,
        )

    def list_keys(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "ListKeysAnswer":
        """List keys."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/keys",
            {},
            {},
            None,
            options,
        )

    def rotate_key(
        self,
        id_: str,
        *,
        overlap_seconds: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "CreateKeyAnswer":
        """Replace a key."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/keys/{id}/rotate",
            {"id": id_},
            {},
            {"overlap_seconds": overlap_seconds},
            options,
        )

    def revoke_key(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "Key":
        """Revoke a key."""
        return self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/admin/keys/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    def list_grants(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        key_id: str = UNSET,
        client_id: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListGrantsAnswer":
        """List what was granted by OAuth."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/oauth/grants",
            {},
            {"limit": limit, "cursor": cursor, "key_id": key_id, "client_id": client_id},
            None,
            options,
        )

    def revoke_grant(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> None:
        """Revoke what was granted to an app."""
        return self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/admin/oauth/grants/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    def get_config(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Config":
        """Settings with their bounds and their history."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/config",
            {},
            {},
            None,
            options,
        )

    def set_config(
        self,
        *,
        settings: "SetConfigBodySettings",
        options: RequestOptions | None = None,
    ) -> "Config":
        """Change settings while the service runs."""
        return self._transport.call(  # type: ignore[no-any-return]
            "PUT",
            "/admin/config",
            {},
            {},
            {"settings": settings},
            options,
        )

    def list_audit(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        what: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListAuditAnswer":
        """Who changed what, and when."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/audit",
            {},
            {"limit": limit, "cursor": cursor, "what": what},
            None,
            options,
        )

    def set_maintenance(
        self,
        *,
        enabled: bool,
        message: str = UNSET,
        ttl_seconds: Union[int, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """Maintenance on or off."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/maintenance",
            {},
            {},
            {"enabled": enabled, "message": message, "ttl_seconds": ttl_seconds},
            options,
        )

    def set_degraded(
        self,
        *,
        enabled: bool,
        message: str = UNSET,
        ttl_seconds: Union[int, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """Degraded mode on or off."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/degraded",
            {},
            {},
            {"enabled": enabled, "message": message, "ttl_seconds": ttl_seconds},
            options,
        )

    def reset_breaker(
        self,
        *,
        backend: "ResetBreakerBodyBackend",
        instance: Union[int, None] = UNSET,
        ttl_seconds: Union[int, None] = UNSET,
        reason: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """Close the circuit breaker."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/circuit-breaker/reset",
            {},
            {},
            {"backend": backend, "instance": instance, "ttl_seconds": ttl_seconds, "reason": reason},
            options,
        )

    def open_breaker(
        self,
        *,
        backend: "ResetBreakerBodyBackend",
        instance: Union[int, None] = UNSET,
        ttl_seconds: Union[int, None] = UNSET,
        reason: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """Force the circuit breaker open, for a drill."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/circuit-breaker/open",
            {},
            {},
            {"backend": backend, "instance": instance, "ttl_seconds": ttl_seconds, "reason": reason},
            options,
        )

    def disable_breaker(
        self,
        *,
        backend: "ResetBreakerBodyBackend",
        instance: Union[int, None] = UNSET,
        ttl_seconds: Union[int, None] = UNSET,
        reason: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """Let everything pass the circuit breaker."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/circuit-breaker/disable",
            {},
            {},
            {"backend": backend, "instance": instance, "ttl_seconds": ttl_seconds, "reason": reason},
            options,
        )

    def list_instances(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """The state of each instance."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/instances",
            {},
            {},
            None,
            options,
        )

    def resize_fleet(
        self,
        *,
        count: int,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """Change the number of instances."""
        return self._transport.call(  # type: ignore[no-any-return]
            "PUT",
            "/admin/instances",
            {},
            {},
            {"count": count},
            options,
        )

    def get_deployment(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Deployment":
        """Whose the database and the bucket are."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/deployment",
            {},
            {},
            None,
            options,
        )

    def take_over_deployment(
        self,
        *,
        from_: str,
        jurisdiction_changed: bool = UNSET,
        options: RequestOptions | None = None,
    ) -> "Deployment":
        """Take the database and the bucket over from another deployment."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/deployment/takeover",
            {},
            {},
            {"from": from_, "jurisdiction_changed": jurisdiction_changed},
            options,
        )

    def flush_storage(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """Send unsent rows to the database now."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/storage/flush",
            {},
            {},
            None,
            options,
        )

    def sync_storage(
        self,
        *,
        namespace: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "SyncStorageAnswer":
        """Rebuild the instances' knowledge from the database."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/storage/sync",
            {},
            {},
            {"namespace": namespace},
            options,
        )

    def drain(
        self,
        *,
        timeout_seconds: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "Drain":
        """Wait until no episode runs and nothing is unsent."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/drain",
            {},
            {},
            {"timeout_seconds": timeout_seconds},
            options,
        )

    def plan_migrations(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Migrations":
        """The migrations of the database, with the SQL of what is pending."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/migrations",
            {},
            {},
            None,
            options,
        )

    def migrate(
        self,
        *,
        execute: bool = UNSET,
        without_backup: bool = UNSET,
        options: RequestOptions | None = None,
    ) -> "Migrations":
        """Execute what is pending, after a backup."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/migrations",
            {},
            {},
            {"execute": execute, "without_backup": without_backup},
            options,
        )

    def list_dead_letters(
        self,
        *,
        limit: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListDeadLettersAnswer":
        """Rows that the database never took."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/outbox/dead",
            {},
            {"limit": limit},
            None,
            options,
        )

    def retry_dead_letters(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "RetryUndeliveredAnswer":
        """Send them again."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/outbox/dead/retry",
            {},
            {},
            None,
            options,
        )

    def create_backup(
        self,
        *,
        kind: "BackupKind" = UNSET,
        window_days: Union[int, None] = UNSET,
        namespace: Union[str, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "Job":
        """Take a backup, and read it back."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/backups",
            {},
            {},
            {"kind": kind, "window_days": window_days, "namespace": namespace},
            options,
        )

    def list_backups(
        self,
        *,
        limit: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListBackupsAnswer":
        """The backups in the store."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/backups",
            {},
            {"limit": limit},
            None,
            options,
        )

    def get_backup(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "Backup":
        """One backup."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/backups/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    def delete_backup(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "Job":
        """Delete a backup that nothing needs."""
        return self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/admin/backups/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    def verify_backup(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "Job":
        """Read a backup back: every object, count and checksum."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/backups/{id}/verify",
            {"id": id_},
            {},
            None,
            options,
        )

    def restore_backup(
        self,
        id_: str,
        *,
        mode: "RestoreBackupBodyMode" = UNSET,
        namespace: Union[str, None] = UNSET,
        episode: Union[str, None] = UNSET,
        deleted: "RestoreBackupBodyDeleted" = UNSET,
        outbox: "RestoreBackupBodyOutbox" = UNSET,
        dry_run: bool = UNSET,
        instance: Union[int, None] = UNSET,
        settings: bool = UNSET,
        keys: List[str] = UNSET,
        accept_unauthenticated: bool = UNSET,
        options: RequestOptions | None = None,
    ) -> "Job":
        """Restore a backup, or part of it."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/backups/{id}/restore",
            {"id": id_},
            {},
            {"mode": mode, "namespace": namespace, "episode": episode, "deleted": deleted, "outbox": outbox, "dry_run": dry_run, "instance": instance, "settings": settings, "keys": keys, "accept_unauthenticated": accept_unauthenticated},
            options,
        )

    def rewrap_backups(
        self,
        *,
        backup: Union[str, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "Job":
        """Wrap the keys of backups anew, after BACKUP_KEY was rotated."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/backups/rewrap",
            {},
            {},
            {"backup": backup},
            options,
        )

    def drill_restore(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Job":
        """Restore the newest chain into a scratch place and compare it with the database."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/drills",
            {},
            {},
            None,
            options,
        )

    def run_job(
        self,
        *,
        job: "RunJobBodyJob",
        options: RequestOptions | None = None,
    ) -> "ScheduledRun":
        """Do now what the schedule does."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/schedule",
            {},
            {},
            {"job": job},
            options,
        )

    def list_jobs(
        self,
        *,
        limit: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListJobsAnswer":
        """Long jobs, newest first."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/jobs",
            {},
            {"limit": limit},
            None,
            options,
        )

    def get_job(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "Job":
        """One job, and how far it is."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/jobs/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    def cancel_job(
        self,
        id_: str,
        *,
        release: bool = UNSET,
        options: RequestOptions | None = None,
    ) -> "Job":
        """Cancel a job, or give back the database that a restore left half restored."""
        return self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/jobs/{id}/cancel",
            {"id": id_},
            {},
            {"release": release},
            options,
        )

    def is_ready(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "IsReadyAnswer":
        """Whether requests can be served, part by part."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/health/ready",
            {},
            {},
            None,
            options,
        )

    def get_version(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "GetVersionAnswer":
        """What is deployed."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/version",
            {},
            {},
            None,
            options,
        )

    def get_capacity(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Capacity":
        """How much there is, how fast it grows, when a limit is reached."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/capacity",
            {},
            {},
            None,
            options,
        )

    def get_usage(
        self,
        *,
        over: "UsageOver" = UNSET,
        by: "UsageBy" = UNSET,
        limit: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "Usage":
        """Who uses the service: namespaces and keys."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/usage",
            {},
            {"over": over, "by": by, "limit": limit},
            None,
            options,
        )

    def get_overview(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "GetOverviewAnswer":
        """What the console shows, in one answer."""
        return self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/overview",
            {},
            {},
            None,
            options,
        )


class AsyncOperations:
    """A method for each operation of the API; each raises `MemoryServiceError`."""

    _transport: AsyncTransport

    async def start_episode(
        self,
        *,
        task: str,
        task_type: "EpisodeTaskType" = UNSET,
        context: "StartEpisodeBodyContext" = UNSET,
        metadata: Dict[str, str] = UNSET,
        tags: List[str] = UNSET,
        recall_id: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "EpisodeWritten":
        """Start an episode."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes",
            {},
            {},
            {"task": task, "task_type": task_type, "context": context, "metadata": metadata, "tags": tags, "recall_id": recall_id},
            options,
        )

    async def list_episodes(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        status: "EpisodeStatus" = UNSET,
        outcome: "ListEpisodesOutcome" = UNSET,
        domain: str = UNSET,
        language: str = UNSET,
        framework: str = UNSET,
        tag: str = UNSET,
        tags_match: "ListEpisodesTagsMatch" = UNSET,
        task_type: "EpisodeTaskType" = UNSET,
        started_after: str = UNSET,
        started_before: str = UNSET,
        text: str = UNSET,
        tags: str = UNSET,
        archived: "SearchArchived" = UNSET,
        sort: "ListEpisodesSort" = UNSET,
        filter: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListEpisodesAnswer":
        """List episodes, newest first."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/episodes",
            {},
            {"limit": limit, "cursor": cursor, "status": status, "outcome": outcome, "domain": domain, "language": language, "framework": framework, "tag": tag, "tags_match": tags_match, "task_type": task_type, "started_after": started_after, "started_before": started_before, "text": text, "tags": tags, "archived": archived, "sort": sort, "filter": filter},
            None,
            options,
        )

    async def get_episodes(
        self,
        *,
        ids: List[str],
        options: RequestOptions | None = None,
    ) -> "EpisodesFound":
        """View several episodes with their steps."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/get",
            {},
            {},
            {"ids": ids},
            options,
        )

    async def get_episode(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "EpisodeWithSteps":
        """View an episode with its steps."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/episodes/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    async def amend_episode(
        self,
        id_: str,
        *,
        task: str = UNSET,
        task_type: "EpisodeTaskType" = UNSET,
        context: "RecallBodyContext" = UNSET,
        metadata: Dict[str, Union[str, None]] = UNSET,
        tags: List[str] = UNSET,
        options: RequestOptions | None = None,
    ) -> "EpisodeWritten":
        """Amend an episode."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "PATCH",
            "/v1/episodes/{id}",
            {"id": id_},
            {},
            {"task": task, "task_type": task_type, "context": context, "metadata": metadata, "tags": tags},
            options,
        )

    async def delete_episode(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> None:
        """Delete an episode everywhere."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/v1/episodes/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    async def log_steps(
        self,
        id_: str,
        body: "LogStepsBody",
        *,
        options: RequestOptions | None = None,
    ) -> "StepsLogged":
        """Log one step, or several."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/steps",
            {"id": id_},
            {},
            body,
            options,
        )

    async def complete_episode(
        self,
        id_: str,
        *,
        outcome: Union["CompleteEpisodeBodyOutcomeSuccess", "CompleteEpisodeBodyOutcomePartialSuccess", "CompleteEpisodeBodyOutcomeFailure", "CompleteEpisodeBodyOutcomeAbstained"],
        recall_id: Union[str, None] = UNSET,
        lessons: List["CompleteEpisodeBodyLesson"] = UNSET,
        options: RequestOptions | None = None,
    ) -> "Completion":
        """Complete an episode."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/complete",
            {"id": id_},
            {},
            {"outcome": outcome, "recall_id": recall_id, "lessons": lessons},
            options,
        )

    async def fail_episode(
        self,
        id_: str,
        *,
        reason: str,
        details: Union[str, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "Completion":
        """Close an episode that its agent left."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/fail",
            {"id": id_},
            {},
            {"reason": reason, "details": details},
            options,
        )

    async def checkpoint_episode(
        self,
        id_: str,
        *,
        reason: str,
        note: Union[str, None] = UNSET,
        state: Any = UNSET,
        options: RequestOptions | None = None,
    ) -> "Checkpoint":
        """Save a checkpoint mid-task."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/checkpoints",
            {"id": id_},
            {},
            {"reason": reason, "note": note, "state": state},
            options,
        )

    async def hand_off_episode(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "HandoffPack":
        """What another agent needs to go on."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/episodes/{id}/handoff",
            {"id": id_},
            {},
            None,
            options,
        )

    async def hand_off_episode_text(
        self,
        id_: str,
        *,
        max_tokens: int = UNSET,
        evidence: "RecallEvidence" = UNSET,
        checkpoint_id: str = UNSET,
        options: RequestOptions | None = None,
    ) -> str:
        """What another agent needs to go on, as text for a prompt."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/episodes/{id}/handoff",
            {"id": id_},
            {"format": "text", "max_tokens": max_tokens, "evidence": evidence, "checkpoint_id": checkpoint_id},
            None,
            options,
        )

    async def archive_episode(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "EpisodeWritten":
        """Archive an episode."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/archive",
            {"id": id_},
            {},
            None,
            options,
        )

    async def unarchive_episode(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "EpisodeWritten":
        """Bring an archived episode back."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/unarchive",
            {"id": id_},
            {},
            None,
            options,
        )

    async def archive_episodes(
        self,
        *,
        filter: "ArchiveEpisodesBodyFilter",
        dry_run: bool = UNSET,
        cursor: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "EpisodesArchived":
        """Archive the episodes that a filter lets through."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/archive",
            {},
            {},
            {"filter": filter, "dry_run": dry_run, "cursor": cursor},
            options,
        )

    async def unarchive_episodes(
        self,
        *,
        filter: "ArchiveEpisodesBodyFilter",
        dry_run: bool = UNSET,
        cursor: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "EpisodesArchived":
        """Bring back the archived episodes that a filter lets through."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/unarchive",
            {},
            {},
            {"filter": filter, "dry_run": dry_run, "cursor": cursor},
            options,
        )

    async def list_filters(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "ListFiltersAnswer":
        """List the filters that the namespace keeps."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/filters",
            {},
            {},
            None,
            options,
        )

    async def save_filter(
        self,
        name: str,
        *,
        status: "EpisodeStatus" = UNSET,
        outcome: "ListEpisodesOutcome" = UNSET,
        domain: str = UNSET,
        language: str = UNSET,
        framework: str = UNSET,
        tag: str = UNSET,
        tags_match: "ListEpisodesTagsMatch" = UNSET,
        task_type: "EpisodeTaskType" = UNSET,
        started_after: str = UNSET,
        started_before: str = UNSET,
        text: str = UNSET,
        tags: List[str] = UNSET,
        archived: "SearchArchived" = UNSET,
        sort: "ListEpisodesSort" = UNSET,
        options: RequestOptions | None = None,
    ) -> "SaveFilterAnswer":
        """Keep a filter under a name."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "PUT",
            "/v1/filters/{name}",
            {"name": name},
            {},
            {"status": status, "outcome": outcome, "domain": domain, "language": language, "framework": framework, "tag": tag, "tags_match": tags_match, "task_type": task_type, "started_after": started_after, "started_before": started_before, "text": text, "tags": tags, "archived": archived, "sort": sort},
            options,
        )

    async def remove_filter(
        self,
        name: str,
        *,
        options: RequestOptions | None = None,
    ) -> None:
        """Forget a filter."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/v1/filters/{name}",
            {"name": name},
            {},
            None,
            options,
        )

    async def count_tags(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "CountTagsAnswer":
        """Count the tags of the namespace."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/tags",
            {},
            {"limit": limit, "cursor": cursor},
            None,
            options,
        )

    async def rename_tag(
        self,
        *,
        from_: str,
        to: str,
        cursor: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "TagsRenamed":
        """Rename a tag across the namespace."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/tags/rename",
            {},
            {},
            {"from": from_, "to": to, "cursor": cursor},
            options,
        )

    async def list_tags(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "ListTagsAnswer":
        """List an episode's tags."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/episodes/{id}/tags",
            {"id": id_},
            {},
            None,
            options,
        )

    async def add_tags(
        self,
        id_: str,
        *,
        tags: List[str],
        options: RequestOptions | None = None,
    ) -> "AddTagsAnswer":
        """Add tags to an episode."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/tags",
            {"id": id_},
            {},
            {"tags": tags},
            options,
        )

    async def remove_tag(
        self,
        id_: str,
        tag: str,
        *,
        options: RequestOptions | None = None,
    ) -> "AddTagsAnswer":
        """Remove a tag from an episode."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/v1/episodes/{id}/tags/{tag}",
            {"id": id_, "tag": tag},
            {},
            None,
            options,
        )

    async def list_relationships(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "ListRelationshipsAnswer":
        """List an episode's relationships, in both directions."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/episodes/{id}/relationships",
            {"id": id_},
            {},
            None,
            options,
        )

    async def add_relationship(
        self,
        id_: str,
        *,
        type_: "RelationshipType",
        to: str,
        reason: Union[str, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "AddRelationshipAnswer":
        """Relate an episode to another."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/episodes/{id}/relationships",
            {"id": id_},
            {},
            {"type": type_, "to": to, "reason": reason},
            options,
        )

    async def remove_relationship(
        self,
        id_: str,
        type_: str,
        to: str,
        *,
        options: RequestOptions | None = None,
    ) -> None:
        """Remove a relationship."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/v1/episodes/{id}/relationships/{type}/{to}",
            {"id": id_, "type": type_, "to": to},
            {},
            None,
            options,
        )

    async def recall(
        self,
        *,
        task: str,
        context: "RecallBodyContext" = UNSET,
        task_type: "EpisodeTaskType" = UNSET,
        limit: int = UNSET,
        include: List["RecallBodyIncludeItem"] = UNSET,
        recent_steps: List["RecallBodyRecentStep"] = UNSET,
        episode_id: str = UNSET,
        max_tokens: Union[int, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "Recall":
        """What helps with a new task."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/recall",
            {},
            {},
            {"task": task, "context": context, "task_type": task_type, "limit": limit, "include": include, "recent_steps": recent_steps, "episode_id": episode_id, "max_tokens": max_tokens},
            options,
        )

    async def recall_text(
        self,
        *,
        task: str,
        max_tokens: int = UNSET,
        evidence: "RecallEvidence" = UNSET,
        context: "RecallBodyContext" = UNSET,
        task_type: "EpisodeTaskType" = UNSET,
        limit: int = UNSET,
        include: List["RecallBodyIncludeItem"] = UNSET,
        recent_steps: List["RecallBodyRecentStep"] = UNSET,
        episode_id: str = UNSET,
        options: RequestOptions | None = None,
    ) -> str:
        """What helps with a new task, as text for a prompt."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/recall",
            {},
            {"format": "text", "max_tokens": max_tokens, "evidence": evidence},
            {"task": task, "context": context, "task_type": task_type, "limit": limit, "include": include, "recent_steps": recent_steps, "episode_id": episode_id},
            options,
        )

    async def advise(
        self,
        *,
        task: str,
        context: "RecallBodyContext" = UNSET,
        recent_steps: List["RecallBodyRecentStep"] = UNSET,
        episode_id: str = UNSET,
        next_tool: Union[str, None] = UNSET,
        error: Union[str, None] = UNSET,
        only_line: bool = UNSET,
        options: RequestOptions | None = None,
    ) -> "Advice":
        """What to do next, at the moment of action."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/advise",
            {},
            {},
            {"task": task, "context": context, "recent_steps": recent_steps, "episode_id": episode_id, "next_tool": next_tool, "error": error, "only_line": only_line},
            options,
        )

    async def advise_text(
        self,
        *,
        task: str,
        max_tokens: int = UNSET,
        evidence: "RecallEvidence" = UNSET,
        context: "RecallBodyContext" = UNSET,
        recent_steps: List["RecallBodyRecentStep"] = UNSET,
        episode_id: str = UNSET,
        next_tool: Union[str, None] = UNSET,
        error: Union[str, None] = UNSET,
        only_line: bool = UNSET,
        options: RequestOptions | None = None,
    ) -> str:
        """What to do next, at the moment of action, as text for a prompt."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/advise",
            {},
            {"format": "text", "max_tokens": max_tokens, "evidence": evidence},
            {"task": task, "context": context, "recent_steps": recent_steps, "episode_id": episode_id, "next_tool": next_tool, "error": error, "only_line": only_line},
            options,
        )

    async def search(
        self,
        *,
        q: str,
        limit: int = UNSET,
        cursor: str = UNSET,
        archived: "SearchArchived" = UNSET,
        options: RequestOptions | None = None,
    ) -> "SearchAnswer":
        """Full-text search over episodes and patterns."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/search",
            {},
            {"q": q, "limit": limit, "cursor": cursor, "archived": archived},
            None,
            options,
        )

    async def playbook(
        self,
        *,
        task: str,
        context: "RecallBodyContext" = UNSET,
        recent_steps: List["RecallBodyRecentStep"] = UNSET,
        episode_id: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "PlaybookAnswer":
        """A playbook for a task."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/playbooks",
            {},
            {},
            {"task": task, "context": context, "recent_steps": recent_steps, "episode_id": episode_id},
            options,
        )

    async def playbook_text(
        self,
        *,
        task: str,
        max_tokens: int = UNSET,
        evidence: "RecallEvidence" = UNSET,
        context: "RecallBodyContext" = UNSET,
        recent_steps: List["RecallBodyRecentStep"] = UNSET,
        episode_id: str = UNSET,
        options: RequestOptions | None = None,
    ) -> str:
        """A playbook for a task, as text for a prompt."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/playbooks",
            {},
            {"format": "text", "max_tokens": max_tokens, "evidence": evidence},
            {"task": task, "context": context, "recent_steps": recent_steps, "episode_id": episode_id},
            options,
        )

    async def give_feedback(
        self,
        *,
        recall_id: str,
        used: List[str],
        helpful: bool,
        rating: Union[float, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "GiveFeedbackAnswer":
        """Report which recalled items were used, and whether they helped."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/feedback",
            {},
            {},
            {"recall_id": recall_id, "used": used, "helpful": helpful, "rating": rating},
            options,
        )

    async def list_patterns(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        kind: "PatternKind" = UNSET,
        polarity: "PatternPolarity" = UNSET,
        tool: str = UNSET,
        min_support: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListPatternsAnswer":
        """List patterns."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/patterns",
            {},
            {"limit": limit, "cursor": cursor, "kind": kind, "polarity": polarity, "tool": tool, "min_support": min_support},
            None,
            options,
        )

    async def get_pattern(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "Pattern":
        """View a pattern with its evidence."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/patterns/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    async def list_heuristics(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListHeuristicsAnswer":
        """List heuristics: when CONDITION then ACTION."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/heuristics",
            {},
            {"limit": limit, "cursor": cursor},
            None,
            options,
        )

    async def get_stats(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Stats":
        """Counts and rates of the namespace."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/stats",
            {},
            {},
            None,
            options,
        )

    async def erase_namespace(
        self,
        name: str,
        *,
        options: RequestOptions | None = None,
    ) -> "EraseNamespaceAnswer":
        """Erase a namespace everywhere."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/v1/namespaces/{name}",
            {"name": name},
            {},
            None,
            options,
        )

    async def get_quality(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Quality":
        """How good the runs of the namespace are, and what is said about them."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/quality",
            {},
            {},
            None,
            options,
        )

    async def get_quality_text(
        self,
        *,
        weeks: int = UNSET,
        options: RequestOptions | None = None,
    ) -> str:
        """How good the runs of the namespace are, and what is said about them, as text for a prompt."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/quality",
            {},
            {"format": "text", "weeks": weeks},
            None,
            options,
        )

    async def add_lesson(
        self,
        *,
        text: str,
        kind: "LessonKind",
        applies_to: "AddLessonBodyAppliesTo" = UNSET,
        supersedes: Union[str, None] = UNSET,
        source: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "LessonAdded":
        """Say what the next run should know."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/lessons",
            {},
            {},
            {"text": text, "kind": kind, "applies_to": applies_to, "supersedes": supersedes, "source": source},
            options,
        )

    async def list_lessons(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        q: str = UNSET,
        state: "ListLessonsState" = UNSET,
        kind: "LessonKind" = UNSET,
        tool: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListLessonsAnswer":
        """List or search lessons."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/lessons",
            {},
            {"limit": limit, "cursor": cursor, "q": q, "state": state, "kind": kind, "tool": tool},
            None,
            options,
        )

    async def get_lesson(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "Lesson":
        """View a lesson with its evidence."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/lessons/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    async def amend_lesson(
        self,
        id_: str,
        *,
        text: str = UNSET,
        kind: "LessonKind" = UNSET,
        applies_to: "AddLessonBodyAppliesTo" = UNSET,
        supersedes: Union[str, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "LessonWritten":
        """Change a lesson."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "PATCH",
            "/v1/lessons/{id}",
            {"id": id_},
            {},
            {"text": text, "kind": kind, "applies_to": applies_to, "supersedes": supersedes},
            options,
        )

    async def delete_lesson(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> None:
        """Delete a lesson."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/v1/lessons/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    async def list_skills(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "ListSkillsAnswer":
        """What was learned, as skills: a file for each kind of task."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/skills",
            {},
            {},
            None,
            options,
        )

    async def stream_events(
        self,
        *,
        seconds: int = UNSET,
        options: RequestOptions | None = None,
    ) -> str:
        """What happens in a namespace, as it happens."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/events",
            {},
            {"seconds": seconds},
            None,
            options,
        )

    async def list_webhooks(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "ListWebhooksAnswer":
        """List webhooks."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/webhooks",
            {},
            {},
            None,
            options,
        )

    async def add_webhook(
        self,
        *,
        url: str,
        types: List["AddWebhookBodyType"] = UNSET,
        namespaces: List[str] = UNSET,
        options: RequestOptions | None = None,
    ) -> "AddWebhookAnswer":
        """Add a webhook."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/webhooks",
            {},
            {},
            {"url": url, "types": types, "namespaces": namespaces},
            options,
        )

    async def remove_webhook(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> None:
        """Remove a webhook."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/admin/webhooks/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    async def test_webhook(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "TestWebhookAnswer":
        """Send a test to a webhook."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/webhooks/{id}/test",
            {"id": id_},
            {},
            None,
            options,
        )

    async def list_undelivered(
        self,
        *,
        limit: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListUndeliveredAnswer":
        """Events that were sent in vain."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/undelivered",
            {},
            {"limit": limit},
            None,
            options,
        )

    async def retry_undelivered(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "RetryUndeliveredAnswer":
        """Send again what was set aside."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/undelivered/retry",
            {},
            {},
            None,
            options,
        )

    async def curate(
        self,
        *,
        kind: "CurateBodyKind",
        id_: str,
        action: "CurateBodyAction",
        text: Union[str, None] = UNSET,
        reason: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "CurationWritten":
        """Pin, ban, edit, approve or reject what was learned."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/curation",
            {},
            {},
            {"kind": kind, "id": id_, "action": action, "text": text, "reason": reason},
            options,
        )

    async def list_curation(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        kind: "CurateBodyKind" = UNSET,
        state: "ListCurationState" = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListCurationAnswer":
        """List what people decided, banned items included."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/curation",
            {},
            {"limit": limit, "cursor": cursor, "kind": kind, "state": state},
            None,
            options,
        )

    async def get_review(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "GetReviewAnswer":
        """Whether the namespace shows only what a person approved."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/curation/review",
            {},
            {},
            None,
            options,
        )

    async def set_review(
        self,
        *,
        learning_review: "SetReviewBodyLearningReview",
        options: RequestOptions | None = None,
    ) -> "SetReviewAnswer":
        """Show only what a person approved, or everything."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "PUT",
            "/v1/curation/review",
            {},
            {},
            {"learning_review": learning_review},
            options,
        )

    async def list_namespaces(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListNamespacesAnswer":
        """List the namespaces that the key may see."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/namespaces",
            {},
            {"limit": limit, "cursor": cursor},
            None,
            options,
        )

    async def get_namespace_settings(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "NamespaceSettings":
        """View the settings of the namespace."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/v1/namespace/settings",
            {},
            {},
            None,
            options,
        )

    async def set_namespace_settings(
        self,
        *,
        recall_holdout: Union[float, None] = UNSET,
        redaction: Union["SetNamespaceSettingsBodyRedaction", None] = UNSET,
        quota_episodes: Union[int, None] = UNSET,
        quota_bytes: Union[int, None] = UNSET,
        quota_lessons: Union[int, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "SetNamespaceSettingsAnswer":
        """Change settings of the namespace."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "PUT",
            "/v1/namespace/settings",
            {},
            {},
            {"recall_holdout": recall_holdout, "redaction": redaction, "quota_episodes": quota_episodes, "quota_bytes": quota_bytes, "quota_lessons": quota_lessons},
            options,
        )

    async def record_spans(
        self,
        *,
        outcome: "JobRunResult" = UNSET,
        domain: str = UNSET,
        resourceSpans: List[Dict[str, Any]] = UNSET,
        options: RequestOptions | None = None,
    ) -> "ExportTraceServiceResponse":
        """Record agents by their OpenTelemetry spans."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/v1/traces",
            {},
            {"outcome": outcome, "domain": domain},
            {"resourceSpans": resourceSpans},
            options,
        )

    async def create_key(
        self,
        *,
        name: str,
        scopes: List["KeyScope"],
        namespaces: List[str],
        default_namespace: str = UNSET,
        expires_at: Union[str, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "CreateKeyAnswer":
        """Create a key."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/keys",
            {},
            {},
            {"name": name, "scopes": scopes, "namespaces": namespaces, "default_namespace": default_namespace, "expires_at": expires_at},
            options,
        )

    async def list_keys(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "ListKeysAnswer":
        """List keys."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/keys",
            {},
            {},
            None,
            options,
        )

    async def rotate_key(
        self,
        id_: str,
        *,
        overlap_seconds: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "CreateKeyAnswer":
        """Replace a key."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/keys/{id}/rotate",
            {"id": id_},
            {},
            {"overlap_seconds": overlap_seconds},
            options,
        )

    async def revoke_key(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "Key":
        """Revoke a key."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/admin/keys/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    async def list_grants(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        key_id: str = UNSET,
        client_id: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListGrantsAnswer":
        """List what was granted by OAuth."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/oauth/grants",
            {},
            {"limit": limit, "cursor": cursor, "key_id": key_id, "client_id": client_id},
            None,
            options,
        )

    async def revoke_grant(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> None:
        """Revoke what was granted to an app."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/admin/oauth/grants/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    async def get_config(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Config":
        """Settings with their bounds and their history."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/config",
            {},
            {},
            None,
            options,
        )

    async def set_config(
        self,
        *,
        settings: "SetConfigBodySettings",
        options: RequestOptions | None = None,
    ) -> "Config":
        """Change settings while the service runs."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "PUT",
            "/admin/config",
            {},
            {},
            {"settings": settings},
            options,
        )

    async def list_audit(
        self,
        *,
        limit: int = UNSET,
        cursor: str = UNSET,
        what: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListAuditAnswer":
        """Who changed what, and when."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/audit",
            {},
            {"limit": limit, "cursor": cursor, "what": what},
            None,
            options,
        )

    async def set_maintenance(
        self,
        *,
        enabled: bool,
        message: str = UNSET,
        ttl_seconds: Union[int, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """Maintenance on or off."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/maintenance",
            {},
            {},
            {"enabled": enabled, "message": message, "ttl_seconds": ttl_seconds},
            options,
        )

    async def set_degraded(
        self,
        *,
        enabled: bool,
        message: str = UNSET,
        ttl_seconds: Union[int, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """Degraded mode on or off."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/degraded",
            {},
            {},
            {"enabled": enabled, "message": message, "ttl_seconds": ttl_seconds},
            options,
        )

    async def reset_breaker(
        self,
        *,
        backend: "ResetBreakerBodyBackend",
        instance: Union[int, None] = UNSET,
        ttl_seconds: Union[int, None] = UNSET,
        reason: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """Close the circuit breaker."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/circuit-breaker/reset",
            {},
            {},
            {"backend": backend, "instance": instance, "ttl_seconds": ttl_seconds, "reason": reason},
            options,
        )

    async def open_breaker(
        self,
        *,
        backend: "ResetBreakerBodyBackend",
        instance: Union[int, None] = UNSET,
        ttl_seconds: Union[int, None] = UNSET,
        reason: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """Force the circuit breaker open, for a drill."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/circuit-breaker/open",
            {},
            {},
            {"backend": backend, "instance": instance, "ttl_seconds": ttl_seconds, "reason": reason},
            options,
        )

    async def disable_breaker(
        self,
        *,
        backend: "ResetBreakerBodyBackend",
        instance: Union[int, None] = UNSET,
        ttl_seconds: Union[int, None] = UNSET,
        reason: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """Let everything pass the circuit breaker."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/circuit-breaker/disable",
            {},
            {},
            {"backend": backend, "instance": instance, "ttl_seconds": ttl_seconds, "reason": reason},
            options,
        )

    async def list_instances(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """The state of each instance."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/instances",
            {},
            {},
            None,
            options,
        )

    async def resize_fleet(
        self,
        *,
        count: int,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """Change the number of instances."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "PUT",
            "/admin/instances",
            {},
            {},
            {"count": count},
            options,
        )

    async def get_deployment(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Deployment":
        """Whose the database and the bucket are."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/deployment",
            {},
            {},
            None,
            options,
        )

    async def take_over_deployment(
        self,
        *,
        from_: str,
        jurisdiction_changed: bool = UNSET,
        options: RequestOptions | None = None,
    ) -> "Deployment":
        """Take the database and the bucket over from another deployment."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/deployment/takeover",
            {},
            {},
            {"from": from_, "jurisdiction_changed": jurisdiction_changed},
            options,
        )

    async def flush_storage(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Fleet":
        """Send unsent rows to the database now."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/storage/flush",
            {},
            {},
            None,
            options,
        )

    async def sync_storage(
        self,
        *,
        namespace: str = UNSET,
        options: RequestOptions | None = None,
    ) -> "SyncStorageAnswer":
        """Rebuild the instances' knowledge from the database."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/storage/sync",
            {},
            {},
            {"namespace": namespace},
            options,
        )

    async def drain(
        self,
        *,
        timeout_seconds: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "Drain":
        """Wait until no episode runs and nothing is unsent."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/drain",
            {},
            {},
            {"timeout_seconds": timeout_seconds},
            options,
        )

    async def plan_migrations(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Migrations":
        """The migrations of the database, with the SQL of what is pending."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/migrations",
            {},
            {},
            None,
            options,
        )

    async def migrate(
        self,
        *,
        execute: bool = UNSET,
        without_backup: bool = UNSET,
        options: RequestOptions | None = None,
    ) -> "Migrations":
        """Execute what is pending, after a backup."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/migrations",
            {},
            {},
            {"execute": execute, "without_backup": without_backup},
            options,
        )

    async def list_dead_letters(
        self,
        *,
        limit: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListDeadLettersAnswer":
        """Rows that the database never took."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/outbox/dead",
            {},
            {"limit": limit},
            None,
            options,
        )

    async def retry_dead_letters(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "RetryUndeliveredAnswer":
        """Send them again."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/outbox/dead/retry",
            {},
            {},
            None,
            options,
        )

    async def create_backup(
        self,
        *,
        kind: "BackupKind" = UNSET,
        window_days: Union[int, None] = UNSET,
        namespace: Union[str, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "Job":
        """Take a backup, and read it back."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/backups",
            {},
            {},
            {"kind": kind, "window_days": window_days, "namespace": namespace},
            options,
        )

    async def list_backups(
        self,
        *,
        limit: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListBackupsAnswer":
        """The backups in the store."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/backups",
            {},
            {"limit": limit},
            None,
            options,
        )

    async def get_backup(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "Backup":
        """One backup."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/backups/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    async def delete_backup(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "Job":
        """Delete a backup that nothing needs."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "DELETE",
            "/admin/backups/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    async def verify_backup(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "Job":
        """Read a backup back: every object, count and checksum."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/backups/{id}/verify",
            {"id": id_},
            {},
            None,
            options,
        )

    async def restore_backup(
        self,
        id_: str,
        *,
        mode: "RestoreBackupBodyMode" = UNSET,
        namespace: Union[str, None] = UNSET,
        episode: Union[str, None] = UNSET,
        deleted: "RestoreBackupBodyDeleted" = UNSET,
        outbox: "RestoreBackupBodyOutbox" = UNSET,
        dry_run: bool = UNSET,
        instance: Union[int, None] = UNSET,
        settings: bool = UNSET,
        keys: List[str] = UNSET,
        accept_unauthenticated: bool = UNSET,
        options: RequestOptions | None = None,
    ) -> "Job":
        """Restore a backup, or part of it."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/backups/{id}/restore",
            {"id": id_},
            {},
            {"mode": mode, "namespace": namespace, "episode": episode, "deleted": deleted, "outbox": outbox, "dry_run": dry_run, "instance": instance, "settings": settings, "keys": keys, "accept_unauthenticated": accept_unauthenticated},
            options,
        )

    async def rewrap_backups(
        self,
        *,
        backup: Union[str, None] = UNSET,
        options: RequestOptions | None = None,
    ) -> "Job":
        """Wrap the keys of backups anew, after BACKUP_KEY was rotated."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/backups/rewrap",
            {},
            {},
            {"backup": backup},
            options,
        )

    async def drill_restore(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Job":
        """Restore the newest chain into a scratch place and compare it with the database."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/drills",
            {},
            {},
            None,
            options,
        )

    async def run_job(
        self,
        *,
        job: "RunJobBodyJob",
        options: RequestOptions | None = None,
    ) -> "ScheduledRun":
        """Do now what the schedule does."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/schedule",
            {},
            {},
            {"job": job},
            options,
        )

    async def list_jobs(
        self,
        *,
        limit: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "ListJobsAnswer":
        """Long jobs, newest first."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/jobs",
            {},
            {"limit": limit},
            None,
            options,
        )

    async def get_job(
        self,
        id_: str,
        *,
        options: RequestOptions | None = None,
    ) -> "Job":
        """One job, and how far it is."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/jobs/{id}",
            {"id": id_},
            {},
            None,
            options,
        )

    async def cancel_job(
        self,
        id_: str,
        *,
        release: bool = UNSET,
        options: RequestOptions | None = None,
    ) -> "Job":
        """Cancel a job, or give back the database that a restore left half restored."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "POST",
            "/admin/jobs/{id}/cancel",
            {"id": id_},
            {},
            {"release": release},
            options,
        )

    async def is_ready(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "IsReadyAnswer":
        """Whether requests can be served, part by part."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/health/ready",
            {},
            {},
            None,
            options,
        )

    async def get_version(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "GetVersionAnswer":
        """What is deployed."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/version",
            {},
            {},
            None,
            options,
        )

    async def get_capacity(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "Capacity":
        """How much there is, how fast it grows, when a limit is reached."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/capacity",
            {},
            {},
            None,
            options,
        )

    async def get_usage(
        self,
        *,
        over: "UsageOver" = UNSET,
        by: "UsageBy" = UNSET,
        limit: int = UNSET,
        options: RequestOptions | None = None,
    ) -> "Usage":
        """Who uses the service: namespaces and keys."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/usage",
            {},
            {"over": over, "by": by, "limit": limit},
            None,
            options,
        )

    async def get_overview(
        self,
        *,
        options: RequestOptions | None = None,
    ) -> "GetOverviewAnswer":
        """What the console shows, in one answer."""
        return await self._transport.call(  # type: ignore[no-any-return]
            "GET",
            "/admin/overview",
            {},
            {},
            None,
            options,
        )
