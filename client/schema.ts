/**
 * The types of the API, its routes and the kinds of patterns, made of the OpenAPI document by
 * `npm run openapi`. Do not edit.
 *
 * @module
 */

export type Key = {
  id: string;
  name: string;
  scopes: ("read" | "write" | "admin" | "metrics")[];
  /** Names, or "*" for all */
  namespaces: string[];
  default_namespace: string;
  /** RFC 3339, UTC */
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
};

export type Job = {
  id: string;
  kind: "backup" | "snapshot" | "verify" | "restore" | "retention" | "drill";
  /** queued: it waits for its turn; one job runs at a time */
  status: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  params: Record<string, unknown>;
  /** Who asked for it */
  by: string;
  /** RFC 3339, UTC */
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  progress: {
    phase: string;
    rows: number;
    bytes: number;
    done: number;
    /** What `done` is of, in the phase's own unit; 0: nobody knows */
    total: number;
    percent: number | null;
    rows_per_second: number;
    seconds_left: number | null;
  } | null;
  /** What it found; of a failed one, the object that is bad, where one is */
  result: unknown;
  error: string | null;
};

export type Backup = {
  /** Sorts by time */
  id: string;
  kind: "full" | "incremental" | "snapshot";
  /** RFC 3339, UTC */
  started_at: string;
  /** RFC 3339, UTC */
  finished_at: string;
  /** Of an incremental: the backup that it continues */
  parent: string | null;
  /** The database is shown as of this time; null: of a snapshot */
  watermark: string | null;
  scope: {
    namespace: string | null;
    since: string | null;
  };
  rows: number;
  objects: number;
  /** Of the text */
  bytes: number;
  /** Of the objects */
  stored_bytes: number;
  encrypted: boolean;
  /** Whether the service wrote it. false: it is not trusted; null: there is no BACKUP_KEY to tell by */
  authentic: boolean | null;
  /** Why it is not authentic; null: it is */
  authentic_reason: string | null;
  schema_version: number;
  written_by: {
    name: string;
    version: string;
  };
  /** When it was last read back, and whether it was whole; null: never */
  verified: {
    /** RFC 3339, UTC */
    at: string;
    ok: boolean;
  } | null;
};

export type Config = {
  version: number;
  settings: {
    cache_max_size: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    cache_max_bytes: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    cache_ttl_seconds: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    namespace_episodes_max: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    knowledge_cache_bytes: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    derived_flush_seconds: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    episode_idle_timeout_seconds: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    step_output_max_bytes: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    batch_writes: {
      value: boolean;
      source: "override" | "deployment" | "default";
      type: "boolean";
      default: boolean;
      meaning: string;
    };
    batch_size: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    max_connections: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    connection_queue_max: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    database_timeout_ms: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    database_attempts: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    outbox_max_rows: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    outbox_max_bytes: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    instance_in_flight_max: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    rate_limit_per_second: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "number";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    rate_limit_burst: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    database_max_bytes: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    r2_timeout_ms: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    r2_max_bytes: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    retention_daily_days: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    retention_weekly_weeks: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    retention_monthly_months: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    redaction: {
      value: "redact" | "block" | "off";
      source: "override" | "deployment" | "default";
      type: "choice";
      default: "redact" | "block" | "off";
      meaning: string;
      choices: string[];
    };
    log_level: {
      value: "debug" | "info" | "warn" | "error";
      source: "override" | "deployment" | "default";
      type: "choice";
      default: "debug" | "info" | "warn" | "error";
      meaning: string;
      choices: string[];
    };
    breaker_window_size: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    breaker_minimum_calls: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    breaker_failure_rate: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "number";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    breaker_slow_call_rate: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "number";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    breaker_slow_call_ms: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    breaker_trial_calls: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    breaker_open_ms: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
    breaker_open_max_ms: {
      value: number;
      source: "override" | "deployment" | "default";
      type: "integer";
      default: number;
      meaning: string;
      min: number;
      max: number;
      unit: string;
    };
  };
  /** Newest first */
  audit: {
    /** RFC 3339, UTC */
    at: string;
    by: string;
    what: string;
    from: unknown;
    to: unknown;
  }[];
};

export type CircuitBreaker = {
  state: "closed" | "open" | "half_open" | "forced_open" | "disabled";
  /** Of an open or a forced state; null: nobody knows, or until it is reset */
  until: string | null;
  /** Why it is open, or was forced */
  reason: string | null;
  /** Those in its window; while it is open, those that opened it */
  calls: number;
  failed: number;
  slow: number;
};

export type Fleet = {
  topology: {
    version: number;
    count: number;
    previous: number | null;
  };
  maintenance: {
    message: string;
    /** RFC 3339, UTC */
    since: string;
    by: string;
    /** When it ends by itself; null: when it is ended */
    until?: string | null;
  } | null;
  degraded: {
    message: string;
    /** RFC 3339, UTC */
    since: string;
    by: string;
    /** When it ends by itself; null: when it is ended */
    until?: string | null;
  } | null;
  fleet_down_until: {
    turso: string | null;
    r2: string | null;
  };
  /** An instance that does not answer says why instead */
  instances: ({
    instance: number;
    control_version: number;
    topology_version: number;
    active_episodes: number;
    oldest_active_at: string | null;
    cached_episodes: number;
    cached_bytes: number;
    outbox: {
      rows: number;
      bytes: number;
      dead: number;
      oldest_at: string | null;
      last_error: string | null;
    };
    breakers: {
      turso: CircuitBreaker;
      r2: CircuitBreaker;
    };
    connections: {
      in_use: number;
      waiting: number;
      limit: number;
    };
    in_flight: number;
    storage_bytes: number;
    /** Shards of an earlier topology are still here */
    moving: boolean;
    /** What it does in its alarm; absent from an earlier version */
    background?: {
      /** What the homes of namespaces must still learn or forget; dead: given up, see GET /admin/outbox/dead */
      tasks: {
        pending: number;
        dead: number;
        last_error: string | null;
      };
      /** Namespaces that are being loaded from the database */
      loading: {
        namespaces: number;
        since: string | null;
        last_error: string | null;
      };
      /** Shards that cannot be handed over to their new instance */
      handover: {
        failing: number;
        last_error: string | null;
      };
      /** Checkpoints whose patterns the database's table of patterns does not show yet */
      unpublished?: {
        changes: number;
        last_error: string | null;
      };
      /** Parts of the alarm that failed several times in a row */
      failing: {
        part: string;
        failures: number;
        /** RFC 3339, UTC */
        since: string;
        error: string;
      }[];
    };
  } | {
    instance: number;
    error: string;
  })[];
};

export type CuratedItem = {
  kind: "lesson" | "pattern" | "heuristic" | "playbook";
  id: string;
  pinned: boolean;
  banned: boolean;
  review: "approved" | "rejected" | null;
  text: string | null;
  /** What it is: made from stored text, untrusted */
  description: string;
  /** RFC 3339, UTC */
  updated_at: string;
  /** The newest last */
  log: ({
    /** RFC 3339, UTC */
    at: string;
    by: string;
    action: "pin" | "unpin" | "ban" | "unban" | "edit" | "approve" | "reject" | "clear";
    reason: string;
    from: {
      pinned: boolean;
      banned: boolean;
      review: "approved" | "rejected" | null;
      text: string | null;
    };
    to: {
      pinned: boolean;
      banned: boolean;
      review: "approved" | "rejected" | null;
      text: string | null;
    };
  })[];
};

export type CurationWritten = {
  kind: "lesson" | "pattern" | "heuristic" | "playbook";
  id: string;
  pinned: boolean;
  banned: boolean;
  review: "approved" | "rejected" | null;
  text: string | null;
  /** What it is: made from stored text, untrusted */
  description: string;
  /** RFC 3339, UTC */
  updated_at: string;
  /** The newest last */
  log: ({
    /** RFC 3339, UTC */
    at: string;
    by: string;
    action: "pin" | "unpin" | "ban" | "unban" | "edit" | "approve" | "reject" | "clear";
    reason: string;
    from: {
      pinned: boolean;
      banned: boolean;
      review: "approved" | "rejected" | null;
      text: string | null;
    };
    to: {
      pinned: boolean;
      banned: boolean;
      review: "approved" | "rejected" | null;
      text: string | null;
    };
  })[];
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: "queued" | "stored" | "none";
};

export type Curation = {
  /** Shown before others, and however little there is to say for it */
  pinned: boolean;
  /** Never recalled, advised, listed or exported for prompts */
  banned: boolean;
  /** null: nobody reviewed it */
  review: "approved" | "rejected" | null;
  /** The words that a person gave it; null: its own */
  text: string | null;
  /** The API key that decided last; operator: ADMIN_TOKEN */
  by: string;
  /** RFC 3339, UTC */
  at: string;
};

export type LessonEvidence = {
  /** Statements of it: by how many episodes and people, a person once a day */
  said: number;
  /** Judged uses: by feedback, and by the ends of episodes that recalled it */
  used: number;
  /** Of these uses, decayed to now */
  success: number;
  /** Of these uses, decayed to now */
  failure: number;
  /** Share of the uses that went well; null: none was judged */
  rate: number | null;
  /** Lower bound of the rate's 95 % Wilson interval */
  low: number;
  /** Upper bound of the rate's 95 % Wilson interval */
  high: number;
};

export type Lesson = {
  id: string;
  /** Written by an agent or a person: untrusted */
  text: string;
  kind: "do" | "avoid" | "fact";
  applies_to: {
    tools: string[];
    domain: string | null;
    tags: string[];
    task: string | null;
  };
  /** Who or what said it first: untrusted */
  source: string;
  /** The API key that said it first; operator: ADMIN_TOKEN */
  by: string;
  state: "active" | "pending" | "superseded" | "banned" | "rejected";
  /** Other words in which it was said */
  wordings: string[];
  /** The lesson that took its place */
  superseded_by: string | null;
  /** Lessons whose place it took */
  supersedes: string[];
  /** RFC 3339, UTC */
  created_at: string;
  /** When it was last said */
  said_at: string;
  /** RFC 3339, UTC */
  updated_at: string;
  evidence: LessonEvidence;
  /** How many of the last 1,000 recalls showed it */
  shown: number;
  /** What people decided about it; null: nothing */
  curation: Curation | null;
};

export type RecalledLesson = {
  id: string;
  /** Written by an agent or a person: untrusted */
  text: string;
  kind: "do" | "avoid" | "fact";
  applies_to: {
    tools: string[];
    domain: string | null;
    tags: string[];
    task: string | null;
  };
  score: number;
  pinned: boolean;
  evidence: LessonEvidence;
  /** The id of an older lesson about the same that says something else: this one is the later word */
  amends: string | null;
  /** RFC 3339, UTC */
  said_at: string;
};

export type LessonAdded = {
  id: string;
  /** Written by an agent or a person: untrusted */
  text: string;
  kind: "do" | "avoid" | "fact";
  applies_to: {
    tools: string[];
    domain: string | null;
    tags: string[];
    task: string | null;
  };
  /** Who or what said it first: untrusted */
  source: string;
  /** The API key that said it first; operator: ADMIN_TOKEN */
  by: string;
  state: "active" | "pending" | "superseded" | "banned" | "rejected";
  /** Other words in which it was said */
  wordings: string[];
  /** The lesson that took its place */
  superseded_by: string | null;
  /** Lessons whose place it took */
  supersedes: string[];
  /** RFC 3339, UTC */
  created_at: string;
  /** When it was last said */
  said_at: string;
  /** RFC 3339, UTC */
  updated_at: string;
  evidence: LessonEvidence;
  /** How many of the last 1,000 recalls showed it */
  shown: number;
  /** What people decided about it; null: nothing */
  curation: Curation | null;
  /** false: it says what one that was there says, which counts it */
  is_new: boolean;
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: "queued" | "stored" | "none";
};

export type LessonWritten = {
  id: string;
  /** Written by an agent or a person: untrusted */
  text: string;
  kind: "do" | "avoid" | "fact";
  applies_to: {
    tools: string[];
    domain: string | null;
    tags: string[];
    task: string | null;
  };
  /** Who or what said it first: untrusted */
  source: string;
  /** The API key that said it first; operator: ADMIN_TOKEN */
  by: string;
  state: "active" | "pending" | "superseded" | "banned" | "rejected";
  /** Other words in which it was said */
  wordings: string[];
  /** The lesson that took its place */
  superseded_by: string | null;
  /** Lessons whose place it took */
  supersedes: string[];
  /** RFC 3339, UTC */
  created_at: string;
  /** When it was last said */
  said_at: string;
  /** RFC 3339, UTC */
  updated_at: string;
  evidence: LessonEvidence;
  /** How many of the last 1,000 recalls showed it */
  shown: number;
  /** What people decided about it; null: nothing */
  curation: Curation | null;
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: "queued" | "stored" | "none";
};

export type Step = {
  number: number;
  /** RFC 3339, UTC */
  at: string;
  tool: string;
  action: string;
  parameters: unknown;
  /** null: unknown, counts neither as success nor as failure */
  result: {
    type: "success";
    output: string;
  } | {
    type: "error";
    message: string;
  } | {
    type: "timeout";
  } | null;
  latency_ms: number | null;
  tokens: number | null;
  metadata: Record<string, string>;
};

export type Outcome = {
  type: "success";
  verdict: string;
  artifacts: string[];
} | {
  type: "partial_success";
  verdict: string;
  completed: string[];
  failed: string[];
} | {
  type: "failure";
  reason: string;
  details: string | null;
} | {
  type: "abstained";
  reason: string;
  signals: string[];
};

/** Parts and total in 0…1; the total is the weighted sum of the parts */
export type Reward = {
  total: number;
  base: number;
  efficiency: number;
  quality: number;
  learning: number;
  weights: {
    base: number;
    efficiency: number;
    quality: number;
    learning: number;
  };
};

export type Reflection = {
  successes: string[];
  improvements: string[];
  insights: string[];
};

export type Episode = {
  id: string;
  namespace: string;
  task: string;
  task_type: "code_generation" | "debugging" | "refactoring" | "testing" | "analysis" | "documentation" | "other";
  context: {
    domain: string;
    language: string | null;
    framework: string | null;
    complexity: "simple" | "moderate" | "complex";
    tags: string[];
  };
  status: "in_progress" | "completed" | "failed" | "abandoned";
  /** RFC 3339, UTC */
  started_at: string;
  ended_at: string | null;
  /** RFC 3339, UTC */
  updated_at: string;
  outcome: Outcome | null;
  reward: Reward | null;
  reflection: Reflection | null;
  pattern_ids: string[];
  tags: string[];
  checkpoints: ({
    id: string;
    /** RFC 3339, UTC */
    at: string;
    /** The last step that it covers; 0 before the first */
    step_number: number;
    reason: string;
    note: string | null;
    state: unknown;
  })[];
  metadata: Record<string, string>;
  step_count: number;
  /** Rises by one with each change; the ETag */
  version: number;
};

export type EpisodeWithSteps = {
  id: string;
  namespace: string;
  task: string;
  task_type: "code_generation" | "debugging" | "refactoring" | "testing" | "analysis" | "documentation" | "other";
  context: {
    domain: string;
    language: string | null;
    framework: string | null;
    complexity: "simple" | "moderate" | "complex";
    tags: string[];
  };
  status: "in_progress" | "completed" | "failed" | "abandoned";
  /** RFC 3339, UTC */
  started_at: string;
  ended_at: string | null;
  /** RFC 3339, UTC */
  updated_at: string;
  outcome: Outcome | null;
  reward: Reward | null;
  reflection: Reflection | null;
  pattern_ids: string[];
  tags: string[];
  checkpoints: ({
    id: string;
    /** RFC 3339, UTC */
    at: string;
    /** The last step that it covers; 0 before the first */
    step_number: number;
    reason: string;
    note: string | null;
    state: unknown;
  })[];
  metadata: Record<string, string>;
  step_count: number;
  /** Rises by one with each change; the ETag */
  version: number;
  steps: Step[];
};

export type EpisodeWritten = {
  id: string;
  namespace: string;
  task: string;
  task_type: "code_generation" | "debugging" | "refactoring" | "testing" | "analysis" | "documentation" | "other";
  context: {
    domain: string;
    language: string | null;
    framework: string | null;
    complexity: "simple" | "moderate" | "complex";
    tags: string[];
  };
  status: "in_progress" | "completed" | "failed" | "abandoned";
  /** RFC 3339, UTC */
  started_at: string;
  ended_at: string | null;
  /** RFC 3339, UTC */
  updated_at: string;
  outcome: Outcome | null;
  reward: Reward | null;
  reflection: Reflection | null;
  pattern_ids: string[];
  tags: string[];
  checkpoints: ({
    id: string;
    /** RFC 3339, UTC */
    at: string;
    /** The last step that it covers; 0 before the first */
    step_number: number;
    reason: string;
    note: string | null;
    state: unknown;
  })[];
  metadata: Record<string, string>;
  step_count: number;
  /** Rises by one with each change; the ETag */
  version: number;
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: "queued" | "stored" | "none";
};

export type StepsLogged = {
  episode_id: string;
  accepted: number;
  /** Steps that were logged before with the same content */
  duplicates: number;
  last_number: number;
  version: number;
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: "queued" | "stored" | "none";
};

export type Completion = {
  id: string;
  status: "in_progress" | "completed" | "failed" | "abandoned";
  reward: Reward | null;
  reflection: Reflection | null;
  patterns: ({
    id: string;
    kind: "tool_sequence" | "decision_point" | "error_recovery" | "context_pattern";
    is_new: boolean;
  })[];
  /** queued: the namespace's instance is out of reach; it learns as soon as it is back */
  learning: "done" | "queued";
  /** What of a large episode was left out of learning; null when nothing was */
  omitted: {
    steps: number;
    contributions: number;
  } | null;
  /** Its lessons; is_new false: what it says was said before, which is counted */
  lessons?: {
    id: string;
    is_new: boolean;
  }[];
  version: number;
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: "queued" | "stored" | "none";
};

export type Checkpoint = {
  id: string;
  /** RFC 3339, UTC */
  at: string;
  /** The last step that it covers; 0 before the first */
  step_number: number;
  reason: string;
  note: string | null;
  state: unknown;
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: "queued" | "stored" | "none";
};

export type HandoffPack = {
  episode: Episode;
  checkpoint: {
    id: string;
    /** RFC 3339, UTC */
    at: string;
    /** The last step that it covers; 0 before the first */
    step_number: number;
    reason: string;
    note: string | null;
    state: unknown;
  } | null;
  recent_steps: Step[];
  progress: {
    steps: number;
    succeeded: number;
    failed: number;
    tools: string[];
  };
  open_errors: {
    step_number: number;
    tool: string;
    message: string;
  }[];
  next_tools: {
    tool: string;
    probability: number;
    why: string;
    /** The episodes that say so most */
    episodes: string[];
  }[];
  /** What the next tools are used for, and where their parameters come from */
  next_actions?: ({
    /** The tool, and its key behind it */
    action: string;
    tool: string;
    /** What kind of action it is beyond its tool; null: the tool says it */
    key: string | null;
    probability: number;
    parameters: {
      /** As a path: `address.city`, `item_ids[]` */
      name: string;
      /** The same in most of the runs; absent: it differs */
      value?: string;
      /** Where the runs had it from: `task`, or `tool.field.path` of an earlier answer; `ask` where nothing told it. Absent: there is a value */
      source?: string;
      /** Further sources, of runs that did not have it from the first */
      or?: string[];
      /** The values that it may have, where these are few */
      one_of?: string[];
      /** Of the runs that took the action, those that had it so */
      support: number;
      /** What the source holds in the answers of the recent steps, the latest first */
      found?: string[];
    }[];
  })[];
  /** What agents and people left for such a task: untrusted */
  lessons?: RecalledLesson[];
};

export type NamespaceSettings = {
  namespace: string;
  /** What is in force, defaults included */
  settings: {
    /** The share of episodes that are answered nothing */
    recall_holdout: number;
    /** What is done with secrets, where that is more than the deployment does */
    redaction: "as_deployment" | "redact" | "block";
  };
};

export type Namespace = {
  name: string;
  /** Nothing was stored in it yet; only namespaces that the key names are */
  empty: boolean;
};

export type Pattern = {
  id: string;
  kind: "tool_sequence" | "decision_point" | "error_recovery" | "context_pattern";
  /** do: recommended; avoid: significantly worse than the base rate; neutral: neither */
  polarity: "do" | "avoid" | "neutral";
  /** Made from stored text: untrusted */
  description: string;
  tools: string[];
  /** The same with what they were used for; absent: the tools say it */
  actions?: string[];
  condition: Record<string, string> | null;
  /** Wilson lower bound (95 %) of the decayed success rate */
  confidence: number;
  /** Success rate over the base rate of its namespace and domain */
  lift: number;
  support: {
    /** Decayed to now */
    success: number;
    /** Decayed to now */
    failure: number;
    /** Ever counted, not decayed */
    episodes: number;
  };
  occurrences: number;
  mean_latency_ms: number | null;
  /** RFC 3339, UTC */
  last_seen_at: string;
  /** The newest supporting episodes */
  episodes: string[];
  /** What a person decided about it */
  curation?: Curation;
};

export type Heuristic = {
  id: string;
  pattern_id: string;
  kind: "tool_sequence" | "decision_point" | "error_recovery" | "context_pattern";
  /** do: recommended; avoid: significantly worse than the base rate; neutral: neither */
  polarity: "do" | "avoid" | "neutral";
  tools: string[];
  condition: string;
  action: string;
  confidence: number;
  lift: number;
  support: {
    /** Decayed to now */
    success: number;
    /** Decayed to now */
    failure: number;
    /** Ever counted, not decayed */
    episodes: number;
  };
  episodes: string[];
  /** What a person decided about it */
  curation?: Curation;
};

export type Use = {
  shown: number;
  /** Named as used in feedback, or by the completion of an episode */
  used: number;
  /** Of these uses; a rating counts by its share */
  helped: number;
  rate: number | null;
  /** Lower bound of the rate's 95 % Wilson interval */
  low: number | null;
  /** Upper bound of the rate's 95 % Wilson interval */
  high: number | null;
};

export type RateOfSuccess = {
  episodes: number;
  rate: number | null;
  /** Lower bound of the rate's 95 % Wilson interval */
  low: number | null;
  /** Upper bound of the rate's 95 % Wilson interval */
  high: number | null;
};

export type Calibration = {
  forecasts: number;
  /** Expected calibration error: how far what was said is from what happened */
  error: number | null;
  bins: {
    predicted: number;
    observed: number;
    forecasts: number;
  }[];
};

export type HoldoutGroup = {
  /** Ended and judged; the figures are about these */
  episodes: number;
  /** Abandoned or abstained: they count in no figure */
  unjudged: number;
  success: {
    rate: number | null;
    /** Lower bound of the rate's 95 % Wilson interval */
    low: number | null;
    /** Upper bound of the rate's 95 % Wilson interval */
    high: number | null;
  };
  /** The share that met an error of a tool again */
  error_repeated: {
    rate: number | null;
    /** Lower bound of the rate's 95 % Wilson interval */
    low: number | null;
    /** Upper bound of the rate's 95 % Wilson interval */
    high: number | null;
  };
  mean_steps: number | null;
};

export type HoldoutDifference = {
  /** null while a group has too few episodes */
  value: number | null;
  /** Lower bound of the 95 % interval */
  low: number | null;
  /** Upper bound of the 95 % interval */
  high: number | null;
};

export type HoldoutComparison = {
  /** The `recall_holdout` under which these episodes asked */
  share: number;
  /** Episodes that the memory answered */
  shown: HoldoutGroup;
  /** Episodes that it was told to answer nothing */
  held_out: HoldoutGroup;
  /** shown less held_out */
  effect: {
    /** Of the success rates, by Newcombe's interval */
    success: HoldoutDifference;
    /** Of the shares, by Newcombe's interval */
    error_repeated: HoldoutDifference;
    /** Of the mean numbers of steps, by Welch's interval */
    steps: HoldoutDifference;
  };
  /** Whether the interval of the success rates' difference is above or below 0 */
  verdict: "helps" | "harms" | "undecided";
  /** Episodes that are still to be judged until a difference of success of the size seen so far, but of at least 0.05, is found with a chance of 80 %; 0: there are enough */
  still_needed: number;
};

export type Stats = {
  namespace: string;
  episodes: {
    total: number;
    in_progress: number;
    completed: number;
    failed: number;
    abandoned: number;
  };
  outcomes: {
    success: number;
    partial_success: number;
    failure: number;
    abstained: number;
  };
  success_rate: number | null;
  mean_reward: number | null;
  steps: number;
  patterns: {
    total: number;
    by_kind: Record<"tool_sequence" | "decision_point" | "error_recovery" | "context_pattern", number>;
    promoted: number;
  };
  recalls: number;
  feedback: number;
  /** What was shown in the recalls that are kept, what of it was used, and what of that helped */
  use: {
    episodes: Use;
    patterns: Use;
    heuristics: Use;
    playbooks: Use;
    lessons?: Use;
  };
  /** How the episodes ended that named a recall they had used, beside the others. Who recalls may have the harder tasks: this is no proof of a cause */
  recall_effect: {
    with_recall: RateOfSuccess;
    without_recall: RateOfSuccess;
  };
  /** The probabilities of the latest advice that named its running episode, beside what these episodes then did; what is said next is corrected by it */
  calibration: {
    next_tools: Calibration;
    outcome: Calibration;
  };
  /** Episodes that asked the memory and were answered, beside those that by lot were not (`recall_holdout`): a comparison for each share that was in force. An episode that asked nothing is in neither group */
  holdout?: {
    share: number;
    comparisons: HoldoutComparison[];
  };
  domains: ({
    domain: string;
    episodes: number;
    success_rate: number | null;
  })[];
  degraded: boolean;
};

export type Playbook = {
  id: string;
  task: string;
  steps: ({
    order: number;
    tool: string;
    /** The tool, and its key behind it */
    action: string;
    /** What kind of action it is; absent: the tool says it */
    key?: string;
    parameters?: {
      /** As a path: `address.city`, `item_ids[]` */
      name: string;
      /** The same in most of the runs; absent: it differs */
      value?: string;
      /** Where the runs had it from: `task`, or `tool.field.path` of an earlier answer; `ask` where nothing told it. Absent: there is a value */
      source?: string;
      /** Further sources, of runs that did not have it from the first */
      or?: string[];
      /** The values that it may have, where these are few */
      one_of?: string[];
      /** Of the runs that took the action, those that had it so */
      support: number;
    }[];
    /** The runs that took this step part by it from those that did not */
    when?: string;
    /** It is taken several times in a row, for each value of this source */
    for_each?: string;
    support: number;
    success_rate: number | null;
    expected: string | null;
    episodes: string[];
    pitfalls: {
      description: string;
      episodes: string[];
      /** The action that most often succeeded next after it */
      way_out?: string;
    }[];
  })[];
  confidence: number;
  based_on: string[];
  when_not_to_apply: string[];
  /** How many of the recent steps it covers already */
  continues_after: number;
  /** What a person says of it: untrusted */
  note?: string;
  /** What a person decided about it */
  curation?: Curation;
};

export type RecalledEpisode = {
  id: string;
  score: number;
  task: string;
  task_type: "code_generation" | "debugging" | "refactoring" | "testing" | "analysis" | "documentation" | "other";
  context: {
    domain: string;
    language: string | null;
    framework: string | null;
    complexity: "simple" | "moderate" | "complex";
    tags: string[];
  };
  status: "in_progress" | "completed" | "failed" | "abandoned";
  outcome: "success" | "partial_success" | "failure" | "abstained" | null;
  reward: number | null;
  /** It failed: recalled as a warning, not as a model */
  warning: boolean;
  summary: string | null;
  insights: string[];
  tools: string[];
  ended_at: string | null;
  why: {
    text: number;
    context: number;
    reward: number;
    recency: number;
    use: number;
  };
  matched_terms: string[];
};

export type Recall = {
  /** For `POST /v1/feedback`, and for the completion that it helped */
  recall_id: string;
  episodes: RecalledEpisode[];
  patterns: ({
    id: string;
    kind: "tool_sequence" | "decision_point" | "error_recovery" | "context_pattern";
    /** do: recommended; avoid: significantly worse than the base rate; neutral: neither */
    polarity: "do" | "avoid" | "neutral";
    /** Made from stored text: untrusted */
    description: string;
    tools: string[];
    /** The same with what they were used for; absent: the tools say it */
    actions?: string[];
    condition: Record<string, string> | null;
    /** Wilson lower bound (95 %) of the decayed success rate */
    confidence: number;
    /** Success rate over the base rate of its namespace and domain */
    lift: number;
    support: {
      /** Decayed to now */
      success: number;
      /** Decayed to now */
      failure: number;
      /** Ever counted, not decayed */
      episodes: number;
    };
    occurrences: number;
    mean_latency_ms: number | null;
    /** RFC 3339, UTC */
    last_seen_at: string;
    /** The newest supporting episodes */
    episodes: string[];
    /** What a person decided about it */
    curation?: Curation;
    score: number;
    why: Record<string, number>;
  })[];
  heuristics: ({
    id: string;
    pattern_id: string;
    kind: "tool_sequence" | "decision_point" | "error_recovery" | "context_pattern";
    /** do: recommended; avoid: significantly worse than the base rate; neutral: neither */
    polarity: "do" | "avoid" | "neutral";
    tools: string[];
    condition: string;
    action: string;
    confidence: number;
    lift: number;
    support: {
      /** Decayed to now */
      success: number;
      /** Decayed to now */
      failure: number;
      /** Ever counted, not decayed */
      episodes: number;
    };
    episodes: string[];
    /** What a person decided about it */
    curation?: Curation;
    score: number;
    why: Record<string, number>;
  })[];
  playbook: Playbook | null;
  next_tools: {
    tool: string;
    probability: number;
    why: string;
    /** The episodes that say so most */
    episodes: string[];
  }[];
  /** What agents and people left for such a task, the best first */
  lessons?: RecalledLesson[];
  /** The fields that hold stored text: data from outside, never instructions */
  untrusted: string[];
  served_by: "instance" | "database";
  /** The share of the namespace's episodes that it was made from; 1 unless it is loading */
  completeness: number;
  degraded: boolean;
  /** Items left out to keep within max_tokens */
  truncated: number;
  /** By lot this episode is answered nothing, whatever the memory knows: the namespace measures what it is worth (`recall_holdout`) */
  held_out?: true;
};

export type ToldAction = {
  /** The tool, and its key behind it */
  action: string;
  tool: string;
  /** What kind of action it is beyond its tool; null: the tool says it */
  key: string | null;
  parameters: {
    name: string;
    value: string;
    /** Of the runs that are known, those that had this value */
    support: number;
  }[];
};

export type Advice = {
  /** For `POST /v1/feedback`, and for the completion that it helped */
  recall_id: string;
  next_tools: {
    tool: string;
    probability: number;
    why: string;
    /** The episodes that say so most */
    episodes: string[];
  }[];
  /** What the next tools are used for, and where their parameters come from */
  next_actions?: ({
    /** The tool, and its key behind it */
    action: string;
    tool: string;
    /** What kind of action it is beyond its tool; null: the tool says it */
    key: string | null;
    probability: number;
    parameters: {
      /** As a path: `address.city`, `item_ids[]` */
      name: string;
      /** The same in most of the runs; absent: it differs */
      value?: string;
      /** Where the runs had it from: `task`, or `tool.field.path` of an earlier answer; `ask` where nothing told it. Absent: there is a value */
      source?: string;
      /** Further sources, of runs that did not have it from the first */
      or?: string[];
      /** The values that it may have, where these are few */
      one_of?: string[];
      /** Of the runs that took the action, those that had it so */
      support: number;
      /** What the source holds in the answers of the recent steps, the latest first */
      found?: string[];
    }[];
  })[];
  /** The tools that runs of such a task use, whenever in the run */
  expected_tools: {
    tool: string;
    probability: number;
    episodes: string[];
  }[];
  /** Choices after which runs ended significantly worse than runs of the same and similar tasks that had come as far, what used to work and has stopped, and calls that fail again; never the first of next_tools */
  avoid: ({
    tool: string;
    why: string;
    pattern_id: string | null;
    episodes: string[];
  })[];
  /** Ways out of the error */
  recoveries: ({
    pattern_id: string;
    /** do: recommended; avoid: significantly worse than the base rate; neutral: neither */
    polarity: "do" | "avoid" | "neutral";
    confidence: number;
    support: {
      /** Decayed to now */
      success: number;
      /** Decayed to now */
      failure: number;
      /** Ever counted, not decayed */
      episodes: number;
    };
    episodes: string[];
    tool: string;
    /** The masked error that it was learned from: untrusted */
    error: string;
    /** 1: the same template. Below: a template with this share of its words */
    likeness: number;
    /** The tools that led from the error to a success */
    path: string[];
    /** What kind of action failed; absent: the tool says it */
    key?: string;
    /** The same path with what was done, and the parameters that most runs shared */
    actions?: ToldAction[];
    /** The action of the path that stands out: what mended it */
    mended_by?: string;
    /** Episodes that it led out of such an error, of the newest */
    worked?: number;
    /** Episodes in which it was tried, and the error came again */
    in_vain?: number;
    /** What else was tried, after which the error came again */
    did_not_help?: {
      action: string;
      episodes: number;
    }[];
    /** What a person says of it: untrusted */
    note?: string;
  })[];
  /** How the named next_tool looks from here; null: none was named */
  proposed: {
    tool: string;
    probability: number;
    rank: number | null;
    verdict: "usual" | "unusual" | "avoid";
    /** What is known against it; null: nothing */
    why?: string | null;
  } | null;
  /** How the episode will probably end; null while too few were judged */
  outlook: {
    success: number;
    base_rate: number;
    /** What adds up from base_rate to success */
    why: Record<string, number>;
    /** Judged episodes that it is learned from */
    runs: number;
    episodes: string[];
  } | null;
  /** The one thing worth saying before this action or after this failure; null: nothing stands out. Made from stored text: untrusted */
  line?: string | null;
  /** What agents and people left for such a task or step, the best first */
  lessons?: RecalledLesson[];
  /** The fields that hold stored text: data from outside, never instructions */
  untrusted: string[];
  served_by: "instance" | "database";
  /** The share of the namespace's episodes that it was made from; 1 unless it is loading */
  completeness: number;
  degraded: boolean;
  /** By lot this episode is answered nothing, whatever the memory knows: the namespace measures what it is worth (`recall_holdout`) */
  held_out?: true;
};

export type Drain = {
  drained: boolean;
  waited_ms: number;
  active_episodes: number;
  unsent_rows: number;
  message: string;
  /** An instance that does not answer says why instead */
  instances: ({
    instance: number;
    control_version: number;
    topology_version: number;
    active_episodes: number;
    oldest_active_at: string | null;
    cached_episodes: number;
    cached_bytes: number;
    outbox: {
      rows: number;
      bytes: number;
      dead: number;
      oldest_at: string | null;
      last_error: string | null;
    };
    breakers: {
      turso: CircuitBreaker;
      r2: CircuitBreaker;
    };
    connections: {
      in_use: number;
      waiting: number;
      limit: number;
    };
    in_flight: number;
    storage_bytes: number;
    /** Shards of an earlier topology are still here */
    moving: boolean;
    /** What it does in its alarm; absent from an earlier version */
    background?: {
      /** What the homes of namespaces must still learn or forget; dead: given up, see GET /admin/outbox/dead */
      tasks: {
        pending: number;
        dead: number;
        last_error: string | null;
      };
      /** Namespaces that are being loaded from the database */
      loading: {
        namespaces: number;
        since: string | null;
        last_error: string | null;
      };
      /** Shards that cannot be handed over to their new instance */
      handover: {
        failing: number;
        last_error: string | null;
      };
      /** Checkpoints whose patterns the database's table of patterns does not show yet */
      unpublished?: {
        changes: number;
        last_error: string | null;
      };
      /** Parts of the alarm that failed several times in a row */
      failing: {
        part: string;
        failures: number;
        /** RFC 3339, UTC */
        since: string;
        error: string;
      }[];
    };
  } | {
    instance: number;
    error: string;
  })[];
};

export type Migration = {
  version: number;
  name: string;
  /** expand: applied on the first connection. contract: applied by an operator. null: of a later release */
  kind: "expand" | "contract" | null;
  /** started: some statements were applied, and a run goes on with the next one */
  state: "applied" | "started" | "pending";
  /** SHA-256 of its text in this release */
  checksum: string | null;
  /** SHA-256 of its text when it was applied */
  applied_checksum: string | null;
  applied_at: string | null;
  /** The statements that are not applied yet, in order */
  sql: string[];
};

export type Migrations = {
  /** The highest version that the database has */
  schema_version: number;
  /** The version that this release needs */
  needed_version: number;
  problems: string[];
  /** Who executes migrations now */
  lease: {
    holder: string;
    /** RFC 3339, UTC */
    until: string;
  } | null;
  migrations: Migration[];
  executed: boolean;
  /** The versions that this request applied */
  applied: number[];
  /** The backup that was taken first */
  backup: string | null;
};

export type DeadLetter = {
  instance: number;
  table: string;
  key: (string | number)[];
  reason: string;
  detail: string;
  /** RFC 3339, UTC */
  parked_at: string;
  tries: number;
};

export type Relationship = {
  from: string;
  to: string;
  type: "parent_child" | "depends_on" | "follows" | "related_to" | "blocks" | "duplicates" | "references";
  /** RFC 3339, UTC */
  created_at: string;
  reason: string | null;
};

export type ImportLineAnswer = {
  line: number;
  status: "created";
  id: string;
  /** Characters U+0000 of the line, each taken as U+FFFD; absent: it had none */
  replaced?: number;
} | {
  line: number;
  status: "updated";
  id: string;
  /** Characters U+0000 of the line, each taken as U+FFFD; absent: it had none */
  replaced?: number;
} | {
  line: number;
  status: "duplicate";
  id: string;
  /** Characters U+0000 of the line, each taken as U+FFFD; absent: it had none */
  replaced?: number;
} | {
  line: number;
  status: "error";
  error: {
    code: string;
    detail: string;
    errors: {
      path: string;
      message: string;
    }[];
  };
};

export type Readiness = {
  status: "healthy" | "degraded" | "unhealthy";
  checks: ({
    name: string;
    status: "healthy" | "degraded" | "unhealthy";
    /** 0 when it was known */
    latency_ms: number;
    /** What is found and, when it is not well, what to do */
    message: string;
  })[];
};

export type JobRun = {
  job: string;
  /** RFC 3339, UTC */
  scheduled_at: string;
  /** RFC 3339, UTC */
  started_at: string;
  /** null: it runs */
  ended_at: string | null;
  result: "success" | "failure" | null;
  detail: string;
  last_success_at: string | null;
};

export type Incident = {
  seq: number;
  /** RFC 3339, UTC */
  at: string;
  kind: "breaker" | "maintenance" | "degraded" | "deploy" | "settings" | "keys" | "topology" | "backup" | "restore" | "job" | "health" | "dead_letters" | "overload";
  severity: "info" | "warning" | "critical";
  title: string;
  detail: Record<string, unknown>;
};

export type MetricSample = {
  /** RFC 3339, UTC */
  at: string;
  totals: Record<"episodes_created" | "episodes_completed" | "steps" | "patterns" | "recalls" | "cache_hits" | "cache_misses" | "requests" | "server_errors" | "storage_operations" | "storage_errors" | "active_episodes" | "outbox_rows" | "outbox_oldest_seconds" | "outbox_dead" | "breakers_open" | "instance_bytes" | "instance_bytes_max" | "database_bytes" | "pattern_row_bytes" | "r2_bytes", number>;
  histograms: Record<"http" | "storage" | "recall", number[]>;
  /** Instances that did not answer */
  silent: number;
};

export type Capacity = {
  from: string | null;
  to: string | null;
  hours: number;
  rates: {
    episodes: {
      per_hour: number | null;
      per_day: number | null;
    };
    steps: {
      per_hour: number | null;
      per_day: number | null;
    };
    recalls: {
      per_hour: number | null;
      per_day: number | null;
    };
    requests: {
      per_hour: number | null;
      per_day: number | null;
    };
    patterns: {
      per_hour: number | null;
      per_day: number | null;
    };
  };
  bytes_per_episode: number | null;
  bytes_per_pattern: number | null;
  storage: {
    database_bytes: number | null;
    instance_bytes: number | null;
    r2_bytes: number | null;
  };
  backlog: {
    rows: number | null;
    oldest_seconds: number | null;
    dead: number | null;
  };
  cache_hit_rate: number | null;
  forecasts: ({
    resource: string;
    now: number;
    limit: number;
    unit: "bytes" | "rows";
    used: number;
    per_day: number | null;
    in_30_days: {
      expected: number;
      low: number;
      high: number;
    } | null;
    reached_at: {
      expected: string | null;
      earliest: string | null;
      latest: string | null;
    };
    advice: string;
  })[];
};

export type Usage = {
  /** The time until now, by clock hours or days */
  over: "hour" | "day";
  by: "requests" | "refusals" | "episodes" | "open_episodes" | "rows" | "bytes";
  /** Those with the most first */
  namespaces: {
    namespace: string;
    /** That came in, those that were refused included */
    requests: number;
    /** Requests that the memory refused: rate, scope, bounds, modes */
    refusals: number;
    /** That it began, or imported */
    episodes: number;
    /** That run now, whenever they began */
    open_episodes: number;
    /** That its requests wrote, each time that they did */
    rows: number;
    /** Of those rows */
    bytes: number;
  }[];
  /** Those with the most first */
  keys: ({
    /** The id of the key; operator: ADMIN_TOKEN; nobody: no key that is known; unknown: of an episode that does not say who began it */
    key: string;
    /** null: it is no key's id, or the name is not known now */
    name: string | null;
    revoked_at: string | null;
    /** That came in, those that were refused included */
    requests: number;
    /** Requests that the memory refused: rate, scope, bounds, modes */
    refusals: number;
    /** That it began, or imported */
    episodes: number;
    /** That run now, whenever they began */
    open_episodes: number;
    /** That its requests wrote, each time that they did */
    rows: number;
    /** Of those rows */
    bytes: number;
  })[];
  /** The sum of those that are not named */
  others: {
    namespaces: {
      /** That came in, those that were refused included */
      requests: number;
      /** Requests that the memory refused: rate, scope, bounds, modes */
      refusals: number;
      /** That it began, or imported */
      episodes: number;
      /** That run now, whenever they began */
      open_episodes: number;
      /** That its requests wrote, each time that they did */
      rows: number;
      /** Of those rows */
      bytes: number;
    };
    keys: {
      /** That came in, those that were refused included */
      requests: number;
      /** Requests that the memory refused: rate, scope, bounds, modes */
      refusals: number;
      /** That it began, or imported */
      episodes: number;
      /** That run now, whenever they began */
      open_episodes: number;
      /** That its requests wrote, each time that they did */
      rows: number;
      /** Of those rows */
      bytes: number;
    };
  };
  /** Instances that did not answer: theirs is missing */
  silent: number[];
};

/** RFC 9457 problem details. */
export type Problem = {
  /** /problems/ and the code */
  type: string;
  title: string;
  status: number;
  /** Stable: for programs */
  code: "body_too_large" | "conflict" | "cycle" | "database_unavailable" | "deadline_exceeded" | "episode_ended" | "forbidden" | "idempotency_conflict" | "idempotency_in_flight" | "internal" | "key_in_url" | "limit_exceeded" | "maintenance" | "method_not_allowed" | "no_such_route" | "not_found" | "not_ready" | "outbox_full" | "overloaded" | "precondition_failed" | "rate_limited" | "request_cut_off" | "secret_found" | "unauthenticated" | "unsupported_media_type" | "validation_failed";
  /** A sentence that a person can act on */
  detail: string;
  request_id: string;
  errors?: {
    /** Dotted: steps.3.tool */
    path: string;
    message: string;
  }[];
};

/** What each operation takes and answers, by its operationId. */
export interface Operations {
  startEpisode: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      task: string;
      task_type?: "code_generation" | "debugging" | "refactoring" | "testing" | "analysis" | "documentation" | "other";
      context?: {
        domain?: string | null;
        language?: string | null;
        framework?: string | null;
        complexity?: "simple" | "moderate" | "complex";
        tags?: string[];
      };
      metadata?: Record<string, string>;
      tags?: string[];
      recall_id?: string;
    };
    answer: EpisodeWritten;
  };
  listEpisodes: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string; status?: "in_progress" | "completed" | "failed" | "abandoned"; outcome?: "success" | "partial_success" | "failure" | "abstained"; domain?: string; language?: string; framework?: string; tag?: string; task_type?: "code_generation" | "debugging" | "refactoring" | "testing" | "analysis" | "documentation" | "other"; started_after?: string; started_before?: string; text?: string };
    body: undefined;
    answer: {
      episodes: Episode[];
      /** null: the last page */
      next_cursor: string | null;
      /** The database was out of reach: this is what the instances hold */
      degraded: boolean;
    };
  };
  getEpisode: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: EpisodeWithSteps;
  };
  amendEpisode: {
    params: { id: string };
    query: Record<string, never>;
    body: {
      task?: string;
      task_type?: "code_generation" | "debugging" | "refactoring" | "testing" | "analysis" | "documentation" | "other";
      context?: {
        domain?: string;
        language?: string | null;
        framework?: string | null;
        complexity?: "simple" | "moderate" | "complex";
        tags?: string[];
      };
      metadata?: Record<string, string | null>;
      tags?: string[];
    };
    answer: EpisodeWritten;
  };
  deleteEpisode: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: undefined;
  };
  logSteps: {
    params: { id: string };
    query: Record<string, never>;
    body: {
      number?: number;
      at?: string;
      tool: string;
      action?: string;
      parameters?: unknown;
      result?: {
        type: "success";
        output?: string;
      } | {
        type: "error";
        message: string;
      } | {
        type: "timeout";
      } | null;
      latency_ms?: number | null;
      tokens?: number | null;
      metadata?: Record<string, string>;
    } | {
      steps: ({
        number?: number;
        at?: string;
        tool: string;
        action?: string;
        parameters?: unknown;
        result?: {
          type: "success";
          output?: string;
        } | {
          type: "error";
          message: string;
        } | {
          type: "timeout";
        } | null;
        latency_ms?: number | null;
        tokens?: number | null;
        metadata?: Record<string, string>;
      })[];
    };
    answer: StepsLogged;
  };
  completeEpisode: {
    params: { id: string };
    query: Record<string, never>;
    body: {
      outcome: {
        type: "success";
        verdict?: string;
        artifacts?: string[];
      } | {
        type: "partial_success";
        verdict?: string;
        completed?: string[];
        failed?: string[];
      } | {
        type: "failure";
        reason?: string;
        details?: string | null;
      } | {
        type: "abstained";
        reason?: string;
        signals?: string[];
      };
      recall_id?: string | null;
      lessons?: ({
        text: string;
        kind: "do" | "avoid" | "fact";
        applies_to?: {
          tools?: string[];
          domain?: string | null;
          tags?: string[];
          task?: string | null;
        };
        supersedes?: string | null;
      })[];
    };
    answer: Completion;
  };
  failEpisode: {
    params: { id: string };
    query: Record<string, never>;
    body: {
      reason: string;
      details?: string | null;
    };
    answer: Completion;
  };
  checkpointEpisode: {
    params: { id: string };
    query: Record<string, never>;
    body: {
      reason: string;
      note?: string | null;
      state?: unknown;
    };
    answer: Checkpoint;
  };
  handOffEpisode: {
    params: { id: string };
    query: { max_tokens?: number; evidence?: "true" | "false"; checkpoint_id?: string; format?: "json" | "text" };
    body: undefined;
    answer: HandoffPack;
  };
  listTags: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: {
      tags: string[];
    };
  };
  addTags: {
    params: { id: string };
    query: Record<string, never>;
    body: {
      tags: string[];
    };
    answer: {
      tags: string[];
      /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
      durability: "queued" | "stored" | "none";
    };
  };
  removeTag: {
    params: { id: string; tag: string };
    query: Record<string, never>;
    body: undefined;
    answer: {
      tags: string[];
      /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
      durability: "queued" | "stored" | "none";
    };
  };
  listRelationships: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: {
      relationships: Relationship[];
    };
  };
  addRelationship: {
    params: { id: string };
    query: Record<string, never>;
    body: {
      type: "parent_child" | "depends_on" | "follows" | "related_to" | "blocks" | "duplicates" | "references";
      to: string;
      reason?: string | null;
    };
    answer: {
      from: string;
      to: string;
      type: "parent_child" | "depends_on" | "follows" | "related_to" | "blocks" | "duplicates" | "references";
      /** RFC 3339, UTC */
      created_at: string;
      reason: string | null;
      /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
      durability: "queued" | "stored" | "none";
    };
  };
  removeRelationship: {
    params: { id: string; type: string; to: string };
    query: Record<string, never>;
    body: undefined;
    answer: undefined;
  };
  recall: {
    params: Record<string, never>;
    query: { max_tokens?: number; evidence?: "true" | "false"; format?: "json" | "text" };
    body: {
      task: string;
      context?: {
        domain?: string;
        language?: string | null;
        framework?: string | null;
        complexity?: "simple" | "moderate" | "complex";
        tags?: string[];
      };
      task_type?: "code_generation" | "debugging" | "refactoring" | "testing" | "analysis" | "documentation" | "other";
      limit?: number;
      include?: ("episodes" | "patterns" | "heuristics" | "playbook" | "lessons")[];
      /** Oldest first. A message has at most 10000 characters, the parameters of a step at most 65536 bytes as JSON, all steps together at most 1048576. */
      recent_steps?: ({
        tool: string;
        result?: "success" | "error" | "timeout" | "unknown";
        message?: string;
        parameters?: unknown;
      })[];
      /** The running episode: without recent_steps its own latest steps are used, as they were logged, with their parameters and results */
      episode_id?: string;
      max_tokens?: number | null;
    };
    answer: Recall;
  };
  advise: {
    params: Record<string, never>;
    query: { max_tokens?: number; evidence?: "true" | "false"; format?: "json" | "text" };
    body: {
      task: string;
      context?: {
        domain?: string;
        language?: string | null;
        framework?: string | null;
        complexity?: "simple" | "moderate" | "complex";
        tags?: string[];
      };
      /** Oldest first. A message has at most 10000 characters, the parameters of a step at most 65536 bytes as JSON, all steps together at most 1048576. */
      recent_steps?: ({
        tool: string;
        result?: "success" | "error" | "timeout" | "unknown";
        message?: string;
        parameters?: unknown;
      })[];
      /** The running episode: without recent_steps its own latest steps are used, as they were logged, with their parameters and results */
      episode_id?: string;
      next_tool?: string | null;
      error?: string | null;
      only_line?: boolean;
    };
    answer: Advice;
  };
  search: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string; q: string };
    body: undefined;
    answer: {
      results: ({
        kind: "episode" | "pattern";
        id: string;
        score: number;
        task: string;
        outcome: "success" | "partial_success" | "failure" | "abstained" | null;
        matched_terms: string[];
      })[];
      /** null: the last page */
      next_cursor: string | null;
      /** The database was out of reach: this is what the instances hold */
      degraded: boolean;
    };
  };
  playbook: {
    params: Record<string, never>;
    query: { max_tokens?: number; evidence?: "true" | "false"; format?: "json" | "text" };
    body: {
      task: string;
      context?: {
        domain?: string;
        language?: string | null;
        framework?: string | null;
        complexity?: "simple" | "moderate" | "complex";
        tags?: string[];
      };
      /** Oldest first. A message has at most 10000 characters, the parameters of a step at most 65536 bytes as JSON, all steps together at most 1048576. */
      recent_steps?: ({
        tool: string;
        result?: "success" | "error" | "timeout" | "unknown";
        message?: string;
        parameters?: unknown;
      })[];
      /** The running episode: without recent_steps its own latest steps are used, as they were logged, with their parameters and results */
      episode_id?: string;
    };
    answer: {
      playbook: Playbook | null;
      /** By lot this episode is answered nothing, whatever the memory knows: the namespace measures what it is worth (`recall_holdout`) */
      held_out?: true;
    };
  };
  giveFeedback: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      recall_id: string;
      used: string[];
      helpful: boolean;
      rating?: number | null;
    };
    answer: {
      recall_id: string;
      counted: number;
      /** Ids that the recall did not hold */
      unknown: string[];
      /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
      durability: "queued" | "stored" | "none";
    };
  };
  listPatterns: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string; kind?: "tool_sequence" | "decision_point" | "error_recovery" | "context_pattern"; polarity?: "do" | "avoid" | "neutral"; tool?: string; min_support?: number };
    body: undefined;
    answer: {
      patterns: Pattern[];
      /** null: the last page */
      next_cursor: string | null;
      /** The database was out of reach: this is what the instances hold */
      degraded: boolean;
    };
  };
  getPattern: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: Pattern;
  };
  listHeuristics: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: {
      heuristics: Heuristic[];
      /** null: the last page */
      next_cursor: string | null;
      /** The database was out of reach: this is what the instances hold */
      degraded: boolean;
    };
  };
  getStats: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: Stats;
  };
  eraseNamespace: {
    params: { name: string };
    query: Record<string, never>;
    body: undefined;
    answer: {
      name: string;
      /** RFC 3339, UTC */
      erased_at: string;
    };
  };
  addLesson: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      text: string;
      kind: "do" | "avoid" | "fact";
      applies_to?: {
        tools?: string[];
        domain?: string | null;
        tags?: string[];
        task?: string | null;
      };
      supersedes?: string | null;
      source?: string;
    };
    answer: LessonAdded;
  };
  listLessons: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string; q?: string; state?: "active" | "pending" | "superseded" | "banned" | "rejected" | "all"; kind?: "do" | "avoid" | "fact"; tool?: string };
    body: undefined;
    answer: {
      lessons: Lesson[];
      /** null: the last page */
      next_cursor: string | null;
      /** The database was out of reach: this is what the instances hold */
      degraded: boolean;
    };
  };
  getLesson: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: Lesson;
  };
  amendLesson: {
    params: { id: string };
    query: Record<string, never>;
    body: {
      text?: string;
      kind?: "do" | "avoid" | "fact";
      applies_to?: {
        tools?: string[];
        domain?: string | null;
        tags?: string[];
        task?: string | null;
      };
      supersedes?: string | null;
    };
    answer: LessonWritten;
  };
  deleteLesson: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: undefined;
  };
  curate: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      kind: "lesson" | "pattern" | "heuristic" | "playbook";
      id: string;
      action: "pin" | "unpin" | "ban" | "unban" | "edit" | "approve" | "reject" | "clear";
      text?: string | null;
      reason?: string;
    };
    answer: CurationWritten;
  };
  listCuration: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string; kind?: "lesson" | "pattern" | "heuristic" | "playbook"; state?: "pinned" | "banned" | "edited" | "approved" | "rejected" };
    body: undefined;
    answer: {
      items: CuratedItem[];
      /** null: the last page */
      next_cursor: string | null;
      /** The database was out of reach: this is what the instances hold */
      degraded: boolean;
    };
  };
  getReview: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: {
      /** required: only what a person approved is recalled and advised */
      learning_review: "off" | "required";
    };
  };
  setReview: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      learning_review: "off" | "required";
    };
    answer: {
      /** required: only what a person approved is recalled and advised */
      learning_review: "off" | "required";
      /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
      durability: "queued" | "stored" | "none";
    };
  };
  listNamespaces: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: {
      namespaces: Namespace[];
      /** null: the last page */
      next_cursor: string | null;
      /** The database was out of reach: this is what the instances hold */
      degraded: boolean;
    };
  };
  getNamespaceSettings: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: NamespaceSettings;
  };
  setNamespaceSettings: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      recall_holdout?: number | null;
      redaction?: "as_deployment" | "redact" | "block" | null;
    };
    answer: {
      namespace: string;
      /** What is in force, defaults included */
      settings: {
        /** The share of episodes that are answered nothing */
        recall_holdout: number;
        /** What is done with secrets, where that is more than the deployment does */
        redaction: "as_deployment" | "redact" | "block";
      };
      /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
      durability: "queued" | "stored" | "none";
    };
  };
  importEpisodes: {
    params: Record<string, never>;
    query: { on_conflict?: "refuse" | "update" };
    body: {
      type: "episode";
      id?: string;
      task_type?: "code_generation" | "debugging" | "refactoring" | "testing" | "analysis" | "documentation" | "other";
      context?: {
        domain?: string | null;
        language?: string | null;
        framework?: string | null;
        complexity?: "simple" | "moderate" | "complex";
        tags?: string[];
      };
      metadata?: Record<string, string>;
      tags?: string[];
      started_at?: string | null;
      ended_at?: string | null;
      outcome?: {
        type: "success";
        verdict?: string;
        artifacts?: string[];
      } | {
        type: "partial_success";
        verdict?: string;
        completed?: string[];
        failed?: string[];
      } | {
        type: "failure";
        reason?: string;
        details?: string | null;
      } | {
        type: "abstained";
        reason?: string;
        signals?: string[];
      } | null;
      status?: "in_progress" | "completed" | "failed" | "abandoned" | null;
      task: string;
      steps?: ({
        number?: number;
        at?: string;
        tool: string;
        action?: string;
        parameters?: unknown;
        result?: {
          type: "success";
          output?: string;
        } | {
          type: "error";
          message: string;
        } | {
          type: "timeout";
        } | null;
        latency_ms?: number | null;
        tokens?: number | null;
        metadata?: Record<string, string>;
      })[];
      reward?: {
        total: number;
        base: number;
        efficiency: number;
        quality: number;
        learning: number;
        weights: {
          base: number;
          efficiency: number;
          quality: number;
          learning: number;
        };
      } | null;
      reflection?: {
        successes: string[];
        improvements: string[];
        insights: string[];
      } | null;
      checkpoints?: ({
        id: string;
        at: string;
        step_number: number;
        reason: string;
        note: string | null;
        state: unknown;
      })[];
      relationships?: ({
        to: string;
        type: "parent_child" | "depends_on" | "follows" | "related_to" | "blocks" | "duplicates" | "references";
        created_at: string;
        reason: string | null;
      })[];
      version?: number;
    } | {
      type: "transcript";
      id?: string;
      task_type?: "code_generation" | "debugging" | "refactoring" | "testing" | "analysis" | "documentation" | "other";
      context?: {
        domain?: string | null;
        language?: string | null;
        framework?: string | null;
        complexity?: "simple" | "moderate" | "complex";
        tags?: string[];
      };
      metadata?: Record<string, string>;
      tags?: string[];
      started_at?: string | null;
      ended_at?: string | null;
      outcome?: {
        type: "success";
        verdict?: string;
        artifacts?: string[];
      } | {
        type: "partial_success";
        verdict?: string;
        completed?: string[];
        failed?: string[];
      } | {
        type: "failure";
        reason?: string;
        details?: string | null;
      } | {
        type: "abstained";
        reason?: string;
        signals?: string[];
      } | null;
      status?: "in_progress" | "completed" | "failed" | "abandoned" | null;
      task?: string;
      messages: {
        role: string;
      }[];
    } | {
      type: "feedback";
      recall_id: string;
      at: string;
      helpful: number;
      unhelpful: number;
      episodes: string[];
      patterns: ({
        kind: "tool_sequence";
        tools: string[];
        keys?: (string | null)[];
      } | {
        kind: "decision_point";
        after_tool: string;
        after_result: "success" | "error" | "timeout" | "unknown";
        next_tool: string;
        after_key?: string;
        next_key?: string;
      } | {
        kind: "error_recovery";
        tool: string;
        error: string;
        path: string[];
        key?: string;
        keys?: (string | null)[];
      } | {
        kind: "context_pattern";
        features: Record<string, string>;
        tool: string;
      })[];
    } | {
      type: "lesson";
      id: string;
      created_at: string;
      updated_at: string;
      amended: {
        text: string;
        kind: "do" | "avoid" | "fact";
        applies_to?: {
          tools?: string[];
          domain?: string | null;
          tags?: string[];
          task?: string | null;
        };
        source: string;
        by: string;
      } | null;
      superseded_by: {
        id: string;
        at: string;
      } | null;
      deleted_at: string | null;
      evidence: ({
        source: string;
        episode_id: string | null;
        at: string;
        success: number;
        failure: number;
        statement: {
          text: string;
          kind: "do" | "avoid" | "fact";
          applies_to?: {
            tools?: string[];
            domain?: string | null;
            tags?: string[];
            task?: string | null;
          };
          source: string;
          by: string;
        } | null;
      })[];
    } | {
      type: "curation";
      kind: "lesson" | "pattern" | "heuristic" | "playbook";
      id: string;
      updated_at: string;
      pinned?: boolean;
      banned?: boolean;
      review: "approved" | "rejected" | null;
      text: string | null;
      content: {
        kind: "tool_sequence";
        tools: string[];
        keys?: (string | null)[];
      } | {
        kind: "decision_point";
        after_tool: string;
        after_result: "success" | "error" | "timeout" | "unknown";
        next_tool: string;
        after_key?: string;
        next_key?: string;
      } | {
        kind: "error_recovery";
        tool: string;
        error: string;
        path: string[];
        key?: string;
        keys?: (string | null)[];
      } | {
        kind: "context_pattern";
        features: Record<string, string>;
        tool: string;
      } | null;
      description: string;
      log: ({
        at: string;
        by: string;
        action: "pin" | "unpin" | "ban" | "unban" | "edit" | "approve" | "reject" | "clear";
        reason: string;
        from: {
          pinned?: boolean;
          banned?: boolean;
          review: "approved" | "rejected" | null;
          text: string | null;
        };
        to: {
          pinned?: boolean;
          banned?: boolean;
          review: "approved" | "rejected" | null;
          text: string | null;
        };
      })[];
    };
    answer: ImportLineAnswer;
  };
  exportEpisodes: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: {
      type: "episode";
      id?: string;
      task_type?: "code_generation" | "debugging" | "refactoring" | "testing" | "analysis" | "documentation" | "other";
      context?: {
        domain?: string | null;
        language?: string | null;
        framework?: string | null;
        complexity?: "simple" | "moderate" | "complex";
        tags?: string[];
      };
      metadata?: Record<string, string>;
      tags?: string[];
      started_at?: string | null;
      ended_at?: string | null;
      outcome?: {
        type: "success";
        verdict?: string;
        artifacts?: string[];
      } | {
        type: "partial_success";
        verdict?: string;
        completed?: string[];
        failed?: string[];
      } | {
        type: "failure";
        reason?: string;
        details?: string | null;
      } | {
        type: "abstained";
        reason?: string;
        signals?: string[];
      } | null;
      status?: "in_progress" | "completed" | "failed" | "abandoned" | null;
      task: string;
      steps?: ({
        number?: number;
        at?: string;
        tool: string;
        action?: string;
        parameters?: unknown;
        result?: {
          type: "success";
          output?: string;
        } | {
          type: "error";
          message: string;
        } | {
          type: "timeout";
        } | null;
        latency_ms?: number | null;
        tokens?: number | null;
        metadata?: Record<string, string>;
      })[];
      reward?: {
        total: number;
        base: number;
        efficiency: number;
        quality: number;
        learning: number;
        weights: {
          base: number;
          efficiency: number;
          quality: number;
          learning: number;
        };
      } | null;
      reflection?: {
        successes: string[];
        improvements: string[];
        insights: string[];
      } | null;
      checkpoints?: ({
        id: string;
        at: string;
        step_number: number;
        reason: string;
        note: string | null;
        state: unknown;
      })[];
      relationships?: ({
        to: string;
        type: "parent_child" | "depends_on" | "follows" | "related_to" | "blocks" | "duplicates" | "references";
        created_at: string;
        reason: string | null;
      })[];
      version?: number;
    } | {
      type: "feedback";
      recall_id: string;
      at: string;
      helpful: number;
      unhelpful: number;
      episodes: string[];
      patterns: ({
        kind: "tool_sequence";
        tools: string[];
        keys?: (string | null)[];
      } | {
        kind: "decision_point";
        after_tool: string;
        after_result: "success" | "error" | "timeout" | "unknown";
        next_tool: string;
        after_key?: string;
        next_key?: string;
      } | {
        kind: "error_recovery";
        tool: string;
        error: string;
        path: string[];
        key?: string;
        keys?: (string | null)[];
      } | {
        kind: "context_pattern";
        features: Record<string, string>;
        tool: string;
      })[];
    } | {
      type: "lesson";
      id: string;
      created_at: string;
      updated_at: string;
      amended: {
        text: string;
        kind: "do" | "avoid" | "fact";
        applies_to?: {
          tools?: string[];
          domain?: string | null;
          tags?: string[];
          task?: string | null;
        };
        source: string;
        by: string;
      } | null;
      superseded_by: {
        id: string;
        at: string;
      } | null;
      deleted_at: string | null;
      evidence: ({
        source: string;
        episode_id: string | null;
        at: string;
        success: number;
        failure: number;
        statement: {
          text: string;
          kind: "do" | "avoid" | "fact";
          applies_to?: {
            tools?: string[];
            domain?: string | null;
            tags?: string[];
            task?: string | null;
          };
          source: string;
          by: string;
        } | null;
      })[];
    } | {
      type: "curation";
      kind: "lesson" | "pattern" | "heuristic" | "playbook";
      id: string;
      updated_at: string;
      pinned?: boolean;
      banned?: boolean;
      review: "approved" | "rejected" | null;
      text: string | null;
      content: {
        kind: "tool_sequence";
        tools: string[];
        keys?: (string | null)[];
      } | {
        kind: "decision_point";
        after_tool: string;
        after_result: "success" | "error" | "timeout" | "unknown";
        next_tool: string;
        after_key?: string;
        next_key?: string;
      } | {
        kind: "error_recovery";
        tool: string;
        error: string;
        path: string[];
        key?: string;
        keys?: (string | null)[];
      } | {
        kind: "context_pattern";
        features: Record<string, string>;
        tool: string;
      } | null;
      description: string;
      log: ({
        at: string;
        by: string;
        action: "pin" | "unpin" | "ban" | "unban" | "edit" | "approve" | "reject" | "clear";
        reason: string;
        from: {
          pinned?: boolean;
          banned?: boolean;
          review: "approved" | "rejected" | null;
          text: string | null;
        };
        to: {
          pinned?: boolean;
          banned?: boolean;
          review: "approved" | "rejected" | null;
          text: string | null;
        };
      })[];
    };
  };
  createKey: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      name: string;
      scopes: ("read" | "write" | "admin" | "metrics")[];
      namespaces: string[];
      default_namespace?: string;
      expires_at?: string | null;
    };
    answer: {
      id: string;
      name: string;
      scopes: ("read" | "write" | "admin" | "metrics")[];
      /** Names, or "*" for all */
      namespaces: string[];
      default_namespace: string;
      /** RFC 3339, UTC */
      created_at: string;
      expires_at: string | null;
      revoked_at: string | null;
      /** The secret; it is shown once */
      key: string;
    };
  };
  listKeys: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: {
      keys: Key[];
    };
  };
  revokeKey: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: Key;
  };
  getConfig: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: Config;
  };
  setConfig: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      /** At least one; null: back to the default */
      settings: {
        /** Ended episodes that an instance keeps. */
        cache_max_size?: number | null;
        /** Bytes of the episodes that an instance keeps; what runs or is unsent stays beyond it. */
        cache_max_bytes?: number | null;
        /** After this an ended episode is read from the database again. */
        cache_ttl_seconds?: number | null;
        /** Ended episodes that a namespace recalls and learns from; the least relevant beyond it are forgotten. */
        namespace_episodes_max?: number | null;
        /** Memory of what an instance has learned that is kept for the next question. */
        knowledge_cache_bytes?: number | null;
        /** How long the database's table of patterns, which is for people, may lag behind. */
        derived_flush_seconds?: number | null;
        /** An episode without a write is closed as abandoned. */
        episode_idle_timeout_seconds?: number | null;
        /** UTF-8 bytes of a step's output or error message; larger ones are refused, not cut. */
        step_output_max_bytes?: number | null;
        /** Whether unsent rows go to the database together. */
        batch_writes?: boolean | null;
        /** Rows in one batch to the database. */
        batch_size?: number | null;
        /** Requests of an instance to the database at once. */
        max_connections?: number | null;
        /** Requests that wait for a connection. */
        connection_queue_max?: number | null;
        /** Deadline of a request to the database, repetitions included. */
        database_timeout_ms?: number | null;
        /** Tries of a request to the database, the first one included. */
        database_attempts?: number | null;
        /** Unsent rows beyond which an instance starts no episodes. */
        outbox_max_rows?: number | null;
        /** Unsent bytes beyond which an instance starts no episodes. */
        outbox_max_bytes?: number | null;
        /** Requests that an instance works on at once. */
        instance_in_flight_max?: number | null;
        /** Requests of a key on average. */
        rate_limit_per_second?: number | null;
        /** Requests of a key at once. */
        rate_limit_burst?: number | null;
        /** What the database's plan allows; forecasts and alerts are about it. */
        database_max_bytes?: number | null;
        /** Deadline of a request to R2; the largest objects have some megabytes. */
        r2_timeout_ms?: number | null;
        /** What the bucket may hold; forecasts are about it. */
        r2_max_bytes?: number | null;
        /** Every backup and snapshot is kept for this long. */
        retention_daily_days?: number | null;
        /** One full backup of each of the last weeks is kept. */
        retention_weekly_weeks?: number | null;
        /** One full backup of each month is kept. */
        retention_monthly_months?: number | null;
        /** What becomes of secrets that clients send: taken out, refused, or kept; <private> parts are always taken out. */
        redaction?: "redact" | "block" | "off" | null;
        /** Events below this level are not logged. */
        log_level?: "debug" | "info" | "warn" | "error" | null;
        /** How far the circuit breaker looks back. */
        breaker_window_size?: number | null;
        /** Fewer calls decide nothing. */
        breaker_minimum_calls?: number | null;
        /** Share of failed calls that opens it. */
        breaker_failure_rate?: number | null;
        /** Share of slow calls that opens it. */
        breaker_slow_call_rate?: number | null;
        /** A call of this time is slow. */
        breaker_slow_call_ms?: number | null;
        /** Trial calls that decide whether it closes. */
        breaker_trial_calls?: number | null;
        /** How long it stays open the first time. */
        breaker_open_ms?: number | null;
        /** How long it stays open at most. */
        breaker_open_max_ms?: number | null;
      };
    };
    answer: Config;
  };
  setMaintenance: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      enabled: boolean;
      message?: string;
      ttl_seconds?: number | null;
    };
    answer: Fleet;
  };
  setDegraded: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      enabled: boolean;
      message?: string;
      ttl_seconds?: number | null;
    };
    answer: Fleet;
  };
  resetBreaker: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      backend: "turso" | "r2";
      instance?: number | null;
      ttl_seconds?: number | null;
      reason?: string;
    };
    answer: Fleet;
  };
  openBreaker: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      backend: "turso" | "r2";
      instance?: number | null;
      ttl_seconds?: number | null;
      reason?: string;
    };
    answer: Fleet;
  };
  disableBreaker: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      backend: "turso" | "r2";
      instance?: number | null;
      ttl_seconds?: number | null;
      reason?: string;
    };
    answer: Fleet;
  };
  listInstances: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: Fleet;
  };
  resizeFleet: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      count: number;
    };
    answer: Fleet;
  };
  flushStorage: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: Fleet;
  };
  syncStorage: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      namespace?: string;
    };
    answer: {
      namespaces: string[];
    };
  };
  drain: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      timeout_seconds?: number;
    };
    answer: Drain;
  };
  planMigrations: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: Migrations;
  };
  migrate: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      execute?: boolean;
      without_backup?: boolean;
    };
    answer: Migrations;
  };
  listDeadLetters: {
    params: Record<string, never>;
    query: { limit?: number };
    body: undefined;
    answer: {
      dead_letters: DeadLetter[];
    };
  };
  retryDeadLetters: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: {
      retried: number;
    };
  };
  createBackup: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      kind?: "full" | "incremental" | "snapshot";
      window_days?: number | null;
      namespace?: string | null;
    };
    answer: Job;
  };
  listBackups: {
    params: Record<string, never>;
    query: { limit?: number };
    body: undefined;
    answer: {
      /** Newest first */
      backups: Backup[];
      /** Manifests that cannot be read */
      unreadable: {
        object: string;
        problem: string;
      }[];
    };
  };
  getBackup: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: Backup;
  };
  deleteBackup: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: Job;
  };
  verifyBackup: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: Job;
  };
  restoreBackup: {
    params: { id: string };
    query: Record<string, never>;
    body: {
      mode?: "merge" | "replace";
      namespace?: string | null;
      episode?: string | null;
      deleted?: "respect" | "bring_back";
      outbox?: "replay" | "keep";
      dry_run?: boolean;
      instance?: number | null;
      settings?: boolean;
      keys?: string[];
      accept_unauthenticated?: boolean;
    };
    answer: Job;
  };
  drillRestore: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: Job;
  };
  listJobs: {
    params: Record<string, never>;
    query: { limit?: number };
    body: undefined;
    answer: {
      /** Newest first */
      jobs: Job[];
    };
  };
  getJob: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: Job;
  };
  cancelJob: {
    params: { id: string };
    query: Record<string, never>;
    body: {
      release?: boolean;
    };
    answer: Job;
  };
  isAlive: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: string;
  };
  isReady: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: {
      status: "healthy" | "degraded" | "unhealthy";
      checks: ({
        name: string;
        status: "healthy" | "degraded" | "unhealthy";
        /** With a key: how long finding it out took, 0 when it was known */
        latency_ms?: number;
        /** With a key: what is found and, when it is not well, what to do */
        message?: string;
      })[];
    };
  };
  getVersion: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: {
      name: string;
      version: string;
      commit: string | null;
      /** The deployment, as the platform names it */
      id: string | null;
      deployed_at: string | null;
      schema_version: number;
      /** null: the Coordinator does not answer */
      settings: {
        version: number;
        digest: string;
      } | null;
    };
  };
  getMetrics: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: string;
  };
  listIncidents: {
    params: Record<string, never>;
    query: { since?: string; format?: "json" | "markdown" };
    body: undefined;
    answer: {
      /** RFC 3339, UTC */
      since: string;
      /** RFC 3339, UTC */
      until: string;
      incidents: Incident[];
      samples: MetricSample[];
    };
  };
  getCapacity: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: Capacity;
  };
  getUsage: {
    params: Record<string, never>;
    query: { over?: "hour" | "day"; by?: "requests" | "refusals" | "episodes" | "open_episodes" | "rows" | "bytes"; limit?: number };
    body: undefined;
    answer: Usage;
  };
  getOverview: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: {
      /** RFC 3339, UTC */
      at: string;
      version: {
        name: string;
        version: string;
      };
      readiness: Readiness;
      fleet: Fleet;
      jobs: JobRun[];
      incidents: Incident[];
      samples: MetricSample[];
      now: MetricSample;
      /** Upper bounds of the samples' histograms, s */
      bucket_bounds: number[];
    };
  };
  getConsole: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: string;
  };
  getConsoleFile: {
    params: { file: string };
    query: Record<string, never>;
    body: undefined;
    answer: string;
  };
  mcp: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: {
      jsonrpc: "2.0";
      id?: string | number;
      method: string;
      params?: Record<string, unknown>;
    };
    answer: {
      jsonrpc: "2.0";
    };
  };
  getDocument: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: {
      openapi: string;
    };
  };
  getReference: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: string;
  };
}

/** Method and path of each operation. */
export const ROUTES = {
  startEpisode: ["POST", "/v1/episodes"],
  listEpisodes: ["GET", "/v1/episodes"],
  getEpisode: ["GET", "/v1/episodes/{id}"],
  amendEpisode: ["PATCH", "/v1/episodes/{id}"],
  deleteEpisode: ["DELETE", "/v1/episodes/{id}"],
  logSteps: ["POST", "/v1/episodes/{id}/steps"],
  completeEpisode: ["POST", "/v1/episodes/{id}/complete"],
  failEpisode: ["POST", "/v1/episodes/{id}/fail"],
  checkpointEpisode: ["POST", "/v1/episodes/{id}/checkpoints"],
  handOffEpisode: ["GET", "/v1/episodes/{id}/handoff"],
  listTags: ["GET", "/v1/episodes/{id}/tags"],
  addTags: ["POST", "/v1/episodes/{id}/tags"],
  removeTag: ["DELETE", "/v1/episodes/{id}/tags/{tag}"],
  listRelationships: ["GET", "/v1/episodes/{id}/relationships"],
  addRelationship: ["POST", "/v1/episodes/{id}/relationships"],
  removeRelationship: ["DELETE", "/v1/episodes/{id}/relationships/{type}/{to}"],
  recall: ["POST", "/v1/recall"],
  advise: ["POST", "/v1/advise"],
  search: ["GET", "/v1/search"],
  playbook: ["POST", "/v1/playbooks"],
  giveFeedback: ["POST", "/v1/feedback"],
  listPatterns: ["GET", "/v1/patterns"],
  getPattern: ["GET", "/v1/patterns/{id}"],
  listHeuristics: ["GET", "/v1/heuristics"],
  getStats: ["GET", "/v1/stats"],
  eraseNamespace: ["DELETE", "/v1/namespaces/{name}"],
  addLesson: ["POST", "/v1/lessons"],
  listLessons: ["GET", "/v1/lessons"],
  getLesson: ["GET", "/v1/lessons/{id}"],
  amendLesson: ["PATCH", "/v1/lessons/{id}"],
  deleteLesson: ["DELETE", "/v1/lessons/{id}"],
  curate: ["POST", "/v1/curation"],
  listCuration: ["GET", "/v1/curation"],
  getReview: ["GET", "/v1/curation/review"],
  setReview: ["PUT", "/v1/curation/review"],
  listNamespaces: ["GET", "/v1/namespaces"],
  getNamespaceSettings: ["GET", "/v1/namespace/settings"],
  setNamespaceSettings: ["PUT", "/v1/namespace/settings"],
  importEpisodes: ["POST", "/v1/import"],
  exportEpisodes: ["GET", "/v1/export"],
  createKey: ["POST", "/admin/keys"],
  listKeys: ["GET", "/admin/keys"],
  revokeKey: ["DELETE", "/admin/keys/{id}"],
  getConfig: ["GET", "/admin/config"],
  setConfig: ["PUT", "/admin/config"],
  setMaintenance: ["POST", "/admin/maintenance"],
  setDegraded: ["POST", "/admin/degraded"],
  resetBreaker: ["POST", "/admin/circuit-breaker/reset"],
  openBreaker: ["POST", "/admin/circuit-breaker/open"],
  disableBreaker: ["POST", "/admin/circuit-breaker/disable"],
  listInstances: ["GET", "/admin/instances"],
  resizeFleet: ["PUT", "/admin/instances"],
  flushStorage: ["POST", "/admin/storage/flush"],
  syncStorage: ["POST", "/admin/storage/sync"],
  drain: ["POST", "/admin/drain"],
  planMigrations: ["GET", "/admin/migrations"],
  migrate: ["POST", "/admin/migrations"],
  listDeadLetters: ["GET", "/admin/outbox/dead"],
  retryDeadLetters: ["POST", "/admin/outbox/dead/retry"],
  createBackup: ["POST", "/admin/backups"],
  listBackups: ["GET", "/admin/backups"],
  getBackup: ["GET", "/admin/backups/{id}"],
  deleteBackup: ["DELETE", "/admin/backups/{id}"],
  verifyBackup: ["POST", "/admin/backups/{id}/verify"],
  restoreBackup: ["POST", "/admin/backups/{id}/restore"],
  drillRestore: ["POST", "/admin/drills"],
  listJobs: ["GET", "/admin/jobs"],
  getJob: ["GET", "/admin/jobs/{id}"],
  cancelJob: ["POST", "/admin/jobs/{id}/cancel"],
  isAlive: ["GET", "/health/live"],
  isReady: ["GET", "/health/ready"],
  getVersion: ["GET", "/version"],
  getMetrics: ["GET", "/metrics"],
  listIncidents: ["GET", "/admin/incidents"],
  getCapacity: ["GET", "/admin/capacity"],
  getUsage: ["GET", "/admin/usage"],
  getOverview: ["GET", "/admin/overview"],
  getConsole: ["GET", "/console"],
  getConsoleFile: ["GET", "/console/{file}"],
  mcp: ["POST", "/mcp"],
  getDocument: ["GET", "/openapi.json"],
  getReference: ["GET", "/docs"],
} as const;

/** Every kind of pattern. */
export const PATTERN_KINDS = [
  "tool_sequence",
  "decision_point",
  "error_recovery",
  "context_pattern",
] as const;
