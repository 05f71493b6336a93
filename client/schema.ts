/**
 * The types of the API, its routes and the kinds of patterns, made of the OpenAPI document by
 * `npm run openapi`. Do not edit.
 *
 * @module
 */

export type Key = {
  id: string;
  name: string;
  scopes: KeyScope[];
  /** Names, or "*" for all */
  namespaces: string[];
  default_namespace: string;
  /** RFC 3339, UTC */
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  /** To the hour; null: not since instances that answer began to note it */
  last_used_at: string | null;
};

export type Grant = {
  /** The id of its key, a colon, and an id of its own */
  id: string;
  /** The key with which a person granted it */
  key_id: string;
  /** null: there is no such key any more */
  key_name: string | null;
  /** The address of its description, or the id that it registered under */
  client_id: string;
  /** What the client called itself when it was granted */
  client_name: string;
  namespace: string;
  scopes: KeyScope[];
  /** false: its key is revoked, has expired or is gone: nothing works any more */
  active: boolean;
  /** RFC 3339, UTC */
  created_at: string;
  /** When its client last got a token, which works for an hour: about when it was last used. null: it has got none yet */
  last_token_at: string | null;
  /** When it ends if its client gets no token before. null: within minutes */
  expires_at: string | null;
};

export type Job = {
  id: string;
  kind: JobKind;
  /** queued: it waits for its turn; one job runs at a time */
  status: JobStatus;
  params: Record<string, unknown>;
  /** Who asked for it */
  by: string;
  /** RFC 3339, UTC */
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  progress: JobProgress | null;
  /** What it found; of a failed one, the object that is bad, where one is */
  result: unknown;
  error: string | null;
};

export type ScheduledRun = {
  job: string;
  /** skipped: a run of it is at work */
  status: ScheduledRunStatus;
  /** Of a long job: follow it at GET /admin/jobs/{id} */
  id: string | null;
  /** Of a short one: what it found, or why it failed */
  detail: string | null;
};

export type Backup = {
  /** Sorts by time */
  id: string;
  kind: BackupKind;
  /** RFC 3339, UTC */
  started_at: string;
  /** RFC 3339, UTC */
  finished_at: string;
  /** Of an incremental: the backup that it continues */
  parent: string | null;
  /** The database is shown as of this time; null: of a snapshot */
  watermark: string | null;
  scope: BackupScope;
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
  written_by: BackupWrittenBy;
  /** Of a snapshot: one more than the highest that it has rows of */
  instances: number;
  /** When it was last read back, and whether it was whole; null: never */
  verified: BackupVerified | null;
};

export type Deployment = {
  id: string;
  database: DeploymentDatabase;
  bucket: DeploymentBucket;
};

export type Config = {
  version: number;
  settings: ConfigSettings;
  /** The newest 100, newest first, without OAuth grants: all of it is `GET /admin/audit` */
  audit: ConfigAuditItem[];
};

export type CircuitBreaker = {
  state: CircuitBreakerState;
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
  topology: FleetTopology;
  maintenance: FleetDegraded | null;
  degraded: FleetDegraded | null;
  fleet_down_until: FleetFleetDownUntil;
  /** An instance that does not answer says why instead */
  instances: (FleetInstance1 | FleetInstance2)[];
  /** Where each object's storage was before it, for the platform's point-in-time recovery; absent where the platform has none */
  bookmarks?: Record<string, string>;
};

export type CuratedItem = {
  kind: CurateBodyKind;
  id: string;
  pinned: boolean;
  banned: boolean;
  review: CurationReview | null;
  text: string | null;
  /** What it is: made from stored text, untrusted */
  description: string;
  /** RFC 3339, UTC */
  updated_at: string;
  /** The newest last */
  log: CuratedItemLogItem[];
};

export type CurationWritten = {
  kind: CurateBodyKind;
  id: string;
  pinned: boolean;
  banned: boolean;
  review: CurationReview | null;
  text: string | null;
  /** What it is: made from stored text, untrusted */
  description: string;
  /** RFC 3339, UTC */
  updated_at: string;
  /** The newest last */
  log: CuratedItemLogItem[];
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: CompletionDurability;
};

export type Curation = {
  /** Shown before others, and however little there is to say for it */
  pinned: boolean;
  /** Never recalled, advised, listed or exported for prompts */
  banned: boolean;
  /** null: nobody reviewed it */
  review: CurationReview | null;
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
  /** How many of both an import brought: whoever may write may have made them up */
  imported: number;
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
  kind: LessonKind;
  applies_to: LessonAppliesTo;
  /** Who or what said it first: untrusted */
  source: string;
  /** The API key that said it first; operator: ADMIN_TOKEN */
  by: string;
  state: LessonState;
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
  kind: LessonKind;
  applies_to: LessonAppliesTo;
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
  kind: LessonKind;
  applies_to: LessonAppliesTo;
  /** Who or what said it first: untrusted */
  source: string;
  /** The API key that said it first; operator: ADMIN_TOKEN */
  by: string;
  state: LessonState;
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
  durability: CompletionDurability;
};

export type LessonWritten = {
  id: string;
  /** Written by an agent or a person: untrusted */
  text: string;
  kind: LessonKind;
  applies_to: LessonAppliesTo;
  /** Who or what said it first: untrusted */
  source: string;
  /** The API key that said it first; operator: ADMIN_TOKEN */
  by: string;
  state: LessonState;
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
  durability: CompletionDurability;
};

export type Step = {
  number: number;
  /** RFC 3339, UTC */
  at: string;
  tool: string;
  action: string;
  parameters: unknown;
  /** null: unknown, counts neither as success nor as failure */
  result: StepResultSuccess | StepResultError | StepResultTimeout | null;
  latency_ms: number | null;
  tokens: number | null;
  metadata: Record<string, string>;
};

export type Outcome = OutcomeSuccess | OutcomePartialSuccess | OutcomeFailure | OutcomeAbstained;

/** Parts and total in 0…1; the total is the weighted sum of the parts */
export type Reward = {
  total: number;
  base: number;
  efficiency: number;
  quality: number;
  learning: number;
  weights: RewardWeights;
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
  task_type: EpisodeTaskType;
  context: EpisodeContext;
  status: EpisodeStatus;
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
  checkpoints: EpisodeCheckpoint[];
  metadata: Record<string, string>;
  step_count: number;
  /** When it was archived: it is in no recall, and in lists only if asked for */
  archived_at?: string;
  /** Rises by one with each change; the ETag */
  version: number;
};

export type EpisodeWithSteps = {
  id: string;
  namespace: string;
  task: string;
  task_type: EpisodeTaskType;
  context: EpisodeContext;
  status: EpisodeStatus;
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
  checkpoints: EpisodeCheckpoint[];
  metadata: Record<string, string>;
  step_count: number;
  /** When it was archived: it is in no recall, and in lists only if asked for */
  archived_at?: string;
  /** Rises by one with each change; the ETag */
  version: number;
  steps: Step[];
};

export type EpisodeWritten = {
  id: string;
  namespace: string;
  task: string;
  task_type: EpisodeTaskType;
  context: EpisodeContext;
  status: EpisodeStatus;
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
  checkpoints: EpisodeCheckpoint[];
  metadata: Record<string, string>;
  step_count: number;
  /** When it was archived: it is in no recall, and in lists only if asked for */
  archived_at?: string;
  /** Rises by one with each change; the ETag */
  version: number;
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: CompletionDurability;
};

export type EpisodesFound = {
  /** In the order of the ids */
  episodes: EpisodeWithSteps[];
  /** There are no such episodes in this namespace */
  missing: string[];
  /** Ids that were not looked at for want of room: ask for them next */
  remaining: string[];
};

export type StepsLogged = {
  episode_id: string;
  accepted: number;
  /** Steps that were logged before with the same content */
  duplicates: number;
  last_number: number;
  version: number;
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: CompletionDurability;
};

export type Completion = {
  id: string;
  status: EpisodeStatus;
  reward: Reward | null;
  reflection: Reflection | null;
  patterns: CompletionPattern[];
  /** queued: the namespace's instance is out of reach; it learns as soon as it is back */
  learning: CompletionLearning;
  /** What of a large episode was left out of learning; null when nothing was */
  omitted: CompletionOmitted | null;
  /** Its lessons; is_new false: what it says was said before, which is counted */
  lessons?: CompletionLesson[];
  version: number;
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: CompletionDurability;
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
  durability: CompletionDurability;
};

export type HandoffPack = {
  episode: Episode;
  checkpoint: EpisodeCheckpoint | null;
  recent_steps: Step[];
  progress: HandoffPackProgress;
  open_errors: HandoffPackOpenError[];
  next_tools: RecallNextTool[];
  /** What the next tools are used for, and where their parameters come from */
  next_actions?: AdviceNextAction[];
  /** What agents and people left for such a task: untrusted */
  lessons?: RecalledLesson[];
};

export type EpisodesArchived = {
  /** Episodes that were changed by this request, or would be */
  changed: number;
  /** Episodes that still run: they stay as they are */
  running: number;
  /** Episodes that stayed as they were, each with why */
  refused: TagsRenamedRefusedItem[];
  /** There is more to look at: send it with the same filter */
  next_cursor: string | null;
};

export type SavedFilter = {
  name: string;
  filter: SavedFilterFilter;
  /** RFC 3339, UTC */
  updated_at: string;
};

export type NamespaceSettings = {
  namespace: string;
  /** What is in force, defaults included */
  settings: NamespaceSettingsSettings;
};

export type Namespace = {
  name: string;
  /** Nothing was stored in it yet; only namespaces that the key names are */
  empty: boolean;
};

export type MemoryEvent = {
  /** The same however often it comes: what was seen is left out by it */
  id: string;
  type: string;
  /** RFC 3339, UTC */
  timestamp: string;
  /** null: it is of the service itself */
  namespace: string | null;
  /** Ids, states and counts; no stored text */
  data: Record<string, unknown>;
};

export type Webhook = {
  id: string;
  url: string;
  /** null: all */
  types: string[] | null;
  /** Names, or "*" for all and for the service itself */
  namespaces: string[];
  /** RFC 3339, UTC */
  created_at: string;
};

export type UndeliveredEvent = {
  webhook: string;
  event_id: string;
  type: string;
  namespace: string | null;
  tries: number;
  error: string | null;
  /** RFC 3339, UTC */
  created_at: string;
};

export type Pattern = {
  id: string;
  kind: PatternKind;
  /** do: recommended; avoid: significantly worse than the base rate; neutral: neither */
  polarity: PatternPolarity;
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
  support: PatternSupport;
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
  kind: PatternKind;
  /** do: recommended; avoid: significantly worse than the base rate; neutral: neither */
  polarity: PatternPolarity;
  tools: string[];
  /** The same with what they were used for; absent: the tools say it */
  actions?: string[];
  condition: string;
  action: string;
  confidence: number;
  lift: number;
  support: PatternSupport;
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
  bins: CalibrationBin[];
};

export type HoldoutGroup = {
  /** Ended and judged; the figures are about these */
  episodes: number;
  /** Abandoned or abstained: they count in no figure */
  unjudged: number;
  success: HoldoutGroupSuccess;
  /** The share that met an error of a tool again */
  error_repeated: HoldoutGroupSuccess;
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
  effect: HoldoutComparisonEffect;
  /** Whether the interval of the success rates' difference is above or below 0 */
  verdict: HoldoutComparisonVerdict;
  /** Episodes that are still to be judged until a difference of success of the size seen so far, but of at least 0.05, is found with a chance of 80 %; 0: there are enough */
  still_needed: number;
};

export type Stats = {
  namespace: string;
  episodes: StatsEpisodes;
  outcomes: StatsOutcomes;
  success_rate: number | null;
  mean_reward: number | null;
  steps: number;
  patterns: StatsPatterns;
  recalls: number;
  feedback: number;
  /** What was shown in the recalls that are kept, what of it was used, and what of that helped */
  use: StatsUse;
  /** How the episodes ended that named a recall they had used, beside the others. Who recalls may have the harder tasks: this is no proof of a cause */
  recall_effect: StatsRecallEffect;
  /** The probabilities of the latest advice that named its running episode, beside what these episodes then did; what is said next is corrected by it */
  calibration: StatsCalibration;
  /** Episodes that asked the memory and were answered, beside those that by lot were not (`recall_holdout`): a comparison for each share that was in force. An episode that asked nothing is in neither group */
  holdout?: StatsHoldout;
  /** What the namespace holds of what it may hold. Bytes are those of its episodes with all steps, as JSON, and are counted where they have a quota */
  quotas: StatsQuotas;
  domains: StatsDomain[];
  degraded: boolean;
};

export type QualityWeek = {
  /** A Monday, 0:00 UTC */
  begins_at: string;
  /** Episodes that ended in it */
  ended: number;
  success: number;
  partial_success: number;
  failure: number;
  /** Ended without an outcome, or abstained: nothing is learned from them */
  unknown: number;
  /** Of those that ended */
  unknown_share: number;
  /** Means of the rewards and of their parts, 0…1; null: nothing was scored */
  scores: QualityWeekScores;
};

export type Quality = {
  namespace: string;
  /** When the first week began */
  since: string;
  /** Weeks in which an episode ended, the oldest first */
  weeks: QualityWeek[];
  /** What was predicted beside what happened, as in the statistics */
  calibration: StatsCalibration;
  /** Playbooks that were shown and followed, and what of that helped */
  playbooks: Use;
  lessons: QualityLessons;
  /** The database was out of reach: the weeks are what instances hold */
  degraded: boolean;
};

export type Skill = {
  /** A folder's name: lower-case letters, digits, hyphens; at most 64 */
  name: string;
  /** When to use it, for front matter; at most 1,024 characters */
  description: string;
  /** Markdown: when to use it, steps, pitfalls, ways out, lessons, evidence. Stored text stands in spans of code: untrusted */
  body: string;
  domain: string;
  /** Episodes of the family */
  runs: number;
  succeeded: number;
};

export type Playbook = {
  id: string;
  task: string;
  steps: PlaybookStep[];
  confidence: number;
  based_on: string[];
  when_not_to_apply: string[];
  /** How many of the recent steps it covers already */
  continues_after: number;
  /** What these runs tried in vain, and did without: not among the steps */
  detours?: PlaybookDetour[];
  /** What a person says of it: untrusted */
  note?: string;
  /** What a person decided about it */
  curation?: Curation;
};

export type RecalledEpisode = {
  id: string;
  score: number;
  task: string;
  task_type: EpisodeTaskType;
  context: EpisodeContext;
  status: EpisodeStatus;
  outcome: ListEpisodesOutcome | null;
  reward: number | null;
  /** It failed: recalled as a warning, not as a model */
  warning: boolean;
  summary: string | null;
  insights: string[];
  tools: string[];
  ended_at: string | null;
  why: RecalledEpisodeWhy;
  matched_terms: string[];
};

export type ToldAction = {
  /** The tool, and its key behind it */
  action: string;
  tool: string;
  /** What kind of action it is beyond its tool; null: the tool says it */
  key: string | null;
  parameters: ToldActionParameter[];
};

export type Recall = {
  /** For `POST /v1/feedback`, and for the completion that it helped */
  recall_id: string;
  episodes: RecalledEpisode[];
  patterns: RecallPattern[];
  heuristics: RecallHeuristic[];
  playbook: Playbook | null;
  next_tools: RecallNextTool[];
  /** Ways out of the error that the last of the recent steps met; absent: none */
  recoveries?: RecallRecovery[];
  /** What agents and people left for such a task, the best first */
  lessons?: RecalledLesson[];
  /** The fields that hold stored text: data from outside, never instructions */
  untrusted: string[];
  served_by: RecallServedBy;
  /** The share of the namespace's episodes that it was made from; 1 unless it is loading */
  completeness: number;
  degraded: boolean;
  /** Items left out to keep within max_tokens */
  truncated: number;
  /** By lot this episode is answered nothing, whatever the memory knows: the namespace measures what it is worth (`recall_holdout`) */
  held_out?: true;
};

export type Advice = {
  /** For `POST /v1/feedback`, and for the completion that it helped */
  recall_id: string;
  next_tools: RecallNextTool[];
  /** What the next tools are used for, and where their parameters come from */
  next_actions?: AdviceNextAction[];
  /** The tools that runs of such a task use, whenever in the run */
  expected_tools: AdviceExpectedTool[];
  /** Choices after which runs ended significantly worse than runs of the same and similar tasks that had come as far, what used to work and has stopped, and calls that fail again; never the first of next_tools */
  avoid: AdviceAvoidItem[];
  /** Ways out of the error */
  recoveries: RecallRecovery[];
  /** How the named next_tool looks from here; null: none was named */
  proposed: AdviceProposed | null;
  /** How the episode will probably end; null while too few were judged */
  outlook: AdviceOutlook | null;
  /** The one thing worth saying before this action or after this failure; null: nothing stands out. Made from stored text: untrusted */
  line?: string | null;
  /** What agents and people left for such a task or step, the best first */
  lessons?: RecalledLesson[];
  /** The fields that hold stored text: data from outside, never instructions */
  untrusted: string[];
  served_by: RecallServedBy;
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
  instances: (FleetInstance1 | FleetInstance2)[];
};

export type Migration = {
  version: number;
  name: string;
  /** expand: applied on the first connection. contract: applied by an operator. null: of a later release */
  kind: MigrationKind | null;
  /** started: some statements were applied, and a run goes on with the next one */
  state: MigrationState;
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
  lease: MigrationsLease | null;
  migrations: Migration[];
  executed: boolean;
  /** The versions that this request applied */
  applied: number[];
  /** The backup that was taken first */
  backup: string | null;
  /** Where each object's storage was before it, for the platform's point-in-time recovery; absent where the platform has none */
  bookmarks?: Record<string, string>;
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

export type TagCount = {
  /** Written by an agent or a person: untrusted */
  tag: string;
  /** Episodes that have it, of their own or of their context */
  episodes: number;
  /** When the newest of them began */
  started_at: string;
};

export type TagsRenamed = {
  /** Episodes that were changed by this request */
  renamed: number;
  /** Episodes that kept the old tag, each with why */
  refused: TagsRenamedRefusedItem[];
  /** There is more to rename: send it with the same names */
  next_cursor: string | null;
};

export type Relationship = {
  from: string;
  to: string;
  type: RelationshipType;
  /** RFC 3339, UTC */
  created_at: string;
  reason: string | null;
};

export type ExportTraceServiceResponse = {
  /** Absent: all were taken */
  partialSuccess?: ExportTraceServiceResponsePartialSuccess;
};

export type ImportLineAnswer = ImportLineAnswer1 | ImportLineAnswer2 | ImportLineAnswer3 | ImportLineAnswer4;

export type Readiness = {
  status: ReadinessStatus;
  checks: ReadinessCheck[];
};

export type JobRun = {
  job: string;
  /** RFC 3339, UTC */
  scheduled_at: string;
  /** RFC 3339, UTC */
  started_at: string;
  /** null: it runs */
  ended_at: string | null;
  result: JobRunResult | null;
  detail: string;
  last_success_at: string | null;
};

export type Incident = {
  seq: number;
  /** RFC 3339, UTC */
  at: string;
  kind: IncidentKind;
  severity: IncidentSeverity;
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
  rates: CapacityRates;
  bytes_per_episode: number | null;
  bytes_per_pattern: number | null;
  storage: CapacityStorage;
  backlog: CapacityBacklog;
  cache_hit_rate: number | null;
  forecasts: CapacityForecast[];
};

export type Usage = {
  /** The time until now, by clock hours or days */
  over: UsageOver;
  by: UsageBy;
  /** Those with the most first */
  namespaces: UsageNamespace[];
  /** Those with the most first */
  keys: UsageKey[];
  /** The sum of those that are not named */
  others: UsageOthers;
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
  code: ProblemCode;
  /** A sentence that a person can act on */
  detail: string;
  request_id: string;
  errors?: ProblemError[];
};

export type KeyScope = "read" | "write" | "admin" | "metrics";

export type JobKind = "backup" | "snapshot" | "verify" | "restore" | "retention" | "drill" | "rewrap";

export type JobStatus = "queued" | "running" | "succeeded" | "failed" | "cancelled";

export type JobProgress = {
  phase: string;
  rows: number;
  bytes: number;
  done: number;
  /** What `done` is of, in the phase's own unit; 0: nobody knows */
  total: number;
  percent: number | null;
  rows_per_second: number;
  seconds_left: number | null;
};

export type ScheduledRunStatus = "queued" | "running" | "succeeded" | "failed" | "cancelled" | "skipped";

export type BackupKind = "full" | "incremental" | "snapshot";

export type BackupScope = {
  namespace: string | null;
  since: string | null;
};

export type BackupWrittenBy = {
  name: string;
  version: string;
};

export type BackupVerified = {
  /** RFC 3339, UTC */
  at: string;
  ok: boolean;
};

export type DeploymentDatabase = {
  /** foreign: another deployment's. unknown: it cannot be read now */
  state: DeploymentBucketState;
  /** Whose mark it has */
  deployment: string | null;
  since: string | null;
  /** Why it cannot be read; of another's, that its objects are in another jurisdiction */
  problem: string | null;
  /** When any deployment last wrote to it */
  last_write_at: string | null;
};

export type DeploymentBucketState = "own" | "unmarked" | "foreign" | "unknown";

export type DeploymentBucket = {
  /** foreign: another deployment's. unknown: it cannot be read now */
  state: DeploymentBucketState;
  /** Whose mark it has */
  deployment: string | null;
  since: string | null;
  /** Why it cannot be read; of another's, that its objects are in another jurisdiction */
  problem: string | null;
};

export type ConfigSettings = {
  cache_max_size: ConfigSettingsCacheMaxSize;
  cache_max_bytes: ConfigSettingsCacheMaxBytes;
  cache_ttl_seconds: ConfigSettingsCacheTtlSeconds;
  namespace_episodes_max: ConfigSettingsNamespaceEpisodesMax;
  quota_episodes: ConfigSettingsQuotaEpisodes;
  quota_bytes: ConfigSettingsQuotaBytes;
  quota_lessons: ConfigSettingsQuotaLessons;
  knowledge_cache_bytes: ConfigSettingsKnowledgeCacheBytes;
  derived_flush_seconds: ConfigSettingsTraceAgeSeconds;
  episode_idle_timeout_seconds: ConfigSettingsCacheTtlSeconds;
  trace_quiet_seconds: ConfigSettingsTraceQuietSeconds;
  trace_age_seconds: ConfigSettingsTraceAgeSeconds;
  trace_kept_seconds: ConfigSettingsTraceKeptSeconds;
  instance_traces_max: ConfigSettingsCacheMaxSize;
  instance_traces_max_bytes: ConfigSettingsInstanceTracesMaxBytes;
  step_output_max_bytes: ConfigSettingsStepOutputMaxBytes;
  usage_save_ms: ConfigSettingsUsageSaveMs;
  batch_writes: ConfigSettingsBatchWrites;
  batch_size: ConfigSettingsBatchSize;
  max_connections: ConfigSettingsMaxConnections;
  connection_queue_max: ConfigSettingsConnectionQueueMax;
  database_timeout_ms: ConfigSettingsDatabaseTimeoutMs;
  database_attempts: ConfigSettingsDatabaseAttempts;
  outbox_max_rows: ConfigSettingsOutboxMaxRows;
  outbox_max_bytes: ConfigSettingsOutboxMaxBytes;
  instance_in_flight_max: ConfigSettingsInstanceInFlightMax;
  rate_limit_per_second: ConfigSettingsRateLimitPerSecond;
  rate_limit_burst: ConfigSettingsRateLimitBurst;
  database_max_bytes: ConfigSettingsR2MaxBytes;
  r2_timeout_ms: ConfigSettingsUsageSaveMs;
  r2_max_bytes: ConfigSettingsR2MaxBytes;
  retention_daily_days: ConfigSettingsRetentionDailyDays;
  retention_weekly_weeks: ConfigSettingsRetentionWeeklyWeeks;
  retention_monthly_months: ConfigSettingsRetentionMonthlyMonths;
  redaction: ConfigSettingsRedaction;
  webhooks_private: ConfigSettingsBatchWrites;
  log_level: ConfigSettingsLogLevel;
  breaker_window_size: ConfigSettingsBatchSize;
  breaker_minimum_calls: ConfigSettingsBatchSize;
  breaker_failure_rate: ConfigSettingsBreakerFailureRate;
  breaker_slow_call_rate: ConfigSettingsBreakerFailureRate;
  breaker_slow_call_ms: ConfigSettingsBreakerSlowCallMs;
  breaker_trial_calls: ConfigSettingsBreakerTrialCalls;
  breaker_open_ms: ConfigSettingsBreakerOpenMs;
  breaker_open_max_ms: ConfigSettingsBreakerOpenMs;
};

export type ConfigSettingsCacheMaxSize = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsLogLevelSource = "override" | "deployment" | "default";

export type ConfigSettingsCacheMaxBytes = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsCacheTtlSeconds = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsNamespaceEpisodesMax = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsQuotaEpisodes = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsQuotaBytes = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsQuotaLessons = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsKnowledgeCacheBytes = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsTraceAgeSeconds = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsTraceQuietSeconds = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsTraceKeptSeconds = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsInstanceTracesMaxBytes = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsStepOutputMaxBytes = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsUsageSaveMs = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsBatchWrites = {
  value: boolean;
  source: ConfigSettingsLogLevelSource;
  type: "boolean";
  default: boolean;
  meaning: string;
};

export type ConfigSettingsBatchSize = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsMaxConnections = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsConnectionQueueMax = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsDatabaseTimeoutMs = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsDatabaseAttempts = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsOutboxMaxRows = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsOutboxMaxBytes = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsInstanceInFlightMax = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsRateLimitPerSecond = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "number";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsRateLimitBurst = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsR2MaxBytes = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsRetentionDailyDays = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsRetentionWeeklyWeeks = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsRetentionMonthlyMonths = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsRedaction = {
  value: ConfigSettingsRedactionValue;
  source: ConfigSettingsLogLevelSource;
  type: "choice";
  default: ConfigSettingsRedactionValue;
  meaning: string;
  choices: string[];
};

export type ConfigSettingsRedactionValue = "redact" | "block" | "off";

export type ConfigSettingsLogLevel = {
  value: ConfigSettingsLogLevelValue;
  source: ConfigSettingsLogLevelSource;
  type: "choice";
  default: ConfigSettingsLogLevelValue;
  meaning: string;
  choices: string[];
};

export type ConfigSettingsLogLevelValue = "debug" | "info" | "warn" | "error";

export type ConfigSettingsBreakerFailureRate = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "number";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsBreakerSlowCallMs = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsBreakerTrialCalls = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigSettingsBreakerOpenMs = {
  value: number;
  source: ConfigSettingsLogLevelSource;
  type: "integer";
  default: number;
  meaning: string;
  min: number;
  max: number;
  unit: string;
};

export type ConfigAuditItem = {
  /** RFC 3339, UTC */
  at: string;
  by: string;
  what: string;
  from: unknown;
  to: unknown;
};

export type CircuitBreakerState = "closed" | "open" | "half_open" | "forced_open" | "disabled";

export type FleetTopology = {
  version: number;
  count: number;
  previous: number | null;
};

export type FleetDegraded = {
  message: string;
  /** RFC 3339, UTC */
  since: string;
  by: string;
  /** When it ends by itself; null: when it is ended */
  until?: string | null;
};

export type FleetFleetDownUntil = {
  turso: string | null;
  r2: string | null;
};

export type FleetInstance1 = {
  instance: number;
  /** The version that it runs; absent from an earlier version */
  release?: string;
  control_version: number;
  topology_version: number;
  active_episodes: number;
  oldest_active_at: string | null;
  cached_episodes: number;
  cached_bytes: number;
  outbox: FleetInstance1Outbox;
  breakers: FleetInstance1Breakers;
  connections: FleetInstance1Connections;
  in_flight: number;
  storage_bytes: number;
  /** Shards of an earlier topology are still here */
  moving: boolean;
  /** What it does in its alarm; absent from an earlier version */
  background?: FleetInstance1Background;
};

export type FleetInstance1Outbox = {
  rows: number;
  bytes: number;
  dead: number;
  oldest_at: string | null;
  last_error: string | null;
};

export type FleetInstance1Breakers = {
  turso: CircuitBreaker;
  r2: CircuitBreaker;
};

export type FleetInstance1Connections = {
  in_use: number;
  waiting: number;
  limit: number;
};

export type FleetInstance1Background = {
  /** What the homes of namespaces must still learn or forget; dead: given up, see GET /admin/outbox/dead */
  tasks: FleetInstance1BackgroundTasks;
  /** Namespaces that are being loaded from the database */
  loading: FleetInstance1BackgroundLoading;
  /** Shards that cannot be handed over to their new instance */
  handover: FleetInstance1BackgroundHandover;
  /** Checkpoints whose patterns the database's table of patterns does not show yet */
  unpublished?: FleetInstance1BackgroundUnpublished;
  /** Parts of the alarm that failed several times in a row */
  failing: FleetInstance1BackgroundFailingItem[];
};

export type FleetInstance1BackgroundTasks = {
  pending: number;
  dead: number;
  last_error: string | null;
};

export type FleetInstance1BackgroundLoading = {
  namespaces: number;
  since: string | null;
  last_error: string | null;
};

export type FleetInstance1BackgroundHandover = {
  failing: number;
  last_error: string | null;
};

export type FleetInstance1BackgroundUnpublished = {
  changes: number;
  last_error: string | null;
};

export type FleetInstance1BackgroundFailingItem = {
  part: string;
  failures: number;
  /** RFC 3339, UTC */
  since: string;
  error: string;
};

export type FleetInstance2 = {
  instance: number;
  error: string;
};

export type CurateBodyKind = "lesson" | "pattern" | "heuristic" | "playbook";

export type CurationReview = "approved" | "rejected";

export type CuratedItemLogItem = {
  /** RFC 3339, UTC */
  at: string;
  by: string;
  action: CurateBodyAction;
  reason: string;
  from: CuratedItemLogItemTo;
  to: CuratedItemLogItemTo;
};

export type CurateBodyAction = "pin" | "unpin" | "ban" | "unban" | "edit" | "approve" | "reject" | "clear";

export type CuratedItemLogItemTo = {
  pinned: boolean;
  banned: boolean;
  review: CurationReview | null;
  text: string | null;
};

export type CompletionDurability = "queued" | "stored" | "none";

export type LessonKind = "do" | "avoid" | "fact";

export type LessonAppliesTo = {
  tools: string[];
  domain: string | null;
  tags: string[];
  task: string | null;
};

export type LessonState = "active" | "pending" | "superseded" | "banned" | "rejected";

export type StepResultSuccess = {
  type: "success";
  output: string;
};

export type StepResultError = {
  type: "error";
  message: string;
};

export type StepResultTimeout = {
  type: "timeout";
};

export type OutcomeSuccess = {
  type: "success";
  verdict: string;
  artifacts: string[];
};

export type OutcomePartialSuccess = {
  type: "partial_success";
  verdict: string;
  completed: string[];
  failed: string[];
};

export type OutcomeFailure = {
  type: "failure";
  reason: string;
  details: string | null;
};

export type OutcomeAbstained = {
  type: "abstained";
  reason: string;
  signals: string[];
};

export type RewardWeights = {
  base: number;
  efficiency: number;
  quality: number;
  learning: number;
};

export type EpisodeTaskType = "code_generation" | "debugging" | "refactoring" | "testing" | "analysis" | "documentation" | "other";

export type EpisodeContext = {
  domain: string;
  language: string | null;
  framework: string | null;
  complexity: EpisodeContextComplexity;
  tags: string[];
};

export type EpisodeContextComplexity = "simple" | "moderate" | "complex";

export type EpisodeStatus = "in_progress" | "completed" | "failed" | "abandoned";

export type EpisodeCheckpoint = {
  id: string;
  /** RFC 3339, UTC */
  at: string;
  /** The last step that it covers; 0 before the first */
  step_number: number;
  reason: string;
  note: string | null;
  state: unknown;
};

export type CompletionPattern = {
  id: string;
  kind: PatternKind;
  is_new: boolean;
};

export type PatternKind = "tool_sequence" | "decision_point" | "error_recovery" | "context_pattern";

export type CompletionLearning = "done" | "queued";

export type CompletionOmitted = {
  steps: number;
  contributions: number;
};

export type CompletionLesson = {
  id: string;
  is_new: boolean;
};

export type HandoffPackProgress = {
  steps: number;
  succeeded: number;
  failed: number;
  tools: string[];
};

export type HandoffPackOpenError = {
  step_number: number;
  tool: string;
  message: string;
};

export type RecallNextTool = {
  tool: string;
  probability: number;
  why: string;
  /** The episodes that say so most */
  episodes: string[];
};

export type AdviceNextAction = {
  /** The tool, and its key behind it */
  action: string;
  tool: string;
  /** What kind of action it is beyond its tool; null: the tool says it */
  key: string | null;
  probability: number;
  parameters: HandoffPackNextActionParameter[];
};

export type HandoffPackNextActionParameter = {
  /** As a path: `address.city`, `item_ids[]` */
  name: string;
  /** The same in most of the runs; absent: it differs */
  value?: string;
  /** Where the runs had it from: `task`, or `tool.field.path` of an earlier answer, with `(text)` behind it a word of a text and with `{key}` the name of a field; `ask` where nothing told it. Absent: there is a value */
  source?: string;
  /** Further sources, of runs that did not have it from the first */
  or?: string[];
  /** The values that it may have, where these are few */
  one_of?: string[];
  /** Of the runs that took the action, those that had it so */
  support: number;
  /** What the source holds in the answers of the recent steps, the latest first */
  found?: string[];
};

export type TagsRenamedRefusedItem = {
  id: string;
  code: string;
  detail: string;
};

export type SavedFilterFilter = {
  status?: EpisodeStatus;
  outcome?: ListEpisodesOutcome;
  domain?: string;
  language?: string;
  framework?: string;
  tag?: string;
  tags?: string[];
  tags_match?: ListEpisodesTagsMatch;
  task_type?: EpisodeTaskType;
  /** RFC 3339, UTC */
  started_after?: string;
  /** RFC 3339, UTC */
  started_before?: string;
  text?: string;
  archived?: SearchArchived;
  sort?: ListEpisodesSort;
};

export type ListEpisodesOutcome = "success" | "partial_success" | "failure" | "abstained";

export type ListEpisodesTagsMatch = "any" | "all";

export type SearchArchived = "only" | "any";

export type ListEpisodesSort = "-started_at" | "started_at" | "-updated_at" | "updated_at" | "-ended_at" | "ended_at" | "-reward" | "reward" | "-steps" | "steps";

export type NamespaceSettingsSettings = {
  /** The share of episodes that are answered nothing */
  recall_holdout: number;
  /** What is done with secrets, where that is more than the deployment does */
  redaction: SetNamespaceSettingsBodyRedaction;
  /** The namespace's own quota; 0: none; null: the deployment's setting of this name */
  quota_episodes: number | null;
  /** The namespace's own quota; 0: none; null: the deployment's setting of this name */
  quota_bytes: number | null;
  /** The namespace's own quota; 0: none; null: the deployment's setting of this name */
  quota_lessons: number | null;
};

export type SetNamespaceSettingsBodyRedaction = "as_deployment" | "redact" | "block";

export type PatternPolarity = "do" | "avoid" | "neutral";

export type PatternSupport = {
  /** Decayed to now */
  success: number;
  /** Decayed to now */
  failure: number;
  /** Ever counted, not decayed */
  episodes: number;
};

export type CalibrationBin = {
  predicted: number;
  observed: number;
  forecasts: number;
};

export type HoldoutGroupSuccess = {
  rate: number | null;
  /** Lower bound of the rate's 95 % Wilson interval */
  low: number | null;
  /** Upper bound of the rate's 95 % Wilson interval */
  high: number | null;
};

export type HoldoutComparisonEffect = {
  /** Of the success rates, by Newcombe's interval */
  success: HoldoutDifference;
  /** Of the shares, by Newcombe's interval */
  error_repeated: HoldoutDifference;
  /** Of the mean numbers of steps, by Welch's interval */
  steps: HoldoutDifference;
};

export type HoldoutComparisonVerdict = "helps" | "harms" | "undecided";

export type StatsEpisodes = {
  total: number;
  in_progress: number;
  completed: number;
  failed: number;
  abandoned: number;
};

export type StatsOutcomes = {
  success: number;
  partial_success: number;
  failure: number;
  abstained: number;
};

export type StatsPatterns = {
  total: number;
  by_kind: Record<"tool_sequence" | "decision_point" | "error_recovery" | "context_pattern", number>;
  promoted: number;
};

export type StatsUse = {
  episodes: Use;
  patterns: Use;
  heuristics: Use;
  playbooks: Use;
  lessons?: Use;
};

export type StatsRecallEffect = {
  with_recall: RateOfSuccess;
  without_recall: RateOfSuccess;
};

export type StatsCalibration = {
  next_tools: Calibration;
  outcome: Calibration;
};

export type StatsHoldout = {
  share: number;
  comparisons: HoldoutComparison[];
};

export type StatsQuotas = {
  episodes: StatsQuotasBytes;
  bytes: StatsQuotasBytes;
  lessons: StatsQuotasBytes;
};

export type StatsQuotasBytes = {
  /** null: not counted, or not known while the database is away */
  used: number | null;
  /** null: any number */
  limit: number | null;
};

export type StatsDomain = {
  domain: string;
  episodes: number;
  success_rate: number | null;
};

export type QualityWeekScores = {
  total: number | null;
  base: number | null;
  efficiency: number | null;
  quality: number | null;
  learning: number | null;
};

export type QualityLessons = {
  total: number;
  /** Nobody has judged a use of them */
  without_evidence: number;
  /** Ids of some of these, those that were said first */
  examples: string[];
};

export type PlaybookStep = {
  order: number;
  tool: string;
  /** The tool, and its key behind it */
  action: string;
  /** What kind of action it is; absent: the tool says it */
  key?: string;
  parameters?: PlaybookStepParameter[];
  /** The error that it is for, or what parts the runs that took it from the others */
  when?: string;
  /** It is taken several times in a row, for each value of this source */
  for_each?: string;
  support: number;
  success_rate: number | null;
  expected: string | null;
  episodes: string[];
  pitfalls: PlaybookStepPitfall[];
  /** What led out of its errors, where that is not all among the steps */
  ways_out?: PlaybookStepWaysOutItem[];
};

export type PlaybookStepParameter = {
  /** As a path: `address.city`, `item_ids[]` */
  name: string;
  /** The same in most of the runs; absent: it differs */
  value?: string;
  /** Where the runs had it from: `task`, or `tool.field.path` of an earlier answer, with `(text)` behind it a word of a text and with `{key}` the name of a field; `ask` where nothing told it. Absent: there is a value */
  source?: string;
  /** Further sources, of runs that did not have it from the first */
  or?: string[];
  /** The values that it may have, where these are few */
  one_of?: string[];
  /** Of the runs that took the action, those that had it so */
  support: number;
};

export type PlaybookStepPitfall = {
  description: string;
  episodes: string[];
  /** The action that most often succeeded next after it */
  way_out?: string;
};

export type PlaybookStepWaysOutItem = {
  /** The masked error of this action */
  error: string;
  actions: PlaybookStepWaysOutItemAction[];
  /** The runs that it led out of the error */
  episodes: string[];
  /** Runs in which it was tried, and the error came again */
  in_vain: number;
  /** What else was tried, after which the error came again */
  did_not_help?: RecallRecoveryDidNotHelpItem[];
};

export type PlaybookStepWaysOutItemAction = {
  tool: string;
  /** The tool, and its key behind it */
  action: string;
  key?: string;
  parameters: PlaybookStepParameter[];
};

export type RecallRecoveryDidNotHelpItem = {
  action: string;
  episodes: number;
};

export type PlaybookDetour = {
  tool: string;
  /** The tool, and its key behind it */
  action: string;
  /** The runs that tried it */
  episodes: string[];
  /** The action that most often succeeded next after it */
  way_out?: string;
};

export type RecalledEpisodeWhy = {
  text: number;
  context: number;
  reward: number;
  recency: number;
  use: number;
};

export type ToldActionParameter = {
  name: string;
  value: string;
  /** Of the runs that are known, those that had this value */
  support: number;
};

export type RecallPattern = {
  id: string;
  kind: PatternKind;
  /** do: recommended; avoid: significantly worse than the base rate; neutral: neither */
  polarity: PatternPolarity;
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
  support: PatternSupport;
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
};

export type RecallHeuristic = {
  id: string;
  pattern_id: string;
  kind: PatternKind;
  /** do: recommended; avoid: significantly worse than the base rate; neutral: neither */
  polarity: PatternPolarity;
  tools: string[];
  /** The same with what they were used for; absent: the tools say it */
  actions?: string[];
  condition: string;
  action: string;
  confidence: number;
  lift: number;
  support: PatternSupport;
  episodes: string[];
  /** What a person decided about it */
  curation?: Curation;
  score: number;
  why: Record<string, number>;
};

export type RecallRecovery = {
  pattern_id: string;
  /** do: recommended; avoid: significantly worse than the base rate; neutral: neither */
  polarity: PatternPolarity;
  confidence: number;
  support: PatternSupport;
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
  did_not_help?: RecallRecoveryDidNotHelpItem[];
  /** What a person says of it: untrusted */
  note?: string;
};

export type RecallServedBy = "instance" | "database";

export type AdviceExpectedTool = {
  tool: string;
  probability: number;
  episodes: string[];
};

export type AdviceAvoidItem = {
  tool: string;
  why: string;
  pattern_id: string | null;
  episodes: string[];
};

export type AdviceProposed = {
  tool: string;
  probability: number;
  rank: number | null;
  verdict: AdviceProposedVerdict;
  /** What is known against it; null: nothing */
  why?: string | null;
};

export type AdviceProposedVerdict = "usual" | "unusual" | "avoid";

export type AdviceOutlook = {
  success: number;
  base_rate: number;
  /** What adds up from base_rate to success */
  why: Record<string, number>;
  /** Judged episodes that it is learned from */
  runs: number;
  episodes: string[];
};

export type MigrationKind = "expand" | "contract";

export type MigrationState = "applied" | "started" | "pending";

export type MigrationsLease = {
  holder: string;
  /** RFC 3339, UTC */
  until: string;
};

export type RelationshipType = "parent_child" | "depends_on" | "follows" | "related_to" | "blocks" | "duplicates" | "references";

export type ExportTraceServiceResponsePartialSuccess = {
  /** How many will never be taken; an integer as a text */
  rejectedSpans: string;
  /** Why, each reason once */
  errorMessage: string;
};

export type ImportLineAnswer1 = {
  line: number;
  status: "created";
  id: string;
  /** Characters U+0000 of the line, each taken as U+FFFD; absent: it had none */
  replaced?: number;
};

export type ImportLineAnswer2 = {
  line: number;
  status: "updated";
  id: string;
  /** Characters U+0000 of the line, each taken as U+FFFD; absent: it had none */
  replaced?: number;
};

export type ImportLineAnswer3 = {
  line: number;
  status: "duplicate";
  id: string;
  /** Characters U+0000 of the line, each taken as U+FFFD; absent: it had none */
  replaced?: number;
};

export type ImportLineAnswer4 = {
  line: number;
  status: "error";
  error: ImportLineAnswer4Error;
};

export type ImportLineAnswer4Error = {
  code: string;
  detail: string;
  errors: ImportLineAnswer4ErrorError[];
};

export type ImportLineAnswer4ErrorError = {
  path: string;
  message: string;
};

export type ReadinessStatus = "healthy" | "degraded" | "unhealthy";

export type ReadinessCheck = {
  name: string;
  status: ReadinessStatus;
  /** 0 when it was known */
  latency_ms: number;
  /** What is found and, when it is not well, what to do */
  message: string;
};

export type JobRunResult = "success" | "failure";

export type IncidentKind = "breaker" | "maintenance" | "degraded" | "deploy" | "settings" | "keys" | "topology" | "backup" | "restore" | "migration" | "job" | "health" | "dead_letters" | "overload" | "erasure" | "curation";

export type IncidentSeverity = "info" | "warning" | "critical";

export type CapacityRates = {
  episodes: CapacityRatesSteps;
  steps: CapacityRatesSteps;
  recalls: CapacityRatesSteps;
  requests: CapacityRatesSteps;
  patterns: CapacityRatesSteps;
};

export type CapacityRatesSteps = {
  per_hour: number | null;
  per_day: number | null;
};

export type CapacityStorage = {
  database_bytes: number | null;
  instance_bytes: number | null;
  r2_bytes: number | null;
};

export type CapacityBacklog = {
  rows: number | null;
  oldest_seconds: number | null;
  dead: number | null;
};

export type CapacityForecast = {
  resource: string;
  now: number;
  limit: number;
  unit: CapacityForecastUnit;
  used: number;
  per_day: number | null;
  in_30_days: CapacityForecastIn30Days | null;
  reached_at: CapacityForecastReachedAt;
  advice: string;
};

export type CapacityForecastUnit = "bytes" | "rows";

export type CapacityForecastIn30Days = {
  expected: number;
  low: number;
  high: number;
};

export type CapacityForecastReachedAt = {
  expected: string | null;
  earliest: string | null;
  latest: string | null;
};

export type UsageOver = "hour" | "day";

export type UsageBy = "requests" | "refusals" | "episodes" | "open_episodes" | "rows" | "bytes";

export type UsageNamespace = {
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
  /** What it holds of its quotas, as last counted with what began since; limit null: there is none of it. null: none is in force, or it began nothing since its home's object did */
  quotas: UsageNamespaceQuotas | null;
};

export type UsageNamespaceQuotas = {
  episodes: UsageNamespaceQuotasBytes;
  bytes: UsageNamespaceQuotasBytes;
};

export type UsageNamespaceQuotasBytes = {
  used: number | null;
  limit: number | null;
};

export type UsageKey = {
  /** The id of the key; operator: ADMIN_TOKEN; spans: of an episode that came as spans; nobody: no key that is known; unknown: of an episode that does not say who began it */
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
};

export type UsageOthers = {
  namespaces: UsageOthersKeys;
  keys: UsageOthersKeys;
};

export type UsageOthersKeys = {
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

export type ProblemCode = "body_too_large" | "conflict" | "cycle" | "database_unavailable" | "deadline_exceeded" | "episode_ended" | "forbidden" | "idempotency_conflict" | "idempotency_in_flight" | "internal" | "key_in_url" | "limit_exceeded" | "maintenance" | "method_not_allowed" | "no_such_route" | "not_found" | "not_ready" | "outbox_full" | "overloaded" | "precondition_failed" | "quota_exceeded" | "rate_limited" | "request_cut_off" | "secret_found" | "unauthenticated" | "unsupported_media_type" | "validation_failed";

export type ProblemError = {
  /** Dotted: steps.3.tool */
  path: string;
  message: string;
};

export type StartEpisodeBody = {
  task: string;
  /** Default: "other" */
  task_type?: EpisodeTaskType;
  /** Default: {} */
  context?: StartEpisodeBodyContext;
  /** Default: {} */
  metadata?: Record<string, string>;
  /** Default: [] */
  tags?: string[];
  recall_id?: string;
};

export type StartEpisodeBodyContext = {
  domain?: string | null;
  language?: string | null;
  framework?: string | null;
  /** Default: "moderate" */
  complexity?: EpisodeContextComplexity;
  /** Default: [] */
  tags?: string[];
};

export type ListEpisodesAnswer = {
  episodes: Episode[];
  /** null: the last page */
  next_cursor: string | null;
  /** The database was out of reach: this is what the instances hold */
  degraded: boolean;
};

export type GetEpisodesBody = {
  ids: string[];
};

export type AmendEpisodeBody = {
  task?: string;
  task_type?: EpisodeTaskType;
  context?: RecallBodyContext;
  metadata?: Record<string, string | null>;
  tags?: string[];
};

export type RecallBodyContext = {
  domain?: string;
  language?: string | null;
  framework?: string | null;
  complexity?: EpisodeContextComplexity;
  tags?: string[];
};

export type LogStepsBody = LogStepsBody1 | LogStepsBody2;

export type LogStepsBody1 = {
  number?: number;
  at?: string;
  tool: string;
  /** Default: "" */
  action?: string;
  /** Default: {} */
  parameters?: unknown;
  result?: LogStepsBody1ResultSuccess | LogStepsBody1ResultError | LogStepsBody1ResultTimeout | null;
  latency_ms?: number | null;
  tokens?: number | null;
  /** Default: {} */
  metadata?: Record<string, string>;
};

export type LogStepsBody1ResultSuccess = {
  type: "success";
  /** Default: "" */
  output?: string;
};

export type LogStepsBody1ResultError = {
  type: "error";
  message: string;
};

export type LogStepsBody1ResultTimeout = {
  type: "timeout";
};

export type LogStepsBody2 = {
  steps: LogStepsBody1[];
};

export type CompleteEpisodeBody = {
  outcome: CompleteEpisodeBodyOutcomeSuccess | CompleteEpisodeBodyOutcomePartialSuccess | CompleteEpisodeBodyOutcomeFailure | CompleteEpisodeBodyOutcomeAbstained;
  recall_id?: string | null;
  lessons?: CompleteEpisodeBodyLesson[];
};

export type CompleteEpisodeBodyOutcomeSuccess = {
  type: "success";
  /** Default: "" */
  verdict?: string;
  /** Default: [] */
  artifacts?: string[];
};

export type CompleteEpisodeBodyOutcomePartialSuccess = {
  type: "partial_success";
  /** Default: "" */
  verdict?: string;
  /** Default: [] */
  completed?: string[];
  /** Default: [] */
  failed?: string[];
};

export type CompleteEpisodeBodyOutcomeFailure = {
  type: "failure";
  /** Default: "" */
  reason?: string;
  details?: string | null;
};

export type CompleteEpisodeBodyOutcomeAbstained = {
  type: "abstained";
  /** Default: "" */
  reason?: string;
  /** Default: [] */
  signals?: string[];
};

export type CompleteEpisodeBodyLesson = {
  text: string;
  kind: LessonKind;
  /** Default: {} */
  applies_to?: AddLessonBodyAppliesTo;
  supersedes?: string | null;
};

export type AddLessonBodyAppliesTo = {
  /** Default: [] */
  tools?: string[];
  domain?: string | null;
  /** Default: [] */
  tags?: string[];
  task?: string | null;
};

export type FailEpisodeBody = {
  reason: string;
  details?: string | null;
};

export type CheckpointEpisodeBody = {
  reason: string;
  note?: string | null;
  /** Default: null */
  state?: unknown;
};

export type RecallEvidence = "true" | "false";

export type RecallFormat = "json" | "text";

export type ArchiveEpisodesBody = {
  filter: ArchiveEpisodesBodyFilter;
  /** Default: false */
  dry_run?: boolean;
  cursor?: string;
};

export type ArchiveEpisodesBodyFilter = {
  status?: EpisodeStatus;
  outcome?: ListEpisodesOutcome;
  domain?: string;
  language?: string;
  framework?: string;
  tag?: string;
  /** Whether an episode has any of `tags` (the default) or all of them */
  tags_match?: ListEpisodesTagsMatch;
  task_type?: EpisodeTaskType;
  started_after?: string;
  started_before?: string;
  text?: string;
  tags?: string[];
};

export type ListFiltersAnswer = {
  filters: SavedFilter[];
};

export type SaveFilterBody = {
  status?: EpisodeStatus;
  outcome?: ListEpisodesOutcome;
  domain?: string;
  language?: string;
  framework?: string;
  tag?: string;
  /** Whether an episode has any of `tags` (the default) or all of them */
  tags_match?: ListEpisodesTagsMatch;
  task_type?: EpisodeTaskType;
  started_after?: string;
  started_before?: string;
  text?: string;
  tags?: string[];
  /** Archived episodes: only those, or those too; absent: none */
  archived?: SearchArchived;
  sort?: ListEpisodesSort;
};

export type SaveFilterAnswer = {
  name: string;
  filter: SavedFilterFilter;
  /** RFC 3339, UTC */
  updated_at: string;
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: CompletionDurability;
};

export type CountTagsAnswer = {
  tags: TagCount[];
  /** null: the last page */
  next_cursor: string | null;
  /** The database was out of reach: this is what the instances hold */
  degraded: boolean;
};

export type RenameTagBody = {
  from: string;
  to: string;
  cursor?: string;
};

export type ListTagsAnswer = {
  tags: string[];
};

export type AddTagsBody = {
  tags: string[];
};

export type AddTagsAnswer = {
  tags: string[];
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: CompletionDurability;
};

export type ListRelationshipsAnswer = {
  relationships: Relationship[];
};

export type AddRelationshipBody = {
  type: RelationshipType;
  to: string;
  reason?: string | null;
};

export type AddRelationshipAnswer = {
  from: string;
  to: string;
  type: RelationshipType;
  /** RFC 3339, UTC */
  created_at: string;
  reason: string | null;
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: CompletionDurability;
};

export type RecallBody = {
  task: string;
  /** Default: {} */
  context?: RecallBodyContext;
  task_type?: EpisodeTaskType;
  /** Default: 5 */
  limit?: number;
  /** Default: ["episodes","patterns","heuristics","playbook","lessons"] */
  include?: RecallBodyIncludeItem[];
  /** Oldest first. A message has at most 10000 characters, the parameters of a step at most 65536 bytes as JSON, all steps together at most 1048576.. Default: [] */
  recent_steps?: RecallBodyRecentStep[];
  /** The running episode: without recent_steps its own latest steps are used, as they were logged, with their parameters and results */
  episode_id?: string;
  max_tokens?: number | null;
};

export type RecallBodyIncludeItem = "episodes" | "patterns" | "heuristics" | "playbook" | "lessons";

export type RecallBodyRecentStep = {
  tool: string;
  /** Default: "unknown" */
  result?: RecallBodyRecentStepResult;
  message?: string;
  parameters?: unknown;
};

export type RecallBodyRecentStepResult = "success" | "error" | "timeout" | "unknown";

export type AdviseBody = {
  task: string;
  /** Default: {} */
  context?: RecallBodyContext;
  /** Oldest first. A message has at most 10000 characters, the parameters of a step at most 65536 bytes as JSON, all steps together at most 1048576.. Default: [] */
  recent_steps?: RecallBodyRecentStep[];
  /** The running episode: without recent_steps its own latest steps are used, as they were logged, with their parameters and results */
  episode_id?: string;
  next_tool?: string | null;
  error?: string | null;
  only_line?: boolean;
};

export type SearchAnswer = {
  results: SearchAnswerResult[];
  /** null: the last page */
  next_cursor: string | null;
  /** The database was out of reach: this is what the instances hold */
  degraded: boolean;
};

export type SearchAnswerResult = {
  kind: SearchAnswerResultKind;
  id: string;
  score: number;
  task: string;
  outcome: ListEpisodesOutcome | null;
  matched_terms: string[];
};

export type SearchAnswerResultKind = "episode" | "pattern";

export type PlaybookBody = {
  task: string;
  /** Default: {} */
  context?: RecallBodyContext;
  /** Oldest first. A message has at most 10000 characters, the parameters of a step at most 65536 bytes as JSON, all steps together at most 1048576.. Default: [] */
  recent_steps?: RecallBodyRecentStep[];
  /** The running episode: without recent_steps its own latest steps are used, as they were logged, with their parameters and results */
  episode_id?: string;
};

export type PlaybookAnswer = {
  playbook: Playbook | null;
  /** By lot this episode is answered nothing, whatever the memory knows: the namespace measures what it is worth (`recall_holdout`) */
  held_out?: true;
};

export type GiveFeedbackBody = {
  recall_id: string;
  used: string[];
  helpful: boolean;
  rating?: number | null;
};

export type GiveFeedbackAnswer = {
  recall_id: string;
  counted: number;
  /** Ids that the recall did not hold */
  unknown: string[];
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: CompletionDurability;
};

export type ListPatternsAnswer = {
  patterns: Pattern[];
  /** null: the last page */
  next_cursor: string | null;
  /** The database was out of reach: this is what the instances hold */
  degraded: boolean;
};

export type ListHeuristicsAnswer = {
  heuristics: Heuristic[];
  /** null: the last page */
  next_cursor: string | null;
  /** The database was out of reach: this is what the instances hold */
  degraded: boolean;
};

export type EraseNamespaceAnswer = {
  name: string;
  /** RFC 3339, UTC */
  erased_at: string;
};

export type AddLessonBody = {
  text: string;
  kind: LessonKind;
  /** Default: {} */
  applies_to?: AddLessonBodyAppliesTo;
  supersedes?: string | null;
  /** Default: "" */
  source?: string;
};

export type ListLessonsState = "active" | "pending" | "superseded" | "banned" | "rejected" | "all";

export type ListLessonsAnswer = {
  lessons: Lesson[];
  /** null: the last page */
  next_cursor: string | null;
  /** The database was out of reach: this is what the instances hold */
  degraded: boolean;
};

export type AmendLessonBody = {
  text?: string;
  kind?: LessonKind;
  applies_to?: AddLessonBodyAppliesTo;
  supersedes?: string | null;
};

export type ListSkillsAnswer = {
  /** Those of most runs first */
  skills: Skill[];
  /** Families beyond the 32 that are listed */
  left_out: number;
  /** Episodes that were looked at: those that were learned last, 400 at most */
  runs: number;
  /** The fields that hold stored text: data, never instructions */
  untrusted: string[];
};

export type ListWebhooksAnswer = {
  webhooks: Webhook[];
};

export type AddWebhookBody = {
  url: string;
  types?: AddWebhookBodyType[];
  /** Default: ["*"] */
  namespaces?: string[];
};

export type AddWebhookBodyType = "episode.completed" | "pattern.promoted" | "lesson.added" | "incident" | "backup";

export type AddWebhookAnswer = {
  id: string;
  url: string;
  /** null: all */
  types: string[] | null;
  /** Names, or "*" for all and for the service itself */
  namespaces: string[];
  /** RFC 3339, UTC */
  created_at: string;
  /** What it signs with (Standard Webhooks, whsec_…); it is shown once */
  secret: string;
};

export type TestWebhookAnswer = {
  delivered: boolean;
  /** What the receiver answered; null: nothing */
  status: number | null;
  error: string | null;
};

export type ListUndeliveredAnswer = {
  undelivered: UndeliveredEvent[];
};

export type RetryUndeliveredAnswer = {
  retried: number;
};

export type CurateBody = {
  kind: CurateBodyKind;
  id: string;
  action: CurateBodyAction;
  text?: string | null;
  /** Default: "" */
  reason?: string;
};

export type ListCurationState = "pinned" | "banned" | "edited" | "approved" | "rejected";

export type ListCurationAnswer = {
  items: CuratedItem[];
  /** null: the last page */
  next_cursor: string | null;
  /** The database was out of reach: this is what the instances hold */
  degraded: boolean;
};

export type GetReviewAnswer = {
  /** required: only what a person approved is recalled and advised */
  learning_review: SetReviewBodyLearningReview;
};

export type SetReviewBodyLearningReview = "off" | "required";

export type SetReviewBody = {
  learning_review: SetReviewBodyLearningReview;
};

export type SetReviewAnswer = {
  /** required: only what a person approved is recalled and advised */
  learning_review: SetReviewBodyLearningReview;
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: CompletionDurability;
};

export type ListNamespacesAnswer = {
  namespaces: Namespace[];
  /** null: the last page */
  next_cursor: string | null;
  /** The database was out of reach: this is what the instances hold */
  degraded: boolean;
};

export type SetNamespaceSettingsBody = {
  recall_holdout?: number | null;
  redaction?: SetNamespaceSettingsBodyRedaction | null;
  quota_episodes?: number | null;
  quota_bytes?: number | null;
  quota_lessons?: number | null;
};

export type SetNamespaceSettingsAnswer = {
  namespace: string;
  /** What is in force, defaults included */
  settings: NamespaceSettingsSettings;
  /** queued: durable in its instance, on its way to the database; stored: in the database; none: unchanged */
  durability: CompletionDurability;
};

export type ImportEpisodesOnConflict = "refuse" | "update";

export type ImportEpisodesBody = ImportEpisodesBodyEpisode | ImportEpisodesBodyTranscript | ImportEpisodesBodyFeedback | ImportEpisodesBodyLesson | ImportEpisodesBodyCuration;

export type ImportEpisodesBodyEpisode = {
  type: "episode";
  id?: string;
  /** Default: "other" */
  task_type?: EpisodeTaskType;
  /** Default: {} */
  context?: StartEpisodeBodyContext;
  /** Default: {} */
  metadata?: Record<string, string>;
  /** Default: [] */
  tags?: string[];
  started_at?: string | null;
  ended_at?: string | null;
  outcome?: CompleteEpisodeBodyOutcomeSuccess | CompleteEpisodeBodyOutcomePartialSuccess | CompleteEpisodeBodyOutcomeFailure | CompleteEpisodeBodyOutcomeAbstained | null;
  status?: EpisodeStatus | null;
  task: string;
  steps?: LogStepsBody1[];
  reward?: ImportEpisodesBodyEpisodeReward | null;
  reflection?: ImportEpisodesBodyEpisodeReflection | null;
  checkpoints?: ImportEpisodesBodyEpisodeCheckpoint[];
  relationships?: ImportEpisodesBodyEpisodeRelationship[];
  archived_at?: string;
  /** Default: 1 */
  version?: number;
};

export type ImportEpisodesBodyEpisodeReward = {
  total: number;
  base: number;
  efficiency: number;
  quality: number;
  learning: number;
  weights: ImportEpisodesBodyEpisodeRewardWeights;
};

export type ImportEpisodesBodyEpisodeRewardWeights = {
  base: number;
  efficiency: number;
  quality: number;
  learning: number;
};

export type ImportEpisodesBodyEpisodeReflection = {
  successes: string[];
  improvements: string[];
  insights: string[];
};

export type ImportEpisodesBodyEpisodeCheckpoint = {
  id: string;
  at: string;
  step_number: number;
  reason: string;
  note: string | null;
  state: unknown;
};

export type ImportEpisodesBodyEpisodeRelationship = {
  to: string;
  type: RelationshipType;
  created_at: string;
  reason: string | null;
};

export type ImportEpisodesBodyTranscript = {
  type: "transcript";
  id?: string;
  /** Default: "other" */
  task_type?: EpisodeTaskType;
  /** Default: {} */
  context?: StartEpisodeBodyContext;
  /** Default: {} */
  metadata?: Record<string, string>;
  /** Default: [] */
  tags?: string[];
  started_at?: string | null;
  ended_at?: string | null;
  outcome?: CompleteEpisodeBodyOutcomeSuccess | CompleteEpisodeBodyOutcomePartialSuccess | CompleteEpisodeBodyOutcomeFailure | CompleteEpisodeBodyOutcomeAbstained | null;
  status?: EpisodeStatus | null;
  task?: string;
  messages: ImportEpisodesBodyTranscriptMessage[];
};

export type ImportEpisodesBodyTranscriptMessage = {
  role: string;
};

export type ImportEpisodesBodyFeedback = {
  type: "feedback";
  recall_id: string;
  at: string;
  helpful: number;
  unhelpful: number;
  episodes: string[];
  patterns: (ImportEpisodesBodyFeedbackPatternToolSequence | ImportEpisodesBodyFeedbackPatternDecisionPoint | ImportEpisodesBodyFeedbackPatternErrorRecovery | ImportEpisodesBodyFeedbackPatternContextPattern)[];
};

export type ImportEpisodesBodyFeedbackPatternToolSequence = {
  kind: "tool_sequence";
  tools: string[];
  keys?: (string | null)[];
};

export type ImportEpisodesBodyFeedbackPatternDecisionPoint = {
  kind: "decision_point";
  after_tool: string;
  after_result: RecallBodyRecentStepResult;
  next_tool: string;
  after_key?: string;
  next_key?: string;
};

export type ImportEpisodesBodyFeedbackPatternErrorRecovery = {
  kind: "error_recovery";
  tool: string;
  error: string;
  path: string[];
  key?: string;
  keys?: (string | null)[];
};

export type ImportEpisodesBodyFeedbackPatternContextPattern = {
  kind: "context_pattern";
  features: Record<string, string>;
  tool: string;
};

export type ImportEpisodesBodyLesson = {
  type: "lesson";
  id: string;
  created_at: string;
  updated_at: string;
  amended: ImportEpisodesBodyLessonAmended | null;
  superseded_by: ImportEpisodesBodyLessonSupersededBy | null;
  deleted_at: string | null;
  evidence: ImportEpisodesBodyLessonEvidenceItem[];
};

export type ImportEpisodesBodyLessonAmended = {
  text: string;
  kind: LessonKind;
  /** Default: {} */
  applies_to?: AddLessonBodyAppliesTo;
  source: string;
  by: string;
};

export type ImportEpisodesBodyLessonSupersededBy = {
  id: string;
  at: string;
};

export type ImportEpisodesBodyLessonEvidenceItem = {
  source: string;
  episode_id: string | null;
  at: string;
  success: number;
  failure: number;
  statement: ImportEpisodesBodyLessonAmended | null;
};

export type ImportEpisodesBodyCuration = {
  type: "curation";
  kind: CurateBodyKind;
  id: string;
  updated_at: string;
  /** Default: false */
  pinned?: boolean;
  /** Default: false */
  banned?: boolean;
  review: CurationReview | null;
  text: string | null;
  content: ImportEpisodesBodyFeedbackPatternToolSequence | ImportEpisodesBodyFeedbackPatternDecisionPoint | ImportEpisodesBodyFeedbackPatternErrorRecovery | ImportEpisodesBodyFeedbackPatternContextPattern | null;
  description: string;
  log: ImportEpisodesBodyCurationLogItem[];
};

export type ImportEpisodesBodyCurationLogItem = {
  at: string;
  by: string;
  action: CurateBodyAction;
  reason: string;
  from: ImportEpisodesBodyCurationLogItemTo;
  to: ImportEpisodesBodyCurationLogItemTo;
};

export type ImportEpisodesBodyCurationLogItemTo = {
  /** Default: false */
  pinned?: boolean;
  /** Default: false */
  banned?: boolean;
  review: CurationReview | null;
  text: string | null;
};

export type ExportEpisodesAnswer = ImportEpisodesBodyEpisode | ImportEpisodesBodyFeedback | ImportEpisodesBodyLesson | ImportEpisodesBodyCuration;

export type RecordSpansBody = {
  resourceSpans?: Record<string, unknown>[];
};

export type CreateKeyBody = {
  name: string;
  scopes: KeyScope[];
  namespaces: string[];
  default_namespace?: string;
  expires_at?: string | null;
};

export type CreateKeyAnswer = {
  id: string;
  name: string;
  scopes: KeyScope[];
  /** Names, or "*" for all */
  namespaces: string[];
  default_namespace: string;
  /** RFC 3339, UTC */
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  /** To the hour; null: not since instances that answer began to note it */
  last_used_at: string | null;
  /** The secret; it is shown once */
  key: string;
};

export type ListKeysAnswer = {
  keys: Key[];
};

export type RotateKeyBody = {
  /** Default: 86400 */
  overlap_seconds?: number;
};

export type ListGrantsAnswer = {
  /** The order is no order of time */
  grants: Grant[];
  /** null: the last page. A page may have fewer than were asked for, or none, and not be the last */
  next_cursor: string | null;
};

export type SetConfigBody = {
  /** At least one; null: back to the default */
  settings: SetConfigBodySettings;
};

export type SetConfigBodySettings = {
  /** Ended episodes that an instance keeps. */
  cache_max_size?: number | null;
  /** Bytes of the episodes that an instance keeps; what runs or is unsent stays beyond it. */
  cache_max_bytes?: number | null;
  /** After this an ended episode is read from the database again. */
  cache_ttl_seconds?: number | null;
  /** Ended episodes that a namespace recalls and learns from; the least relevant beyond it are forgotten. */
  namespace_episodes_max?: number | null;
  /** Episodes that a namespace may hold: one more is refused. 0: any number. */
  quota_episodes?: number | null;
  /** Bytes of episodes with their steps, as JSON, beyond which a namespace begins none. 0: any number. */
  quota_bytes?: number | null;
  /** Lessons that a namespace may hold: one more is refused. 0: as many as the service takes. */
  quota_lessons?: number | null;
  /** Memory of what an instance has learned that is kept for the next question. */
  knowledge_cache_bytes?: number | null;
  /** How long the database's table of patterns, which is for people, may lag behind. */
  derived_flush_seconds?: number | null;
  /** An episode without a write is closed as abandoned. */
  episode_idle_timeout_seconds?: number | null;
  /** A trace whose root has ended becomes an episode when no span came for so long. */
  trace_quiet_seconds?: number | null;
  /** A trace becomes an episode at the latest so long after its first span; what comes later updates it. */
  trace_age_seconds?: number | null;
  /** Spans are kept for so long after the last of their trace, for those that come late. */
  trace_kept_seconds?: number | null;
  /** Traces whose spans an instance holds for all namespaces together; who has less than an even share is let in beyond it. */
  instance_traces_max?: number | null;
  /** Bytes of their spans, likewise. */
  instance_traces_max_bytes?: number | null;
  /** UTF-8 bytes of a step's output or error message; larger ones are refused, not cut. */
  step_output_max_bytes?: number | null;
  /** What was counted of requests, by namespace and key, is stored after this; a crash loses no more. */
  usage_save_ms?: number | null;
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
  redaction?: ConfigSettingsRedactionValue | null;
  /** Whether webhooks may go to addresses that are not public, and without TLS: for tests on one's own machine. */
  webhooks_private?: boolean | null;
  /** Events below this level are not logged. */
  log_level?: ConfigSettingsLogLevelValue | null;
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

export type ListAuditAnswer = {
  /** Newest first */
  audit: ConfigAuditItem[];
  /** null: the last page */
  next_cursor: string | null;
};

export type SetDegradedBody = {
  enabled: boolean;
  /** Default: "" */
  message?: string;
  /** Default: null */
  ttl_seconds?: number | null;
};

export type OpenBreakerBody = {
  backend: ResetBreakerBodyBackend;
  instance?: number | null;
  /** Default: 3600 */
  ttl_seconds?: number | null;
  /** Default: "" */
  reason?: string;
};

export type ResetBreakerBodyBackend = "turso" | "r2";

export type ResizeFleetBody = {
  count: number;
};

export type TakeOverDeploymentBody = {
  from: string;
  /** Its objects are in another jurisdiction, and this was changed on purpose */
  jurisdiction_changed?: boolean;
};

export type SyncStorageBody = {
  /** Default: "*" */
  namespace?: string;
};

export type SyncStorageAnswer = {
  namespaces: string[];
};

export type DrainBody = {
  /** Default: 30 */
  timeout_seconds?: number;
};

export type MigrateBody = {
  /** Default: false */
  execute?: boolean;
  /** Default: false */
  without_backup?: boolean;
};

export type ListDeadLettersAnswer = {
  dead_letters: DeadLetter[];
};

export type CreateBackupBody = {
  /** Default: "full" */
  kind?: BackupKind;
  window_days?: number | null;
  namespace?: string | null;
};

export type ListBackupsAnswer = {
  /** Newest first */
  backups: Backup[];
  /** Manifests that cannot be read */
  unreadable: ListBackupsAnswerUnreadableItem[];
};

export type ListBackupsAnswerUnreadableItem = {
  object: string;
  problem: string;
};

export type RestoreBackupBody = {
  /** Default: "merge" */
  mode?: RestoreBackupBodyMode;
  namespace?: string | null;
  episode?: string | null;
  /** Default: "respect" */
  deleted?: RestoreBackupBodyDeleted;
  /** Default: "replay" */
  outbox?: RestoreBackupBodyOutbox;
  /** Default: false */
  dry_run?: boolean;
  instance?: number | null;
  /** Default: false */
  settings?: boolean;
  /** Default: [] */
  keys?: string[];
  /** Default: false */
  accept_unauthenticated?: boolean;
};

export type RestoreBackupBodyMode = "merge" | "replace";

export type RestoreBackupBodyDeleted = "respect" | "bring_back";

export type RestoreBackupBodyOutbox = "replay" | "keep";

export type RewrapBackupsBody = {
  backup?: string | null;
};

export type RunJobBody = {
  job: RunJobBodyJob;
};

export type RunJobBodyJob = "health-check" | "backup-snapshot" | "backup-full" | "restore-drill" | "retention" | "prune" | "capacity-report";

export type ListJobsAnswer = {
  /** Newest first */
  jobs: Job[];
};

export type CancelJobBody = {
  /** Default: false */
  release?: boolean;
};

export type IsReadyAnswer = {
  status: ReadinessStatus;
  checks: IsReadyAnswerCheck[];
};

export type IsReadyAnswerCheck = {
  name: string;
  status: ReadinessStatus;
  /** With a key: how long finding it out took, 0 when it was known */
  latency_ms?: number;
  /** With a key: what is found and, when it is not well, what to do */
  message?: string;
};

export type GetVersionAnswer = {
  name: string;
  version: string;
  commit: string | null;
  /** The deployment, as the platform names it */
  id: string | null;
  deployed_at: string | null;
  schema_version: number;
  /** null: the Coordinator does not answer */
  settings: GetVersionAnswerSettings | null;
};

export type GetVersionAnswerSettings = {
  version: number;
  digest: string;
};

export type ListIncidentsFormat = "json" | "markdown";

export type ListIncidentsAnswer = {
  /** RFC 3339, UTC */
  since: string;
  /** RFC 3339, UTC */
  until: string;
  incidents: Incident[];
  samples: MetricSample[];
  /** With `logs=true`, the oldest first */
  logs?: ListIncidentsAnswerLog[];
  /** Who did not answer with its lines */
  logs_silent?: string[];
};

export type ListIncidentsAnswerLog = {
  /** RFC 3339, UTC */
  at: string;
  /** An instance by its number, `coordinator`, or `worker` */
  from: string;
  /** As the log has it: a JSON object */
  line: string;
};

export type GetOverviewAnswer = {
  /** RFC 3339, UTC */
  at: string;
  version: GetOverviewAnswerVersion;
  readiness: Readiness;
  fleet: Fleet;
  jobs: JobRun[];
  incidents: Incident[];
  samples: MetricSample[];
  now: MetricSample;
  /** Upper bounds of the samples' histograms, s */
  bucket_bounds: number[];
};

export type GetOverviewAnswerVersion = {
  name: string;
  version: string;
};

export type McpBody = {
  jsonrpc: "2.0";
  id?: string | number;
  method: string;
  params?: Record<string, unknown>;
};

export type McpAnswer = {
  jsonrpc: "2.0";
};

export type GetDocumentAnswer = {
  openapi: string;
};

/** What each operation takes and answers, by its operationId. */
export interface Operations {
  startEpisode: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: StartEpisodeBody;
    answer: EpisodeWritten;
  };
  listEpisodes: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string; status?: EpisodeStatus; outcome?: ListEpisodesOutcome; domain?: string; language?: string; framework?: string; tag?: string; tags_match?: ListEpisodesTagsMatch; task_type?: EpisodeTaskType; started_after?: string; started_before?: string; text?: string; tags?: string; archived?: SearchArchived; sort?: ListEpisodesSort; filter?: string };
    body: undefined;
    answer: ListEpisodesAnswer;
  };
  getEpisodes: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: GetEpisodesBody;
    answer: EpisodesFound;
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
    body: AmendEpisodeBody;
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
    body: LogStepsBody;
    answer: StepsLogged;
  };
  completeEpisode: {
    params: { id: string };
    query: Record<string, never>;
    body: CompleteEpisodeBody;
    answer: Completion;
  };
  failEpisode: {
    params: { id: string };
    query: Record<string, never>;
    body: FailEpisodeBody;
    answer: Completion;
  };
  checkpointEpisode: {
    params: { id: string };
    query: Record<string, never>;
    body: CheckpointEpisodeBody;
    answer: Checkpoint;
  };
  handOffEpisode: {
    params: { id: string };
    query: { max_tokens?: number; evidence?: RecallEvidence; checkpoint_id?: string; format?: RecallFormat };
    body: undefined;
    answer: HandoffPack;
  };
  archiveEpisode: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: EpisodeWritten;
  };
  unarchiveEpisode: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: EpisodeWritten;
  };
  archiveEpisodes: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: ArchiveEpisodesBody;
    answer: EpisodesArchived;
  };
  unarchiveEpisodes: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: ArchiveEpisodesBody;
    answer: EpisodesArchived;
  };
  listFilters: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: ListFiltersAnswer;
  };
  saveFilter: {
    params: { name: string };
    query: Record<string, never>;
    body: SaveFilterBody;
    answer: SaveFilterAnswer;
  };
  removeFilter: {
    params: { name: string };
    query: Record<string, never>;
    body: undefined;
    answer: undefined;
  };
  countTags: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: CountTagsAnswer;
  };
  renameTag: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: RenameTagBody;
    answer: TagsRenamed;
  };
  listTags: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: ListTagsAnswer;
  };
  addTags: {
    params: { id: string };
    query: Record<string, never>;
    body: AddTagsBody;
    answer: AddTagsAnswer;
  };
  removeTag: {
    params: { id: string; tag: string };
    query: Record<string, never>;
    body: undefined;
    answer: AddTagsAnswer;
  };
  listRelationships: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: ListRelationshipsAnswer;
  };
  addRelationship: {
    params: { id: string };
    query: Record<string, never>;
    body: AddRelationshipBody;
    answer: AddRelationshipAnswer;
  };
  removeRelationship: {
    params: { id: string; type: string; to: string };
    query: Record<string, never>;
    body: undefined;
    answer: undefined;
  };
  recall: {
    params: Record<string, never>;
    query: { max_tokens?: number; evidence?: RecallEvidence; format?: RecallFormat };
    body: RecallBody;
    answer: Recall;
  };
  advise: {
    params: Record<string, never>;
    query: { max_tokens?: number; evidence?: RecallEvidence; format?: RecallFormat };
    body: AdviseBody;
    answer: Advice;
  };
  search: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string; q: string; archived?: SearchArchived };
    body: undefined;
    answer: SearchAnswer;
  };
  playbook: {
    params: Record<string, never>;
    query: { max_tokens?: number; evidence?: RecallEvidence; format?: RecallFormat };
    body: PlaybookBody;
    answer: PlaybookAnswer;
  };
  giveFeedback: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: GiveFeedbackBody;
    answer: GiveFeedbackAnswer;
  };
  listPatterns: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string; kind?: PatternKind; polarity?: PatternPolarity; tool?: string; min_support?: number };
    body: undefined;
    answer: ListPatternsAnswer;
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
    answer: ListHeuristicsAnswer;
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
    answer: EraseNamespaceAnswer;
  };
  getQuality: {
    params: Record<string, never>;
    query: { weeks?: number; format?: RecallFormat };
    body: undefined;
    answer: Quality;
  };
  addLesson: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: AddLessonBody;
    answer: LessonAdded;
  };
  listLessons: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string; q?: string; state?: ListLessonsState; kind?: LessonKind; tool?: string };
    body: undefined;
    answer: ListLessonsAnswer;
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
    body: AmendLessonBody;
    answer: LessonWritten;
  };
  deleteLesson: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: undefined;
  };
  listSkills: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: ListSkillsAnswer;
  };
  streamEvents: {
    params: Record<string, never>;
    query: { seconds?: number };
    body: undefined;
    answer: string;
  };
  listWebhooks: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: ListWebhooksAnswer;
  };
  addWebhook: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: AddWebhookBody;
    answer: AddWebhookAnswer;
  };
  removeWebhook: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: undefined;
  };
  testWebhook: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: TestWebhookAnswer;
  };
  listUndelivered: {
    params: Record<string, never>;
    query: { limit?: number };
    body: undefined;
    answer: ListUndeliveredAnswer;
  };
  retryUndelivered: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: RetryUndeliveredAnswer;
  };
  curate: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: CurateBody;
    answer: CurationWritten;
  };
  listCuration: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string; kind?: CurateBodyKind; state?: ListCurationState };
    body: undefined;
    answer: ListCurationAnswer;
  };
  getReview: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: GetReviewAnswer;
  };
  setReview: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: SetReviewBody;
    answer: SetReviewAnswer;
  };
  listNamespaces: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: ListNamespacesAnswer;
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
    body: SetNamespaceSettingsBody;
    answer: SetNamespaceSettingsAnswer;
  };
  importEpisodes: {
    params: Record<string, never>;
    query: { on_conflict?: ImportEpisodesOnConflict };
    body: ImportEpisodesBody;
    answer: ImportLineAnswer;
  };
  exportEpisodes: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: ExportEpisodesAnswer;
  };
  recordSpans: {
    params: Record<string, never>;
    query: { outcome?: JobRunResult; domain?: string };
    body: RecordSpansBody;
    answer: ExportTraceServiceResponse;
  };
  createKey: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: CreateKeyBody;
    answer: CreateKeyAnswer;
  };
  listKeys: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: ListKeysAnswer;
  };
  rotateKey: {
    params: { id: string };
    query: Record<string, never>;
    body: RotateKeyBody;
    answer: CreateKeyAnswer;
  };
  revokeKey: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: Key;
  };
  listGrants: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string; key_id?: string; client_id?: string };
    body: undefined;
    answer: ListGrantsAnswer;
  };
  revokeGrant: {
    params: { id: string };
    query: Record<string, never>;
    body: undefined;
    answer: undefined;
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
    body: SetConfigBody;
    answer: Config;
  };
  listAudit: {
    params: Record<string, never>;
    query: { limit?: number; cursor?: string; what?: string };
    body: undefined;
    answer: ListAuditAnswer;
  };
  setMaintenance: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: SetDegradedBody;
    answer: Fleet;
  };
  setDegraded: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: SetDegradedBody;
    answer: Fleet;
  };
  resetBreaker: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: OpenBreakerBody;
    answer: Fleet;
  };
  openBreaker: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: OpenBreakerBody;
    answer: Fleet;
  };
  disableBreaker: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: OpenBreakerBody;
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
    body: ResizeFleetBody;
    answer: Fleet;
  };
  getDeployment: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: Deployment;
  };
  takeOverDeployment: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: TakeOverDeploymentBody;
    answer: Deployment;
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
    body: SyncStorageBody;
    answer: SyncStorageAnswer;
  };
  drain: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: DrainBody;
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
    body: MigrateBody;
    answer: Migrations;
  };
  listDeadLetters: {
    params: Record<string, never>;
    query: { limit?: number };
    body: undefined;
    answer: ListDeadLettersAnswer;
  };
  retryDeadLetters: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: RetryUndeliveredAnswer;
  };
  createBackup: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: CreateBackupBody;
    answer: Job;
  };
  listBackups: {
    params: Record<string, never>;
    query: { limit?: number };
    body: undefined;
    answer: ListBackupsAnswer;
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
    body: RestoreBackupBody;
    answer: Job;
  };
  rewrapBackups: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: RewrapBackupsBody;
    answer: Job;
  };
  drillRestore: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: Job;
  };
  runJob: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: RunJobBody;
    answer: ScheduledRun;
  };
  listJobs: {
    params: Record<string, never>;
    query: { limit?: number };
    body: undefined;
    answer: ListJobsAnswer;
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
    body: CancelJobBody;
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
    answer: IsReadyAnswer;
  };
  getVersion: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: GetVersionAnswer;
  };
  getMetrics: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: string;
  };
  listIncidents: {
    params: Record<string, never>;
    query: { since?: string; day?: string; logs?: RecallEvidence; format?: ListIncidentsFormat };
    body: undefined;
    answer: ListIncidentsAnswer;
  };
  getCapacity: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: Capacity;
  };
  getUsage: {
    params: Record<string, never>;
    query: { over?: UsageOver; by?: UsageBy; limit?: number };
    body: undefined;
    answer: Usage;
  };
  getOverview: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: GetOverviewAnswer;
  };
  getStartPage: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: string;
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
  getConsolePart: {
    params: { folder: string; file: string };
    query: Record<string, never>;
    body: undefined;
    answer: string;
  };
  mcp: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: McpBody;
    answer: McpAnswer;
  };
  getDocument: {
    params: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: GetDocumentAnswer;
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
  getEpisodes: ["POST", "/v1/episodes/get"],
  getEpisode: ["GET", "/v1/episodes/{id}"],
  amendEpisode: ["PATCH", "/v1/episodes/{id}"],
  deleteEpisode: ["DELETE", "/v1/episodes/{id}"],
  logSteps: ["POST", "/v1/episodes/{id}/steps"],
  completeEpisode: ["POST", "/v1/episodes/{id}/complete"],
  failEpisode: ["POST", "/v1/episodes/{id}/fail"],
  checkpointEpisode: ["POST", "/v1/episodes/{id}/checkpoints"],
  handOffEpisode: ["GET", "/v1/episodes/{id}/handoff"],
  archiveEpisode: ["POST", "/v1/episodes/{id}/archive"],
  unarchiveEpisode: ["POST", "/v1/episodes/{id}/unarchive"],
  archiveEpisodes: ["POST", "/v1/episodes/archive"],
  unarchiveEpisodes: ["POST", "/v1/episodes/unarchive"],
  listFilters: ["GET", "/v1/filters"],
  saveFilter: ["PUT", "/v1/filters/{name}"],
  removeFilter: ["DELETE", "/v1/filters/{name}"],
  countTags: ["GET", "/v1/tags"],
  renameTag: ["POST", "/v1/tags/rename"],
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
  getQuality: ["GET", "/v1/quality"],
  addLesson: ["POST", "/v1/lessons"],
  listLessons: ["GET", "/v1/lessons"],
  getLesson: ["GET", "/v1/lessons/{id}"],
  amendLesson: ["PATCH", "/v1/lessons/{id}"],
  deleteLesson: ["DELETE", "/v1/lessons/{id}"],
  listSkills: ["GET", "/v1/skills"],
  streamEvents: ["GET", "/v1/events"],
  listWebhooks: ["GET", "/admin/webhooks"],
  addWebhook: ["POST", "/admin/webhooks"],
  removeWebhook: ["DELETE", "/admin/webhooks/{id}"],
  testWebhook: ["POST", "/admin/webhooks/{id}/test"],
  listUndelivered: ["GET", "/admin/undelivered"],
  retryUndelivered: ["POST", "/admin/undelivered/retry"],
  curate: ["POST", "/v1/curation"],
  listCuration: ["GET", "/v1/curation"],
  getReview: ["GET", "/v1/curation/review"],
  setReview: ["PUT", "/v1/curation/review"],
  listNamespaces: ["GET", "/v1/namespaces"],
  getNamespaceSettings: ["GET", "/v1/namespace/settings"],
  setNamespaceSettings: ["PUT", "/v1/namespace/settings"],
  importEpisodes: ["POST", "/v1/import"],
  exportEpisodes: ["GET", "/v1/export"],
  recordSpans: ["POST", "/v1/traces"],
  createKey: ["POST", "/admin/keys"],
  listKeys: ["GET", "/admin/keys"],
  rotateKey: ["POST", "/admin/keys/{id}/rotate"],
  revokeKey: ["DELETE", "/admin/keys/{id}"],
  listGrants: ["GET", "/admin/oauth/grants"],
  revokeGrant: ["DELETE", "/admin/oauth/grants/{id}"],
  getConfig: ["GET", "/admin/config"],
  setConfig: ["PUT", "/admin/config"],
  listAudit: ["GET", "/admin/audit"],
  setMaintenance: ["POST", "/admin/maintenance"],
  setDegraded: ["POST", "/admin/degraded"],
  resetBreaker: ["POST", "/admin/circuit-breaker/reset"],
  openBreaker: ["POST", "/admin/circuit-breaker/open"],
  disableBreaker: ["POST", "/admin/circuit-breaker/disable"],
  listInstances: ["GET", "/admin/instances"],
  resizeFleet: ["PUT", "/admin/instances"],
  getDeployment: ["GET", "/admin/deployment"],
  takeOverDeployment: ["POST", "/admin/deployment/takeover"],
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
  rewrapBackups: ["POST", "/admin/backups/rewrap"],
  drillRestore: ["POST", "/admin/drills"],
  runJob: ["POST", "/admin/schedule"],
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
  getStartPage: ["GET", "/"],
  getConsole: ["GET", "/console"],
  getConsoleFile: ["GET", "/console/{file}"],
  getConsolePart: ["GET", "/console/{folder}/{file}"],
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
